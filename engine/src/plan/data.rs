//! What travels on a link: per batch, either nothing fired or a list of chunks.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use crate::spec::Timestamp;

/// Rows that arrived together. The arrival time travels beside the user's columns, never among them.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// The rows. Text columns are `Utf8View`, timestamps are microseconds in UTC, everywhere on links.
    pub rows: RecordBatch,
    /// When they arrived: what processing-time windows and latency go by.
    pub arrived: Timestamp,
}

/// One link's content in one batch. 'Did not fire' and 'fired with no rows' differ: a window between two slides does
/// not fire.
#[derive(Debug, Clone, Default)]
pub enum Flow {
    /// Nothing fired.
    #[default]
    Idle,
    /// Fired with these chunks, perhaps none.
    Fired(Vec<Chunk>),
}

/// What a node may know of the batch it works on.
#[derive(Clone)]
pub struct BatchContext {
    /// The batch's number, from 0.
    pub batch: u64,
    /// The tick that cut it.
    pub time: Timestamp,
    /// The tick before: the batch covers `[from, time)`.
    pub from: Timestamp,
    /// The run's first tick minus the interval then: what processing-time slides count from.
    pub run_start: Timestamp,
    /// The pipeline's seed.
    pub seed: u64,
    /// The compute pool.
    pub pool: Arc<rayon::ThreadPool>,
    /// Per input port and wire, how far event time has come there; `None` where no watermark is upstream.
    pub watermarks: Vec<Vec<Option<Watermark>>>,
}

/// How far event time has come on a stream. It never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermark {
    /// What the rows of this batch are judged late by: the watermark of the batch before.
    pub late: Timestamp,
    /// What windows close and state is evicted by in this batch.
    pub close: Timestamp,
    /// Whether the stream has been silent for longer than its idle time-out, so that it holds nobody back.
    pub is_idle: bool,
}

impl BatchContext {
    /// The watermark of all inputs together: the lowest of those that are not idle.
    pub fn watermark(&self) -> Option<Watermark> {
        Watermark::lowest(self.watermarks.iter().flatten().copied().flatten())
    }
}

impl Watermark {
    /// Behind every time of the calendar and every window that may hold one: all that waits for event time is over.
    pub const END: Timestamp = Timestamp(253_402_300_800_000_000 + 100 * 31_557_600_000_000);
    /// Before any row was seen.
    pub const START: Self = Self { late: Timestamp(i64::MIN), close: Timestamp(i64::MIN), is_idle: false };

    /// The same, but not behind where the same stream stood in the batch before: when an input that was idle wakes up,
    /// the lowest of several may lie behind.
    #[must_use]
    pub fn never_behind(self, before: Self) -> Self {
        let late = self.late.max(before.close);
        Self { late, close: self.close.max(late), is_idle: self.is_idle }
    }

    /// The highest of several, for the policy `max`.
    pub fn highest(several: impl IntoIterator<Item = Self>) -> Option<Self> {
        several.into_iter().reduce(|a, b| Self {
            late: a.late.max(b.late),
            close: a.close.max(b.close),
            is_idle: a.is_idle && b.is_idle,
        })
    }

    /// The lowest of several. Idle ones count only if all are.
    pub fn lowest(several: impl IntoIterator<Item = Self>) -> Option<Self> {
        several.into_iter().reduce(|a, b| match (a.is_idle, b.is_idle) {
            (true, false) => b,
            (false, true) => a,
            (_, is_idle) => Self { late: a.late.min(b.late), close: a.close.min(b.close), is_idle },
        })
    }
}

impl Chunk {
    /// Rows that arrived at this time.
    pub fn new(rows: RecordBatch, arrived: Timestamp) -> Self {
        Self { rows, arrived }
    }
}

impl Flow {
    /// The chunks; none where nothing fired.
    pub fn chunks(&self) -> &[Chunk] {
        match self {
            Self::Idle => &[],
            Self::Fired(chunks) => chunks,
        }
    }

    /// Whether it fired.
    pub fn fired(&self) -> bool {
        matches!(self, Self::Fired(_))
    }

    /// Rows of all chunks.
    pub fn row_count(&self) -> u64 {
        rows_of(self.chunks())
    }
}

/// Rows of all chunks.
pub fn rows_of(chunks: &[Chunk]) -> u64 {
    chunks.iter().map(|chunk| chunk.rows.num_rows() as u64).sum()
}
