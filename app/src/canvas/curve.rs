//! The shape of a wire: it leaves its output to the right and enters its input from the left, as one cubic curve or in
//! right angles.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

use crate::settings::WireStyle;

/// Straight pieces a distance is measured against; the error is below a pixel for wires of usual length.
const PIECES: u16 = 32;
/// The shortest handle, so that even touching nodes show which way a wire runs.
const MIN_HANDLE: f32 = 24.0;
/// The longest handle.
const MAX_HANDLE: f32 = 200.0;
/// How far an angular wire runs straight before it may turn.
const STUB: f32 = 20.0;
/// How far below its ends an angular wire passes that runs back to about the height it came from.
const DETOUR: f32 = 72.0;
/// Radius of an angular wire's corners, in the unit its points are given in.
const CORNER: f32 = 7.0;

/// A wire's shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Curve {
    /// A cubic Bézier curve: start, two handles, end.
    Bezier([Pos2; 4]),
    /// Right angles: start, four corners (some of which may coincide), end.
    Steps([Pos2; 6]),
}

impl Curve {
    /// The wire from an output to an input, in world units.
    pub(crate) fn between(from: Pos2, to: Pos2, style: WireStyle) -> Self {
        match style {
            WireStyle::Curved => Self::Bezier(handles(from, to)),
            WireStyle::Angular => Self::Steps(corners(from, to)),
        }
    }

    fn points(&self) -> &[Pos2] {
        match self {
            Self::Bezier(points) => points,
            Self::Steps(points) => points,
        }
    }

    /// Where it begins: at the output.
    pub(crate) fn start(&self) -> Pos2 {
        self.points().first().copied().unwrap_or_default()
    }

    /// Where it ends: at the input.
    pub(crate) fn end(&self) -> Pos2 {
        self.points().last().copied().unwrap_or_default()
    }

    /// The same curve after mapping each of its points (the mapping must be affine).
    #[must_use]
    pub(crate) fn map(self, mapping: impl Fn(Pos2) -> Pos2) -> Self {
        match self {
            Self::Bezier(points) => Self::Bezier(points.map(mapping)),
            Self::Steps(points) => Self::Steps(points.map(mapping)),
        }
    }

    /// The point half way.
    pub(crate) fn middle(&self) -> Pos2 {
        match self {
            Self::Bezier(points) => bezier_at(points, 0.5),
            Self::Steps([_, _, before, after, _, _]) => before.lerp(*after, 0.5),
        }
    }

    /// A rectangle that contains it: a curve lies within the hull of its points.
    pub(crate) fn bounds(&self) -> Rect {
        Rect::from_points(self.points())
    }

    /// `count + 1` points along it, those of a Bézier curve evenly in its parameter, others evenly in length.
    pub(crate) fn sampled(&self, count: u16) -> Vec<Pos2> {
        let share = |step: u16| f32::from(step) / f32::from(count.max(1));
        match self {
            Self::Bezier(points) => (0..=count).map(|step| bezier_at(points, share(step))).collect(),
            Self::Steps(points) => {
                let length = length_of(points);
                (0..=count).map(|step| along(points, share(step) * length)).collect()
            }
        }
    }

    /// As many points as it takes to look round, for a curve given in screen pixels.
    pub(crate) fn flattened(&self) -> Vec<Pos2> {
        match self {
            Self::Bezier(points) => {
                let [a, _, _, d] = *points;
                if (a.y - d.y).abs() < 0.5 && a.x <= d.x {
                    return vec![a, d];
                }
                let hull = length_of(points);
                let count = [8, 12, 16, 24, 32, 48].into_iter().find(|count| hull / f32::from(*count) < 12.0);
                self.sampled(count.unwrap_or(64))
            }
            Self::Steps(points) => rounded(points),
        }
    }

    /// How far a point is from it.
    pub(crate) fn distance_to(&self, point: Pos2) -> f32 {
        let to_pieces = |points: &[Pos2]| {
            let pairs = points.iter().zip(points.iter().skip(1));
            pairs.map(|(from, to)| distance_to_segment(point, *from, *to)).fold(f32::INFINITY, f32::min)
        };
        match self {
            Self::Bezier(_) => to_pieces(&self.sampled(PIECES)),
            Self::Steps(points) => to_pieces(points),
        }
    }
}

fn handles(from: Pos2, to: Pos2) -> [Pos2; 4] {
    let span = to - from;
    // A wire that runs backwards swings out, so that it passes around its nodes instead of through them.
    let handle = if span.x >= 0.0 { span.x * 0.5 } else { 56.0 + span.x.abs() * 0.35 };
    let handle = handle.max(MIN_HANDLE.min(span.length() * 0.5)).min(MAX_HANDLE);
    [from, from + vec2(handle, 0.0), to - vec2(handle, 0.0), to]
}

