//! What counts as a change between two versions.

use super::{add, chain, wire};
use crate::pipeline::{Edit, NodeChange, PipelineDiff, Position, Setting, diff};
use crate::spec::{NodeId, Span};

#[test]
fn each_node_is_told_by_how_it_changed() {
    let old = chain();
    let mut new = old.clone();
    for edit in [
        Edit::SetParam { node: NodeId(1), param: "rate".into(), value: Some(5.into()) },
        Edit::RemoveNode(NodeId(2)),
        add(4),
        Edit::Connect(wire(1, 3)),
    ] {
        new.apply(&edit).unwrap();
    }
    let diff = diff(&old, &new);
    assert_eq!(
        diff.nodes.into_iter().collect::<Vec<_>>(),
        [
            (NodeId(1), NodeChange::Params),
            (NodeId(2), NodeChange::Removed),
            (NodeId(3), NodeChange::Rewired),
            (NodeId(4), NodeChange::Added),
        ]
    );
    assert!(!diff.settings);
}

#[test]
fn names_and_layout_are_no_difference() {
    let old = chain();
    let mut new = old.clone();
    new.apply(&Edit::Rename { node: NodeId(1), name: "other".into() }).unwrap();
    new.apply(&Edit::Move { nodes: vec![(NodeId(1), Position::new(9.0, 9.0))] }).unwrap();
    assert_eq!(diff(&old, &new), PipelineDiff::default());
}

#[test]
fn a_setting_is_a_difference_of_its_own() {
    let old = chain();
    let mut new = old.clone();
    new.apply(&Edit::Set(Setting::Interval(Span::from_secs(2)))).unwrap();
    let diff = diff(&old, &new);
    assert!(diff.settings && diff.nodes.is_empty());
}
