//! One plot: title with the values of the batch that is shown, curves, marks, and the histogram beside it.

use std::ops::RangeInclusive;

use eframe::egui::{self, FontId, Id, Rect, RichText, UiBuilder, accesskit::Role, pos2, vec2};
use egui_plot::{AxisHints, HoverPosition, Plot, PlotBounds, PlotPoint, PlotUi};
use weir_engine::metrics::Bucket;

use super::catalogue::{Chart, IntervalLine, Series};
use super::interval::{self, Drag};
use super::scale::{self, Scale, ScaleChoice};
use super::spans::Spans;
use super::units::Unit;
use super::{histogram, legend, marks, series};
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
    /// The axis of times.
    pub(super) scale: ScaleChoice,
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
        ui.label(RichText::new(tr(chart.title)).strong().color(theme.text));
        let value = |series: &Series| {
            let value = scene.state.live.history.value(series.measure, scene.shown);
            value.map_or_else(|| "—".to_owned(), |value| chart.unit.full(value))
        };
        let values = legend::one_unit(chart.series.iter().map(value).collect());
        let entry = |(series, value): (&Series, String)| {
            let text = if chart.series.len() > 1 { format!("{} {value}", tr(series.name)) } else { value };
            (theme.series[series.color % theme.series.len()], text)
        };
        let entries: Vec<_> = chart.series.iter().zip(values).map(entry).collect();
        legend::ui(ui, &entries, theme.text_weak);
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
    let held = drag.filter(|_| is_draggable);
    let interval = stair.iter().map(|point| point.y).fold(present.as_millis_f64(), f64::max);
    let scale = match (held, chart.interval) {
        (Some(drag), _) => drag.scale,
        (None, IntervalLine::None) => Scale::Linear,
        (None, IntervalLine::Drawn | IntervalLine::Draggable) => Scale::of(&curves, interval, scene.scale),
    };
    let largest = curves.iter().flatten().map(|bucket| bucket.max).fold(0.0, f64::max);
    let highest = if chart.interval == IntervalLine::None { largest } else { largest.max(interval) };
    let y_max = held.map_or_else(|| scale.top(highest), |drag| drag.y_max);
    let y_min = scale.foot(curves.iter().flatten().map(|bucket| bucket.min).fold(0.0, f64::min));
    let curves = scale.heights(curves);
    let stair: Vec<_> = stair.iter().map(|point| PlotPoint::new(point.x, scale.height(point.y))).collect();
    let plot = styled(chart.title, chart.unit, scale, f64::INFINITY, scene)
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
            draw(plot, chart, &curves, state);
        })
    });
    let plot = shown.inner;
    let words = description(chart, scene);
    plot.response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &words));
    interval::paint_stair(ui, &plot.transform, &stair, &state.theme);
    marks::paint(ui, &plot.transform, state);
    scene.spans.paint(ui, &plot.transform, &state.theme);
    if chart.interval != IntervalLine::None {
        let words = interval::words(present, if is_draggable { Some(state) } else { None });
        interval::paint_label(ui, &plot.transform, scale.height(present.as_millis_f64()), words, &state.theme);
    }
    if is_draggable {
        interval::drag_ui(ui, &plot.transform, scale, present, &state.theme, drag, actions);
    }
    if let Some(series) = chart.series.first() {
        let color = state.theme.series[series.color % state.theme.series.len()];
        let range = scene.batches.clone();
        histogram::ui(ui, bars, &plot.transform, scale, history, series.measure, range, chart.unit, color);
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

/// The plot without content: shared cursor, moved and zoomed sideways only, round grid, short labels up to a height.
pub(super) fn styled<'a>(
    title: &'static str,
    unit: Unit,
    scale: Scale,
    labelled_to: f64,
    scene: &Scene<'_>,
) -> Plot<'a> {
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
            let is_labelled = !is_at_top && mark.value <= labelled_to;
            if is_labelled { unit.short(scale.value(mark.value)) } else { String::new() }
        })
        .tick_label_font(font)
        .tick_label_color(theme.text_weak)
        .min_thickness(AXIS_WIDTH);
    Plot::new(title)
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .x_grid_spacer(|input| scale::grid(&input, 10.0, 1.0))
        .y_grid_spacer(move |input| scale.grid(&input))
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

fn draw(plot: &mut PlotUi<'_>, chart: &Chart, curves: &[Vec<Bucket>], state: &AppState) {
    for (series, buckets) in chart.series.iter().zip(curves) {
        series::curve(plot, tr(series.name), buckets, state.theme.series[series.color % state.theme.series.len()]);
    }
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
