//! One plot: title with the values of the batch that is shown, curves, marks, and the histogram beside it.

use std::ops::RangeInclusive;

use eframe::egui::{self, FontId, Id, Rect, RichText, Stroke, UiBuilder, accesskit::Role, pos2, vec2};
use egui_plot::{AxisHints, GridInput, GridMark, HoverPosition, Line, Plot, PlotBounds, PlotPoint, PlotPoints, PlotUi};
use weir_engine::metrics::Bucket;
use weir_engine::spec::Span;

use super::catalogue::{Chart, IntervalLine};
use super::interval::{self, Drag};
use super::spans::Spans;
use super::units::Unit;
use super::{histogram, marks, series};
use crate::action::Actions;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// Marks that a screen reader says, the newest first.
const TOLD_MARKS: usize = 3;
/// Height of the title line.
pub(super) const TITLE_HEIGHT: f32 = 20.0;
/// Room for the labels of the value axis, equal in all plots so that their batches stand under each other.
pub(super) const AXIS_WIDTH: f32 = 52.0;
/// Width of the histogram.
pub(super) const HISTOGRAM_WIDTH: f32 = 34.0;
/// Size of axis labels.
const AXIS_POINTS: f32 = 10.5;

/// What all plots of a frame share.
pub(super) struct Scene<'a> {
    /// What is drawn.
    pub(super) state: &'a AppState,
    /// The span in view, in batches.
    pub(super) span: (f64, f64),
    /// The batches in view.
    pub(super) batches: RangeInclusive<u64>,
    /// The batch whose values the titles show.
    pub(super) shown: u64,
    /// The spans that are compared.
    pub(super) spans: &'a Spans,
    /// Whether dragging makes a span instead of moving the view.
    pub(super) is_measuring: bool,
}

/// What a person did with a plot.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Clicked this batch.
    pub(super) batch: Option<u64>,
    /// Moved the view here.
    pub(super) span: Option<(f64, f64)>,
    /// Asked to follow the newest batch.
    pub(super) follow: bool,
    /// Dragged over a span, to read its averages.
    pub(super) measured: Option<Measured>,
}

/// A drag over a span of batches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    /// Where it began; not known any more once it is over.
    pub(super) from: Option<f64>,
    /// Where it is now.
    pub(super) to: f64,
    /// Whether the button was let go.
    pub(super) is_over: bool,
}

/// Draws a plot into `cell`.
pub(super) fn ui(
    ui: &mut egui::Ui,
    cell: Rect,
    chart: &'static Chart,
    scene: &Scene<'_>,
    drag: &mut Option<Drag>,
    actions: &mut Actions,
) -> Asked {
    let builder = UiBuilder::new().id_salt(chart.title).max_rect(cell);
    ui.scope_builder(builder, |ui| {
        let (title, body) = cell.split_top_bottom_at_y(cell.top() + TITLE_HEIGHT);
        title_ui(ui, title, chart, scene);
        let (plot, bars) = body.split_left_right_at_x(body.right() - HISTOGRAM_WIDTH);
        body_ui(ui, plot, bars.shrink2(vec2(2.0, 0.0)), chart, scene, drag, actions)
    })
    .inner
}

/// The title, and per curve its value in the shown batch.
fn title_ui(ui: &mut egui::Ui, rect: Rect, chart: &Chart, scene: &Scene<'_>) {
    let theme = &scene.state.theme;
    let builder = UiBuilder::new().max_rect(rect).layout(egui::Layout::left_to_right(egui::Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(tr(chart.title)).strong().color(theme.text));
        for series in chart.series {
            let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), egui::Sense::hover());
            ui.painter().circle_filled(dot.center(), 3.5, theme.series[series.color % theme.series.len()]);
            let value = scene.state.live.history.value(series.measure, scene.shown);
            let value = value.map_or_else(|| "—".to_owned(), |value| chart.unit.full(value));
            let text = if chart.series.len() > 1 { format!("{} {value}", tr(series.name)) } else { value };
            ui.label(RichText::new(text).small().color(theme.text_weak));
        }
    });
}

