//! Both controllers of a run together: told of every batch, asked what the next cuts may take and how far apart the
//! ticks are.

use std::collections::BTreeMap;

use super::damped::DampedEstimator;
use super::interval::IntervalControl;
use super::rate::{RateSample, RateStep, SparkEstimator, bounded};
use crate::metrics::{ControlReport, IntervalMove, RateBound, SourceControl};
use crate::pipeline::{Backpressure, RateSettings, Settings, Trigger};
use crate::spec::{NodeId, Span, Timestamp};

/// The controllers of a run.
#[derive(Debug, Clone)]
pub struct Governor {
    settings: Settings,
    sources: BTreeMap<NodeId, Limited>,
    interval: Option<IntervalControl>,
}

/// What holds for the next cuts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Directions {
    /// Rows per second each source may give; a source that is not named may give any number.
    pub limits: BTreeMap<NodeId, f64>,
    /// The batch interval.
    pub interval: Span,
}

/// A batch that is done.
#[derive(Debug, Clone, Copy)]
pub struct BatchDone<'a> {
    /// When it was done.
    pub ended_at: Timestamp,
    /// The interval it was cut at.
    pub interval: Span,
    /// The span of arrivals it covered.
    pub span: Span,
    /// How long it took.
    pub processing_time: Span,
    /// How long it had waited.
    pub scheduling_delay: Span,
    /// What each source gave.
    pub sources: &'a [SourceRows],
    /// Rows of all batches that are cut and wait.
    pub waiting_rows: u64,
    /// Time until the next batch is cut.
    pub next_cut_in: Span,
}

/// One source's share of a batch.
#[derive(Debug, Clone, Copy)]
pub struct SourceRows {
    /// Which source.
    pub node: NodeId,
    /// Its rows.
    pub rows: u64,
    /// The limit it was cut under.
    pub limit: Option<f64>,
    /// Whether it gave all that any batch may take, so that more was probably due.
    pub is_full: bool,
}

#[derive(Debug, Clone)]
struct Limited {
    limit: f64,
    bound: RateBound,
    estimator: Estimator,
}

#[derive(Debug, Clone)]
enum Estimator {
    Spark(SparkEstimator),
    Damped(DampedEstimator),
}

impl Estimator {
    /// `None` where there is to be none.
    fn new(backpressure: Backpressure, limit: f64) -> Option<Self> {
        match backpressure {
            Backpressure::Off => None,
            Backpressure::Spark => Some(Self::Spark(SparkEstimator::default())),
            Backpressure::Damped => Some(Self::Damped(DampedEstimator::new(limit))),
        }
    }

    fn estimate(&mut self, sample: &RateSample, settings: &RateSettings) -> Option<RateStep> {
        match self {
            Self::Spark(estimator) => estimator.estimate(sample, settings),
            Self::Damped(estimator) => estimator.estimate(sample, settings),
        }
    }
}

impl Governor {
    /// Nothing is known yet: initial limits hold.
    pub fn new(settings: &Settings, sources: impl IntoIterator<Item = NodeId>) -> Self {
        let mut new = Self { settings: settings.clone(), sources: BTreeMap::new(), interval: None };
        new.adopt(settings, sources);
        new
    }

