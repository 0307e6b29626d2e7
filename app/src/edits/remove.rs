//! Removing what is selected, with or without joining what it stood between.

use std::collections::BTreeSet;

use weir_engine::analysis::check_wire;
use weir_engine::nodes;
use weir_engine::pipeline::{Edit, Pipeline};
use weir_engine::spec::{NodeId, WireKey};

use crate::action::Selection;

/// The edit that removes the selection; `None` if nothing of it exists.
pub fn delete(pipeline: &Pipeline, selection: &Selection) -> Option<Edit> {
    let existing = super::with_contents(pipeline, &super::surviving(pipeline, selection));
    let wires = existing
        .wires
        .iter()
        .filter(|wire| !existing.nodes.contains(&wire.from.node) && !existing.nodes.contains(&wire.to.node))
        .cloned()
        .map(Edit::Disconnect);
    let nodes = existing.nodes.iter().copied().map(Edit::RemoveNode);
    let frames = existing.frames.iter().map(|id| Edit::PutFrame { id: *id, frame: None });
    let edits: Vec<Edit> = wires.chain(nodes).chain(frames).chain(subflows(pipeline, &existing)).collect();
    (!edits.is_empty()).then_some(Edit::Many(edits))
}

/// The edit that removes the selection and joins what fed its nodes with what they fed, wherever such a wire is
/// allowed; `None` if nothing of it exists.
pub fn delete_and_heal(pipeline: &Pipeline, selection: &Selection) -> Option<Edit> {
    let selection = &super::with_contents(pipeline, selection);
    let mut trial = pipeline.clone();
    let mut edits = Vec::new();
    let order = trial.topological().unwrap_or_default();
    for id in order.into_iter().filter(|id| selection.nodes.contains(id)) {
        let bridges = bridges_over(&trial, id);
        let remove = Edit::RemoveNode(id);
        if trial.apply(&remove).is_err() {
            continue;
        }
        edits.push(remove);
        for bridge in bridges {
            if check_wire(&trial, &bridge.from, &bridge.to).is_ok() {
                let connect = Edit::Connect(bridge);
                if trial.apply(&connect).is_ok() {
                    edits.push(connect);
                }
            }
        }
    }
    let rest = Selection { nodes: BTreeSet::new(), ..selection.clone() };
    edits.extend(delete(&trial, &rest));
    (!edits.is_empty()).then_some(Edit::Many(edits))
}

/// Removes subflows, those within others first.
fn subflows(pipeline: &Pipeline, selection: &Selection) -> Vec<Edit> {
    let mut ids: Vec<_> = selection.subflows.iter().copied().collect();
    ids.sort_by_key(|id| std::cmp::Reverse(pipeline.subflow_path(Some(*id)).len()));
    ids.into_iter().map(|id| Edit::PutSubflow { id, subflow: None }).collect()
}

/// From everything that feeds a node to everything its main output feeds. Side outputs, such as rejected rows, carry
/// something else than what came in: nothing is joined to those.
fn bridges_over(pipeline: &Pipeline, id: NodeId) -> Vec<WireKey> {
    let main = pipeline
        .node(id)
        .and_then(|node| nodes::kind(&node.kind))
        .and_then(|kind| kind.outputs.first())
        .map(|output| output.name);
    let outgoing: Vec<WireKey> =
        pipeline.wires_out_of(id).into_iter().filter(|wire| main.is_none_or(|main| wire.from.port == main)).collect();
    pipeline
        .wires_into(id)
        .iter()
        .flat_map(|into| outgoing.iter().map(|out| WireKey::new(into.from.clone(), out.to.clone())))
        .collect()
}
