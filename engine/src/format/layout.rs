//! What a file says besides the pipeline's meaning: where things lie, and fields of wires, frames and layout that this
//! version does not know.
//!
//! A wire or a frame of the document has no place for unknown fields, so they stay beside it in the pipeline's own
//! `extra`, by the wire or frame they belong to, and come back on saving as long as that one exists.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::pipeline::{Edit, FrameId, Pipeline, Position, SubflowId};
use crate::spec::{NodeId, Params, WireKey};

/// From one column of automatically placed nodes to the next.
const COLUMN_WIDTH: f32 = 260.0;
/// From one row of automatically placed nodes to the next.
const ROW_HEIGHT: f32 = 150.0;

/// Unknown fields, apart by where in the file they stand.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    /// Of the file itself.
    pub(super) file: Params,
    /// Of the layout.
    pub(super) layout: Params,
    wires: Params,
    frames: Params,
    subflows: Params,
}

impl Unknown {
    /// Takes apart what [`Self::into_extra`] put together.
    pub(super) fn from_extra(extra: &Params) -> Self {
        let mut file = extra.clone();
        let mut layout = take_object(&mut file, "layout");
        Self {
            wires: take_object(&mut file, "wires"),
            frames: take_object(&mut layout, "frames"),
            subflows: take_object(&mut layout, "subflows"),
            layout,
            file,
        }
    }

    /// One object for [`Pipeline::extra`].
    pub(super) fn into_extra(self) -> Params {
        let mut layout = self.layout;
        put_object(&mut layout, "frames", self.frames);
        put_object(&mut layout, "subflows", self.subflows);
        let mut extra = self.file;
        put_object(&mut extra, "wires", self.wires);
        put_object(&mut extra, "layout", layout);
        extra
    }

    /// Remembers the unknown fields of a wire.
    pub(super) fn add_wire(&mut self, wire: &WireKey, fields: Params) {
        put_object(&mut self.wires, &wire.to_string(), fields);
    }

    /// Remembers the unknown fields of a frame.
    pub(super) fn add_frame(&mut self, frame: FrameId, fields: Params) {
        put_object(&mut self.frames, &frame_key(frame), fields);
    }

    /// Remembers the unknown fields of a subflow.
    pub(super) fn add_subflow(&mut self, subflow: SubflowId, fields: Params) {
        put_object(&mut self.subflows, &subflow.to_string(), fields);
    }

    /// The unknown fields of a subflow.
    pub(super) fn of_subflow(&self, subflow: SubflowId) -> Params {
        object(self.subflows.get(&subflow.to_string()))
    }

    /// The unknown fields of a wire.
    pub(super) fn of_wire(&self, wire: &WireKey) -> Params {
        if self.wires.is_empty() { Params::new() } else { object(self.wires.get(&wire.to_string())) }
    }

    /// The unknown fields of a frame.
    pub(super) fn of_frame(&self, frame: FrameId) -> Params {
        object(self.frames.get(&frame_key(frame)))
    }
}

/// A frame's id as files write it.
pub(super) fn frame_key(frame: FrameId) -> String {
    format!("f{}", frame.0)
}

/// Reads a frame's id.
pub(super) fn parse_frame_key(text: &str) -> Option<FrameId> {
    let digits = text.strip_prefix('f')?;
    // Only the one spelling that is written counts, so that no two keys mean the same frame.
    digits.parse().ok().map(FrameId).filter(|frame| frame_key(*frame) == text)
}

/// Places nodes of which the file does not say where they lie: left to right along the wires.
pub(super) fn place(pipeline: &mut Pipeline, nodes: &[NodeId]) {
    if nodes.is_empty() {
        return;
    }
    let mut columns: BTreeMap<NodeId, u16> = BTreeMap::new();
    for id in pipeline.topological().unwrap_or_default() {
        let before = pipeline.wires_into(id).iter().filter_map(|wire| columns.get(&wire.from.node)).max().copied();
        columns.insert(id, before.map_or(0, |column| column.saturating_add(1)));
    }
    let mut rows: BTreeMap<u16, u16> = BTreeMap::new();
    let placed = nodes
        .iter()
        .map(|id| {
            let column = columns.get(id).copied().unwrap_or_default();
            let row = rows.entry(column).or_default();
            let position = Position::new(f32::from(column) * COLUMN_WIDTH, f32::from(*row) * ROW_HEIGHT);
            *row = row.saturating_add(1);
            (*id, position)
        })
        .collect();
    // The nodes are the pipeline's own, so they are all there.
    let _ = pipeline.apply(&Edit::Move { nodes: placed });
}

fn object(value: Option<&Value>) -> Params {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

fn take_object(from: &mut Params, name: &str) -> Params {
    match from.remove(name) {
        Some(Value::Object(fields)) => fields,
        Some(_) | None => Params::new(),
    }
}

fn put_object(into: &mut Params, name: &str, fields: Params) {
    if !fields.is_empty() {
        into.insert(name.to_owned(), Value::Object(fields));
    }
}
