//! Settings of a pipeline as a whole. All can change while it runs.

use std::mem::replace;

use super::{Backpressure, IntervalSettings, RateSettings};
use crate::spec::{Params, Span, Timestamp};

/// What becomes of a batch whose turn comes after the next tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenLate {
    /// It waits: scheduling delay grows, no batch is lost (DStreams).
    Queue,
    /// It joins the next one (Structured Streaming).
    Merge,
}

/// What starts a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Every batch interval.
    Interval,
    /// The end of the batch before.
    AsSoonAsPossible,
}

/// How far event time has come where several streams meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatermarkPolicy {
    /// As far as in the stream that is furthest behind: no stream loses rows because another is ahead.
    Min,
    /// As far as in the stream that is furthest ahead: a stream that stands still holds nobody back.
    Max,
}

/// The settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Time between two ticks, 10 ms to 1 h.
    pub interval: Span,
    /// What becomes of late batches.
    pub when_late: WhenLate,
    /// What starts a batch.
    pub trigger: Trigger,
    /// How far event time has come where several streams meet.
    pub watermark_policy: WatermarkPolicy,
    /// Where every seeded choice starts from.
    pub seed: u64,
    /// Where the virtual clock starts.
    pub start_time: Timestamp,
    /// Batches that may wait before sources are held back.
    pub max_queued_batches: u32,
    /// Rows a live source may hold before it is held back.
    pub max_buffered_rows: u64,
    /// Bytes that may be held before sources are held back.
    pub max_buffered_bytes: u64,
    /// Bytes that one node may remember, and that all state set aside for undo may weigh together.
    pub max_state_bytes: u64,
    /// Whether and how sources are held to what the pipeline can do.
    pub rates: RateSettings,
    /// Whether and how the batch interval finds itself.
    pub auto_interval: IntervalSettings,
    /// Fields of the file this version does not know; kept.
    pub extra: Params,
}

/// One setting with its new value.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// The batch interval.
    Interval(Span),
    /// What becomes of late batches.
    WhenLate(WhenLate),
    /// What starts a batch.
    Trigger(Trigger),
    /// How far event time has come where several streams meet.
    WatermarkPolicy(WatermarkPolicy),
    /// The seed.
    Seed(u64),
    /// The virtual clock's start.
    StartTime(Timestamp),
    /// Batches that may wait.
    MaxQueuedBatches(u32),
    /// Rows a live source may hold.
    MaxBufferedRows(u64),
    /// Bytes that may be held.
    MaxBufferedBytes(u64),
    /// Bytes that one node may remember.
    MaxStateBytes(u64),
    /// Whether and how sources are held to what the pipeline can do.
    Backpressure(Backpressure),
    /// The lowest rate limit.
    MinRate(u64),
    /// The highest rate limit.
    MaxRate(Option<u64>),
    /// The rate limit before anything is known.
    InitialRate(Option<u64>),
    /// The weight of the error.
    ProportionalGain(f64),
    /// The weight of the backlog.
    IntegralGain(f64),
    /// The weight of the error's change.
    DerivativeGain(f64),
    /// Whether the batch interval finds itself.
    AutoInterval(bool),
    /// The shortest interval it may find.
    AutoIntervalMin(Span),
    /// The longest interval it may find.
    AutoIntervalMax(Span),
    /// The load it aims at.
    AutoIntervalTarget(f64),
}

impl Settings {
    /// Shortest batch interval.
    pub const MIN_INTERVAL: Span = Span::from_millis(10);
    /// Longest batch interval.
    pub const MAX_INTERVAL: Span = Span::from_secs(3_600);
    /// Least memory of a node: 64 KiB.
    pub const MIN_STATE_BYTES: u64 = 64 << 10;
    /// Earliest start of the virtual clock: 0001-01-01T00:00:00Z.
    pub const MIN_START: Timestamp = Timestamp(-62_135_596_800_000_000);
    /// Latest start of the virtual clock: 9999-12-31T00:00:00Z.
    pub const MAX_START: Timestamp = Timestamp(253_402_214_400_000_000);

