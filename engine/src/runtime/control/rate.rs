//! Rate estimation: how many rows per second a source may give, from how long batches took.
//!
//! Every source has an estimator of its own. Each is told its own rows and the whole batch's processing time, as in
//! Spark: their processing rates then add up to the rate of all, shared by rows.

use crate::metrics::{RateBound, RateTerms};
use crate::pipeline::RateSettings;
use crate::spec::{Span, Timestamp};

/// What one batch taught about one source.
#[derive(Debug, Clone, Copy)]
pub struct RateSample {
    /// When the batch was done.
    pub ended_at: Timestamp,
    /// The source's rows in it.
    pub rows: u64,
    /// How long the whole batch took.
    pub processing_time: Span,
    /// How long it had waited.
    pub scheduling_delay: Span,
    /// How long the next batch to be cut will wait, by what waits now.
    pub expected_delay: Span,
    /// The batch interval.
    pub interval: Span,
    /// The limit it was cut under; `None` if there was none.
    pub cut_limit: Option<f64>,
    /// The limit in force now.
    pub limit: f64,
    /// The share of the interval that batches are to take: below 1 only beside an automatic interval.
    pub target: f64,
}

/// The next limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateStep {
    /// Rows per second.
    pub limit: f64,
    /// What held it.
    pub bound: RateBound,
    /// What it was computed from.
    pub terms: RateTerms,
}

/// Spark's estimator (`PIDRateEstimator`), as it is:
///
/// ```text
/// rate(n+1) = max(min rate, rate(n) - Kp error - Ki historical - Kd d(error)/dt)
/// error = rate(n) - processing rate          historical = scheduling delay x processing rate / interval
/// ```
///
/// Batches without rows teach nothing. The first batch gives `rate(0)`, its processing rate, and no limit yet.
#[derive(Debug, Clone, Default)]
pub struct SparkEstimator {
    last: Option<Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    at: Timestamp,
    rate: f64,
    error: f64,
}

impl RateSample {
    /// Rows per second of processing time; `None` where nothing can be learned.
    pub fn processing_rate(&self) -> Option<f64> {
        (self.rows > 0 && self.processing_time.0 > 0 && self.interval.0 > 0)
            .then(|| self.rows as f64 / self.processing_time.as_secs_f64())
    }

    /// A delay in batch intervals.
    pub fn intervals(&self, delay: Span) -> f64 {
        delay.0 as f64 / self.interval.0 as f64
    }
}

impl SparkEstimator {
    /// The next limit; `None` where the batch gives none.
    pub fn estimate(&mut self, sample: &RateSample, settings: &RateSettings) -> Option<RateStep> {
        let processing_rate = sample.processing_rate()?;
        let Some(last) = self.last else {
            self.last = Some(Last { at: sample.ended_at, rate: processing_rate, error: 0.0 });
            return None;
        };
        let elapsed = sample.ended_at.since(last.at);
        if elapsed.0 <= 0 {
            return None;
        }
        let error = last.rate - processing_rate;
        let historical = sample.intervals(sample.scheduling_delay) * processing_rate;
        let growth = (error - last.error) / elapsed.as_secs_f64();
        let mut terms = RateTerms {
            processing_rate,
            base: last.rate,
            error,
            backlog: sample.scheduling_delay,
            proportional: settings.proportional * error,
            integral: settings.integral * historical,
            derivative: settings.derivative * growth,
            wanted: 0.0,
        };
        terms.wanted = terms.base - terms.proportional - terms.integral - terms.derivative;
        // What is remembered has the lower bound applied but not the upper one, which is no part of the estimator.
        let rate = terms.wanted.max(settings.min_rate as f64);
        self.last = Some(Last { at: sample.ended_at, rate, error });
        let (limit, bound) = bounded(terms.wanted, settings);
        Some(RateStep { limit, bound, terms })
    }
}

/// The limit within the person's bounds. Where they contradict each other, the higher one is the promise kept.
pub fn bounded(wanted: f64, settings: &RateSettings) -> (f64, RateBound) {
    let (min, max) = (settings.min_rate as f64, settings.max_rate.map_or(f64::INFINITY, |max| max as f64));
    if wanted >= max || min >= max {
        (max, RateBound::Maximum)
    } else if wanted < min {
        (min, RateBound::Minimum)
    } else {
        (wanted, RateBound::Free)
    }
}
