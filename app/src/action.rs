//! What a view asks for. Views collect actions while they draw; the app applies them after the frame.

use std::path::PathBuf;

use eframe::egui;
use weir_engine::pipeline::Edit;
use weir_engine::spec::{NodeId, PortRef, WireKey};

use crate::command::Command;
use crate::files::Export;
use crate::state::Pace;

/// One thing a view asks for.
#[derive(Debug, Clone)]
pub enum Action {
    /// Changes the document as one undo step (or as part of the open gesture).
    Edit {
        /// What it does, for the menu: `move 3 nodes`.
        label: String,
        /// The change.
        edit: Edit,
    },
    /// Opens a gesture: all edits until its end are one step.
    BeginGesture(String),
    /// Closes the gesture.
    EndGesture,
    /// Adds a node of this kind at a canvas position, selects it, and (if given) wires it to this port.
    AddNode {
        /// The kind's id.
        kind: String,
        /// Where, in world units.
        at: egui::Pos2,
        /// The port a wire was dragged from.
        wire_to: Option<PortRef>,
        /// The wire it is dropped on, which it then interrupts.
        onto: Option<WireKey>,
    },
    /// Leads a second wire to an input for one, and the wire it has, through a new union.
    Join {
        /// Where the second wire comes from.
        from: PortRef,
        /// The input.
        to: PortRef,
        /// The wire whose end was taken off for it.
        moved: Option<WireKey>,
    },
    /// Replaces the selection.
    Select(Selection),
    /// Runs a command of the table.
    Command(Command),
    /// Inserts what this text holds, as copy wrote it.
    PasteText(String),
    /// Opens a file (asking first if there are unsaved changes).
    OpenFile(PathBuf),
    /// Opens one of the samples by its file name.
    OpenSample(String),
    /// Opens a subflow on the canvas, or the pipeline itself, and selects this there.
    OpenLevel(Option<weir_engine::pipeline::SubflowId>, Selection),
    /// Selects a node and brings it into view.
    Reveal(NodeId),
    /// Previews the rows of this port in the Data panel; `None` follows the selection.
    Watch(Option<PortRef>),
    /// Shows this batch everywhere; `None` returns to live.
    ShowBatch(Option<u64>),
    /// Replaces the settings of the program.
    Settings(Box<crate::settings::Settings>),
    /// Opens the system's file dialog and puts the path chosen into a parameter.
    BrowseFile {
        /// Which node.
        node: NodeId,
        /// The parameter, as a path: `path`, `files[2].path` (see [`crate::inspector::set_at`]).
        param: String,
        /// Whether the node writes to the file, so that it need not exist.
        writes: bool,
        /// Suffixes to offer, without the dot; none: all.
        extensions: &'static [&'static str],
    },
    /// Pauses the run when this is true of a row of the port; `None` takes the probe away.
    Probe(PortRef, Option<String>),
    /// By which clock the next run goes, and how fast.
    Pace(Pace),
    /// Ends the recording under way.
    StopRecording,
    /// Asks for a file and writes this into it.
    Export(Export),
    /// Asks for a file and writes a picture of this part of the window into it.
    Picture {
        /// Which part, in points.
        rect: egui::Rect,
        /// The name proposed.
        name: &'static str,
    },
    /// Fills a parameter with what the node's file says.
    Infer {
        /// Which node.
        node: NodeId,
        /// The parameter.
        param: String,
    },
    /// Gives up on something that takes long, by its number.
    CancelJob(u64),
    /// Lets a node begin anew: what it remembers is set aside.
    ResetState(NodeId),
    /// Lets a node that failed try again, with the state it has.
    Retry(NodeId),
    /// Does the change that waits because it costs state.
    ApplyStaged,
    /// Leaves that change undone.
    DropStaged,
    /// A short message that goes away by itself.
    Toast(String),
}

/// What the palette puts on the pointer while a kind is dragged out of it; the canvas takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaletteDrag {
    /// The kind's id.
    pub kind: String,
}

/// What is selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Nodes.
    pub nodes: std::collections::BTreeSet<NodeId>,
    /// Wires.
    pub wires: std::collections::BTreeSet<WireKey>,
    /// Frames.
    pub frames: std::collections::BTreeSet<weir_engine::pipeline::FrameId>,
    /// Subflows, seen from outside.
    pub subflows: std::collections::BTreeSet<weir_engine::pipeline::SubflowId>,
}

impl Selection {
    /// Exactly one node.
    pub fn node(id: NodeId) -> Self {
        Self { nodes: [id].into(), ..Self::default() }
    }

    /// Exactly one subflow.
    pub fn subflow(id: weir_engine::pipeline::SubflowId) -> Self {
        Self { subflows: [id].into(), ..Self::default() }
    }

    /// Exactly one frame.
    pub fn frame(id: weir_engine::pipeline::FrameId) -> Self {
        Self { frames: [id].into(), ..Self::default() }
    }

    /// Exactly one wire.
    pub fn wire(key: WireKey) -> Self {
        Self { wires: [key].into(), ..Self::default() }
    }

    /// The node, if exactly one and nothing else is selected.
    pub fn single_node(&self) -> Option<NodeId> {
        match (self.nodes.len(), self.wires.len() + self.frames.len() + self.subflows.len()) {
            (1, 0) => self.nodes.first().copied(),
            _ => None,
        }
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.wires.is_empty() && self.frames.is_empty() && self.subflows.is_empty()
    }
}

/// Collects what the views ask for during one frame.
#[derive(Debug, Default)]
pub struct Actions {
    list: Vec<Action>,
}

impl Actions {
    /// Adds an action.
    pub fn push(&mut self, action: Action) {
        self.list.push(action);
    }

    /// Adds an edit.
    pub fn edit(&mut self, label: impl Into<String>, edit: Edit) {
        self.list.push(Action::Edit { label: label.into(), edit });
    }

    /// Takes all of them, in order.
    pub fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.list)
    }
}
