//! Cuts batches: at a tick, every source says what it takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::plan::{Cut, NodeError, Range, Source};
use crate::spec::{NodeId, Span, Timestamp};

/// The sources of the running plan, shared by the thread that cuts and the one that computes.
pub type Sources = Arc<BTreeMap<NodeId, Arc<dyn Source>>>;

/// A batch that was cut and waits to be computed.
pub struct CutBatch {
    /// Its number.
    pub batch: u64,
    /// Its tick.
    pub tick: Timestamp,
    /// The oldest tick it covers.
    pub oldest_tick: Timestamp,
    /// The tick before: it covers `[from, tick)`.
    pub from: Timestamp,
    /// The interval in force.
    pub interval: Span,
    /// When it was cut.
    pub cut_at: Timestamp,
    /// What each source gives.
    pub ranges: BTreeMap<NodeId, SourceCut>,
    /// Whether it is the last one of the run.
    pub is_last: bool,
}

/// One source's share of a batch.
pub struct SourceCut {
    /// The source as it was when the batch was cut.
    pub source: Arc<dyn Source>,
    /// What it gives, or why it cannot.
    pub range: Result<Range, NodeError>,
}

/// Where the ticks stand.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The next batch's number.
    pub next_batch: u64,
    /// The last tick that was cut; what arrives from here on belongs to the next batch.
    pub last_tick: Timestamp,
    /// The interval in force.
    pub interval: Span,
    /// Rows a batch may take from one source.
    pub max_rows: u64,
}

impl Schedule {
    /// A run that starts now: its first tick is the next multiple of the interval.
    pub fn starting(now: Timestamp, interval: Span, max_rows: u64) -> Self {
        Self { next_batch: 0, last_tick: now.floor_to(interval), interval, max_rows }
    }

    /// The first multiple of the interval after the last tick.
    pub fn next_tick(&self) -> Timestamp {
        self.last_tick.floor_to(self.interval).plus(self.interval)
    }

    /// Cuts the batch that ends at `tick`.
    pub fn cut(&mut self, sources: &Sources, tick: Timestamp, oldest_tick: Timestamp, cut_at: Timestamp) -> CutBatch {
        let cut = Cut { batch: self.next_batch, from: self.last_tick, until: tick, max_rows: self.max_rows };
        let ranges = sources
            .iter()
            .map(|(id, source)| (*id, SourceCut { source: Arc::clone(source), range: source.plan_range(&cut) }))
            .collect();
        self.next_batch += 1;
        self.last_tick = tick;
        CutBatch {
            batch: cut.batch,
            tick,
            oldest_tick,
            from: cut.from,
            interval: self.interval,
            cut_at,
            ranges,
            is_last: false,
        }
    }
}
