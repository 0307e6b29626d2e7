//! The curves of one plot as `egui_plot` items: a line of averages, with a band from smallest to largest where several
//! batches share a point.

use std::ops::RangeInclusive;

use eframe::egui::{Color32, Stroke};
use egui_plot::{FilledArea, Line, PlotPoint, PlotPoints, PlotUi};
use weir_engine::metrics::{Bucket, History, Measure};

/// How much of its colour the band keeps.
const BAND_ALPHA: f32 = 0.25;

/// Draws one curve.
pub(super) fn curve(plot: &mut PlotUi<'_>, name: &str, buckets: &[Bucket], color: Color32) {
    let middles: Vec<_> = buckets.iter().map(middle).collect();
    if buckets.iter().any(|bucket| bucket.last_batch > bucket.first_batch) {
        let smallest: Vec<_> = buckets.iter().map(|bucket| bucket.min).collect();
        let largest: Vec<_> = buckets.iter().map(|bucket| bucket.max).collect();
        let band = FilledArea::new(format!("{name} band"), &middles, &smallest, &largest);
        plot.add(band.fill_color(color.gamma_multiply(BAND_ALPHA)).allow_hover(false));
    }
    let points: Vec<_> = middles.iter().zip(buckets).map(|(x, bucket)| PlotPoint::new(*x, bucket.mean)).collect();
    let line = Line::new(name.to_owned(), PlotPoints::Owned(points));
    plot.line(line.stroke(Stroke::new(1.5, color)).allow_hover(false));
}

/// The batch interval over the batches in view as a stair, going on to the right edge at the present setting.
pub(super) fn interval_stair(
    history: &History,
    range: RangeInclusive<u64>,
    max_points: usize,
    present_millis: f64,
    right_edge: f64,
) -> Vec<PlotPoint> {
    let mut stair: Vec<PlotPoint> = Vec::new();
    for bucket in history.buckets(Measure::Interval, range, max_points) {
        step_to(&mut stair, bucket.first_batch as f64 - 0.5, bucket.mean);
        step_to(&mut stair, bucket.last_batch as f64 + 0.5, bucket.mean);
    }
    let is_open = stair.last().is_none_or(|point| point.x < right_edge)
        && history.range().is_none_or(|(_, last)| last as f64 + 0.5 <= right_edge);
    if is_open {
        let from = stair.last().map_or(right_edge, |point| point.x);
        step_to(&mut stair, from, present_millis);
        step_to(&mut stair, right_edge, present_millis);
    }
    stair
}

/// Goes on to a point: straight lines are one piece, since points that coincide are drawn as blots.
fn step_to(stair: &mut Vec<PlotPoint>, x: f64, y: f64) {
    let is_level = |point: &PlotPoint| (point.y - y).abs() <= f64::EPSILON * y.abs();
    if let [.., before, last] = stair.as_mut_slice()
        && is_level(before)
        && is_level(last)
    {
        last.x = x;
    } else if stair.last().is_none_or(|last| !is_level(last) || last.x < x) {
        stair.push(PlotPoint::new(x, y));
    }
}

fn middle(bucket: &Bucket) -> f64 {
    f64::midpoint(bucket.first_batch as f64, bucket.last_batch as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_interval_is_one_straight_piece_and_a_change_one_step() {
        let mut stair = Vec::new();
        for (batch, interval) in [(0, 1_000.0), (1, 1_000.0), (2, 1_000.0), (3, 200.0), (4, 200.0)] {
            step_to(&mut stair, f64::from(batch) - 0.5, interval);
            step_to(&mut stair, f64::from(batch) + 0.5, interval);
        }
        let points: Vec<_> = stair.iter().map(|point| (point.x, point.y)).collect();
        assert_eq!(points, [(-0.5, 1_000.0), (2.5, 1_000.0), (2.5, 200.0), (4.5, 200.0)]);
    }
}
