//! State that edits set aside: of nodes that left the plan, and of nodes that began anew. An undo gets it back.
//!
//! It is bounded in number and in bytes; the oldest goes first. In a rehearsal of an edit there are headstones only:
//! what a report says is parked, without the nodes.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::node::RunningNode;
use crate::metrics::ParkedState;

/// Nodes that are kept at most.
const MAX_NODES: usize = 32;

/// The nodes set aside, oldest first.
#[derive(Default)]
pub struct Graveyard {
    graves: Vec<Grave>,
}

struct Grave {
    state: ParkedState,
    /// Whether it remembers anything a person would miss: a stateless node is kept without being told of.
    is_told: bool,
    /// None in a rehearsal.
    node: Option<RunningNode>,
}

impl Graveyard {
    /// What a report says is set aside.
    pub fn rehearsed(parked: &[ParkedState]) -> Self {
        let grave = |state: &ParkedState| Grave { state: state.clone(), is_told: true, node: None };
        Self { graves: parked.iter().map(grave).collect() }
    }

    /// Sets a node aside as of this batch, if it weighs at most `max_bytes`; together they weigh no more either. Says
    /// whether it is kept.
    pub fn bury(&mut self, node: RunningNode, batch: u64, max_bytes: u64) -> bool {
        let size = node.state_size();
        if size.bytes > max_bytes {
            return false;
        }
        let state = ParkedState {
            node: node.id,
            name: node.name.clone(),
            identity: identity_of(&node),
            since_batch: batch,
            state_rows: size.rows,
            state_bytes: size.bytes,
        };
        let is_told = node.remembers();
        self.graves.push(Grave { state, is_told, node: Some(node) });
        self.bound(max_bytes);
        true
    }

    /// Whether state of this node is still set aside that was set aside at this batch.
    pub fn holds(&self, node: crate::spec::NodeId, batch: u64) -> bool {
        self.graves.iter().any(|grave| grave.state.node == node && grave.state.since_batch == batch)
    }

    /// Lets the oldest go until all together weigh at most so much.
    pub fn bound(&mut self, max_bytes: u64) {
        let mut bytes: u64 = self.graves.iter().map(|grave| grave.state.state_bytes).sum();
        while self.graves.len() > MAX_NODES || (bytes > max_bytes && !self.graves.is_empty()) {
            bytes -= self.graves.remove(0).state.state_bytes;
        }
    }

    /// Takes the youngest state out that belongs to this very node: the same kind, parameters and types.
    pub fn exhume(&mut self, node: &RunningNode) -> Option<(ParkedState, Option<RunningNode>)> {
        if !self.graves.iter().any(|grave| grave.state.node == node.id) {
            return None;
        }
        let identity = identity_of(node);
        let is_his = |grave: &Grave| grave.state.node == node.id && grave.state.identity == identity;
        let found = self.graves.iter().rposition(is_his)?;
        let grave = self.graves.remove(found);
        let node = grave.node.map(|mut node| {
            node.is_parked = true;
            node
        });
        Some((grave.state, node))
    }

    /// What is set aside, for reports.
    pub fn parked(&self) -> Vec<ParkedState> {
        self.graves.iter().filter(|grave| grave.is_told).map(|grave| grave.state.clone()).collect()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.graves.clear();
    }
}

/// Stands for what [`RunningNode::is_same_as`] compares.
fn identity_of(node: &RunningNode) -> u64 {
    let mut hasher = DefaultHasher::new();
    node.kind.id.hash(&mut hasher);
    serde_json::to_string(&node.params).unwrap_or_default().hash(&mut hasher);
    format!("{:?} {:?}", node.input_types, node.outputs).hash(&mut hasher);
    hasher.finish()
}
