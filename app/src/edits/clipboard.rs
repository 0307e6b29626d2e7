//! Nodes, frames and subflows as text: what copy writes and paste reads, also between two windows.
//!
//! The text is a small JSON object. It is not the file format: it has no settings, its ids mean nothing outside it, and
//! paste gives every node a fresh id and a free name.

use std::collections::{BTreeMap, BTreeSet};

use eframe::egui;
use serde::{Deserialize, Serialize};
use weir_engine::pipeline::{
    Document, Edit, Frame, FrameId, NodeEntry, NodeMode, Pipeline, Position, Subflow, SubflowId, Tint,
};
use weir_engine::spec::{NodeId, Params, PortRef, WireKey};

use super::{NODE_SIZE, STEP_ASIDE, is_occupied, snapped, with_contents};
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    frames: Vec<ClipFrame>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subflows: Vec<ClipSubflow>,
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
    #[serde(default, skip_serializing_if = "ClipMode::is_on")]
    mode: ClipMode,
    /// A subflow of this very text; else it goes where it is pasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subflow: Option<u64>,
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    extra: Params,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClipMode {
    #[default]
    On,
    Muted,
    Bypassed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ClipFrame {
    title: String,
    note: String,
    x: f32,
    y: f32,
    width: f32,
    height: f32,
    /// Its place in the list of colours.
    tint: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subflow: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ClipSubflow {
    id: u64,
    name: String,
    x: f32,
    y: f32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ClipWire {
    from: (u64, String),
    to: (u64, String),
}

/// What is selected, with what lies in its subflows and the wires between its nodes, as text; `None` if no node, frame
/// or subflow is selected.
pub fn copy(pipeline: &Pipeline, selection: &Selection) -> Option<String> {
    let all = with_contents(pipeline, selection);
    let level = |level: Option<SubflowId>| level.filter(|id| all.subflows.contains(id)).map(|id| id.0);
    let nodes: Vec<ClipNode> = all
        .nodes
        .iter()
        .filter_map(|id| pipeline.node(*id))
        .map(|entry| ClipNode { subflow: level(entry.subflow), ..ClipNode::from_entry(entry) })
        .collect();
    let frames: Vec<ClipFrame> = all
        .frames
        .iter()
        .filter_map(|id| pipeline.frame(*id))
        .map(|frame| ClipFrame { subflow: level(frame.subflow), ..ClipFrame::from_frame(frame) })
        .collect();
    let subflows: Vec<ClipSubflow> = outermost_first(pipeline, &all)
        .into_iter()
        .map(|subflow| ClipSubflow {
            id: subflow.id.0,
            name: subflow.name.clone(),
            x: subflow.position.x,
            y: subflow.position.y,
            parent: level(subflow.parent),
        })
        .collect();
    if nodes.is_empty() && frames.is_empty() && subflows.is_empty() {
        return None;
    }
    let ids: BTreeSet<u64> = nodes.iter().map(|node| node.id).collect();
    let wires = pipeline
        .wires()
        .into_iter()
        .filter(|wire| ids.contains(&wire.from.node.0) && ids.contains(&wire.to.node.0))
        .map(|wire| ClipWire { from: (wire.from.node.0, wire.from.port), to: (wire.to.node.0, wire.to.port) })
        .collect();
    serde_json::to_string_pretty(&Clip { weir: MARK.to_owned(), nodes, wires, frames, subflows }).ok()
}

fn outermost_first<'a>(pipeline: &'a Pipeline, selection: &Selection) -> Vec<&'a Subflow> {
    let mut subflows: Vec<_> = selection.subflows.iter().filter_map(|id| pipeline.subflow(*id)).collect();
    subflows.sort_by_key(|subflow| pipeline.subflow_path(Some(subflow.id)).len());
    subflows
}

/// What pasting this text onto a level does. The group is centred on `at`, or else lies a step beside where it was
/// copied.
pub fn paste(
    document: &mut Document,
    text: &str,
    level: Option<SubflowId>,
    at: Option<egui::Pos2>,
    snap: bool,
) -> Result<Paste, PasteError> {
    if text.len() > MAX_BYTES {
        return Err(PasteError::TooMany);
    }
    let clip: Clip = serde_json::from_str(text).map_err(|_| PasteError::NoNodes)?;
    if clip.weir != MARK || (clip.nodes.is_empty() && clip.frames.is_empty() && clip.subflows.is_empty()) {
        return Err(PasteError::NoNodes);
    }
    if clip.nodes.len() + clip.frames.len() + clip.subflows.len() > MAX_NODES {
        return Err(PasteError::TooMany);
    }
    let shift = shift(document.pipeline(), level, &clip, at, snap);
    let mut pasting = Pasting { level, shift, trial: document.pipeline().clone(), ..Pasting::default() };
    for subflow in clip.subflows {
        let id = document.fresh_subflow_id();
        pasting.subflow(subflow, id);
    }
    let ids: BTreeMap<u64, NodeId> = clip.nodes.iter().map(|node| (node.id, document.fresh_id())).collect();
    for node in clip.nodes {
        if let Some(id) = ids.get(&node.id) {
            pasting.node(node, *id);
        }
    }
    for frame in clip.frames {
        let id = document.fresh_frame_id();
        pasting.frame(&frame, id);
    }
    for wire in clip.wires {
        if let (Some(from), Some(to)) = (ids.get(&wire.from.0), ids.get(&wire.to.0)) {
            let wire = WireKey::new(PortRef::new(*from, wire.from.1), PortRef::new(*to, wire.to.1));
            pasting.apply(Edit::Connect(wire));
        }
    }
    Ok(Paste { edit: Edit::Many(pasting.edits), selection: pasting.selection })
}

/// A paste under way: tried on a copy, so that what it asks for applies as a whole.
#[derive(Default)]
struct Pasting {
    trial: Pipeline,
    edits: Vec<Edit>,
    selection: Selection,
    level: Option<SubflowId>,
    shift: egui::Vec2,
    /// What subflows of the text have become.
    subflows: BTreeMap<u64, SubflowId>,
}

impl Pasting {
    fn apply(&mut self, edit: Edit) -> bool {
        let is_applied = self.trial.apply(&edit).is_ok();
        if is_applied {
            self.edits.push(edit);
        }
        is_applied
    }

    /// The level something goes to, and how far it moves: what lies in a pasted subflow stays where it is in there.
    fn place(&self, subflow: Option<u64>) -> (Option<SubflowId>, egui::Vec2) {
        match subflow.and_then(|id| self.subflows.get(&id)) {
            Some(id) => (Some(*id), egui::Vec2::ZERO),
            None => (self.level, self.shift),
        }
    }

    fn subflow(&mut self, clip: ClipSubflow, id: SubflowId) {
        let (parent, by) = self.place(clip.parent);
        let subflow = Subflow { id, name: clip.name, position: Position::new(clip.x + by.x, clip.y + by.y), parent };
        if self.apply(Edit::PutSubflow { id, subflow: Some(Box::new(subflow)) }) {
            self.subflows.insert(clip.id, id);
            if parent == self.level {
                self.selection.subflows.insert(id);
            }
        }
    }

    fn node(&mut self, clip: ClipNode, id: NodeId) {
        let (level, by) = self.place(clip.subflow);
        let name = self.trial.fresh_name(base_name(&self.trial, &node_name_or_kind(&clip)));
        let entry = NodeEntry { subflow: level, ..clip.into_entry(id, name, by) };
        if self.apply(Edit::AddNode(Box::new(entry))) && level == self.level {
            self.selection.nodes.insert(id);
        }
    }

    fn frame(&mut self, clip: &ClipFrame, id: FrameId) {
        let (level, by) = self.place(clip.subflow);
        let frame = Frame {
            id,
            title: clip.title.clone(),
            note: clip.note.clone(),
            position: Position::new(clip.x + by.x, clip.y + by.y),
            size: Position::new(clip.width, clip.height),
            tint: Tint::ALL.get(clip.tint).copied().unwrap_or_default(),
            subflow: level,
        };
        if self.apply(Edit::PutFrame { id, frame: Some(Box::new(frame)) }) && level == self.level {
            self.selection.frames.insert(id);
        }
    }
}

impl ClipMode {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
    fn is_on(&self) -> bool {
        matches!(self, Self::On)
    }
}

impl From<NodeMode> for ClipMode {
    fn from(mode: NodeMode) -> Self {
        match mode {
            NodeMode::On => Self::On,
            NodeMode::Muted => Self::Muted,
            NodeMode::Bypassed => Self::Bypassed,
        }
    }
}

impl From<ClipMode> for NodeMode {
    fn from(mode: ClipMode) -> Self {
        match mode {
            ClipMode::On => Self::On,
            ClipMode::Muted => Self::Muted,
            ClipMode::Bypassed => Self::Bypassed,
        }
    }
}

impl ClipFrame {
    fn from_frame(frame: &Frame) -> Self {
        Self {
            title: frame.title.clone(),
            note: frame.note.clone(),
            x: frame.position.x,
            y: frame.position.y,
            width: frame.size.x,
            height: frame.size.y,
            tint: Tint::ALL.iter().position(|tint| *tint == frame.tint).unwrap_or_default(),
            subflow: None,
        }
    }
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
            mode: entry.mode.into(),
            subflow: None,
            extra: entry.extra.clone(),
        }
    }

    fn into_entry(self, id: NodeId, name: String, shift: egui::Vec2) -> NodeEntry {
        let mut entry = NodeEntry::new(id, self.kind, name);
        entry.params = self.params;
        entry.mode = self.mode.into();
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
fn shift(pipeline: &Pipeline, level: Option<SubflowId>, clip: &Clip, at: Option<egui::Pos2>, snap: bool) -> egui::Vec2 {
    let boxes: Vec<egui::Pos2> = clip
        .nodes
        .iter()
        .filter(|node| node.subflow.is_none())
        .map(|node| egui::pos2(node.x, node.y))
        .chain(clip.subflows.iter().filter(|inner| inner.parent.is_none()).map(|inner| egui::pos2(inner.x, inner.y)))
        .filter(|corner| corner.is_finite())
        .collect();
    let frames = clip.frames.iter().filter(|frame| frame.subflow.is_none());
    let frames = frames
        .map(|frame| egui::Rect::from_min_size(egui::pos2(frame.x, frame.y), egui::vec2(frame.width, frame.height)));
    let around = boxes.iter().map(|corner| egui::Rect::from_min_size(*corner, NODE_SIZE)).chain(frames);
    let bounds = around.filter(egui::Rect::is_finite).fold(egui::Rect::NOTHING, egui::Rect::union);
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
        boxes.iter().any(|at| is_occupied(pipeline, level, Position::new(at.x + shift.x, at.y + shift.y)))
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
