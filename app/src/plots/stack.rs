//! How long each node took, stacked: where the time of a batch goes, over time.

use std::collections::BTreeMap;

use eframe::egui::{self, Color32, Rect, RichText, Shape, Stroke, UiBuilder, accesskit::Role, pos2};
use egui_plot::{FilledArea, PlotBounds, PlotTransform};
use weir_engine::metrics::BusyBucket;
use weir_engine::spec::NodeId;

use super::chart::{self, AXIS_WIDTH, Asked, HISTOGRAM_WIDTH, Scene, TITLE_HEIGHT};
use super::scale::{Scale, ScaleChoice, round_up};
use super::units::{self, Unit};
use super::{interval, legend, marks, series};
use crate::i18n::{tr, trf};

/// Nodes with a colour of their own; the others share one.
const NAMED: usize = 6;

/// The step of the zigzag where the axis is broken.
const ZIGZAG: f32 = 5.0;
/// An interval so many times as high as the stack would leave it no room: the axis is broken below the interval.
const FAR: f64 = 4.0;
/// The part of a broken axis that the stack has.
const BELOW_BREAK: f64 = 0.74;
/// The height of the interval above the break.
const ABOVE_BREAK: f64 = 0.88;

/// One layer of the stack.
struct Layer {
    /// `None`: all the others.
    node: Option<NodeId>,
    name: String,
    color: Color32,
    /// Milliseconds per bucket.
    values: Vec<f64>,
}

/// Draws it into `cell`.
pub(super) fn ui(ui: &mut egui::Ui, cell: Rect, scene: &Scene<'_>) -> Asked {
    let builder = UiBuilder::new().id_salt("plots.nodes").max_rect(cell);
    ui.scope_builder(builder, |ui| {
        let (title, body) = cell.split_top_bottom_at_y(cell.top() + TITLE_HEIGHT);
        let (rect, _) = body.split_left_right_at_x(body.right() - HISTOGRAM_WIDTH);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width in pixels")]
        let max_points = ((rect.width() - AXIS_WIDTH) / 3.0).clamp(16.0, 1_000.0) as usize;
        let buckets = scene.state.live.history.busy(scene.batches.clone(), max_points);
        let layers = layers_of(&buckets, scene);
        title_ui(ui, title.with_max_x(cell.right()), &layers, scene);
        body_ui(ui, rect, &buckets, &layers, scene)
    })
    .inner
}

/// The title, and the nodes that took most of the time in view, as many as fit, each with its share.
fn title_ui(ui: &mut egui::Ui, rect: Rect, layers: &[Layer], scene: &Scene<'_>) {
    let theme = &scene.state.theme;
    let builder = UiBuilder::new().max_rect(rect).layout(egui::Layout::left_to_right(egui::Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(tr("plots.nodes")).strong().color(theme.text));
        legend::ui(ui, &entries_of(layers), theme.text_weak);
    });
}

/// What the legend says, costliest first: colour, and name with share.
fn entries_of(layers: &[Layer]) -> Vec<(Color32, String)> {
    let total: f64 = layers.iter().flat_map(|layer| &layer.values).sum();
    let mut sums: Vec<(f64, &Layer)> = layers.iter().map(|layer| (layer.values.iter().sum(), layer)).collect();
    sums.sort_by(|a, b| b.0.total_cmp(&a.0));
    let entry = |(sum, layer): (f64, &Layer)| {
        let share = if total > 0.0 { sum / total } else { 0.0 };
        (layer.color, format!("{} {}", layer.name, units::percent(share)))
    };
    sums.into_iter().map(entry).collect()
}

