//! Gestures as edits: pure functions from the pipeline and what is selected to one undoable change.

use std::collections::BTreeSet;

use eframe::egui::{Pos2, Rect, Vec2};
use weir_engine::analysis::check_wire;
use weir_engine::pipeline::{Edit, Frame, FrameId, NodeEntry, Pipeline, Position, Setting, Subflow, SubflowId, Tint};
use weir_engine::spec::{NodeId, PortRef, WireKey};

use super::boxes::GRID;
use super::scene::BoxId;

/// Moves boxes and frames by the same distance.
pub(crate) fn shift(
    pipeline: &Pipeline,
    boxes: &BTreeSet<BoxId>,
    frames: &BTreeSet<FrameId>,
    by: Vec2,
) -> Option<Edit> {
    let from = |id: &BoxId| match id {
        BoxId::Node(node) => pipeline.node(*node).map(|node| node.position),
        BoxId::Subflow(subflow) => pipeline.subflow(*subflow).map(|subflow| subflow.position),
    };
    let moved: Vec<_> =
        boxes.iter().filter_map(|id| from(id).map(|at| (*id, Pos2::new(at.x + by.x, at.y + by.y)))).collect();
    let mut edits = Vec::new();
    edits.extend(place(pipeline, &moved));
    for frame in frames.iter().filter_map(|id| pipeline.frame(*id)) {
        let position = Position::new(frame.position.x + by.x, frame.position.y + by.y);
        edits.push(Edit::PutFrame { id: frame.id, frame: Some(Box::new(Frame { position, ..frame.clone() })) });
    }
    one(edits)
}

/// Puts boxes at these places; what is there already is left out, and `None` if that is all of them.
pub(crate) fn place(pipeline: &Pipeline, boxes: &[(BoxId, Pos2)]) -> Option<Edit> {
    let mut nodes = Vec::new();
    let mut edits = Vec::new();
    for (id, at) in boxes {
        let to = Position::new(at.x, at.y);
        match id {
            BoxId::Node(id) => {
                if pipeline.node(*id).is_some_and(|node| node.position != to) {
                    nodes.push((*id, to));
                }
            }
            BoxId::Subflow(id) => {
                if let Some(subflow) = pipeline.subflow(*id).filter(|subflow| subflow.position != to) {
                    let subflow = Subflow { position: to, ..subflow.clone() };
                    edits.push(Edit::PutSubflow { id: *id, subflow: Some(Box::new(subflow)) });
                }
            }
        }
    }
    if !nodes.is_empty() {
        edits.insert(0, Edit::Move { nodes });
    }
    one(edits)
}

/// Places a frame anew.
pub(crate) fn place_frame(pipeline: &Pipeline, id: FrameId, rect: Rect) -> Option<Edit> {
    let frame = pipeline.frame(id)?;
    let frame = Frame {
        position: Position::new(rect.min.x, rect.min.y),
        size: Position::new(rect.width(), rect.height()),
        ..frame.clone()
    };
    Some(Edit::PutFrame { id, frame: Some(Box::new(frame)) })
}

/// Gives a frame another title.
pub(crate) fn title_frame(pipeline: &Pipeline, id: FrameId, title: &str) -> Option<Edit> {
    let frame = pipeline.frame(id)?;
    let frame = Frame { title: title.to_owned(), ..frame.clone() };
    Some(Edit::PutFrame { id, frame: Some(Box::new(frame)) })
}

/// Gives a subflow another name.
pub(crate) fn name_subflow(pipeline: &Pipeline, id: SubflowId, name: &str) -> Option<Edit> {
    let subflow = Subflow { name: name.to_owned(), ..pipeline.subflow(id)?.clone() };
    Some(Edit::PutSubflow { id, subflow: Some(Box::new(subflow)) })
}

/// A new frame around this part of a level.
pub(crate) fn add_frame(pipeline: &Pipeline, level: Option<SubflowId>, title: &str, note: &str, around: Rect) -> Edit {
    // The id is only looked up here; the document counts it as given away when the edit is applied.
    let id = pipeline.clone().fresh_frame_id();
    let frame = Frame {
        id,
        title: title.to_owned(),
        note: note.to_owned(),
        position: Position::new(around.min.x, around.min.y),
        size: Position::new(around.width(), around.height()),
        tint: Tint::Plain,
        subflow: level,
    };
    Edit::PutFrame { id, frame: Some(Box::new(frame)) }
}

/// Puts a node that has no wires onto a wire: the wire is interrupted and led through it. `None` where it does not fit.
pub(crate) fn insert(pipeline: &Pipeline, node: NodeId, input: &str, output: &str, onto: &WireKey) -> Option<Edit> {
    if !pipeline.wires_into(node).is_empty() || !pipeline.wires_out_of(node).is_empty() {
        return None;
    }
    let mut after = pipeline.clone();
    let mut edits = Vec::new();
    push(&mut after, &mut edits, Edit::Disconnect(onto.clone())).then_some(())?;
    let entering = WireKey::new(onto.from.clone(), PortRef::new(node, input));
    let leaving = WireKey::new(PortRef::new(node, output), onto.to.clone());
    for wire in [entering, leaving] {
        check_wire(&after, &wire.from, &wire.to).ok()?;
        push(&mut after, &mut edits, Edit::Connect(wire)).then_some(())?;
    }
    one(edits)
}

