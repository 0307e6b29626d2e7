//! What must hold of documents, their history and their differences.

mod assembling;
mod differences;
mod folding;
mod history;

use super::{Edit, NodeEntry, Pipeline};
use crate::spec::{NodeId, PortRef, WireKey};

fn add(id: u64) -> Edit {
    Edit::AddNode(Box::new(NodeEntry::new(NodeId(id), "map", format!("node {id}"))))
}

fn wire(from: u64, to: u64) -> WireKey {
    WireKey::new(PortRef::new(NodeId(from), "out"), PortRef::new(NodeId(to), "in"))
}

/// Nodes 1, 2, 3 in a row.
fn chain() -> Pipeline {
    let mut pipeline = Pipeline::new();
    for edit in [add(1), add(2), add(3), Edit::Connect(wire(1, 2)), Edit::Connect(wire(2, 3))] {
        pipeline.apply(&edit).unwrap();
    }
    pipeline
}
