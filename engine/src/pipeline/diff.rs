//! What differs between two versions of a pipeline, node by node: what live reconfiguration and people need to know.

use std::collections::BTreeMap;

use super::Pipeline;
use crate::spec::NodeId;

/// How one node changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its kind differs.
    Replaced,
    /// Its parameters differ.
    Params,
    /// It was muted, bypassed or put back to work.
    Mode,
    /// Only its incoming wires differ.
    Rewired,
}

/// All changes of meaning; layout and names are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineDiff {
    /// Changed nodes; what is not here is untouched.
    pub nodes: BTreeMap<NodeId, NodeChange>,
    /// Whether a setting differs.
    pub settings: bool,
}

/// Compares two versions.
pub fn diff(old: &Pipeline, new: &Pipeline) -> PipelineDiff {
    let mut nodes = BTreeMap::new();
    for entry in new.nodes() {
        let change = match old.node(entry.id) {
            None => Some(NodeChange::Added),
            Some(former) if former.kind != entry.kind => Some(NodeChange::Replaced),
            Some(former) if former.params != entry.params => Some(NodeChange::Params),
            Some(former) if former.mode != entry.mode => Some(NodeChange::Mode),
            Some(_) if old.wires_into(entry.id) != new.wires_into(entry.id) => Some(NodeChange::Rewired),
            Some(_) => None,
        };
        if let Some(change) = change {
            nodes.insert(entry.id, change);
        }
    }
    for entry in old.nodes().filter(|entry| new.node(entry.id).is_none()) {
        nodes.insert(entry.id, NodeChange::Removed);
    }
    PipelineDiff { nodes, settings: old.settings() != new.settings() }
}