fn body_ui(ui: &mut egui::Ui, rect: Rect, buckets: &[BusyBucket], layers: &[Layer], scene: &Scene<'_>) -> Asked {
    let state = scene.state;
    let totals = (0..buckets.len()).map(|at| layers.iter().map(|layer| layer.values[at]).sum::<f64>());
    let present = state.document.pipeline().settings().interval;
    let interval = present.as_millis_f64();
    let largest = totals.fold(0.0, f64::max);
    let is_broken = largest > 0.0 && largest * FAR < interval && scene.scale != ScaleChoice::Linear;
    let y_max = if is_broken { round_up(largest * 1.1) / BELOW_BREAK } else { round_up(largest.max(interval) * 1.1) };
    let labelled_to = if is_broken { y_max * BELOW_BREAK } else { f64::INFINITY };
    let plot = chart::styled("plots.nodes", Unit::Millis, Scale::Linear, labelled_to, scene)
        .label_formatter(|_| None)
        .width(rect.width())
        .height(rect.height());
    let builder = UiBuilder::new().max_rect(rect);
    let shown = ui.scope_builder(builder, |ui| {
        plot.show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max([scene.span.0, 0.0], [scene.span.1, y_max]));
            let (middles, mut lower) = steps_of(buckets);
            for layer in layers {
                let upper: Vec<f64> = lower
                    .iter()
                    .enumerate()
                    .map(|(at, low)| low + layer.values.get(at / 2).copied().unwrap_or(0.0))
                    .collect();
                let area = FilledArea::new(layer.name.clone(), &middles, &lower, &upper);
                plot.add(area.fill_color(layer.color.gamma_multiply(0.75)).allow_hover(false));
                lower = upper;
            }
        })
    });
    let plot = shown.inner;
    let words = description(layers, buckets, scene);
    plot.response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, &words));
    marks::paint(ui, &plot.transform, state);
    scene.spans.paint(ui, &plot.transform, &state.theme);
    if is_broken {
        let times = units::compact(interval / largest);
        let words = trf("plots.interval_above", &[("interval", &units::span(present)), ("times", &times)]);
        paint_break(ui, &plot.transform, y_max, words, scene);
    } else {
        let stair = series::interval_stair(&state.live.history, scene.batches.clone(), 200, interval, scene.span.1);
        interval::paint_stair(ui, &plot.transform, &stair, &state.theme);
        let words = interval::words(present, None);
        interval::paint_label(ui, &plot.transform, interval, words, &state.theme);
    }
    if let Some(at) = plot.response.hover_pos() {
        let x = plot.transform.value_from_position(at).x;
        plot.response.clone().on_hover_ui_at_pointer(|ui| hover_ui(ui, buckets, layers, x, scene));
    }
    chart::asked(ui, &plot.response, &plot.transform, scene)
}

/// A zigzag across the plot where the axis is broken, and above it the interval, which is much higher.
fn paint_break(ui: &egui::Ui, transform: &PlotTransform, y_max: f64, words: String, scene: &Scene<'_>) {
    let theme = &scene.state.theme;
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
    let middle = transform.position_from_point_y(y_max * f64::midpoint(BELOW_BREAK, ABOVE_BREAK));
    let count = (frame.width() / ZIGZAG).ceil().max(1.0);
    let mut points = Vec::new();
    let mut step = 0.0;
    while step <= count {
        let is_up = points.len().is_multiple_of(2);
        points.push(pos2(frame.left() + step * ZIGZAG, middle + if is_up { 2.0 } else { -2.0 }));
        step += 1.0;
    }
    painter.add(Shape::line(points, Stroke::new(1.0, theme.text_weak.gamma_multiply(0.6))));
    let height = y_max * ABOVE_BREAK;
    painter.hline(frame.x_range(), transform.position_from_point_y(height), Stroke::new(1.5, theme.interval));
    interval::paint_label(ui, transform, height, words, theme);
}

/// Every bucket as a step: its two edges, both at its value.
fn steps_of(buckets: &[BusyBucket]) -> (Vec<f64>, Vec<f64>) {
    let edges = buckets.iter().flat_map(|bucket| [bucket.first_batch as f64 - 0.5, bucket.last_batch as f64 + 0.5]);
    (edges.collect(), vec![0.0; buckets.len() * 2])
}

