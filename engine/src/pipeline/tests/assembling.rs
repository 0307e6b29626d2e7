//! Putting pipelines together at once must agree with building them edit by edit.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{add, chain, wire};
use crate::pipeline::{AssembleError, Edit, EditError, NodeEntry, Parts, Pipeline};
use crate::spec::{NodeId, WireKey};

fn parts(nodes: u64, wires: &[WireKey]) -> Parts {
    let nodes = (1..=nodes).map(|id| NodeEntry::new(NodeId(id), "map", format!("node {id}"))).collect();
    Parts { nodes, wires: wires.to_vec(), ..Parts::default() }
}

#[test]
fn assembled_or_edited_is_the_same() {
    let assembled = Pipeline::assemble(parts(3, &[wire(2, 3), wire(1, 2)])).unwrap();
    assert_eq!(assembled.wires(), chain().wires());
    assert_eq!(assembled.topological(), chain().topological());
}

#[test]
fn what_an_edit_refuses_assembling_refuses_with_the_place() {
    let refused = |parts| Pipeline::assemble(parts).unwrap_err();
    let mut twice = parts(2, &[]);
    twice.nodes[1].id = NodeId(1);
    assert_eq!(refused(twice), AssembleError::Node(1, EditError::IdTaken(NodeId(1))));
    let mut nameless = parts(2, &[]);
    nameless.nodes[0].name = "  ".into();
    assert_eq!(refused(nameless), AssembleError::Node(0, EditError::EmptyName));
    assert_eq!(refused(parts(2, &[wire(1, 2), wire(1, 3)])), AssembleError::Wire(1, EditError::NoSuchNode(NodeId(3))));
}

#[test]
fn rows_cannot_come_back_to_where_they_were() {
    let mut pipeline = chain();
    assert_eq!(pipeline.apply(&Edit::Connect(wire(3, 1))), Err(EditError::Cycle(wire(3, 1))));
    assert_eq!(pipeline.apply(&Edit::Connect(wire(2, 2))), Err(EditError::Cycle(wire(2, 2))));
}

#[test]
fn removing_a_node_takes_its_wires_and_undo_brings_all_back() {
    let mut pipeline = chain();
    let back = pipeline.apply(&Edit::RemoveNode(NodeId(2))).unwrap();
    assert_eq!(pipeline.wires(), []);
    pipeline.apply(&back).unwrap();
    assert_eq!(pipeline.wires(), [wire(1, 2), wire(2, 3)]);
}

#[test]
fn many_edits_are_all_or_none() {
    let mut pipeline = chain();
    let edits = Edit::Many(vec![add(4), Edit::Disconnect(wire(1, 2)), Edit::RemoveNode(NodeId(9))]);
    assert_eq!(pipeline.apply(&edits), Err(EditError::NoSuchNode(NodeId(9))));
    assert_eq!((pipeline.node_count(), pipeline.wires().len()), (3, 2));
}

#[test]
fn ids_run_out_without_a_crash() {
    let mut pipeline = Pipeline::new();
    pipeline.apply(&add(u64::MAX)).unwrap();
    assert_eq!((pipeline.fresh_id(), pipeline.fresh_id()), (NodeId(u64::MAX), NodeId(u64::MAX)));
}

proptest! {
    /// A cycle is reported exactly when adding the same wires one by one meets one, and it really is one.
    #[test]
    fn cycles_are_found_exactly_where_there_are_some(ends in vec((1u64..9, 1u64..9), 0..16)) {
        let mut wires: Vec<WireKey> =
            ends.into_iter().filter(|(from, to)| from != to).map(|(from, to)| wire(from, to)).collect();
        wires.sort();
        wires.dedup();
        let mut edited = Pipeline::assemble(parts(8, &[])).unwrap();
        let acyclic = wires.iter().all(|wire| edited.apply(&Edit::Connect(wire.clone())).is_ok());
        match Pipeline::assemble(parts(8, &wires)) {
            Ok(pipeline) => {
                prop_assert!(acyclic);
                prop_assert_eq!(pipeline.wires(), wires);
            }
            Err(AssembleError::Cycle(cycle)) => {
                prop_assert!(!acyclic);
                for (place, id) in cycle.iter().enumerate() {
                    let next = cycle[(place + 1) % cycle.len()];
                    prop_assert!(wires.contains(&wire(id.0, next.0)), "{cycle:?}");
                }
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    /// Every wire points forward, and the order depends on the document alone.
    #[test]
    fn the_order_of_work_follows_the_wires(ends in vec((1u64..9, 1u64..9), 0..16)) {
        let mut pipeline = Pipeline::assemble(parts(8, &[])).unwrap();
        for (from, to) in ends {
            let _ = pipeline.apply(&Edit::Connect(wire(from, to)));
        }
        let order = pipeline.topological().unwrap();
        let place = |id| order.iter().position(|other| *other == id).unwrap();
        prop_assert_eq!(order.len(), 8);
        for wire in pipeline.wires() {
            prop_assert!(place(wire.from.node) < place(wire.to.node));
        }
    }
}