fn body_ui(
    ui: &mut egui::Ui,
    rect: Rect,
    bars: Rect,
    chart: &'static Chart,
    scene: &Scene<'_>,
    drag: &mut Option<Drag>,
    actions: &mut Actions,
) -> Asked {
    let (state, history) = (scene.state, &scene.state.live.history);
    let present = state.document.pipeline().settings().interval;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width in pixels")]
    let max_points = ((rect.width() - AXIS_WIDTH) / 2.0).clamp(16.0, 4_000.0) as usize;
    let curves: Vec<_> =
        chart.series.iter().map(|series| history.buckets(series.measure, scene.batches.clone(), max_points)).collect();
    let stair = match chart.interval {
        IntervalLine::None => Vec::new(),
        IntervalLine::Drawn | IntervalLine::Draggable => {
            series::interval_stair(history, scene.batches.clone(), max_points, present.as_millis_f64(), scene.span.1)
        }
    };
    let is_draggable = chart.interval == IntervalLine::Draggable;
    let held = drag.filter(|_| is_draggable).map(|drag| drag.y_max);
    let y_max = held.unwrap_or_else(|| y_max(&curves, &stair, chart.interval, present));
    let y_min = y_min(&curves);
    let plot = styled(chart.title, chart.unit, scene)
        .label_formatter(move |hover| {
            let (HoverPosition::NearDataPoint { position, .. } | HoverPosition::Elsewhere { position }) = hover;
            tooltip(chart, state, position.x)
        })
        .width(rect.width())
        .height(rect.height());
    let builder = UiBuilder::new().max_rect(rect);
    let span = scene.span;
    let shown = ui.scope_builder(builder, |ui| {
        plot.show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max([span.0, y_min], [span.1, y_max]));
            draw(plot, chart, &curves, stair, state);
        })
    });
    let plot = shown.inner;
    let words = description(chart, scene);
    plot.response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &words));
    marks::paint(ui, &plot.transform, state);
    scene.spans.paint(ui, &plot.transform, &state.theme);
    if chart.interval != IntervalLine::None {
        interval::paint_label(ui, &plot.transform, present, &state.theme);
    }
    if is_draggable {
        interval::drag_ui(ui, &plot.transform, present, &state.theme, drag, actions);
    }
    if let Some(series) = chart.series.first() {
        let color = state.theme.series[series.color % state.theme.series.len()];
        let range = scene.batches.clone();
        histogram::ui(ui, bars, &plot.transform, history, series.measure, range, chart.unit, color);
    }
    asked(ui, &plot.response, &plot.transform, scene)
}

/// What the pointer did on the plot itself.
pub(super) fn asked(
    ui: &egui::Ui,
    response: &egui::Response,
    transform: &egui_plot::PlotTransform,
    scene: &Scene<'_>,
) -> Asked {
    let span = scene.span;
    let bounds = transform.bounds();
    let moved = (bounds.min()[0], bounds.max()[0]);
    let tolerance = (span.1 - span.0) * 1e-6;
    let is_moved = (moved.0 - span.0).abs() > tolerance || (moved.1 - span.1).abs() > tolerance;
    let clicked = response.clicked().then(|| response.interact_pointer_pos()).flatten();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a batch number, cut off at 0")]
    let batch = clicked.map(|at| transform.value_from_position(at).x.round().max(0.0) as u64);
    let is_dragged = scene.is_measuring && (response.dragged() || response.drag_stopped());
    let measured = response.interact_pointer_pos().filter(|_| is_dragged).map(|to| {
        let x = |at: egui::Pos2| transform.value_from_position(at).x;
        Measured {
            from: ui.input(|input| input.pointer.press_origin()).map(x),
            to: x(to),
            is_over: response.drag_stopped(),
        }
    });
    let span = (is_moved && measured.is_none()).then_some(moved);
    Asked { batch, span, follow: response.double_clicked(), measured }
}

/// The foot of the scale: zero, or below the lowest value where some are negative.
fn y_min(curves: &[Vec<Bucket>]) -> f64 {
    let lowest = curves.iter().flatten().map(|bucket| bucket.min).fold(0.0, f64::min);
    if lowest < 0.0 { -round_up(-lowest * 1.1) } else { 0.0 }
}

/// The top of the scale: above all values and, in plots of times, above the batch interval, however far away it is.
fn y_max(curves: &[Vec<Bucket>], stair: &[PlotPoint], interval: IntervalLine, present: Span) -> f64 {
    let values = curves.iter().flatten().map(|bucket| bucket.max);
    let present = match interval {
        IntervalLine::None => None,
        IntervalLine::Drawn | IntervalLine::Draggable => Some(present.as_millis_f64()),
    };
    let largest = values.chain(stair.iter().map(|point| point.y)).chain(present).fold(0.0, f64::max);
    if largest > 0.0 { round_up(largest * 1.1) } else { 1.0 }
}

/// The next of a row of round numbers, so that the scale does not move with every batch.
pub(super) fn round_up(value: f64) -> f64 {
    const STEPS: [f64; 12] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0];
    let power = 10f64.powf(value.log10().floor());
    STEPS.iter().map(|step| step * power).find(|step| *step >= value).unwrap_or(value)
}

/// The plot without content: shared cursor, moved and zoomed sideways only, round grid, short labels.
pub(super) fn styled<'a>(title: &'static str, unit: Unit, scene: &Scene<'_>) -> Plot<'a> {
    let theme = &scene.state.theme;
    let font = FontId::proportional(AXIS_POINTS);
    let x_axis = AxisHints::new_x()
        .formatter(|mark, _| if mark.value < 0.0 { String::new() } else { format!("{:.0}", mark.value) })
        .tick_label_font(font.clone())
        .tick_label_color(theme.text_weak);
    let y_axis = AxisHints::new_y()
        .formatter(move |mark, range| {
            // The topmost label would reach into the title.
            let is_at_top = mark.value > range.end() - 0.06 * (range.end() - range.start());
            if is_at_top { String::new() } else { unit.short(mark.value) }
        })
        .tick_label_font(font)
        .tick_label_color(theme.text_weak)
        .min_thickness(AXIS_WIDTH);
    Plot::new(title)
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .x_grid_spacer(|input| grid(&input, 10.0, 1.0))
        .y_grid_spacer(|input| grid(&input, 4.0, 0.0))
        .grid_color(theme.border)
        .cursor_color(theme.text_weak)
        .link_cursor(Id::unique("plots.cursor"), [true, false])
        .show_y(false)
        .allow_zoom([true, false])
        .allow_drag([!scene.is_measuring, false])
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
}

