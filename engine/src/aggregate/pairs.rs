//! Covariance, correlation and linear regression: of two values their count, means, squared distances from the means
//! and the product of both, added up. Pairs of which one is null do not count.

use super::AggregateFunction;
use super::moments::Rule;

/// Count, mean of x, mean of y, squares of x, squares of y, products.
pub(super) const PARTS: usize = 6;

type Parts = [f64; PARTS];

/// The rule of a function of two values. In regressions the first value is y, as in Spark.
pub(super) fn rule(function: AggregateFunction) -> Option<Rule<2, PARTS>> {
    use AggregateFunction as F;
    match function {
        F::CovarPop => of(|&[n, .., products]| (n > 0.0).then(|| products / n)),
        F::CovarSamp => of(|&[n, .., products]| (n > 1.0).then(|| products / (n - 1.0))),
        F::Corr => of(|&[n, _, _, xx, yy, products]| {
            let spread = (xx * yy).sqrt();
            (n > 1.0 && spread != 0.0).then(|| products / spread)
        }),
        F::RegrCount => regression(|&[n, ..]| Some(n)),
        F::RegrAvgx => regression(|&[n, x, ..]| (n > 0.0).then_some(x)),
        F::RegrAvgy => regression(|&[n, _, y, ..]| (n > 0.0).then_some(y)),
        F::RegrSxx => regression(|&[n, _, _, xx, _, _]| (n > 0.0).then_some(xx)),
        F::RegrSyy => regression(|&[n, _, _, _, yy, _]| (n > 0.0).then_some(yy)),
        F::RegrSxy => regression(|&[n, .., products]| (n > 0.0).then_some(products)),
        F::RegrSlope => regression(slope),
        F::RegrIntercept => regression(|parts| slope(parts).map(|slope| parts[2] - slope * parts[1])),
        F::RegrR2 => regression(|&[n, _, _, xx, yy, products]| {
            (n > 0.0 && xx != 0.0).then(|| if yy == 0.0 { 1.0 } else { products * products / (xx * yy) })
        }),
        F::Count
        | F::Sum
        | F::TrySum
        | F::Min
        | F::Max
        | F::Avg
        | F::TryAvg
        | F::Stddev
        | F::StddevPop
        | F::Variance
        | F::VariancePop
        | F::Skewness
        | F::Kurtosis
        | F::Median
        | F::Percentile
        | F::PercentileDisc
        | F::PercentileApprox
        | F::Mode
        | F::CountDistinct
        | F::ApproxCountDistinct
        | F::First
        | F::Last
        | F::CollectList => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "some functions have no rule")]
fn of(result: fn(&Parts) -> Option<f64>) -> Option<Rule<2, PARTS>> {
    Some(Rule { add, merge, result })
}

#[expect(clippy::unnecessary_wraps, reason = "some functions have no rule")]
fn regression(result: fn(&Parts) -> Option<f64>) -> Option<Rule<2, PARTS>> {
    Some(Rule { add: |parts, [y, x]| add(parts, [x, y]), merge, result })
}

/// A line needs two different values of x.
fn slope(&[n, _, _, xx, _, products]: &Parts) -> Option<f64> {
    (n > 1.0 && xx != 0.0).then(|| products / xx)
}

fn add(parts: &mut Parts, [x, y]: [f64; 2]) {
    let [n, mean_x, mean_y, xx, yy, products] = *parts;
    let count = n + 1.0;
    let (dx, dy) = (x - mean_x, y - mean_y);
    let (step_x, step_y) = (dx / count, dy / count);
    let new_y = mean_y + step_y;
    *parts =
        [count, mean_x + step_x, new_y, xx + dx * (dx - step_x), yy + dy * (dy - step_y), products + dx * (y - new_y)];
}

fn merge(parts: &mut Parts, other: &Parts) {
    let [n1, x1, y1, xx1, yy1, products1] = *parts;
    let [n2, x2, y2, xx2, yy2, products2] = *other;
    let count = n1 + n2;
    let (dx, dy) = (x2 - x1, y2 - y1);
    let (step_x, step_y) = if count == 0.0 { (0.0, 0.0) } else { (dx / count, dy / count) };
    *parts = [
        count,
        x1 + step_x * n2,
        y1 + step_y * n2,
        xx1 + xx2 + dx * step_x * n1 * n2,
        yy1 + yy2 + dy * step_y * n1 * n2,
        products1 + products2 + dx * step_y * n1 * n2,
    ];
}
