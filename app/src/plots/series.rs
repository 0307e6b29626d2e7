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
    let mut stair = Vec::new();
    for bucket in history.buckets(Measure::Interval, range, max_points) {
        stair.push(PlotPoint::new(bucket.first_batch as f64 - 0.5, bucket.mean));
        stair.push(PlotPoint::new(bucket.last_batch as f64 + 0.5, bucket.mean));
    }
    let is_open = stair.last().is_none_or(|point| point.x < right_edge)
        && history.range().is_none_or(|(_, last)| last as f64 + 0.5 <= right_edge);
    if is_open {
        let from = stair.last().map_or(right_edge, |point| point.x);
        stair.push(PlotPoint::new(from, present_millis));
        stair.push(PlotPoint::new(right_edge, present_millis));
    }
    stair
}

fn middle(bucket: &Bucket) -> f64 {
    f64::midpoint(bucket.first_batch as f64, bucket.last_batch as f64)
}
