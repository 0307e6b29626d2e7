//! A simulated pipeline: one source that could give any number of rows, ticks, a queue, and one worker whose batches
//! cost what a formula says.

use std::collections::VecDeque;
use std::time::Duration;

use crate::metrics::ControlReport;
use crate::pipeline::{Backpressure, Settings};
use crate::runtime::control::{BatchDone, Governor, SourceRows};
use crate::spec::{NodeId, Span, Timestamp};

pub(super) const SOURCE: NodeId = NodeId(1);

/// What a loop runs with.
pub(super) struct Plant<'a> {
    pub(super) settings: Settings,
    /// Rows per second the source would give.
    pub(super) supply: f64,
    /// Seconds that a batch of so many rows takes; also told its number.
    pub(super) cost: &'a dyn Fn(f64, usize) -> f64,
}

/// One batch of a loop.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) rows: f64,
    /// The limit after it.
    pub(super) limit: f64,
    /// The interval after it.
    pub(super) interval: Span,
    pub(super) processing: Span,
    /// End of processing minus its tick, in intervals.
    pub(super) total_delay: f64,
    pub(super) report: Option<ControlReport>,
}

struct Waiting {
    tick: i64,
    from: i64,
    interval: Span,
    rows: u64,
    limit: Option<f64>,
}

/// Settings with this mode, initial rate and interval.
pub(super) fn settings(backpressure: Backpressure, initial_rate: f64, interval: Span) -> Settings {
    let mut settings = Settings { interval, ..Settings::default() };
    settings.rates.backpressure = backpressure;
    settings.rates.initial_rate = Some(whole(initial_rate));
    settings
}

impl Plant<'_> {
    /// So many batches, one after the other, each cut at its tick.
    pub(super) fn run(&self, batches: usize) -> Vec<Turn> {
        let mut governor = Governor::new(&self.settings, [SOURCE]);
        let (mut turns, mut queue) = (Vec::<Turn>::new(), VecDeque::<Waiting>::new());
        let (mut last_tick, mut free_at) = (0, 0);
        while turns.len() < batches {
            let directions = governor.directions();
            let next_tick = Timestamp(last_tick).floor_to(directions.interval).0 + directions.interval.0;
            let done_at = queue.front().map(|batch| self.end_of(batch, free_at, turns.len()));
            let Some(ended) = done_at.filter(|ended| *ended <= next_tick) else {
                let limit = directions.limits.get(&SOURCE).copied();
                let span = Span(next_tick - last_tick).as_secs_f64();
                let allowed = limit.map_or(f64::INFINITY, |limit| limit * directions.interval.as_secs_f64());
                let rows = whole((self.supply * span).min(allowed).round().max(1.0));
                queue.push_back(Waiting {
                    tick: next_tick,
                    from: last_tick,
                    interval: directions.interval,
                    rows,
                    limit,
                });
                last_tick = next_tick;
                continue;
            };
            let Some(batch) = queue.pop_front() else { continue };
            let started = free_at.max(batch.tick);
            free_at = ended;
            let sources = [SourceRows { node: SOURCE, rows: batch.rows, limit: batch.limit, is_full: false }];
            let report = governor.batch_done(&BatchDone {
                ended_at: Timestamp(ended),
                interval: batch.interval,
                span: Span(batch.tick - batch.from),
                processing_time: Span(ended - started),
                scheduling_delay: Span(started - batch.tick),
                sources: &sources,
                waiting_rows: queue.iter().map(|batch| batch.rows).sum(),
                next_cut_in: Span(next_tick - ended),
            });
            let now = governor.directions();
            turns.push(Turn {
                rows: batch.rows as f64,
                limit: now.limits.get(&SOURCE).copied().unwrap_or(f64::INFINITY),
                interval: now.interval,
                processing: Span(ended - started),
                total_delay: (ended - batch.tick) as f64 / batch.interval.0 as f64,
                report,
            });
        }
        turns
    }

    fn end_of(&self, batch: &Waiting, free_at: i64, number: usize) -> i64 {
        let cost = (self.cost)(batch.rows as f64, number).max(0.0);
        free_at.max(batch.tick) + Span::from(Duration::from_secs_f64(cost)).0
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the loops run with positive numbers")]
fn whole(number: f64) -> u64 {
    number as u64
}

/// A repeatable number from -1 to 1.
pub(super) fn noise(seed: u64, number: usize) -> f64 {
    let mut mixed = (seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 31;
    mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}
