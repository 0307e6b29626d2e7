//! Where rows come from: range by range, so that recovery can later ask for the same rows again.

use std::any::Any;
use std::sync::Arc;

use super::{Chunk, Clock, NodeError};
use crate::spec::Timestamp;

/// What a cut asks of every source.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// The batch being cut.
    pub batch: u64,
    /// The tick before.
    pub from: Timestamp,
    /// The tick: what arrived before it belongs to the batch.
    pub until: Timestamp,
    /// At most so many rows: what is due beyond that is held back, and never lost once it exists.
    pub max_rows: u64,
}

/// What one batch takes from one source: positions `[from, to)` in the source's own counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First position.
    pub from: u64,
    /// One past the last.
    pub to: u64,
    /// The span of time the range belongs to.
    pub since: Timestamp,
    /// Its end.
    pub until: Timestamp,
}

/// Whether a range can be read twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Always, with the same rows.
    Exactly,
    /// Never: what was read is gone.
    No,
}

/// How a source is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceStatus {
    /// Rows received and not yet cut.
    pub buffered_rows: u64,
    /// Their bytes.
    pub buffered_bytes: u64,
    /// Rows or pieces lost so far, because the peer could not be held back or lines were too long.
    pub dropped: u64,
    /// Lines cut off or repaired so far, by what was wrong: `invalid UTF-8`, `line too long`.
    pub repaired: u64,
    /// What it is waiting for, as a sentence: `no connection to localhost:9999 (refused); trying again in 2 s`.
    pub waiting: Option<String>,
    /// What it is connected to, where that is worth saying.
    pub connected: Option<String>,
}

/// What a source gets to do its input with, and a sink its output.
#[derive(Clone)]
pub struct IoContext {
    /// For sockets and timers.
    pub io: tokio::runtime::Handle,
    /// For stamping arrivals.
    pub clock: Arc<dyn Clock>,
    /// Rows it may hold before it stops reading.
    pub max_buffered_rows: u64,
    /// Bytes it may hold before it stops reading.
    pub max_buffered_bytes: u64,
    /// The pipeline's seed.
    pub seed: u64,
    /// The node's id as a number: mixes into the seed.
    pub node: u64,
}

/// Brings rows in. Shared between the thread that cuts batches and the one that computes them; both may call at once.
pub trait Source: Send + Sync + Any {
    /// Begins receiving. Not being able to connect yet is no error: it shows in [`Self::status`].
    fn start(&self, io: &IoContext) -> Result<(), NodeError>;

    /// Other bounds of what it may hold, while it runs; what it holds already stays. For sources that hold rows which
    /// come at their own time.
    fn set_bounds(&self, _max_rows: u64, _max_bytes: u64) {}

    /// Decides what the next batch takes. Quick: it is called at the tick.
    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError>;

    /// Reads exactly that range, stamped with arrival times in `[range.since, range.until)`.
    fn read(&self, range: &Range) -> Result<Vec<Chunk>, NodeError>;

    /// The range's results are out: it will not be asked for again.
    fn commit(&self, range: &Range);

    /// Ends receiving and releases what it holds.
    fn stop(&self);

    /// Whether a range can be read twice.
    fn replay(&self) -> Replay;

    /// Whether rows come at their own time from outside: the virtual clock cannot drive such a source.
    fn is_live(&self) -> bool;

    /// Whether it ends by itself.
    fn is_bounded(&self) -> bool;

    /// Whether it has ended and everything was planned.
    fn is_done(&self) -> bool;

    /// How it is doing.
    fn status(&self) -> SourceStatus;

    /// What else it counted so far, by the counter's name: `ignored`, the values of fields that are not declared.
    fn counters(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// Goes on where the source that stood for the same node left off, before its parameters changed: position,
    /// buffered rows, and the connection where it is still the right one. Called before `start`.
    fn take_over(&self, old: &dyn Source);

    /// For `take_over`.
    fn as_any(&self) -> &dyn Any;
}
