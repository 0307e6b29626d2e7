//! Cuts batches: at a tick, every source says what it takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::control::Directions;
use crate::pipeline::Settings;
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
    /// The rate limit in force, in rows per second.
    pub limit: Option<f64>,
    /// Whether it takes all that any batch may: more was probably due.
    pub is_full: bool,
}

impl CutBatch {
    /// Rows it takes from each source.
    pub fn rows(&self) -> BTreeMap<NodeId, u64> {
        let rows = |cut: &SourceCut| cut.range.as_ref().map_or(0, |range| range.to.saturating_sub(range.from));
        self.ranges.iter().map(|(id, cut)| (*id, rows(cut))).collect()
    }
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
    /// Rows per second a batch may take from each source, over one interval; a source not named has no such limit.
    pub limits: BTreeMap<NodeId, f64>,
}

impl Schedule {
    /// A run that starts now: its first tick is the next multiple of the interval.
    pub fn starting(now: Timestamp, interval: Span, max_rows: u64) -> Self {
        Self { next_batch: 0, last_tick: now.floor_to(interval), interval, max_rows, limits: BTreeMap::new() }
    }

    /// What the person's settings say from now on; the controllers' directions come on top.
    pub fn set(&mut self, settings: &Settings, directions: &Directions) {
        self.max_rows = settings.max_buffered_rows;
        self.direct(directions);
    }

    /// What the controllers say from now on.
    pub fn direct(&mut self, directions: &Directions) {
        self.interval = directions.interval;
        self.limits.clone_from(&directions.limits);
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
            .map(|(id, source)| {
                let limit = self.limits.get(id).copied();
                let max_rows = limit.map_or(self.max_rows, |limit| self.max_rows.min(self.rows_at(limit)));
                let range = source.plan_range(&Cut { max_rows, ..cut });
                let is_full = range.as_ref().is_ok_and(|range| range.to.saturating_sub(range.from) >= self.max_rows);
                (*id, SourceCut { source: Arc::clone(source), range, limit, is_full })
            })
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

    /// Rows that a rate gives over one interval, at least one. Also a batch that covers several intervals, because it
    /// was late, takes no more: it is to be done within one.
    fn rows_at(&self, rate: f64) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; huge saturates")]
        let rows = (rate * self.interval.as_secs_f64()).round().max(1.0) as u64;
        rows
    }
}
