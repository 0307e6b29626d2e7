//! One node of the document as a person placed it: kind, name, raw parameters, position. And what only arranges nodes
//! for the eye: frames around them, and subflows that fold several into one box.

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
    /// Whether it works, rests, or lets rows pass by.
    pub mode: NodeMode,
    /// Where its top left corner lies.
    pub position: Position,
    /// The subflow it lies in; `None`: the pipeline itself.
    pub subflow: Option<SubflowId>,
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
    /// Its colour.
    pub tint: Tint,
    /// The subflow it lies in; `None`: the pipeline itself.
    pub subflow: Option<SubflowId>,
}

/// Whether a node does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NodeMode {
    /// It does.
    #[default]
    On,
    /// It takes its rows and gives none: a source is silent, a sink writes nothing.
    Muted,
    /// Rows pass from its first input to its first output as they are.
    Bypassed,
}

/// The colour of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tint {
    /// None: that of raised surfaces.
    #[default]
    Plain,
    /// Red.
    Red,
    /// Amber.
    Amber,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Violet.
    Violet,
}

/// Identity of a subflow, written `s3` in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubflowId(pub u64);

/// Nodes folded into one box. There is one graph: the nodes stay in it, with their wires, and say in which subflow they
/// lie; the box has a pin for every wire that crosses its border. So nothing that computes knows subflows at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Subflow {
    /// Identity.
    pub id: SubflowId,
    /// What people call it; need not be unique.
    pub name: String,
    /// Where its box lies in the subflow around it.
    pub position: Position,
    /// The subflow around it; `None`: the pipeline itself.
    pub parent: Option<SubflowId>,
}

impl NodeEntry {
    /// A node with nothing entered yet.
    pub fn new(id: NodeId, kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id,
            kind: kind.into(),
            name: name.into(),
            params: Params::new(),
            mode: NodeMode::On,
            position: Position::default(),
            subflow: None,
            extra: Params::new(),
        }
    }
}

impl NodeMode {
    /// All.
    pub const ALL: [Self; 3] = [Self::On, Self::Muted, Self::Bypassed];
}

impl Tint {
    /// All, in the order they are offered.
    pub const ALL: [Self; 6] = [Self::Plain, Self::Red, Self::Amber, Self::Green, Self::Blue, Self::Violet];
}

impl std::fmt::Display for SubflowId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s{}", self.0)
    }
}

impl Position {
    /// The point at these coordinates.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
}
