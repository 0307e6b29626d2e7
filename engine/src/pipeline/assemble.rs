//! Puts a whole pipeline together at once, as a file gives it.
//!
//! Edits check each wire against the whole graph, which is right for one wire and far too slow for a file of ten
//! thousand. Here everything is checked once, in time linear in the size of the file.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::stable_graph::StableDiGraph;

use super::graph::Wire;
use super::{EditError, Frame, NodeEntry, Pipeline, Settings, Subflow};
use crate::spec::{NodeId, Params, WireKey};

/// All that a pipeline consists of.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The nodes, in any order.
    pub nodes: Vec<NodeEntry>,
    /// The wires, in any order.
    pub wires: Vec<WireKey>,
    /// The frames, in any order; of two with the same id the later one stays.
    pub frames: Vec<Frame>,
    /// The subflows, in any order; what lies in one that is not there lies in the pipeline itself.
    pub subflows: Vec<Subflow>,
    /// The settings.
    pub settings: Settings,
    /// Fields of the file this version does not know.
    pub extra: Params,
}

/// Why parts do not make a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// The node at this place of the list does not fit.
    #[error("{1}")]
    Node(usize, EditError),
    /// The wire at this place of the list does not fit.
    #[error("{1}")]
    Wire(usize, EditError),
    /// Following wires from the first of these nodes one passes all of them and comes back.
    #[error("the wires form a cycle")]
    Cycle(Vec<NodeId>),
}

impl Pipeline {
    /// The pipeline made of these parts.
    pub fn assemble(parts: Parts) -> Result<Self, AssembleError> {
        let mut pipeline = Self { settings: parts.settings, extra: parts.extra, ..Self::new() };
        pipeline.place_nodes(parts.nodes)?;
        pipeline.place_wires(&parts.wires)?;
        if let Some(cycle) = find_cycle(&pipeline) {
            return Err(AssembleError::Cycle(cycle));
        }
        pipeline.frames = parts.frames.into_iter().map(|frame| (frame.id, frame)).collect();
        pipeline.subflows = parts.subflows.into_iter().map(|subflow| (subflow.id, subflow)).collect();
        pipeline.settle_subflows();
        let nodes = pipeline.index.keys().map(|id| id.0);
        let frames = pipeline.frames.keys().map(|id| id.0);
        let subflows = pipeline.subflows.keys().map(|id| id.0);
        pipeline.next_id = nodes.chain(frames).chain(subflows).max().map_or(1, |id| id.saturating_add(1));
        Ok(pipeline)
    }

    fn place_nodes(&mut self, nodes: Vec<NodeEntry>) -> Result<(), AssembleError> {
        let mut names = BTreeSet::new();
        self.graph = StableDiGraph::with_capacity(nodes.len(), nodes.len());
        for (place, node) in nodes.into_iter().enumerate() {
            if node.name.trim().is_empty() {
                return Err(AssembleError::Node(place, EditError::EmptyName));
            }
            if self.index.contains_key(&node.id) {
                return Err(AssembleError::Node(place, EditError::IdTaken(node.id)));
            }
            if !names.insert(node.name.clone()) {
                return Err(AssembleError::Node(place, EditError::NameTaken(node.name)));
            }
            self.index.insert(node.id, self.graph.add_node(node));
        }
        Ok(())
    }

    fn place_wires(&mut self, wires: &[WireKey]) -> Result<(), AssembleError> {
        let mut known = BTreeSet::new();
        for (place, wire) in wires.iter().enumerate() {
            let refused = |error| Err(AssembleError::Wire(place, error));
            let Some(from) = self.index.get(&wire.from.node) else {
                return refused(EditError::NoSuchNode(wire.from.node));
            };
            let Some(to) = self.index.get(&wire.to.node) else {
                return refused(EditError::NoSuchNode(wire.to.node));
            };
            if from == to {
                return refused(EditError::Cycle(wire.clone()));
            }
            if !known.insert(wire) {
                return refused(EditError::AlreadyWired(wire.clone()));
            }
            let weight = Wire { from_port: wire.from.port.clone(), to_port: wire.to.port.clone() };
            self.graph.add_edge(*from, *to, weight);
        }
        Ok(())
    }
}

/// The nodes of one cycle, in the order of the wires, from the smallest id on.
fn find_cycle(pipeline: &Pipeline) -> Option<Vec<NodeId>> {
    let mut before: BTreeMap<NodeId, Vec<NodeId>> = pipeline.index.keys().map(|id| (*id, Vec::new())).collect();
    let mut after = before.clone();
    for wire in pipeline.wires() {
        after.entry(wire.from.node).or_default().push(wire.to.node);
        before.entry(wire.to.node).or_default().push(wire.from.node);
    }
    // Taking away nodes without predecessors, then those without successors, leaves the cycles and what joins them.
    let mut left: BTreeSet<NodeId> = pipeline.index.keys().copied().collect();
    peel(&mut left, &before, &after);
    peel(&mut left, &after, &before);
    // Every node left has a successor left, so the walk comes to a node it has seen.
    let mut walk = vec![*left.first()?];
    let mut seen = BTreeMap::from([(walk[0], 0)]);
    loop {
        let next = after.get(walk.last()?)?.iter().find(|next| left.contains(next))?;
        if let Some(start) = seen.insert(*next, walk.len()) {
            let mut cycle = walk.split_off(start);
            let smallest = cycle.iter().enumerate().min_by_key(|(_, id)| **id).map_or(0, |(place, _)| place);
            cycle.rotate_left(smallest);
            return Some(cycle);
        }
        walk.push(*next);
    }
}

/// Takes away, again and again, what has no neighbour left on the one side; `others` is the opposite side.
fn peel(left: &mut BTreeSet<NodeId>, side: &BTreeMap<NodeId, Vec<NodeId>>, others: &BTreeMap<NodeId, Vec<NodeId>>) {
    let neighbours = |id: &NodeId, left: &BTreeSet<NodeId>| {
        side.get(id).map_or(0, |list| list.iter().filter(|other| left.contains(other)).count())
    };
    let mut counts: BTreeMap<NodeId, usize> = left.iter().map(|id| (*id, neighbours(id, left))).collect();
    let mut free: Vec<NodeId> = counts.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = free.pop() {
        left.remove(&id);
        for other in others.get(&id).into_iter().flatten().filter(|other| left.contains(other)) {
            if let Some(count) = counts.get_mut(other) {
                *count -= 1;
                if *count == 0 {
                    free.push(*other);
                }
            }
        }
    }
}
