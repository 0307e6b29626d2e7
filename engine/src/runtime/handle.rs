//! The only door to a running engine: commands in, events out, both closed enums of plain data over bounded channels.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::probe::{Probe, Probed};
use super::recording::{Recorded, Recording};
use super::trace::WindowTrace;
use crate::metrics::BatchReport;
use crate::pipeline::Pipeline;
use crate::plan::{Fault, StateFate};
use crate::spec::{Diagnostic, NodeId, PortRef, Span, Timestamp};

/// Which clock drives the batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockKind {
    /// Real time.
    Wall,
    /// Logical time: batches follow each other at once, and a run is reproducible to the byte.
    Virtual,
}

/// When a run ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StopRule {
    /// After so many batches.
    pub batches: Option<u64>,
    /// After so much time on the run's clock.
    pub span: Option<Span>,
    /// When all sources have ended.
    pub until_done: bool,
    /// Before it ends because all sources have, one more batch closes whatever waits for event time.
    pub flush: bool,
}

/// How to run.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The clock.
    pub clock: ClockKind,
    /// Compute threads; `None`: one per core.
    pub threads: Option<usize>,
    /// When to end.
    pub stop: StopRule,
    /// The folder of the pipeline's file: relative paths count from here.
    pub folder: PathBuf,
    /// Rows of each presented flow that events carry; `None`: all of them.
    pub presented_rows: Option<usize>,
    /// Rows of every port that are kept of each batch, so that it can be looked at afterwards; 0: none.
    pub glimpsed_rows: usize,
}

/// What a person asks of the engine.
#[derive(Debug, Clone)]
pub enum Command {
    /// Starts a run of this pipeline, or resumes a paused one.
    Run(Arc<Pipeline>),
    /// Stops ticking; receivers fill up to their bound.
    Pause,
    /// Makes exactly one batch, then pauses. Starts a run if there is none.
    Step(Arc<Pipeline>),
    /// Takes what has arrived, publishes it, then discards all state. A second stop is at once.
    Stop,
    /// Replaces the pipeline at the next batch boundary, keeping state by node id. Several before one boundary: the
    /// last wins.
    Apply(Arc<Pipeline>),
    /// These nodes begin anew at the next batch boundary; what they remember is set aside.
    Reset(Vec<NodeId>),
    /// These nodes, which failed, try again with the next batch, with the state they have.
    Retry(Vec<NodeId>),
    /// Which output ports to preview; replaces the former choice.
    Select(Vec<PortRef>),
    /// Which probes are in force; replaces the former ones.
    Probe(Vec<Probe>),
    /// Which clock the next run goes by.
    Clock(ClockKind),
    /// How fast the virtual clock runs: so many times as fast as real time; `None`: as fast as it can.
    Speed(Option<f64>),
    /// Records what a source gives; `None` ends the recording. A run that ends, ends it too.
    Record(Option<Recording>),
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunState {
    /// There is no run.
    #[default]
    Stopped,
    /// Batches tick.
    Running,
    /// The run is held.
    Paused,
    /// The last batches are being finished.
    Stopping,
}

/// What the engine tells. Events are dropped, oldest first, only when nobody fetches them for thousands of batches.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run's state changed.
    State(RunState),
    /// A batch is done.
    Batch(Arc<BatchReport>),
    /// What a sink shows of a batch.
    Presented(Arc<Presented>),
    /// Sampled rows of a selected port.
    Preview(Arc<Preview>),
    /// A few rows of every port of a batch.
    Glimpsed(Arc<Glimpses>),
    /// What a window node saw of a batch.
    Traced(Arc<WindowTrace>),
    /// A probe met rows, so that the run pauses; or it cannot be used.
    Probed(Arc<Probed>),
    /// A batch is held because a node waits for something outside; the sentence says for what.
    Held {
        /// Which node.
        node: NodeId,
        /// For what.
        message: String,
    },
    /// A recording has ended.
    Recorded(Arc<Recorded>),
    /// A new plan took over at this batch.
    Applied(Arc<AppliedChange>),
    /// The pipeline cannot run as it is; an older plan, if any, keeps running.
    Refused(Arc<Vec<Diagnostic>>),
    /// A node failed. What is downstream of it stands still until it is edited; everything else goes on.
    Failed {
        /// Which node.
        node: NodeId,
        /// Its name.
        name: String,
        /// The batch.
        batch: u64,
        /// Whose fault it is.
        fault: Fault,
        /// What happened and what to do.
        message: String,
    },
    /// Something worth a line in the log: a source connected or lost its peer.
    Log {
        /// Which node, if one.
        node: Option<NodeId>,
        /// When.
        time: Timestamp,
        /// The sentence.
        message: String,
    },
}

/// What a sink shows of a batch.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The sink.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// The batch.
    pub batch: u64,
    /// Its tick.
    pub time: Timestamp,
    /// The columns, also where there are no rows.
    pub schema: SchemaRef,
    /// The rows, perhaps cut to what the options allow.
    pub rows: Vec<RecordBatch>,
    /// How many there were.
    pub total_rows: u64,
}

/// Sampled rows of a port.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The port.
    pub port: PortRef,
    /// The batch.
    pub batch: u64,
    /// The first rows.
    pub rows: Vec<RecordBatch>,
    /// How many there were.
    pub total_rows: u64,
}

/// A few rows of every port of a batch.
#[derive(Debug, Clone)]
pub struct Glimpses {
    /// The batch.
    pub batch: u64,
    /// The ports that fired.
    pub ports: Vec<Preview>,
}

/// A plan that took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedChange {
    /// The new plan's version.
    pub plan_version: u64,
    /// The first batch it computes.
    pub batch: u64,
    /// What it changed, as a phrase for a plot's label: `interval 1s -> 200ms`.
    pub label: String,
    /// What became of the state of the nodes that changed.
    pub fates: Vec<NodeFate>,
}

/// What became of one node's state, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFate {
    /// The node.
    pub node: NodeId,
    /// What became of it.
    pub fate: StateFate,
    /// Whether from here on rows come that mean something else than those its state holds: something upstream was
    /// edited. A person may want it to begin anew ([`Command::Reset`]).
    pub is_mixed: bool,
    /// Whether the state that was there is set aside, so that undoing the edit brings it back.
    pub is_parked: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            clock: ClockKind::Wall,
            threads: None,
            stop: StopRule::default(),
            folder: PathBuf::from("."),
            presented_rows: Some(1_000),
            glimpsed_rows: 0,
        }
    }
}