    /// Changes one setting and returns the same setting with its former value.
    pub fn set(&mut self, setting: &Setting) -> Setting {
        let (rates, auto) = (&mut self.rates, &mut self.auto_interval);
        let interval = |span: Span| span.clamp(Self::MIN_INTERVAL, Self::MAX_INTERVAL);
        let gain = |gain, usual| number_within(gain, RateSettings::GAINS, usual);
        let usual = RateSettings::default();
        match *setting {
            Setting::Interval(span) => Setting::Interval(replace(&mut self.interval, interval(span))),
            Setting::WhenLate(choice) => Setting::WhenLate(replace(&mut self.when_late, choice)),
            Setting::Trigger(choice) => Setting::Trigger(replace(&mut self.trigger, choice)),
            Setting::WatermarkPolicy(choice) => Setting::WatermarkPolicy(replace(&mut self.watermark_policy, choice)),
            Setting::Seed(seed) => Setting::Seed(replace(&mut self.seed, seed)),
            Setting::StartTime(time) => {
                Setting::StartTime(replace(&mut self.start_time, time.clamp(Self::MIN_START, Self::MAX_START)))
            }
            Setting::MaxQueuedBatches(count) => {
                Setting::MaxQueuedBatches(replace(&mut self.max_queued_batches, count.max(1)))
            }
            Setting::MaxBufferedRows(rows) => {
                Setting::MaxBufferedRows(replace(&mut self.max_buffered_rows, rows.max(1)))
            }
            Setting::MaxBufferedBytes(bytes) => {
                Setting::MaxBufferedBytes(replace(&mut self.max_buffered_bytes, bytes.max(1)))
            }
            Setting::MaxStateBytes(bytes) => {
                Setting::MaxStateBytes(replace(&mut self.max_state_bytes, bytes.max(Self::MIN_STATE_BYTES)))
            }
            Setting::Backpressure(choice) => Setting::Backpressure(replace(&mut rates.backpressure, choice)),
            Setting::MinRate(rate) => Setting::MinRate(replace(&mut rates.min_rate, rate.max(1))),
            Setting::MaxRate(rate) => Setting::MaxRate(replace(&mut rates.max_rate, rate.map(|rate| rate.max(1)))),
            Setting::InitialRate(rate) => {
                Setting::InitialRate(replace(&mut rates.initial_rate, rate.map(|rate| rate.max(1))))
            }
            Setting::ProportionalGain(value) => {
                Setting::ProportionalGain(replace(&mut rates.proportional, gain(value, usual.proportional)))
            }
            Setting::IntegralGain(value) => {
                Setting::IntegralGain(replace(&mut rates.integral, gain(value, usual.integral)))
            }
            Setting::DerivativeGain(value) => {
                Setting::DerivativeGain(replace(&mut rates.derivative, gain(value, usual.derivative)))
            }
            Setting::AutoInterval(is_on) => Setting::AutoInterval(replace(&mut auto.is_on, is_on)),
            Setting::AutoIntervalMin(span) => Setting::AutoIntervalMin(replace(&mut auto.min, interval(span))),
            Setting::AutoIntervalMax(span) => Setting::AutoIntervalMax(replace(&mut auto.max, interval(span))),
            Setting::AutoIntervalTarget(load) => {
                let load = number_within(load, IntervalSettings::TARGETS, IntervalSettings::default().target);
                Setting::AutoIntervalTarget(replace(&mut auto.target, load))
            }
        }
    }

    /// The longest batch interval that can come about without another edit.
    pub fn longest_interval(&self) -> Span {
        if self.auto_interval.is_on { self.interval.max(self.auto_interval.range().1) } else { self.interval }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: Span::from_secs(1),
            when_late: WhenLate::Queue,
            trigger: Trigger::Interval,
            watermark_policy: WatermarkPolicy::Min,
            seed: 1,
            start_time: Timestamp::VIRTUAL_START,
            max_queued_batches: 64,
            max_buffered_rows: 1_000_000,
            max_buffered_bytes: 256 << 20,
            max_state_bytes: 1 << 30,
            rates: RateSettings::default(),
            auto_interval: IntervalSettings::default(),
            extra: Params::new(),
        }
    }
}

/// The number as it may be kept: within the bounds, with one zero only; what is no number becomes the usual.
fn number_within(number: f64, (min, max): (f64, f64), usual: f64) -> f64 {
    if number.is_nan() { usual } else { number.clamp(min, max) + 0.0 }
}