fn corners(from: Pos2, to: Pos2) -> [Pos2; 6] {
    if to.x - from.x >= 2.0 * STUB {
        let turn = f32::midpoint(from.x, to.x);
        let middle = pos2(turn, f32::midpoint(from.y, to.y));
        return [from, pos2(turn, from.y), middle, middle, pos2(turn, to.y), to];
    }
    let (right, left) = (from.x + STUB, to.x - STUB);
    let is_level = (from.y - to.y).abs() < DETOUR;
    let y = if is_level { from.y.max(to.y) + DETOUR } else { f32::midpoint(from.y, to.y) };
    [from, pos2(right, from.y), pos2(right, y), pos2(left, y), pos2(left, to.y), to]
}

fn bezier_at(points: &[Pos2; 4], t: f32) -> Pos2 {
    let [a, b, c, d] = points.map(Pos2::to_vec2);
    let s = 1.0 - t;
    (a * (s * s * s) + b * (3.0 * s * s * t) + c * (3.0 * s * t * t) + d * (t * t * t)).to_pos2()
}

fn length_of(points: &[Pos2]) -> f32 {
    points.iter().zip(points.iter().skip(1)).map(|(a, b)| a.distance(*b)).sum()
}

/// The point this far along a polyline.
fn along(points: &[Pos2], mut length: f32) -> Pos2 {
    for (from, to) in points.iter().zip(points.iter().skip(1)) {
        let piece = from.distance(*to);
        if length <= piece && piece > 0.0 {
            return from.lerp(*to, length / piece);
        }
        length -= piece;
    }
    points.last().copied().unwrap_or_default()
}

/// The polyline with its corners rounded, as far as the pieces are long enough.
fn rounded(points: &[Pos2]) -> Vec<Pos2> {
    let mut path: Vec<Pos2> = Vec::with_capacity(20);
    let mut distinct: Vec<Pos2> = points.to_vec();
    distinct.dedup_by(|a, b| a.distance(*b) < 0.5);
    for (at, corner) in distinct.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| distinct.get(before));
        let (Some(before), Some(after)) = (before, distinct.get(at + 1)) else {
            path.push(*corner);
            continue;
        };
        let radius = CORNER.min(before.distance(*corner) * 0.5).min(corner.distance(*after) * 0.5);
        let enters = *corner + (*before - *corner).normalized() * radius;
        let leaves = *corner + (*after - *corner).normalized() * radius;
        for step in 0u8..=4 {
            let t = f32::from(step) / 4.0;
            path.push(enters.lerp(*corner, t).lerp(corner.lerp(leaves, t), t));
        }
    }
    path
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
    use super::*;

    /// De Casteljau's construction, step by step: shares nothing with the polynomial above.
    fn constructed(points: &[Pos2], t: f32) -> Pos2 {
        let mut points = points.to_vec();
        while points.len() > 1 {
            points = points.windows(2).map(|pair| pair[0].lerp(pair[1], t)).collect();
        }
        points[0]
    }

    fn curves(style: WireStyle) -> Vec<Curve> {
        [
            (pos2(0.0, 0.0), pos2(300.0, 120.0)),
            (pos2(0.0, 0.0), pos2(-260.0, 40.0)),
            (pos2(0.0, 0.0), pos2(-260.0, 340.0)),
            (pos2(10.0, 10.0), pos2(90.0, 10.0)),
            (pos2(-5.0, 400.0), pos2(700.0, -300.0)),
        ]
        .into_iter()
        .map(|(from, to)| Curve::between(from, to, style))
        .collect()
    }

    #[test]
    fn the_distance_agrees_with_ten_thousand_sampled_points() {
        for curve in curves(WireStyle::Curved) {
            let samples: Vec<_> =
                (0u16..=10_000).map(|step| constructed(curve.points(), f32::from(step) / 10_000.0)).collect();
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
        for curve in curves(WireStyle::Curved).into_iter().chain(curves(WireStyle::Angular)) {
            let points = curve.points();
            assert!(points[1].x > points[0].x);
            assert!(points[points.len() - 2].x < points[points.len() - 1].x);
            assert!(curve.bounds().expand(0.01).contains(curve.middle()));
            assert!(curve.distance_to(curve.middle()) < 1.0);
        }
    }

    #[test]
    fn an_angular_wire_runs_only_across_and_down_and_is_rounded_within_its_bounds() {
        for curve in curves(WireStyle::Angular) {
            for pair in curve.points().windows(2) {
                let (across, down) = ((pair[1].x - pair[0].x).abs(), (pair[1].y - pair[0].y).abs());
                assert!(across.min(down) < 1e-3, "{curve:?}");
            }
            for point in curve.flattened() {
                assert!(curve.bounds().expand(0.01).contains(point));
                assert!(curve.distance_to(point) <= CORNER);
            }
            let samples = curve.sampled(40);
            assert!(samples.iter().all(|sample| curve.distance_to(*sample) < 0.1));
            assert_eq!((samples[0], samples[40]), (curve.start(), curve.end()));
        }
    }
}
