//! Adding a node: placed, named, and wired to what it was dropped on, all as one edit.

use eframe::egui;
use weir_engine::analysis::check_wire;
use weir_engine::nodes;
use weir_engine::pipeline::{Document, Edit, NodeEntry, Pipeline, SubflowId};
use weir_engine::plan::NodeKind;
use weir_engine::spec::{NodeId, PortRef, WireKey};

use super::{STEP_ASIDE, is_occupied, snapped};
use crate::i18n::{node_word, trf};

/// What is to be added.
#[derive(Debug, Clone, Copy)]
pub struct Addition<'a> {
    /// The kind's id.
    pub kind: &'a str,
    /// Where its top left corner goes.
    pub at: egui::Pos2,
    /// The subflow it lies in; `None`: the pipeline itself.
    pub level: Option<SubflowId>,
    /// Whether it snaps to the grid.
    pub snap: bool,
    /// The port a wire was dragged from.
    pub wire_to: Option<&'a PortRef>,
    /// The wire it is dropped on.
    pub onto: Option<&'a WireKey>,
}

/// The edit that adds a node, and the node's id. Where a wire was wanted but does not fit, the node comes without it,
/// and the third part says why. `None` if there is no such kind.
pub fn add_node(document: &mut Document, addition: &Addition<'_>) -> Option<(NodeId, Edit, Option<String>)> {
    let kind = nodes::kind(addition.kind)?;
    let id = document.fresh_id();
    let pipeline = document.pipeline();
    let mut entry = NodeEntry::new(id, kind.id, pipeline.fresh_name(kind.base_name));
    entry.subflow = addition.level;
    entry.position = snapped(addition.at, addition.snap);
    while is_occupied(pipeline, addition.level, entry.position) {
        entry.position.x += STEP_ASIDE;
        entry.position.y += STEP_ASIDE;
    }
    let add = Edit::AddNode(Box::new(entry));
    let mut trial = pipeline.clone();
    trial.apply(&add).ok()?;
    let wiring = match (addition.onto, addition.wire_to) {
        (Some(wire), _) => insert_into(&trial, kind, id, wire),
        (None, Some(port)) => wire_up(&trial, kind, id, port).map(|wire| vec![Edit::Connect(wire)]),
        (None, None) => Ok(Vec::new()),
    };
    Some(match wiring {
        Ok(edits) if edits.is_empty() => (id, add, None),
        Ok(edits) => (id, Edit::Many(std::iter::once(add).chain(edits).collect()), None),
        Err(reason) => (id, add, Some(reason)),
    })
}

/// The first wire between a given port of another node and the new node that is allowed.
fn wire_up(pipeline: &Pipeline, kind: &NodeKind, id: NodeId, port: &PortRef) -> Result<WireKey, String> {
    let candidates: Vec<WireKey> = if is_output(pipeline, port) {
        kind.inputs.iter().map(|input| WireKey::new(port.clone(), PortRef::new(id, input.name))).collect()
    } else {
        kind.outputs.iter().map(|output| WireKey::new(PortRef::new(id, output.name), port.clone())).collect()
    };
    let mut reason = trf("edit.no_port", &[("kind", node_word(&format!("{}.title", kind.id), kind.title))]);
    for wire in candidates {
        match check_wire(pipeline, &wire.from, &wire.to) {
            Ok(()) => return Ok(wire),
            Err(why) => reason = why,
        }
    }
    Err(reason)
}

/// Takes a wire apart and puts the new node between its ends.
fn insert_into(pipeline: &Pipeline, kind: &NodeKind, id: NodeId, wire: &WireKey) -> Result<Vec<Edit>, String> {
    let cut = Edit::Disconnect(wire.clone());
    let mut trial = pipeline.clone();
    trial.apply(&cut).map_err(|error| error.to_string())?;
    let enter = Edit::Connect(wire_up(&trial, kind, id, &wire.from)?);
    trial.apply(&enter).map_err(|error| error.to_string())?;
    let leave = Edit::Connect(wire_up(&trial, kind, id, &wire.to)?);
    Ok(vec![cut, enter, leave])
}

/// Whether a port is an output of its node; for nodes of unknown kinds the wires tell.
fn is_output(pipeline: &Pipeline, port: &PortRef) -> bool {
    let kind = pipeline.node(port.node).and_then(|node| nodes::kind(&node.kind));
    match kind {
        Some(kind) => kind.outputs.iter().any(|output| output.name == port.port),
        None => !pipeline.wires_into(port.node).iter().any(|wire| wire.to == *port),
    }
}