    /// Other settings or sources. What was learned stays, except about a source that left or by a controller that
    /// was exchanged.
    pub fn adopt(&mut self, settings: &Settings, sources: impl IntoIterator<Item = NodeId>) {
        let before = std::mem::replace(&mut self.settings, settings.clone());
        let mut former = std::mem::take(&mut self.sources);
        let rates = &settings.rates;
        let first_is_same = before.rates.first_limit() == rates.first_limit();
        for node in sources {
            let known = former.remove(&node).filter(|known| known.bound != RateBound::Initial || first_is_same);
            let first = rates.first_limit() as f64;
            let (limit, bound) = known.as_ref().map_or((first, RateBound::Initial), |known| (known.limit, known.bound));
            let (limit, _) = bounded(limit, rates);
            let same = known.filter(|_| before.rates.backpressure == rates.backpressure).map(|known| known.estimator);
            if let Some(estimator) = same.or_else(|| Estimator::new(rates.backpressure, limit)) {
                self.sources.insert(node, Limited { limit, bound, estimator });
            }
        }
        let auto = &settings.auto_interval;
        let goes_on = before.interval == settings.interval && before.auto_interval == *auto;
        if !auto.is_on {
            self.interval = None;
        } else if !goes_on || self.interval.is_none() {
            let moved = self.interval.take().filter(|_| before.interval == settings.interval);
            let from = moved.map_or(settings.interval, |moved| moved.present());
            self.interval = Some(IntervalControl::new(from, auto));
        }
    }

    /// What holds for the next cuts.
    pub fn directions(&self) -> Directions {
        Directions {
            limits: self.sources.iter().map(|(node, source)| (*node, source.limit)).collect(),
            interval: self.interval.as_ref().map_or(self.settings.interval, IntervalControl::present),
        }
    }

    /// Learns from a batch. `None` where nothing is controlled.
    pub fn batch_done(&mut self, done: &BatchDone<'_>) -> Option<ControlReport> {
        if self.sources.is_empty() && self.interval.is_none() {
            return None;
        }
        let expected_delay = expected_delay(done);
        // Beside an automatic interval, batches are to leave it the slack it aims at: else each would drive the other.
        let target = if self.interval.is_some() { self.settings.auto_interval.target } else { 1.0 };
        let mut sources = Vec::with_capacity(self.sources.len());
        for (node, source) in &mut self.sources {
            let given = done.sources.iter().find(|given| given.node == *node);
            let sample = RateSample {
                ended_at: done.ended_at,
                rows: given.map_or(0, |given| given.rows),
                processing_time: done.processing_time,
                scheduling_delay: done.scheduling_delay,
                expected_delay,
                interval: done.interval,
                cut_limit: given.and_then(|given| given.limit),
                limit: source.limit,
                target,
            };
            let step = source.estimator.estimate(&sample, &self.settings.rates);
            if let Some(step) = step {
                (source.limit, source.bound) = (step.limit, step.bound);
            }
            let terms = step.map(|step| step.terms);
            sources.push(SourceControl { node: *node, limit: source.limit, bound: source.bound, terms });
        }
        Some(ControlReport { sources, interval: self.move_interval(done) })
    }

    /// Only batches cut at the interval in force teach anything about it, and only those with rows. The first batch at
    /// a new interval may cover a part of it only, since ticks are multiples: it does not count. Nor does one that had
    /// no room for all rows of its span.
    fn move_interval(&mut self, done: &BatchDone<'_>) -> Option<IntervalMove> {
        let is_ticking = self.settings.trigger == Trigger::Interval;
        let has_rows = done.sources.iter().any(|source| source.rows > 0);
        let control = self.interval.as_mut().filter(|control| control.present() == done.interval)?;
        let is_whole = done.span >= done.interval && !done.sources.iter().any(|source| source.is_full);
        if !is_ticking || !has_rows || !is_whole {
            return None;
        }
        control.observe(done.span, done.processing_time, &self.settings.auto_interval)
    }
}

/// How long the next batch will wait: what waits now, at the pace of the batch just done, less the time until the cut.
fn expected_delay(done: &BatchDone<'_>) -> Span {
    let rows: u64 = done.sources.iter().map(|source| source.rows).sum();
    if rows == 0 {
        return Span(0);
    }
    let work = done.waiting_rows as f64 / rows as f64 * done.processing_time.0 as f64;
    #[expect(clippy::cast_possible_truncation, reason = "not negative, and huge saturates")]
    let work = work as i64;
    Span(work.saturating_sub(done.next_cut_in.0).max(0))
}
