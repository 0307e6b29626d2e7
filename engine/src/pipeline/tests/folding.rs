//! Subflows: what folding must not change, and what is refused.

use super::chain;
use crate::pipeline::{Edit, EditError, Position, Subflow, SubflowId, diff};
use crate::spec::NodeId;

const OUTER: SubflowId = SubflowId(10);
const INNER: SubflowId = SubflowId(11);

fn put(id: SubflowId, parent: Option<SubflowId>) -> Edit {
    let subflow = Subflow { id, name: "cleaning".to_owned(), position: Position::default(), parent };
    Edit::PutSubflow { id, subflow: Some(Box::new(subflow)) }
}

fn enclose(node: u64, level: Option<SubflowId>) -> Edit {
    Edit::Enclose { nodes: vec![(NodeId(node), level)] }
}

#[test]
fn folding_changes_neither_the_graph_nor_what_it_means() {
    let flat = chain();
    let mut folded = flat.clone();
    for edit in [put(OUTER, None), put(INNER, Some(OUTER)), enclose(2, Some(INNER)), enclose(3, Some(OUTER))] {
        assert!(!edit.changes_meaning());
        folded.apply(&edit).unwrap();
    }
    assert!(diff(&flat, &folded).nodes.is_empty());
    assert_eq!((folded.wires(), folded.topological()), (flat.wires(), flat.topological()));
    let right_in = |level| folded.nodes_in(level).map(|node| node.id.0).collect::<Vec<_>>();
    assert_eq!((right_in(None), right_in(Some(OUTER)), right_in(Some(INNER))), (vec![1], vec![3], vec![2]));
    assert_eq!(folded.subflow_path(Some(INNER)), [INNER, OUTER]);
    assert!(folded.lies_within(Some(INNER), OUTER) && !folded.lies_within(Some(OUTER), INNER));
}

#[test]
fn what_would_leave_something_nowhere_is_refused() {
    let mut pipeline = chain();
    assert_eq!(pipeline.apply(&enclose(2, Some(OUTER))), Err(EditError::NoSuchSubflow(OUTER)));
    pipeline.apply(&put(OUTER, None)).unwrap();
    pipeline.apply(&put(INNER, Some(OUTER))).unwrap();
    pipeline.apply(&enclose(2, Some(INNER))).unwrap();
    let remove = |id| Edit::PutSubflow { id, subflow: None };
    assert_eq!(pipeline.apply(&remove(INNER)), Err(EditError::SubflowInUse(INNER)));
    assert_eq!(pipeline.apply(&remove(OUTER)), Err(EditError::SubflowInUse(OUTER)));
    assert_eq!(pipeline.apply(&put(OUTER, Some(INNER))), Err(EditError::SubflowCycle(OUTER)));
    assert_eq!(pipeline.apply(&put(INNER, Some(INNER))), Err(EditError::SubflowCycle(INNER)));
    pipeline.apply(&enclose(2, None)).unwrap();
    pipeline.apply(&remove(INNER)).unwrap();
    pipeline.apply(&remove(OUTER)).unwrap();
}
