//! Nodes as text: what copy writes and paste reads, also between two windows.
//!
//! The text is a small JSON object. It is not the file format: it has no settings, its ids mean nothing outside it, and
//! paste gives every node a fresh id and a free name.

use std::collections::{BTreeMap, BTreeSet};

use eframe::egui;
use serde::{Deserialize, Serialize};
use weir_engine::pipeline::{Document, Edit, NodeEntry, Pipeline, Position};
use weir_engine::spec::{NodeId, Params, PortRef, WireKey};

use super::{NODE_SIZE, STEP_ASIDE, is_occupied, snapped};
use crate::action::Selection;
use crate::i18n::tr;

/// Marks our text among whatever else may be on a clipboard.
const MARK: &str = "nodes/1";
/// Nodes one paste may bring.
const MAX_NODES: usize = 5_000;
/// Bytes of text one paste may read.
const MAX_BYTES: usize = 16 << 20;

/// Why a text cannot be pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasteError {
    /// It is some other text.
    NoNodes,
    /// It is far too much.
    TooMany,
}

impl PasteError {
    /// What to tell.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoNodes => tr("edit.paste_no_nodes"),
            Self::TooMany => tr("edit.paste_too_many"),
        }
    }
}

/// Nodes about to be inserted.
#[derive(Debug, Clone, PartialEq)]
pub struct Paste {
    /// All of it as one change.
    pub edit: Edit,
    /// The new nodes.
    pub selection: Selection,
}

#[derive(Debug, Serialize, Deserialize)]
struct Clip {
    weir: String,
    nodes: Vec<ClipNode>,
    wires: Vec<ClipWire>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ClipNode {
    id: u64,
    kind: String,
    name: String,
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    params: Params,
    x: f32,
    y: f32,
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    extra: Params,
}

#[derive(Debug, Serialize, Deserialize)]
struct ClipWire {
    from: (u64, String),
    to: (u64, String),
}

/// The selected nodes, and the wires between them, as text; `None` if no node is selected.
pub fn copy(pipeline: &Pipeline, selection: &Selection) -> Option<String> {
    let nodes: Vec<ClipNode> =
        selection.nodes.iter().filter_map(|id| pipeline.node(*id)).map(ClipNode::from_entry).collect();
    if nodes.is_empty() {
        return None;
    }
    let ids: BTreeSet<u64> = nodes.iter().map(|node| node.id).collect();
    let wires = pipeline
        .wires()
        .into_iter()
        .filter(|wire| ids.contains(&wire.from.node.0) && ids.contains(&wire.to.node.0))
        .map(|wire| ClipWire { from: (wire.from.node.0, wire.from.port), to: (wire.to.node.0, wire.to.port) })
        .collect();
    serde_json::to_string_pretty(&Clip { weir: MARK.to_owned(), nodes, wires }).ok()
}

/// What pasting this text does. The group is centred on `at`, or else lies a step beside where it was copied.
pub fn paste(document: &mut Document, text: &str, at: Option<egui::Pos2>, snap: bool) -> Result<Paste, PasteError> {
    if text.len() > MAX_BYTES {
        return Err(PasteError::TooMany);
    }
    let clip: Clip = serde_json::from_str(text).map_err(|_| PasteError::NoNodes)?;
    if clip.weir != MARK || clip.nodes.is_empty() {
        return Err(PasteError::NoNodes);
    }
    if clip.nodes.len() > MAX_NODES {
        return Err(PasteError::TooMany);
    }
    let shift = shift(document.pipeline(), &clip.nodes, at, snap);
    let ids: BTreeMap<u64, NodeId> = clip.nodes.iter().map(|node| (node.id, document.fresh_id())).collect();
    let mut trial = document.pipeline().clone();
    let mut edits = Vec::new();
    let mut selection = Selection::default();
    for node in clip.nodes {
        let Some(id) = ids.get(&node.id).copied() else { continue };
        let wanted = node_name_or_kind(&node);
        let name = trial.fresh_name(base_name(&trial, &wanted));
        let entry = node.into_entry(id, name, shift);
        let edit = Edit::AddNode(Box::new(entry));
        if trial.apply(&edit).is_ok() {
            selection.nodes.insert(id);
            edits.push(edit);
        }
    }
    for wire in clip.wires {
        let (Some(from), Some(to)) = (ids.get(&wire.from.0), ids.get(&wire.to.0)) else { continue };
        let edit = Edit::Connect(WireKey::new(PortRef::new(*from, wire.from.1), PortRef::new(*to, wire.to.1)));
        if trial.apply(&edit).is_ok() {
            edits.push(edit);
        }
    }
    Ok(Paste { edit: Edit::Many(edits), selection })
}

impl ClipNode {
    fn from_entry(entry: &NodeEntry) -> Self {
        Self {
            id: entry.id.0,
            kind: entry.kind.clone(),
            name: entry.name.clone(),
            params: entry.params.clone(),
            x: entry.position.x,
            y: entry.position.y,
            extra: entry.extra.clone(),
        }
    }

    fn into_entry(self, id: NodeId, name: String, shift: egui::Vec2) -> NodeEntry {
        let mut entry = NodeEntry::new(id, self.kind, name);
        entry.params = self.params;
        entry.position = Position::new(self.x + shift.x, self.y + shift.y);
        entry.extra = self.extra;
        entry
    }
}

fn node_name_or_kind(node: &ClipNode) -> String {
    let name = node.name.trim();
    if name.is_empty() { node.kind.clone() } else { name.to_owned() }
}

/// The name to number on from: `counts` for `counts_2` where `counts_2` is taken, so that no `counts_2_2` arises.
fn base_name<'a>(pipeline: &Pipeline, name: &'a str) -> &'a str {
    if pipeline.node_by_name(name).is_none() {
        return name;
    }
    match name.rsplit_once('_') {
        Some((base, number)) if !base.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => base,
        Some(_) | None => name,
    }
}

/// How far the group moves from where it was copied.
fn shift(pipeline: &Pipeline, nodes: &[ClipNode], at: Option<egui::Pos2>, snap: bool) -> egui::Vec2 {
    let corners = nodes.iter().map(|node| egui::pos2(node.x, node.y)).filter(|corner| corner.is_finite());
    let bounds =
        corners.fold(egui::Rect::NOTHING, |bounds, corner| bounds.union(egui::Rect::from_min_size(corner, NODE_SIZE)));
    if !bounds.is_finite() {
        return egui::Vec2::ZERO;
    }
    let mut shift = match at {
        Some(at) => {
            let corner = snapped(at - bounds.size() / 2.0, snap);
            egui::pos2(corner.x, corner.y) - bounds.min
        }
        None => egui::Vec2::splat(STEP_ASIDE),
    };
    let hides = |shift: egui::Vec2| {
        nodes.iter().any(|node| is_occupied(pipeline, Position::new(node.x + shift.x, node.y + shift.y)))
    };
    // Bounded: a crafted document could be occupied in every step.
    for _ in 0..1_000 {
        if !hides(shift) {
            break;
        }
        shift += egui::Vec2::splat(STEP_ASIDE);
    }
    shift
}
