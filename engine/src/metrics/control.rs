//! What the controllers did after a batch: each source's rate limit with the terms that led to it, and a move of the
//! batch interval with its reason. Plain data, so that it can be plotted, and sentences, so that it can be read.

use std::fmt;

use crate::spec::{NodeId, Span};

/// What the controllers did after a batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ControlReport {
    /// The limit of each source, by node; empty without backpressure.
    pub sources: Vec<SourceControl>,
    /// How the batch interval moved, if it did.
    pub interval: Option<IntervalMove>,
}

/// The limit of one source from the next cut on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourceControl {
    /// Which source.
    pub node: NodeId,
    /// Rows per second it may give.
    pub limit: f64,
    /// What the limit was held by.
    pub bound: RateBound,
    /// What it was computed from; `None` where the batch taught nothing, so that the limit stayed.
    pub terms: Option<RateTerms>,
}

/// What a limit was held by, beyond its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateBound {
    /// Nothing: it is what the terms say.
    Free,
    /// Nothing was estimated yet: it is the initial limit.
    Initial,
    /// The lowest limit allowed.
    Minimum,
    /// The highest limit allowed.
    Maximum,
    /// It may grow only so much with one batch.
    Growth,
}

/// The terms of a limit, in rows per second unless said otherwise. The limit wanted is
/// `base - proportional - integral - derivative`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateTerms {
    /// Rows of the batch per second of its processing time.
    pub processing_rate: f64,
    /// The rate remembered from the batch before.
    pub base: f64,
    /// `base - processing_rate`.
    pub error: f64,
    /// The delay that counts as backlog: it is to be worked off.
    pub backlog: Span,
    /// The part of the error that is taken off.
    pub proportional: f64,
    /// What is taken off to work the backlog off.
    pub integral: f64,
    /// What is taken off because the error grows.
    pub derivative: f64,
    /// The limit before bounds.
    pub wanted: f64,
}

/// A move of the batch interval, or the finding that there is none to move to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalMove {
    /// The interval before.
    pub from: Span,
    /// The interval from the next batch on.
    pub to: Span,
    /// Why.
    pub reason: IntervalReason,
}

/// Why the batch interval moved. A load is the processing time over the interval: 0.8 leaves a fifth to spare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IntervalReason {
    /// At the new interval this processing time would be the target load.
    FixedPoint {
        /// The interval the batch covered.
        interval: Span,
        /// How long it took.
        processing: Span,
        /// The load aimed at.
        target: f64,
    },
    /// The straight line through two intervals' processing times crosses the target load at the new interval.
    Secant {
        /// The fixed time of every batch.
        overhead: Span,
        /// Seconds of processing per second of interval.
        slope: f64,
        /// The load aimed at.
        target: f64,
    },
    /// The longer of two intervals had the higher load: shorter ones are better.
    Superlinear {
        /// The shorter interval.
        shorter: Span,
        /// Its load.
        shorter_load: f64,
        /// The longer interval.
        longer: Span,
        /// Its load.
        longer_load: f64,
    },
    /// The longest interval allowed is not long enough: perhaps a shorter one is better.
    Probe {
        /// Its load.
        load: f64,
    },
    /// The best interval there is reaches less than the target, but keeps up.
    LittleToSpare {
        /// Its load.
        load: f64,
    },
    /// No interval allowed keeps up; the best one stays in force.
    NoneKeepsUp {
        /// The shortest interval allowed.
        shortest: Span,
        /// The longest interval allowed.
        longest: Span,
        /// The load at the best.
        load: f64,
    },
}

impl fmt::Display for IntervalMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to {
            write!(f, "batch interval stays at {}: {}", self.to, self.reason)
        } else {
            write!(f, "batch interval {} to {}: {}", self.from, self.to, self.reason)
        }
    }
}

impl fmt::Display for IntervalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |load: f64| format!("{:.0} %", load * 100.0);
        match *self {
            Self::FixedPoint { interval, processing, target } => {
                let target = percent(target);
                write!(f, "a batch of {interval} took {}, and {target} of the interval is aimed at", tenths(processing))
            }
            Self::Secant { overhead, slope, target } => write!(
                f,
                "a batch takes {} and {slope:.2} s per second of interval, and {} of the interval is aimed at",
                tenths(overhead),
                percent(target)
            ),
            Self::Superlinear { shorter, shorter_load, longer, longer_load } => write!(
                f,
                "batches of {longer} took {} of it and those of {shorter} {}, so shorter ones are better",
                percent(longer_load),
                percent(shorter_load)
            ),
            Self::Probe { load } => {
                write!(f, "batches of the longest interval took {} of it, so a shorter one is tried", percent(load))
            }
            Self::LittleToSpare { load } => {
                write!(f, "no interval was found where batches take less than {} of it", percent(load))
            }
            Self::NoneKeepsUp { shortest, longest, load } => write!(
                f,
                "no interval from {shortest} to {longest} keeps up: at best, batches take {} of it; turn backpressure \
                 on, lower the input rate, or allow other intervals",
                percent(load)
            ),
        }
    }
}

/// A measured time, rounded for reading.
fn tenths(span: Span) -> Span {
    let step = if span.0 < 10_000 { 100 } else { 1_000 };
    Span(span.0.saturating_add(step / 2) / step * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_of_the_interval_is_a_sentence() {
        let reason =
            IntervalReason::FixedPoint { interval: Span::from_secs(1), processing: Span(1_199_712), target: 0.8 };
        let sentence = IntervalMove { from: Span::from_secs(1), to: Span::from_millis(1_500), reason }.to_string();
        assert_eq!(
            sentence,
            "batch interval 1s to 1s 500ms: a batch of 1s took 1s 200ms, and 80 % of the interval is aimed at"
        );
    }

    #[test]
    fn where_no_interval_keeps_up_a_way_out_is_named() {
        let reason =
            IntervalReason::NoneKeepsUp { shortest: Span::from_millis(100), longest: Span::from_secs(10), load: 1.73 };
        let sentence = IntervalMove { from: Span::from_secs(10), to: Span::from_secs(10), reason }.to_string();
        assert_eq!(
            sentence,
            "batch interval stays at 10s: no interval from 100ms to 10s keeps up: at best, batches take 173 % of it; \
             turn backpressure on, lower the input rate, or allow other intervals"
        );
    }
}
