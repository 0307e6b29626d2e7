//! The shape of a wire: one cubic curve that leaves its output to the right and enters its input from the left.

use eframe::egui::{Pos2, Rect, Vec2, vec2};

/// Straight pieces a distance is measured against; the error is below a pixel for wires of usual length.
const PIECES: u16 = 32;
/// The shortest handle, so that even touching nodes show which way a wire runs.
const MIN_HANDLE: f32 = 24.0;
/// The longest handle.
const MAX_HANDLE: f32 = 200.0;

/// A cubic Bézier curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Curve {
    /// Start, two handles, end.
    pub(crate) points: [Pos2; 4],
}

impl Curve {
    /// The wire from an output to an input, in world units.
    pub(crate) fn between(from: Pos2, to: Pos2) -> Self {
        let span = to - from;
        // A wire that runs backwards swings out, so that it passes around its nodes instead of through them.
        let handle = if span.x >= 0.0 { span.x * 0.5 } else { 56.0 + span.x.abs() * 0.35 };
        let handle = handle.max(MIN_HANDLE.min(span.length() * 0.5)).min(MAX_HANDLE);
        Self { points: [from, from + vec2(handle, 0.0), to - vec2(handle, 0.0), to] }
    }

    /// The same curve after mapping each of its points (the mapping must be affine).
    #[must_use]
    pub(crate) fn map(self, mapping: impl Fn(Pos2) -> Pos2) -> Self {
        Self { points: self.points.map(mapping) }
    }

    /// The point at `t` from 0 to 1.
    pub(crate) fn at(&self, t: f32) -> Pos2 {
        let [a, b, c, d] = self.points.map(Pos2::to_vec2);
        let s = 1.0 - t;
        (a * (s * s * s) + b * (3.0 * s * s * t) + c * (3.0 * s * t * t) + d * (t * t * t)).to_pos2()
    }

    /// The point half way.
    pub(crate) fn middle(&self) -> Pos2 {
        self.at(0.5)
    }

    /// A rectangle that contains it: a curve lies within the hull of its points.
    pub(crate) fn bounds(&self) -> Rect {
        Rect::from_points(&self.points)
    }

    /// `count + 1` points along it.
    pub(crate) fn sampled(&self, count: u16) -> Vec<Pos2> {
        (0..=count).map(|step| self.at(f32::from(step) / f32::from(count))).collect()
    }

    /// As many points as it takes to look round, for a curve given in screen pixels.
    pub(crate) fn flattened(&self) -> Vec<Pos2> {
        let hull: f32 =
            self.points.windows(2).map(|pair| pair.first().zip(pair.last()).map_or(0.0, |(a, b)| a.distance(*b))).sum();
        let [a, _, _, d] = self.points;
        if (a.y - d.y).abs() < 0.5 && a.x <= d.x {
            return vec![a, d];
        }
        let count = [8, 12, 16, 24, 32, 48].into_iter().find(|count| hull / f32::from(*count) < 12.0);
        self.sampled(count.unwrap_or(64))
    }

    /// How far a point is from it.
    pub(crate) fn distance_to(&self, point: Pos2) -> f32 {
        let mut nearest = f32::INFINITY;
        let mut from = self.at(0.0);
        for step in 1..=PIECES {
            let to = self.at(f32::from(step) / f32::from(PIECES));
            nearest = nearest.min(distance_to_segment(point, from, to));
            from = to;
        }
        nearest
    }
}

fn distance_to_segment(point: Pos2, from: Pos2, to: Pos2) -> f32 {
    let along = to - from;
    let length_sq = along.length_sq();
    if length_sq <= f32::EPSILON {
        return point.distance(from);
    }
    let t = ((point - from).dot(along) / length_sq).clamp(0.0, 1.0);
    let offset: Vec2 = along * t;
    point.distance(from + offset)
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    /// De Casteljau's construction, step by step: shares nothing with the polynomial above.
    fn constructed(curve: &Curve, t: f32) -> Pos2 {
        let mut points = curve.points.to_vec();
        while points.len() > 1 {
            points = points.windows(2).map(|pair| pair[0].lerp(pair[1], t)).collect();
        }
        points[0]
    }

    fn curves() -> Vec<Curve> {
        [
            (pos2(0.0, 0.0), pos2(300.0, 120.0)),
            (pos2(0.0, 0.0), pos2(-260.0, 40.0)),
            (pos2(10.0, 10.0), pos2(90.0, 10.0)),
            (pos2(-5.0, 400.0), pos2(700.0, -300.0)),
        ]
        .into_iter()
        .map(|(from, to)| Curve::between(from, to))
        .collect()
    }

    #[test]
    fn the_distance_agrees_with_ten_thousand_sampled_points() {
        for curve in curves() {
            let samples: Vec<_> = (0u16..=10_000).map(|step| constructed(&curve, f32::from(step) / 10_000.0)).collect();
            for x in -6i16..14 {
                for y in -6i16..8 {
                    let point = pos2(f32::from(x) * 60.0, f32::from(y) * 60.0);
                    let expected = samples.iter().map(|sample| sample.distance(point)).fold(f32::INFINITY, f32::min);
                    let found = curve.distance_to(point);
                    assert!((found - expected).abs() < 1.5, "{point:?}: {found} instead of {expected}");
                }
            }
        }
    }

    #[test]
    fn a_wire_leaves_to_the_right_and_arrives_from_the_left() {
        for curve in curves() {
            assert!(curve.points[1].x > curve.points[0].x);
            assert!(curve.points[2].x < curve.points[3].x);
            assert!(curve.bounds().expand(0.01).contains(curve.middle()));
        }
    }
}
