//! A node kind as static data, and the small trait its parameters implement.

use crate::pipeline::Settings;
use crate::spec::{Diagnostic, ParamSpec, Params, PortSpec};

use super::{LinkType, Operator, Reach, Sink, Source};

/// Where the palette lists a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Where rows come from.
    Source,
    /// Works on one batch at a time.
    Transform,
    /// Turns a stream into windows.
    Window,
    /// Remembers across batches.
    State,
    /// Where rows go.
    Sink,
}

impl Category {
    /// All, in the palette's order.
    pub const ALL: [Self; 5] = [Self::Source, Self::Transform, Self::Window, Self::State, Self::Sink];
}

/// How a sink shows itself; the designer and the command line draw it from this alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presents {
    /// Not at all.
    None,
    /// Its rows as a table.
    Table,
    /// Its rows as lines of text.
    Console,
    /// Its rows as a line, a bar or a gauge, from columns its parameters name.
    Chart,
    /// Its rows as messages that want to be noticed. A batch without rows shows nothing.
    Alert,
}

/// What a kind does with a windowed input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowUse {
    /// Works row by row: the stream stays windowed behind it.
    Keeps,
    /// Ends the window itself, incrementally.
    Ends,
    /// Sees the window's rows as a plain stream with `window_start` and `window_end`: the plan gathers them first.
    Rows,
}

/// A node kind: everything there is to know about it, in one constant of its file.
pub struct NodeKind {
    /// Its id in files, for ever: `window.sliding`.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// One line: what it does.
    pub summary: &'static str,
    /// Markdown: what it means, with an example.
    pub doc: &'static str,
    /// Where the palette lists it.
    pub category: Category,
    /// A picture that stands for it, as [`crate::spec::icon_parts`] reads it.
    pub icon: &'static str,
    /// A good default name for a new node: `counts`.
    pub base_name: &'static str,
    /// Its inputs.
    pub inputs: &'static [PortSpec],
    /// Its outputs.
    pub outputs: &'static [PortSpec],
    /// Its parameters.
    pub params: &'static [ParamSpec],
    /// How it shows itself.
    pub presents: Presents,
    /// What it does with windowed input.
    pub windows: WindowUse,
    /// Reads completed parameters (see [`crate::spec::with_defaults`]) into the kind's own struct. The error is a
    /// sentence; it is only reached when the generic check found nothing.
    pub build: fn(Params) -> Result<Box<dyn Node>, String>,
}

impl std::fmt::Debug for NodeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeKind").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The parameters of one node, typed, ready to be planned.
pub trait Node: Send + Sync {
    /// Checks itself against its inputs and gives its outputs' types and its stage. All problems at once.
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>>;

    /// What it touches beyond the files and variables that its parameters name: addresses, databases.
    fn reaches(&self) -> Vec<Reach> {
        Vec::new()
    }
}

/// What a node may know while it is planned.
pub struct PlanContext<'a> {
    /// The node's name.
    pub name: &'a str,
    /// Per declared input port, the links that enter it. A required port has at least one by the time this is called.
    /// For kinds with [`WindowUse::Rows`] the links are already plain.
    pub inputs: &'a [Vec<LinkType>],
    /// Per declared input port, what the links that enter it are called: by the node they come from, and by its port
    /// where that is not the node's first.
    pub input_names: &'a [Vec<String>],
    /// The pipeline's settings.
    pub settings: &'a Settings,
    /// The folder of the pipeline's file: relative paths count from here.
    pub folder: &'a std::path::Path,
}

impl PlanContext<'_> {
    /// The link of the first input port.
    pub fn input(&self) -> Result<&LinkType, Vec<Diagnostic>> {
        self.inputs
            .first()
            .and_then(|links| links.first())
            .ok_or_else(|| vec![Diagnostic::error("nothing is connected to the input; draw a wire to it")])
    }
}

/// A planned node.
pub struct Planned {
    /// Per declared output port, what flows out. For [`WindowUse::Keeps`] the plan adds the input's window.
    pub outputs: Vec<LinkType>,
    /// What runs.
    pub stage: Stage,
    /// Problems that do not prevent running.
    pub warnings: Vec<Diagnostic>,
}

/// What runs for a node. Closed: the runtime matches all.
pub enum Stage {
    /// Brings rows in.
    Source(Box<dyn Source>),
    /// Works on rows, with or without state.
    Operator(Box<dyn Operator>),
    /// Passes its input on unchanged: windows are a property of the link.
    Relabel,
    /// Takes rows out.
    Sink(Box<dyn Sink>),
}

impl Planned {
    /// A node without warnings.
    pub fn new(outputs: Vec<LinkType>, stage: Stage) -> Self {
        Self { outputs, stage, warnings: Vec::new() }
    }
}
