//! From values to heights in a plot. Times that are far below the batch interval would lie on the floor of a linear
//! axis, and the headroom above them would be all there is to see. There the axis is logarithmic from zero on,
//! `log10(1 + value / unit)`: the curve keeps its shape, and the interval stays drawn.

use egui_plot::{GridInput, GridMark};
use weir_engine::metrics::Bucket;

/// From so many times the average on, the interval is far above.
const FAR: f64 = 5.0;
/// Labels of a logarithmic axis, in milliseconds: powers of ten up to seconds, then minutes and hours.
const ROUND_TIMES: [f64; 12] = [1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4, 6e4, 6e5, 3.6e6, 3.6e7];
/// Lines nearer than so many of `egui_plot`'s finest steps are left out.
const SPREAD: f64 = 3.4;

/// Which axis the plots of times have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ScaleChoice {
    /// Logarithmic where the interval is far above the curves.
    #[default]
    Automatic,
    /// Always linear.
    Linear,
    /// Always logarithmic.
    Logarithmic,
}

impl ScaleChoice {
    /// The choices, in the order they are offered, with the keys of their names.
    pub(super) const ALL: [(Self, &'static str); 3] = [
        (Self::Automatic, "plots.scale_automatic"),
        (Self::Linear, "plots.scale_linear"),
        (Self::Logarithmic, "plots.scale_logarithmic"),
    ];
}

/// The axis of one plot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// Heights are values.
    Linear,
    /// Heights are `log10(1 + value / unit)`.
    Logarithmic {
        /// Below it the axis is about linear.
        unit: f64,
    },
}

impl Scale {
    /// The axis for curves that are compared with an interval of so many milliseconds.
    pub(super) fn of(curves: &[Vec<Bucket>], interval: f64, choice: ScaleChoice) -> Self {
        let (sum, count) = curves.iter().flatten().fold((0.0, 0.0), |(sum, count), one| (sum + one.mean, count + 1.0));
        let mean = if count > 0.0 { f64::max(sum / count, 0.0) } else { 0.0 };
        let is_logarithmic = match choice {
            ScaleChoice::Automatic => mean * FAR < interval,
            ScaleChoice::Linear => false,
            ScaleChoice::Logarithmic => true,
        };
        if !is_logarithmic {
            return Self::Linear;
        }
        // The average, and not the least: it moves little, so the axis stands still.
        let typical = if mean > 0.0 { mean / 3.0 } else { interval.max(1.0) / 1e4 };
        Self::Logarithmic { unit: 10f64.powf(typical.log10().floor()) }
    }

    /// How high a value lies.
    pub(super) fn height(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Logarithmic { unit } => (value.abs() / unit).ln_1p() / std::f64::consts::LN_10 * value.signum(),
        }
    }

    /// The value at a height.
    pub(super) fn value(self, height: f64) -> f64 {
        match self {
            Self::Linear => height,
            Self::Logarithmic { unit } => (height.abs() * std::f64::consts::LN_10).exp_m1() * unit * height.signum(),
        }
    }

    /// Curves as high as they are drawn.
    pub(super) fn heights(self, mut curves: Vec<Vec<Bucket>>) -> Vec<Vec<Bucket>> {
        if self != Self::Linear {
            for bucket in curves.iter_mut().flatten() {
                bucket.min = self.height(bucket.min);
                bucket.max = self.height(bucket.max);
                bucket.mean = self.height(bucket.mean);
            }
        }
        curves
    }

    /// The top of the axis: above the largest value.
    pub(super) fn top(self, largest: f64) -> f64 {
        match self {
            _ if largest <= 0.0 => 1.0,
            Self::Linear => round_up(largest * 1.1),
            Self::Logarithmic { .. } => self.height(largest) * 1.12,
        }
    }

    /// The foot of the axis: zero, or below the lowest value where some are negative.
    pub(super) fn foot(self, lowest: f64) -> f64 {
        match self {
            _ if lowest >= 0.0 => 0.0,
            Self::Linear => -round_up(-lowest * 1.1),
            Self::Logarithmic { .. } => self.height(lowest) * 1.12,
        }
    }

    /// Lines at round values, not nearer to each other than their labels are high.
    pub(super) fn grid(self, input: &GridInput) -> Vec<GridMark> {
        if self == Self::Linear {
            return grid(input, 4.0, 0.0);
        }
        let least = input.base_step_size * SPREAD;
        let mut marks = vec![GridMark { value: 0.0, step_size: least }];
        // From the top: the interval's own power of ten matters more than the ones near the floor.
        let mut above = f64::INFINITY;
        for value in ROUND_TIMES.iter().rev().map(|time| self.height(*time)) {
            if (least..=input.bounds.1).contains(&value) && above - value >= least {
                marks.push(GridMark { value, step_size: least * 1.5 });
                above = value;
            }
        }
        marks
    }
}

