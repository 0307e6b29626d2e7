//! Latency of records, weighted by records: one histogram per batch, read as percentiles.

use hdrhistogram::Histogram;

use crate::spec::Span;

/// Percentiles of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LatencySummary {
    /// Records counted.
    pub count: u64,
    /// Half of the records were faster.
    pub p50: Span,
    /// 95 % were faster.
    pub p95: Span,
    /// 99 % were faster.
    pub p99: Span,
    /// The slowest.
    pub max: Span,
}

/// Counts records by latency, from 1 us to an hour, within 1 %.
#[derive(Debug, Clone)]
pub struct LatencyHistogram {
    counts: Histogram<u64>,
}

const LONGEST_MICROS: u64 = 3_600_000_000;

impl Default for LatencyHistogram {
    fn default() -> Self {
        Self::new()
    }
}

impl LatencyHistogram {
    /// Without records.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "the bounds are constants the histogram takes")]
    pub fn new() -> Self {
        Self { counts: Histogram::new_with_bounds(1, LONGEST_MICROS, 2).expect("constant bounds are valid") }
    }

    /// Counts `records` records of this latency; longer than an hour counts as an hour.
    pub fn record(&mut self, latency: Span, records: u64) {
        self.counts.saturating_record_n(u64::try_from(latency.0).unwrap_or(0).max(1), records);
    }

    /// The percentiles so far.
    pub fn summary(&self) -> LatencySummary {
        if self.counts.is_empty() {
            return LatencySummary::default();
        }
        let at = |quantile| span(self.counts.value_at_quantile(quantile));
        LatencySummary {
            count: self.counts.len(),
            p50: at(0.50),
            p95: at(0.95),
            p99: at(0.99),
            max: span(self.counts.max()),
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.reset();
    }
}

fn span(micros: u64) -> Span {
    Span(i64::try_from(micros).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_weigh_every_record() {
        let mut histogram = LatencyHistogram::new();
        histogram.record(Span(1_000), 99);
        histogram.record(Span(1_000_000), 1);
        let summary = histogram.summary();
        assert_eq!(summary.count, 100);
        assert!((summary.p50.0 - 1_000).abs() <= 10, "{summary:?}");
        assert!((summary.max.0 - 1_000_000).abs() <= 10_000, "{summary:?}");
    }

    #[test]
    fn nothing_recorded_is_all_zero() {
        assert_eq!(LatencyHistogram::new().summary(), LatencySummary::default());
    }
}
