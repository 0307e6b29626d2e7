//! One node of the document as a person placed it: kind, name, raw parameters, position. And frames, which group.

use crate::spec::{NodeId, Params};

/// A point or an extent on the canvas, in world units (one is a pixel at 100 % zoom).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Position {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// A node of the document. Its kind may be unknown to this version: it is then shown as such and kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeEntry {
    /// Identity, never reused.
    pub id: NodeId,
    /// The id of its kind, such as `window.sliding`.
    pub kind: String,
    /// Unique within the document, editable; how output, `--set` and people name it.
    pub name: String,
    /// Raw parameters: only what was entered, defaults stay out.
    pub params: Params,
    /// Where its top left corner lies.
    pub position: Position,
    /// Fields of the file this version does not know; kept.
    pub extra: Params,
}

/// Identity of a frame, written `f3` in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(pub u64);

/// A titled rectangle with a markdown note: groups nodes visually, means nothing to the engine. A frame without
/// nodes in it is a note.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Identity.
    pub id: FrameId,
    /// Shown on its upper edge.
    pub title: String,
    /// Markdown, shown inside.
    pub note: String,
    /// Top left corner.
    pub position: Position,
    /// Width and height.
    pub size: Position,
}

impl NodeEntry {
    /// A node with nothing entered yet.
    pub fn new(id: NodeId, kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id,
            kind: kind.into(),
            name: name.into(),
            params: Params::new(),
            position: Position::default(),
            extra: Params::new(),
        }
    }
}

impl Position {
    /// The point at these coordinates.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
}