/// The next of a row of round numbers, so that the scale does not move with every batch.
pub(super) fn round_up(value: f64) -> f64 {
    const STEPS: [f64; 12] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0];
    let power = 10f64.powf(value.log10().floor());
    STEPS.iter().map(|step| step * power).find(|step| *step >= value).unwrap_or(value)
}

/// Grid lines at 1, 2 or 5 times a power of ten, `spread` times as far apart as `egui_plot`'s finest.
pub(super) fn grid(input: &GridInput, spread: f64, finest: f64) -> Vec<GridMark> {
    let wanted = (input.base_step_size * spread).max(finest);
    if !wanted.is_finite() || wanted <= 0.0 {
        return Vec::new();
    }
    let power = 10f64.powf(wanted.log10().floor());
    let step = [1.0, 2.0, 5.0].iter().map(|factor| factor * power).find(|step| *step >= wanted).unwrap_or(power * 10.0);
    let (first, last) = ((input.bounds.0 / step).ceil(), (input.bounds.1 / step).floor());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut off at more lines than pixels")]
    let count = (last - first + 1.0).clamp(0.0, 2_000.0) as usize;
    (0..count).map(|index| GridMark { value: (first + index as f64) * step, step_size: step }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(means: &[f64]) -> Vec<Vec<Bucket>> {
        let bucket = |mean: &f64| Bucket { first_batch: 0, last_batch: 0, min: *mean, max: *mean, mean: *mean };
        vec![means.iter().map(bucket).collect()]
    }

    #[test]
    fn times_far_below_the_interval_and_the_interval_are_both_seen_well() {
        for interval in [10.0, 200.0, 1_000.0, 60_000.0] {
            for part in [0.1, 0.01, 0.001, 0.000_1] {
                let value = interval * part;
                let curves = curve(&[value, value * 1.3, value * 0.7]);
                let scale = Scale::of(&curves, interval, ScaleChoice::Automatic);
                let (top, line) = (scale.top(interval), scale.height(interval));
                assert!(line < top && line > top * 0.8, "the interval {interval} lies near the top");
                assert!(scale.height(value) > top * 0.1, "{value} of {interval} is lifted off the floor");
                let swing = scale.height(value * 1.3) - scale.height(value * 0.7);
                assert!(swing > top * 0.03, "{value} of {interval} keeps its shape: {swing} of {top}");
            }
        }
    }

    #[test]
    fn near_the_interval_and_where_it_is_wished_the_axis_is_linear() {
        assert_eq!(Scale::of(&curve(&[300.0, 900.0]), 1_000.0, ScaleChoice::Automatic), Scale::Linear);
        assert_eq!(Scale::of(&curve(&[1.0]), 1_000.0, ScaleChoice::Linear), Scale::Linear);
        assert_ne!(Scale::of(&curve(&[900.0]), 1_000.0, ScaleChoice::Logarithmic), Scale::Linear);
        // One slow batch among many is no reason to flatten all others.
        let spike: Vec<f64> = std::iter::once(900.0).chain([5.0; 40]).collect();
        assert_ne!(Scale::of(&curve(&spike), 1_000.0, ScaleChoice::Automatic), Scale::Linear);
    }

    #[test]
    fn heights_and_values_are_each_others_inverse() {
        let scale = Scale::Logarithmic { unit: 0.1 };
        for value in [-3.0, 0.0, 0.004, 1.0, 17.0, 1_000.0, 3.6e6] {
            assert!((scale.value(scale.height(value)) - value).abs() <= 1e-9 * value.abs(), "{value}");
        }
    }

    #[test]
    fn labels_of_a_logarithmic_axis_keep_their_distance() {
        let scale = Scale::Logarithmic { unit: 0.01 };
        for pixels in [60.0, 90.0, 150.0, 300.0] {
            let top = scale.top(1_000.0);
            let marks = scale.grid(&GridInput { bounds: (0.0, top), base_step_size: top / pixels * 8.0 });
            let mut heights: Vec<f64> = marks.iter().map(|mark| mark.value / top * pixels).collect();
            heights.sort_by(f64::total_cmp);
            assert!(heights.len() >= 2, "{pixels}");
            assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= 24.0), "{pixels}: {heights:?}");
        }
    }

    #[test]
    fn grid_lines_lie_at_round_numbers_and_whole_batches() {
        let input = GridInput { bounds: (0.0, 3.0), base_step_size: 0.01 };
        let values: Vec<_> = grid(&input, 10.0, 1.0).into_iter().map(|mark| mark.value).collect();
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn the_scale_reaches_above_the_interval_however_far_it_is() {
        assert!(Scale::Linear.top(60_000.0) > 60_000.0);
        let scale = Scale::Logarithmic { unit: 1.0 };
        assert!(scale.top(60_000.0) > scale.height(60_000.0));
        assert!((12.0..20.0).contains(&Scale::Linear.top(12.0)));
    }
}
