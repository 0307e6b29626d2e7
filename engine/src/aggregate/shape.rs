//! Skewness and kurtosis: count, mean, and the second to fourth powers of the distances from the mean, added up.

use super::moments::Rule;

/// Count, mean, and the powers.
pub(super) const PARTS: usize = 5;

/// The skewness; null where all values are the same.
pub(super) const SKEWNESS: Rule<1, PARTS> = Rule {
    add,
    merge,
    result: |&[n, _, second, third, _]| {
        (n > 0.0 && second != 0.0).then(|| n.sqrt() * third / (second * second * second).sqrt())
    },
};

/// The kurtosis beyond a normal distribution's; null where all values are the same.
pub(super) const KURTOSIS: Rule<1, PARTS> = Rule {
    add,
    merge,
    result: |&[n, _, second, _, fourth]| (n > 0.0 && second != 0.0).then(|| n * fourth / (second * second) - 3.0),
};

fn add(parts: &mut [f64; PARTS], [value]: [f64; 1]) {
    let [n, mean, second, third, fourth] = *parts;
    let count = n + 1.0;
    let delta = value - mean;
    let step = delta / count;
    let new_second = second + delta * (delta - step);
    let (squared, step_squared) = (delta * delta, step * step);
    let new_third = third - 3.0 * step * new_second + delta * (squared - step_squared);
    let new_fourth = fourth - 4.0 * step * new_third - 6.0 * step_squared * new_second
        + delta * (delta * squared - step * step_squared);
    *parts = [count, mean + step, new_second, new_third, new_fourth];
}

fn merge(parts: &mut [f64; PARTS], other: &[f64; PARTS]) {
    let [n1, mean, second1, third1, fourth1] = *parts;
    let [n2, other_mean, second2, third2, fourth2] = *other;
    let count = n1 + n2;
    let delta = other_mean - mean;
    let step = if count == 0.0 { 0.0 } else { delta / count };
    let second = second1 + second2 + delta * step * n1 * n2;
    let third =
        third1 + third2 + step * step * delta * n1 * n2 * (n1 - n2) + 3.0 * step * (n1 * second2 - n2 * second1);
    let fourth = fourth1
        + fourth2
        + step * step * step * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2)
        + 6.0 * step * step * (n1 * n1 * second2 + n2 * n2 * second1)
        + 4.0 * step * (n1 * third2 - n2 * third1);
    *parts = [count, mean + step * n2, second, third, fourth];
}