/// Everything that rows of these nodes reach, or come from, with the nodes themselves.
pub(crate) fn connected(pipeline: &Pipeline, from: &BTreeSet<NodeId>, is_downstream: bool) -> BTreeSet<NodeId> {
    let mut found = from.clone();
    let mut waiting: Vec<_> = from.iter().copied().collect();
    while let Some(id) = waiting.pop() {
        let next: Vec<_> = if is_downstream {
            pipeline.wires_out_of(id).into_iter().map(|wire| wire.to.node).collect()
        } else {
            pipeline.wires_into(id).into_iter().map(|wire| wire.from.node).collect()
        };
        waiting.extend(next.into_iter().filter(|id| found.insert(*id)));
    }
    found
}

/// The part of a pipeline that decides whether these nodes can be wired: they and all that is upstream of them.
/// Whatever would close a cycle is upstream too, so the answer is that of the whole, at the cost of the part.
pub(crate) fn upstream_part(pipeline: &Pipeline, ends: &[NodeId]) -> Pipeline {
    let nodes = connected(pipeline, &ends.iter().copied().collect(), false);
    let mut part = Pipeline::new();
    let interval = Edit::Set(Setting::Interval(pipeline.settings().interval));
    let added = nodes.iter().filter_map(|id| pipeline.node(*id)).cloned().map(|node| {
        // Where a node is folded away means nothing to what it takes and gives.
        Edit::AddNode(Box::new(NodeEntry { subflow: None, ..node }))
    });
    let wired = nodes.iter().flat_map(|id| pipeline.wires_into(*id)).map(Edit::Connect);
    for edit in std::iter::once(interval).chain(added).chain(wired) {
        // What is in the whole fits into the part: each of these succeeded there.
        let _ = part.apply(&edit);
    }
    part
}

/// The nearest point of the grid.
pub(crate) fn snapped(at: Pos2) -> Pos2 {
    (at.to_vec2() / GRID).round().to_pos2() * GRID
}

fn push(pipeline: &mut Pipeline, edits: &mut Vec<Edit>, edit: Edit) -> bool {
    let is_applied = pipeline.apply(&edit).is_ok();
    if is_applied {
        edits.push(edit);
    }
    is_applied
}

fn one(mut edits: Vec<Edit>) -> Option<Edit> {
    match edits.len() {
        0 => None,
        1 => edits.pop(),
        _ => Some(Edit::Many(edits)),
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::vec2;

    use super::*;

    fn chain(length: u64) -> Pipeline {
        let mut pipeline = Pipeline::new();
        for id in 1..=length {
            let entry = NodeEntry::new(NodeId(id), "future.kind", format!("node_{id}"));
            pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
            if id > 1 {
                pipeline.apply(&Edit::Connect(wire(id - 1, id))).unwrap();
            }
        }
        pipeline
    }

    fn wire(from: u64, to: u64) -> WireKey {
        WireKey::new(PortRef::new(NodeId(from), "out"), PortRef::new(NodeId(to), "in"))
    }

    fn ids(ids: &[u64]) -> BTreeSet<NodeId> {
        ids.iter().copied().map(NodeId).collect()
    }

    #[test]
    fn a_point_snaps_to_whole_steps() {
        assert_eq!(snapped(Pos2::new(3.0, 5.0)), Pos2::new(0.0, 8.0));
    }

    #[test]
    fn what_is_downstream_is_found_across_branches() {
        let mut pipeline = chain(4);
        let entry = NodeEntry::new(NodeId(9), "future.kind", "side");
        pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
        pipeline.apply(&Edit::Connect(wire(2, 9))).unwrap();
        assert_eq!(connected(&pipeline, &ids(&[2]), true), ids(&[2, 3, 4, 9]));
        assert_eq!(connected(&pipeline, &ids(&[9]), false), ids(&[1, 2, 9]));
    }

    #[test]
    fn moving_is_one_edit_whatever_moves() {
        let mut pipeline = chain(2);
        let around = Rect::from_min_size(Pos2::ZERO, vec2(100.0, 50.0));
        pipeline.apply(&add_frame(&pipeline, None, "Input", "", around)).unwrap();
        let frame = pipeline.frames().next().unwrap().id;
        let boxes = [BoxId::Node(NodeId(1)), BoxId::Node(NodeId(2))].into();
        let edit = shift(&pipeline, &boxes, &[frame].into(), vec2(8.0, 16.0)).unwrap();
        pipeline.apply(&edit).unwrap();
        assert_eq!(pipeline.node(NodeId(2)).unwrap().position, Position::new(8.0, 16.0));
        assert_eq!(pipeline.frame(frame).unwrap().position, Position::new(8.0, 16.0));
    }
}
