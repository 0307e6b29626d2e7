//! Settings of a pipeline as a whole. All can change while it runs.

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
}

impl Settings {
    /// Shortest batch interval.
    pub const MIN_INTERVAL: Span = Span::from_millis(10);
    /// Longest batch interval.
    pub const MAX_INTERVAL: Span = Span::from_secs(3_600);
    /// Earliest start of the virtual clock: 0001-01-01T00:00:00Z.
    pub const MIN_START: Timestamp = Timestamp(-62_135_596_800_000_000);
    /// Latest start of the virtual clock: 9999-12-31T00:00:00Z.
    pub const MAX_START: Timestamp = Timestamp(253_402_214_400_000_000);

    /// Changes one setting and returns the same setting with its former value.
    pub fn set(&mut self, setting: &Setting) -> Setting {
        match *setting {
            Setting::Interval(span) => Setting::Interval(std::mem::replace(
                &mut self.interval,
                span.clamp(Self::MIN_INTERVAL, Self::MAX_INTERVAL),
            )),
            Setting::WhenLate(choice) => Setting::WhenLate(std::mem::replace(&mut self.when_late, choice)),
            Setting::Trigger(choice) => Setting::Trigger(std::mem::replace(&mut self.trigger, choice)),
            Setting::WatermarkPolicy(choice) => {
                Setting::WatermarkPolicy(std::mem::replace(&mut self.watermark_policy, choice))
            }
            Setting::Seed(seed) => Setting::Seed(std::mem::replace(&mut self.seed, seed)),
            Setting::StartTime(time) => Setting::StartTime(std::mem::replace(
                &mut self.start_time,
                time.clamp(Self::MIN_START, Self::MAX_START),
            )),
            Setting::MaxQueuedBatches(count) => {
                Setting::MaxQueuedBatches(std::mem::replace(&mut self.max_queued_batches, count.max(1)))
            }
            Setting::MaxBufferedRows(rows) => {
                Setting::MaxBufferedRows(std::mem::replace(&mut self.max_buffered_rows, rows.max(1)))
            }
        }
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
            extra: Params::new(),
        }
    }
}
