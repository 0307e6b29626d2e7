//! The automatic batch interval: the shortest at which batches take a given share of it (Das, Zhong, Stoica, Shenker:
//! *Adaptive Stream Processing using Dynamic Batch Sizing*, 2014).
//!
//! With `w(x)` the processing time of a batch of interval `x`, wanted is `w(x) = rho x`. The fixed point
//! `x' = w(x) / rho` converges while `w` rises more slowly than `rho`; where two intervals far enough apart are known,
//! the crossing of the straight line through them is taken instead, which is exact for fixed costs plus costs per
//! row. Where the longer of two intervals has the higher load although there is too much, work grows faster than the
//! interval: then a quarter is taken off the shorter one. When that does not help either, the best interval seen is
//! the answer, and whether it keeps up is said.

use crate::metrics::{IntervalMove, IntervalReason};
use crate::pipeline::{IntervalSettings, Settings};
use crate::spec::Span;

/// A load so near to the target is the target.
const CALM: f64 = 0.02;
/// So near to it one batch is not enough to move: it may be chance.
const NEAR: f64 = 0.1;
/// How much higher the load of the longer interval must be to blame its length.
const WORSE: f64 = 0.05;
/// What is taken off the shorter of two intervals then.
const CUT: f64 = 0.25;
/// How far apart two intervals must be, as a part of the longer one, for a line through them.
const APART: f64 = 0.2;
/// How far outside of its two intervals a line is believed.
const REACH: f64 = 4.0;
/// A line nearly as steep as the target meets it anywhere.
const STEEPEST: f64 = 0.9;
/// How much the load must change for an answer to be asked anew.
const CHANGED: f64 = 0.2;
/// Batches of one interval that are averaged.
const AVERAGED: u32 = 8;
/// Intervals are multiples of a hundredth of their power of ten, and of this.
const FINEST_MICROS: f64 = 100.0;

/// Finds the interval, batch by batch.
#[derive(Debug, Clone)]
pub struct IntervalControl {
    present: Span,
    newest: Option<Sample>,
    before: Option<Sample>,
    /// The lowest load above the target since it was last met.
    best: Option<Sample>,
    mode: Mode,
}

/// What batches of one interval took, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    interval: Span,
    processing: f64,
    batches: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    /// On the way to the target.
    Seeking,
    /// Trying shorter intervals because longer ones were worse.
    Shrinking,
    /// The best was found, at this load; it is not the target.
    Resting(f64),
}

impl Sample {
    fn secs(&self) -> f64 {
        self.interval.as_secs_f64()
    }

    fn load(&self) -> f64 {
        self.processing / self.secs()
    }
}

impl IntervalControl {
    /// Begins at this interval, or at the nearest one allowed.
    pub fn new(interval: Span, settings: &IntervalSettings) -> Self {
        let (shortest, longest) = settings.range();
        let present = interval.clamp(shortest, longest);
        Self { present, newest: None, before: None, best: None, mode: Mode::Seeking }
    }

    /// The interval in force.
    pub fn present(&self) -> Span {
        self.present
    }

    /// Takes in a batch: the span of arrivals it covered, and how long it took. Gives the move it leads to, if any.
    pub fn observe(&mut self, span: Span, processing: Span, settings: &IntervalSettings) -> Option<IntervalMove> {
        if span.0 <= 0 || processing.0 < 0 {
            return None;
        }
        let newest = self.take(span, processing.as_secs_f64());
        if let Mode::Resting(load) = self.mode {
            if (newest.load() / load - 1.0).abs() <= CHANGED {
                return None;
            }
            *self = Self { newest: Some(newest), ..Self::new(self.present, settings) };
        }
        let (wanted, reason) = self.judge(newest, settings)?;
        let (from, to) = (self.present, within(wanted, settings));
        self.present = to;
        (from != to || matches!(self.mode, Mode::Resting(_))).then_some(IntervalMove { from, to, reason })
    }

    fn take(&mut self, interval: Span, processing: f64) -> Sample {
        let sample = match self.newest {
            Some(known) if known.interval == interval => {
                let weight = f64::from(known.batches.min(AVERAGED - 1));
                let mean = (known.processing * weight + processing) / (weight + 1.0);
                Sample { interval, processing: mean, batches: known.batches.saturating_add(1) }
            }
            known => {
                self.before = known.or(self.before);
                Sample { interval, processing, batches: 1 }
            }
        };
        self.newest = Some(sample);
        sample
    }

