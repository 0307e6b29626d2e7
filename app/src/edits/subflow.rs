//! Folding what is selected into a subflow, and unpacking one.
//!
//! Nodes keep their places within, so that unpacking a box that was not moved gives back the picture as it was; if it
//! was moved, all of it moves along.

use eframe::egui::{Pos2, Rect, Vec2, pos2};
use weir_engine::pipeline::{Document, Edit, Frame, Pipeline, Position, Subflow, SubflowId};

use super::{snapped, surviving};
use crate::action::Selection;

/// The edit that folds what is selected on a level into a new subflow of this name; `None` without a node or subflow.
pub fn group(
    document: &mut Document,
    selection: &Selection,
    level: Option<SubflowId>,
    name: &str,
) -> Option<(SubflowId, Edit)> {
    let selection = surviving(document.pipeline(), selection);
    if selection.nodes.is_empty() && selection.subflows.is_empty() {
        return None;
    }
    let id = document.fresh_subflow_id();
    let pipeline = document.pipeline();
    let places = places(pipeline, &selection);
    let at = snapped(anchor(&places), true);
    let mut edits = vec![put(&Subflow { id, name: name.to_owned(), position: at, parent: level })];
    edits.push(Edit::Enclose { nodes: selection.nodes.iter().map(|node| (*node, Some(id))).collect() });
    for inner in selection.subflows.iter().filter_map(|inner| pipeline.subflow(*inner)) {
        edits.push(put(&Subflow { parent: Some(id), ..inner.clone() }));
    }
    for frame in selection.frames.iter().filter_map(|frame| pipeline.frame(*frame)) {
        edits.push(put_frame(Frame { subflow: Some(id), ..frame.clone() }));
    }
    Some((id, Edit::Many(edits)))
}

/// The edit that puts what a subflow holds into the level around it and removes it, and what is selected then.
pub fn unpack(pipeline: &Pipeline, id: SubflowId) -> Option<(Selection, Edit)> {
    let subflow = pipeline.subflow(id)?;
    let level = Some(id);
    let held = Selection {
        nodes: pipeline.nodes_in(level).map(|node| node.id).collect(),
        subflows: pipeline.subflows_in(level).map(|inner| inner.id).collect(),
        frames: pipeline.frames_in(level).map(|frame| frame.id).collect(),
        ..Selection::default()
    };
    let at = snapped(anchor(&places(pipeline, &held)), true);
    let by = if held.is_empty() { Vec2::ZERO } else { pos2(subflow.position.x, subflow.position.y) - pos2(at.x, at.y) };
    let moved = |at: Position| Position::new(at.x + by.x, at.y + by.y);
    let mut edits = vec![
        Edit::Enclose { nodes: held.nodes.iter().map(|node| (*node, subflow.parent)).collect() },
        Edit::Move { nodes: pipeline.nodes_in(level).map(|node| (node.id, moved(node.position))).collect() },
    ];
    for inner in pipeline.subflows_in(level) {
        edits.push(put(&Subflow { parent: subflow.parent, position: moved(inner.position), ..inner.clone() }));
    }
    for frame in pipeline.frames_in(level) {
        edits.push(put_frame(Frame { subflow: subflow.parent, position: moved(frame.position), ..frame.clone() }));
    }
    edits.push(Edit::PutSubflow { id, subflow: None });
    Some((held, Edit::Many(edits)))
}

fn put(subflow: &Subflow) -> Edit {
    Edit::PutSubflow { id: subflow.id, subflow: Some(Box::new(subflow.clone())) }
}

fn put_frame(frame: Frame) -> Edit {
    Edit::PutFrame { id: frame.id, frame: Some(Box::new(frame)) }
}

fn places(pipeline: &Pipeline, selection: &Selection) -> Vec<Pos2> {
    let nodes = selection.nodes.iter().filter_map(|id| pipeline.node(*id)).map(|node| node.position);
    let subflows = selection.subflows.iter().filter_map(|id| pipeline.subflow(*id)).map(|inner| inner.position);
    nodes.chain(subflows).map(|at| pos2(at.x, at.y)).collect()
}

/// Where the box of these goes: the middle of their upper left corners. It depends on nothing else, so that unpacking
/// finds the same point again.
fn anchor(places: &[Pos2]) -> Pos2 {
    if places.is_empty() { Pos2::ZERO } else { Rect::from_points(places).center() }
}
