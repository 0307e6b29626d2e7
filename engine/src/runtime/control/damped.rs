//! The damped estimator: Spark's terms, without what makes them swing.
//!
//! - **The backlog counts once.** Spark takes off a part of the delay that the finished batch *had*, again with every
//!   batch that waited in the same queue, and remembers the lowered rate. Here only the delay that the next batch to
//!   be cut *will* have counts, which shrinks as soon as smaller batches are queued, and what is remembered is the
//!   rate without it.
//! - **Working off never starves.** At least a quarter of the rate stays, so that batches still tell how fast the
//!   pipeline is.
//! - **It grows at most twofold** with a batch, over the limit in force and over the one that the batch was cut under:
//!   a rate that was never tried is no evidence.
//! - **A small batch is no evidence against a high rate.** Where a source gave less than half of what is remembered
//!   and the batch was in time, fixed costs outweigh the rows: the rate remembered stays.

use super::rate::{RateSample, RateStep, bounded};
use crate::metrics::{RateBound, RateTerms};
use crate::pipeline::RateSettings;
use crate::spec::Timestamp;

/// How much a limit grows at most with one batch.
const GROWTH: f64 = 2.0;
/// The share of the rate that is left while a backlog is worked off.
const KEPT: f64 = 0.25;
/// The share of the rate remembered below which a batch in time teaches nothing.
const TELLING: f64 = 0.5;

/// ```text
/// rate(n+1) = rate(n) - Kp error - Kd d(error)/dt             error = rate(n) - target x processing rate
/// shed = min(3/4, Ki x expected delay / interval)
/// limit = min(2 x limit before, 2 x limit cut under, rate(n+1) - shed x rate(n+1))
/// ```
#[derive(Debug, Clone)]
pub struct DampedEstimator {
    /// What the pipeline can do, by what was learned so far.
    rate: f64,
    last: Option<(Timestamp, f64)>,
}

impl DampedEstimator {
    /// Begins at this rate.
    pub fn new(rate: f64) -> Self {
        Self { rate, last: None }
    }

    /// The next limit; `None` where the batch gives none.
    pub fn estimate(&mut self, sample: &RateSample, settings: &RateSettings) -> Option<RateStep> {
        let processing_rate = sample.processing_rate()?;
        let base = self.rate;
        let is_late = sample.processing_time >= sample.interval;
        let is_telling = is_late || sample.rows as f64 >= TELLING * base * sample.interval.as_secs_f64();
        let error = if is_telling { base - sample.target * processing_rate } else { 0.0 };
        let growth = match self.last {
            Some((at, before)) if sample.ended_at > at => (error - before) / sample.ended_at.since(at).as_secs_f64(),
            Some(_) | None => 0.0,
        };
        let proportional = settings.proportional * error;
        let derivative = settings.derivative * growth;
        self.rate = (base - proportional - derivative).max(settings.min_rate as f64);
        self.last = Some((sample.ended_at, error));
        let shed = settings.integral * sample.intervals(sample.expected_delay);
        let integral = self.rate * shed.min(1.0 - KEPT);
        let wanted = self.rate - integral;
        let backlog = sample.expected_delay;
        let terms = RateTerms { processing_rate, base, error, backlog, proportional, integral, derivative, wanted };
        let tried = sample.cut_limit.unwrap_or(sample.limit);
        let ceiling = (GROWTH * tried).max(sample.limit).min(GROWTH * sample.limit);
        let (limit, bound) = bounded(wanted.min(ceiling), settings);
        let grows_too_fast = wanted > ceiling && bound == RateBound::Free;
        Some(RateStep { limit, bound: if grows_too_fast { RateBound::Growth } else { bound }, terms })
    }
}
