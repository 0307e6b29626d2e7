//! What a plot shows of a batch, and how it is read from the batch's report.

use crate::metrics::{BatchReport, SourceControl};

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
    /// Milliseconds that event time lies behind the batch's tick. Without a watermark there is none.
    WatermarkLag,
    /// Rows per second that sources may give, all together. Without backpressure there is no limit.
    RateLimit,
    /// Rows per second that the limit is lowered by because of the error.
    RateProportional,
    /// Rows per second that the limit is lowered by to work the backlog off.
    RateIntegral,
    /// Rows per second that the limit is lowered by because the error grows.
    RateDerivative,
}

/// How many measures there are.
pub(super) const COUNT: usize = Measure::ALL.len();

/// All measures of one batch; a measure the batch does not have is not a number.
pub(super) type Sample = [f64; COUNT];

impl Measure {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 16] = [
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
        Self::WatermarkLag,
        Self::RateLimit,
        Self::RateProportional,
        Self::RateIntegral,
        Self::RateDerivative,
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
            Self::WatermarkLag => report.watermark_lag().map(crate::spec::Span::as_millis_f64),
            Self::RateLimit => sum(report, |source| Some(source.limit)),
            Self::RateProportional => sum(report, |source| source.terms.map(|terms| terms.proportional)),
            Self::RateIntegral => sum(report, |source| source.terms.map(|terms| terms.integral)),
            Self::RateDerivative => sum(report, |source| source.terms.map(|terms| terms.derivative)),
        }
    }

    /// Its name as a column, with its unit.
    pub fn column(self) -> &'static str {
        match self {
            Self::InputRate => "input_rows_per_sec",
            Self::Throughput => "throughput_rows_per_sec",
            Self::ProcessingTime => "processing_time_ms",
            Self::SchedulingDelay => "scheduling_delay_ms",
            Self::TotalDelay => "total_delay_ms",
            Self::LatencyP50 => "latency_p50_ms",
            Self::LatencyP95 => "latency_p95_ms",
            Self::LatencyP99 => "latency_p99_ms",
            Self::Interval => "interval_ms",
            Self::Queue => "queued_batches",
            Self::StateBytes => "state_bytes",
            Self::WatermarkLag => "watermark_lag_ms",
            Self::RateLimit => "rate_limit_rows_per_sec",
            Self::RateProportional => "rate_proportional_rows_per_sec",
            Self::RateIntegral => "rate_integral_rows_per_sec",
            Self::RateDerivative => "rate_derivative_rows_per_sec",
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

/// Over the sources that have it; `None` if none has.
fn sum(report: &BatchReport, of: impl Fn(&SourceControl) -> Option<f64>) -> Option<f64> {
    report.control.as_ref()?.sources.iter().filter_map(of).reduce(|a, b| a + b)
}