/// What each node took in the batches under the pointer.
fn hover_ui(ui: &mut egui::Ui, buckets: &[BusyBucket], layers: &[Layer], x: f64, scene: &Scene<'_>) {
    let found = buckets.iter().position(|bucket| x <= bucket.last_batch as f64 + 0.5);
    let Some(at) = found else { return };
    let total: f64 = layers.iter().map(|layer| layer.values[at]).sum();
    let bucket = &buckets[at];
    let batches = if bucket.first_batch == bucket.last_batch {
        bucket.first_batch.to_string()
    } else {
        format!("{}–{}", bucket.first_batch, bucket.last_batch)
    };
    ui.label(RichText::new(trf("plots.batch", &[("batch", &batches)])).strong());
    egui::Grid::new("nodes hover").num_columns(3).spacing([10.0, 3.0]).show(ui, |ui| {
        for layer in layers.iter().rev() {
            let value = layer.values[at];
            let share = if total > 0.0 { value / total } else { 0.0 };
            ui.label(RichText::new(&layer.name).color(layer.color));
            ui.label(RichText::new(units::millis(value)).color(scene.state.theme.text));
            ui.label(RichText::new(units::percent(share)).color(scene.state.theme.text_weak));
            ui.end_row();
        }
    });
}

/// The nodes in topological order; only the costliest have a layer of their own.
fn layers_of(buckets: &[BusyBucket], scene: &Scene<'_>) -> Vec<Layer> {
    let mut totals: BTreeMap<NodeId, f64> = BTreeMap::new();
    let mut order: Vec<NodeId> = Vec::new();
    for (node, millis) in buckets.iter().flat_map(|bucket| &bucket.busy_millis) {
        *totals.entry(*node).or_insert_with(|| {
            order.push(*node);
            0.0
        }) += millis;
    }
    let mut costliest: Vec<_> = totals.iter().collect();
    costliest.sort_by(|a, b| b.1.total_cmp(a.1));
    let named: Vec<NodeId> = costliest.iter().take(NAMED).map(|(node, _)| **node).collect();
    let theme = &scene.state.theme;
    let mut layers: Vec<Layer> = order
        .iter()
        .filter(|node| named.contains(node))
        .enumerate()
        .map(|(index, node)| Layer {
            node: Some(*node),
            name: scene.state.name_of(*node),
            color: theme.series[index % theme.series.len()],
            values: vec![0.0; buckets.len()],
        })
        .collect();
    if order.len() > named.len() {
        let name = tr("plots.other_nodes").to_owned();
        layers.push(Layer { node: None, name, color: theme.text_weak, values: vec![0.0; buckets.len()] });
    }
    for (at, bucket) in buckets.iter().enumerate() {
        for (node, millis) in &bucket.busy_millis {
            let own = layers.iter_mut().find(|layer| layer.node == Some(*node));
            if let Some(own) = own {
                own.values[at] += millis;
            } else if let Some(others) = layers.last_mut() {
                others.values[at] += millis;
            }
        }
    }
    layers
}

/// What a screen reader says of it: the newest bucket.
fn description(layers: &[Layer], buckets: &[BusyBucket], scene: &Scene<'_>) -> String {
    let last = buckets.len().saturating_sub(1);
    let value = |layer: &Layer| Some(format!("{} {}", layer.name, units::millis(*layer.values.get(last)?)));
    let values: Vec<_> = layers.iter().filter_map(value).collect();
    let facts =
        [("title", tr("plots.nodes").to_owned()), ("batch", scene.shown.to_string()), ("values", values.join(", "))];
    trf("plots.plot_of", &facts.each_ref().map(|(key, value)| (*key, value.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legend_begins_with_who_took_most() {
        let layer = |name: &str, values: &[f64]| Layer {
            node: None,
            name: name.to_owned(),
            color: Color32::TRANSPARENT,
            values: values.to_vec(),
        };
        let layers = [layer("lines", &[1.0, 1.0]), layer("counts", &[5.0, 1.0])];
        let texts: Vec<_> = entries_of(&layers).into_iter().map(|entry| entry.1).collect();
        assert_eq!(texts, ["counts 75 %", "lines 25 %"]);
    }
}