fn draw(plot: &mut PlotUi<'_>, chart: &Chart, curves: &[Vec<Bucket>], stair: Vec<PlotPoint>, state: &AppState) {
    for (series, buckets) in chart.series.iter().zip(curves) {
        series::curve(plot, tr(series.name), buckets, state.theme.series[series.color % state.theme.series.len()]);
    }
    draw_interval(plot, stair, state);
}

/// The batch interval, in whichever plot.
pub(super) fn draw_interval(plot: &mut PlotUi<'_>, stair: Vec<PlotPoint>, state: &AppState) {
    if !stair.is_empty() {
        let stroke = Stroke::new(1.5, state.theme.interval);
        plot.line(Line::new(tr("plots.interval_line"), PlotPoints::Owned(stair)).stroke(stroke).allow_hover(false));
    }
}

/// Grid lines at 1, 2 or 5 times a power of ten, `spread` times as far apart as `egui_plot`'s finest.
fn grid(input: &GridInput, spread: f64, finest: f64) -> Vec<GridMark> {
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

/// All values of the batch under the pointer.
fn tooltip(chart: &Chart, state: &AppState, x: f64) -> Option<String> {
    let (first, last) = state.live.history.range()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut off at the known batches")]
    let batch = (x.round().max(0.0) as u64).clamp(first, last);
    let mut lines = vec![trf("plots.batch", &[("batch", &batch.to_string())])];
    for series in chart.series {
        if let Some(value) = state.live.history.value(series.measure, batch) {
            lines.push(format!("{}: {}", tr(series.name), chart.unit.full(value)));
        }
    }
    if chart.interval != IntervalLine::None
        && let Some(value) = state.live.history.value(weir_engine::metrics::Measure::Interval, batch)
    {
        lines.push(format!("{}: {}", tr("plots.interval_line"), Unit::Millis.full(value)));
    }
    lines.extend(marks::within(state, &(batch..=batch)).into_iter().map(|(_, label)| label.into_owned()));
    Some(lines.join("\n"))
}

/// What a screen reader says of the plot.
fn description(chart: &Chart, scene: &Scene<'_>) -> String {
    let values: Vec<_> = chart
        .series
        .iter()
        .filter_map(|series| Some((series, scene.state.live.history.value(series.measure, scene.shown)?)))
        .map(|(series, value)| match chart.series.len() {
            1 => chart.unit.full(value),
            _ => format!("{} {}", tr(series.name), chart.unit.full(value)),
        })
        .collect();
    let words = trf(
        "plots.plot_of",
        &[("title", tr(chart.title)), ("batch", &scene.shown.to_string()), ("values", &values.join(", "))],
    );
    let marks = marks::within(scene.state, &scene.batches);
    let newest: Vec<_> =
        marks.iter().rev().take(TOLD_MARKS).map(|(batch, label)| format!("{label} ({batch})")).collect();
    if newest.is_empty() { words } else { trf("plots.marked", &[("words", &words), ("marks", &newest.join(", "))]) }
}

/// Where the cells of a grid lie, row by row.
pub(super) fn cells(area: Rect, columns: usize, rows: usize, gap: f32) -> impl Iterator<Item = Rect> {
    let width = (area.width() - gap * (columns as f32 - 1.0)) / columns as f32;
    let height = (area.height() - gap * (rows as f32 - 1.0)) / rows as f32;
    (0..rows * columns).map(move |index| {
        let (column, row) = ((index % columns) as f32, (index / columns) as f32);
        let corner = pos2(area.left() + column * (width + gap), area.top() + row * (height + gap));
        Rect::from_min_size(corner, vec2(width, height))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_reaches_above_the_interval_however_far_it_is() {
        let bucket = Bucket { first_batch: 0, last_batch: 0, min: 12.0, max: 12.0, mean: 12.0 };
        let top = y_max(&[vec![bucket]], &[], IntervalLine::Draggable, Span::from_secs(60));
        assert!(top > 60_000.0, "{top}");
        let alone = y_max(&[vec![bucket]], &[], IntervalLine::None, Span::from_secs(60));
        assert!((12.0..20.0).contains(&alone), "{alone}");
    }

    #[test]
    fn grid_lines_lie_at_round_numbers_and_whole_batches() {
        let input = GridInput { bounds: (0.0, 3.0), base_step_size: 0.01 };
        let values: Vec<_> = grid(&input, 10.0, 1.0).into_iter().map(|mark| mark.value).collect();
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0]);
    }
}
