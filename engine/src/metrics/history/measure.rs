//! What a plot shows of a batch, and how it is read from the batch's report.

use crate::metrics::BatchReport;

/// What a plot shows of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Rows per second that arrived.
    InputRate,
    /// Rows per second of processing time.
    Throughput,
    /// Milliseconds.
    ProcessingTime,
    /// Milliseconds.
    SchedulingDelay,
    /// Milliseconds.
    TotalDelay,
    /// Milliseconds. A batch without rows has no latency.
    LatencyP50,
    /// Milliseconds. A batch without rows has no latency.
    LatencyP95,
    /// Milliseconds. A batch without rows has no latency.
    LatencyP99,
    /// Milliseconds.
    Interval,
    /// Batches waiting.
    Queue,
    /// Bytes of all nodes' state.
    StateBytes,
}

/// How many measures there are.
pub(super) const COUNT: usize = Measure::ALL.len();

/// All measures of one batch; a measure the batch does not have is not a number.
pub(super) type Sample = [f64; COUNT];

impl Measure {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 11] = [
        Self::InputRate,
        Self::Throughput,
        Self::ProcessingTime,
        Self::SchedulingDelay,
        Self::TotalDelay,
        Self::LatencyP50,
        Self::LatencyP95,
        Self::LatencyP99,
        Self::Interval,
        Self::Queue,
        Self::StateBytes,
    ];

    /// What this measure is in a batch; `None` where the batch has no such thing.
    pub fn of(self, report: &BatchReport) -> Option<f64> {
        let latency = |span: crate::spec::Span| (report.latency.count > 0).then(|| span.as_millis_f64());
        match self {
            Self::InputRate => Some(report.input_rate()),
            Self::Throughput => Some(report.throughput()),
            Self::ProcessingTime => Some(report.processing_time.as_millis_f64()),
            Self::SchedulingDelay => Some(report.scheduling_delay.as_millis_f64()),
            Self::TotalDelay => Some(report.total_delay.as_millis_f64()),
            Self::LatencyP50 => latency(report.latency.p50),
            Self::LatencyP95 => latency(report.latency.p95),
            Self::LatencyP99 => latency(report.latency.p99),
            Self::Interval => Some(report.interval.as_millis_f64()),
            Self::Queue => Some(f64::from(report.queued_batches)),
            Self::StateBytes => Some(report.nodes.iter().map(|node| node.state_bytes as f64).sum()),
        }
    }

    /// Its place in a sample.
    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// All measures of a batch.
    pub(super) fn sample(report: &BatchReport) -> Sample {
        Self::ALL.map(|measure| measure.of(report).unwrap_or(f64::NAN))
    }
}
