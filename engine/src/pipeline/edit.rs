//! Every change a document can undergo, as data. Undo, redo, the journal, the dirty flag and live reconfiguration all
//! read these.

use serde_json::Value;

use super::{Frame, FrameId, NodeEntry, Position, Setting};
use crate::spec::{NodeId, WireKey};

/// A change. [`super::Pipeline::apply`] performs it and returns its inverse.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Adds a node; its id and name must be free.
    AddNode(Box<NodeEntry>),
    /// Removes a node with all its wires.
    RemoveNode(NodeId),
    /// Adds a wire; refused if it would close a cycle.
    Connect(WireKey),
    /// Removes a wire.
    Disconnect(WireKey),
    /// Gives a node another name.
    Rename {
        /// Which node.
        node: NodeId,
        /// Its new name.
        name: String,
    },
    /// Enters a raw parameter, or takes it away so that the default holds.
    SetParam {
        /// Which node.
        node: NodeId,
        /// The parameter's name.
        param: String,
        /// The new value.
        value: Option<Value>,
    },
    /// Places nodes.
    Move {
        /// Where each goes.
        nodes: Vec<(NodeId, Position)>,
    },
    /// Changes a setting.
    Set(Setting),
    /// Adds, replaces or (without content) removes a frame.
    PutFrame {
        /// Which frame.
        id: FrameId,
        /// What it becomes.
        frame: Option<Box<Frame>>,
    },
    /// Several changes as one: all or none.
    Many(Vec<Edit>),
}

/// Why an edit was refused. The document is then unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The node is not there.
    #[error("there is no node {0} in this pipeline")]
    NoSuchNode(NodeId),
    /// The wire is not there.
    #[error("there is no wire {0} in this pipeline")]
    NoSuchWire(WireKey),
    /// Another node has this id.
    #[error("the id {0} is taken by another node")]
    IdTaken(NodeId),
    /// Another node has this name.
    #[error("another node is already named `{0}`; choose a different name")]
    NameTaken(String),
    /// The name is blank.
    #[error("a node needs a name")]
    EmptyName,
    /// The wire exists.
    #[error("the wire {0} exists already")]
    AlreadyWired(WireKey),
    /// The wire would close a cycle.
    #[error("the wire {0} would close a cycle; rows must flow in one direction")]
    Cycle(WireKey),
}

impl Edit {
    /// Whether the change can alter what the pipeline computes; moving and framing cannot.
    pub fn changes_meaning(&self) -> bool {
        match self {
            Self::Move { .. } | Self::PutFrame { .. } => false,
            Self::Many(edits) => edits.iter().any(Self::changes_meaning),
            Self::AddNode(_)
            | Self::RemoveNode(_)
            | Self::Connect(_)
            | Self::Disconnect(_)
            | Self::Rename { .. }
            | Self::SetParam { .. }
            | Self::Set(_) => true,
        }
    }
}