    /// The interval to go to, in seconds.
    fn judge(&mut self, newest: Sample, settings: &IntervalSettings) -> Option<(f64, IntervalReason)> {
        let target = settings.target;
        let off = newest.load() / target - 1.0;
        let fixed_point =
            IntervalReason::FixedPoint { interval: newest.interval, processing: seconds(newest.processing), target };
        if off.abs() <= CALM {
            (self.mode, self.best) = (Mode::Seeking, None);
            return Some((newest.secs(), fixed_point));
        }
        if off > 0.0 {
            self.best = Some(self.best.filter(|best| best.load() <= newest.load()).unwrap_or(newest));
        }
        if off.abs() <= NEAR && newest.batches < 2 {
            return None;
        }
        if off > 0.0
            && let Some(before) = self.before
        {
            if let Some(reason) = superlinear(before, newest) {
                return Some(self.shrink(before, newest, reason, settings));
            }
            if self.mode == Mode::Shrinking && newest.interval < before.interval {
                return Some(self.rest(newest, settings));
            }
        }
        self.mode = Mode::Seeking;
        if off < 0.0 {
            self.best = None;
        }
        let (wanted, reason) = self.line(newest, target).unwrap_or((newest.processing / target, fixed_point));
        let (_, longest) = settings.range();
        if off > 0.0 && newest.interval >= longest && wanted >= longest.as_secs_f64() {
            return Some(self.at_longest(newest, settings));
        }
        Some((wanted, reason))
    }

    fn shrink(
        &mut self,
        before: Sample,
        newest: Sample,
        reason: IntervalReason,
        settings: &IntervalSettings,
    ) -> (f64, IntervalReason) {
        let wanted = (1.0 - CUT) * before.secs().min(newest.secs());
        if within(wanted, settings) >= newest.interval {
            return self.rest(newest, settings);
        }
        self.mode = Mode::Shrinking;
        (wanted, reason)
    }

    /// Whether a shorter interval does better is tried once.
    fn at_longest(&mut self, newest: Sample, settings: &IntervalSettings) -> (f64, IntervalReason) {
        let is_known = self.before.is_some_and(|before| before.secs() < (1.0 - APART) * newest.secs());
        let wanted = (1.0 - CUT) * newest.secs();
        if is_known || within(wanted, settings) >= newest.interval {
            return self.rest(newest, settings);
        }
        self.mode = Mode::Shrinking;
        (wanted, IntervalReason::Probe { load: newest.load() })
    }

    /// The best interval seen is the answer.
    fn rest(&mut self, newest: Sample, settings: &IntervalSettings) -> (f64, IntervalReason) {
        let best = self.best.unwrap_or(newest);
        let load = best.load();
        self.mode = Mode::Resting(load);
        let (shortest, longest) = settings.range();
        let reason = if load > 1.0 {
            IntervalReason::NoneKeepsUp { shortest, longest, load }
        } else {
            IntervalReason::LittleToSpare { load }
        };
        (best.secs(), reason)
    }

    /// Where the line through the two samples crosses the target, if they tell: it must lie on the side where the
    /// fixed point lies too.
    fn line(&self, newest: Sample, target: f64) -> Option<(f64, IntervalReason)> {
        let before = self.before?;
        let (near, far) = (newest.secs().min(before.secs()), newest.secs().max(before.secs()));
        if far - near <= APART * far {
            return None;
        }
        let slope = (newest.processing - before.processing) / (newest.secs() - before.secs());
        let overhead = newest.processing - slope * newest.secs();
        let is_telling = (0.0..STEEPEST * target).contains(&slope) && overhead > 0.0;
        let crossing = overhead / (target - slope);
        let is_same_way = (crossing > newest.secs()) == (newest.load() > target);
        (is_telling && is_same_way).then(|| {
            let reason = IntervalReason::Secant { overhead: seconds(overhead), slope, target };
            (crossing.clamp(near / REACH, far * REACH), reason)
        })
    }
}

/// Whether the longer of two intervals has the higher load.
fn superlinear(one: Sample, other: Sample) -> Option<IntervalReason> {
    let (shorter, longer) = if one.interval < other.interval { (one, other) } else { (other, one) };
    (shorter.interval < longer.interval && longer.load() > shorter.load() * (1.0 + WORSE)).then(|| {
        IntervalReason::Superlinear {
            shorter: shorter.interval,
            shorter_load: shorter.load(),
            longer: longer.interval,
            longer_load: longer.load(),
        }
    })
}

/// The nearest interval allowed, rounded as people would.
fn within(secs: f64, settings: &IntervalSettings) -> Span {
    let (shortest, longest) = settings.range();
    let micros = (secs * 1e6).clamp(Settings::MIN_INTERVAL.0 as f64, Settings::MAX_INTERVAL.0 as f64);
    let step = (10f64.powf(micros.log10().floor()) / 100.0).max(FINEST_MICROS);
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds of intervals")]
    let rounded = ((micros / step).round() * step).round() as i64;
    Span(rounded).clamp(shortest, longest)
}

fn seconds(secs: f64) -> Span {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is only shown")]
    Span((secs * 1e6).round() as i64)
}
