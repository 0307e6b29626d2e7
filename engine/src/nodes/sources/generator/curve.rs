//! How many rows are due in a span of time: the integral of a rate that changes over time.
//!
//! The integral is taken in closed form, so that the rows due in neighbouring spans add up to those due in both,
//! whatever the batch interval.

use serde::Deserialize;

use crate::spec::Span;

/// How the rate changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    /// Not at all.
    Constant,
    /// Rises over one period, then stays.
    Ramp,
    /// Rises and falls once per period.
    Sine,
    /// High in the last tenth of each period.
    Burst,
    /// Four levels, one per period, again and again.
    Steps,
}

/// A rate over time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Curve {
    /// How it changes.
    pub(super) shape: Shape,
    /// Rows per second at the lowest point.
    pub(super) rate: f64,
    /// Rows per second more at the highest point.
    pub(super) amplitude: f64,
    /// The time one turn takes.
    pub(super) period: Span,
}

/// Where in a period a burst begins.
const BURST_START: f64 = 0.9;
/// Levels of the steps above the lowest.
const STEPS: f64 = 3.0;

impl Curve {
    /// Rows due between two moments, both counted from the beginning of the run.
    pub(super) fn due(&self, from: Span, until: Span) -> f64 {
        let steady = self.rate * (until.0 - from.0).max(0) as f64 / 1e6;
        let extra = self.amplitude * (self.risen(until.as_secs_f64()) - self.risen(from.as_secs_f64()));
        steady + extra.max(0.0)
    }

    /// The integral, up to `time` seconds, of the shape scaled to lie between 0 and 1.
    fn risen(&self, time: f64) -> f64 {
        let period = self.period.as_secs_f64().max(1e-6);
        let turns = (time / period).floor();
        let within = time - turns * period;
        match self.shape {
            Shape::Constant => 0.0,
            Shape::Ramp if time < period => time * time / (2.0 * period),
            Shape::Ramp => time - period / 2.0,
            Shape::Sine => {
                let angle = std::f64::consts::TAU * within / period;
                (time - period / std::f64::consts::TAU * angle.sin()) / 2.0
            }
            Shape::Burst => turns * (1.0 - BURST_START) * period + (within - BURST_START * period).max(0.0),
            Shape::Steps => {
                let rounds = (turns / (STEPS + 1.0)).floor();
                let level = turns - rounds * (STEPS + 1.0);
                let round_area = STEPS.midpoint(1.0) * period;
                let below = level * (level - 1.0) / 2.0 / STEPS * period;
                rounds * round_area + below + level / STEPS * within
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHAPES: [Shape; 5] = [Shape::Constant, Shape::Ramp, Shape::Sine, Shape::Burst, Shape::Steps];

    /// The rate at a moment, as the choices' docs say it.
    fn rate_at(curve: &Curve, time: f64) -> f64 {
        let position = time / curve.period.as_secs_f64();
        let share = match curve.shape {
            Shape::Constant => 0.0,
            Shape::Ramp => position.min(1.0),
            Shape::Sine => (1.0 - (position * std::f64::consts::TAU).cos()) / 2.0,
            Shape::Burst => f64::from(u8::from(position.fract() >= 0.9)),
            Shape::Steps => (position % 4.0).floor() / 3.0,
        };
        curve.rate + curve.amplitude * share
    }

    proptest! {
        #[test]
        fn rows_due_are_the_area_under_the_rate(
            shape in prop::sample::select(SHAPES.to_vec()),
            from in 0i64..30_000,
            length in 0i64..30_000,
        ) {
            let curve = Curve { shape, rate: 100.0, amplitude: 900.0, period: Span::from_secs(5) };
            let due = curve.due(Span::from_millis(from), Span::from_millis(from + length));
            let area: f64 = (from..from + length).map(|at| rate_at(&curve, (at as f64 + 0.5) / 1e3) / 1e3).sum();
            prop_assert!((due - area).abs() < 0.01, "{shape:?}: {due} rows, but the area is {area}");
        }

        #[test]
        fn neighbouring_spans_add_up(
            shape in prop::sample::select(SHAPES.to_vec()),
            cuts in prop::collection::vec(1i64..5_000_000, 1..20),
        ) {
            let curve = Curve { shape, rate: 1e6, amplitude: 1e6, period: Span::from_millis(1_300) };
            let (mut now, mut sum) = (Span(0), 0.0);
            for cut in cuts {
                let next = Span(now.0 + cut);
                sum += curve.due(now, next);
                now = next;
            }
            let whole = curve.due(Span(0), now);
            prop_assert!((sum - whole).abs() < 1e-3, "{sum} against {whole}");
        }
    }
}
