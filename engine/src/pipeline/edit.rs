//! Every change a document can undergo, as data. Undo, redo, the journal, the dirty flag and live reconfiguration all
//! read these.

use serde_json::Value;

use super::{Frame, FrameId, NodeEntry, NodeMode, Position, Setting, Subflow, SubflowId};
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
    /// Lets a node work, rest, or be passed by.
    SetMode {
        /// Which node.
        node: NodeId,
        /// Its new mode.
        mode: NodeMode,
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
    /// Adds, replaces or (without content) removes a subflow; only an empty one can be removed.
    PutSubflow {
        /// Which subflow.
        id: SubflowId,
        /// What it becomes.
        subflow: Option<Box<Subflow>>,
    },
    /// Puts nodes into subflows, or back into the pipeline itself.
    Enclose {
        /// Where each goes.
        nodes: Vec<(NodeId, Option<SubflowId>)>,
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
    /// The subflow is not there.
    #[error("there is no subflow {0} in this pipeline")]
    NoSuchSubflow(SubflowId),
    /// The subflow still holds something.
    #[error("the subflow {0} is not empty; unpack it first")]
    SubflowInUse(SubflowId),
    /// The subflow would lie within itself.
    #[error("the subflow {0} cannot lie within itself")]
    SubflowCycle(SubflowId),
}

impl Edit {
    /// Whether the change can alter what the pipeline computes; moving, framing and folding cannot.
    pub fn changes_meaning(&self) -> bool {
        match self {
            Self::Move { .. } | Self::PutFrame { .. } | Self::PutSubflow { .. } | Self::Enclose { .. } => false,
            Self::Many(edits) => edits.iter().any(Self::changes_meaning),
            Self::AddNode(_)
            | Self::RemoveNode(_)
            | Self::Connect(_)
            | Self::Disconnect(_)
            | Self::Rename { .. }
            | Self::SetParam { .. }
            | Self::SetMode { .. }
            | Self::Set(_) => true,
        }
    }

    /// Whether performing only this instead of `former` and then this gives the same: a drag's next position replaces
    /// the one before.
    pub(super) fn supersedes(&self, former: &Self) -> bool {
        match self {
            Self::SetParam { node, param, .. } => {
                matches!(former, Self::SetParam { node: other, param: former, .. } if other == node && former == param)
            }
            Self::Rename { node, .. } => matches!(former, Self::Rename { node: other, .. } if other == node),
            Self::SetMode { node, .. } => matches!(former, Self::SetMode { node: other, .. } if other == node),
            Self::Move { nodes } => matches!(former, Self::Move { nodes: others }
                if others.iter().map(|(id, _)| id).eq(nodes.iter().map(|(id, _)| id))),
            Self::Set(setting) => matches!(former, Self::Set(other)
                if std::mem::discriminant(other) == std::mem::discriminant(setting)),
            Self::PutFrame { id, .. } => matches!(former, Self::PutFrame { id: other, .. } if other == id),
            Self::AddNode(_)
            | Self::RemoveNode(_)
            | Self::Connect(_)
            | Self::Disconnect(_)
            | Self::PutSubflow { .. }
            | Self::Enclose { .. }
            | Self::Many(_) => false,
        }
    }

    /// Whether this edit, whose inverse is known, leaves everything as it was. Compared as text, because `0.0` and
    /// `-0.0` are equal numbers but different bytes in a file.
    pub(super) fn is_idle(&self, inverse: &Self) -> bool {
        self == inverse && format!("{self:?}") == format!("{inverse:?}")
    }
}
