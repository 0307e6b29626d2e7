//! Where the time of one batch went: what it waited for, then each node in turn, on one time axis with the interval.

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Align2, Color32, Rect, RichText, Sense, Shape, Stroke, TextStyle, WidgetInfo, pos2, vec2};
use weir_engine::metrics::{BatchReport, NodeReport, NodeStatus};
use weir_engine::nodes;
use weir_engine::spec::Span;

use super::batches::millis;
use super::toolbar::grouped;
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::state::AppState;

const ROW_HEIGHT: f32 = 22.0;
const BAR_HEIGHT: f32 = 10.0;
/// The share of the width that names and figures take.
const NAME_SHARE: f32 = 0.28;
const FIGURES_WIDTH: f32 = 116.0;
/// A batch that takes less than one part in so many of its interval has an axis of its own.
const FAR: i64 = 4;

/// A line of the picture: from when to when, counted from the batch's tick.
struct Bar {
    start: i64,
    length: i64,
    color: Color32,
}

/// Draws the batch that is shown everywhere, else the newest.
pub(super) fn ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let Some(report) = state.live.shown() else { return };
    let number = grouped(report.batch);
    ui.label(RichText::new(trf("waterfall.title", &[("batch", &number)])).strong());
    let times = [("time", millis(report.processing_time)), ("interval", report.interval.to_string())];
    let times: Vec<(&str, &str)> = times.iter().map(|(key, text)| (*key, text.as_str())).collect();
    ui.label(RichText::new(trf("waterfall.times", &times)).color(state.theme.text_weak));
    ui.add_space(4.0);
    let axis = axis_of(report.interval, report.total_delay);
    egui::ScrollArea::vertical().id_salt("waterfall").auto_shrink(false).show(ui, |ui| {
        let top = ui.cursor().top();
        for (word, delay, start) in waits(report) {
            let bar = Bar { start: start.0, length: delay.0, color: state.theme.text_weak };
            row_ui(ui, state, axis, tr(word), &bar, &millis(delay));
        }
        let mut start = report.creation_delay.0 + report.scheduling_delay.0;
        for node in &report.nodes {
            if node_ui(ui, state, axis, start, node, report).clicked() {
                actions.push(Action::Reveal(node.node));
            }
            start += node.busy.0;
        }
        interval_ui(ui, state, report, axis, top);
    });
}

/// The time that the whole width stands for: the interval, unless the batch took so small a part of it that its bars
/// could not be told apart.
fn axis_of(interval: Span, total: Span) -> i64 {
    let total = total.0.max(1);
    if interval.0 / FAR > total { total } else { interval.0.max(total) }
}

/// What the batch waited for before it was worked on.
fn waits(report: &BatchReport) -> [(&'static str, Span, Span); 2] {
    [
        ("batches.creation", report.creation_delay, Span(0)),
        ("batches.scheduling", report.scheduling_delay, report.creation_delay),
    ]
}

fn node_ui(
    ui: &mut egui::Ui,
    state: &AppState,
    axis: i64,
    start: i64,
    node: &NodeReport,
    report: &BatchReport,
) -> egui::Response {
    let entry = state.document.pipeline().node(node.node);
    let name = state.name_of(node.node);
    let theme = &state.theme;
    let color = match &node.status {
        NodeStatus::Failed(_) => theme.error,
        NodeStatus::Blocked | NodeStatus::Waiting(_) => theme.warning,
        NodeStatus::Ok => {
            entry.and_then(|entry| nodes::kind(&entry.kind)).map_or(theme.accent, |kind| theme.category(kind.category))
        }
    };
    let share = if report.processing_time.0 > 0 { node.busy.0 * 100 / report.processing_time.0 } else { 0 };
    let figures = format!("{} · {share} %", millis(node.busy));
    let response = row_ui(ui, state, axis, &name, &Bar { start, length: node.busy.0, color }, &figures);
    let told = match &node.status {
        NodeStatus::Failed(why) | NodeStatus::Waiting(why) => crate::sentences::spoken(why).into_owned(),
        NodeStatus::Blocked => tr("waterfall.blocked").to_owned(),
        NodeStatus::Ok => {
            let rows_out = node.rows_out.iter().sum::<u64>();
            trf("waterfall.rows", &[("in", &grouped(node.rows_in)), ("out", &grouped(rows_out))])
        }
    };
    response.on_hover_text(told)
}

/// One line: name, bar, figures.
fn row_ui(ui: &mut egui::Ui, state: &AppState, axis: i64, name: &str, bar: &Bar, figures: &str) -> egui::Response {
    let theme = &state.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{name}: {figures}")));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 4.0, theme.surface_raised);
    }
    let lane = lane_of(rect);
    let painter = ui.painter();
    let small = TextStyle::Small.resolve(ui.style());
    let names = Rect::from_min_max(rect.min, pos2(lane.left() - 8.0, rect.bottom()));
    let at = pos2(names.left() + 4.0, names.center().y);
    let name = egui::WidgetText::from(RichText::new(name).font(small.clone()).color(theme.text));
    let room = (names.right() - at.x).max(0.0);
    let name = name.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, TextStyle::Small);
    painter.galley(Align2::LEFT_CENTER.anchor_size(at, name.size()).min, name, theme.text);
    let x = |time: i64| lane.left() + lane.width() * (time as f32 / axis as f32).clamp(0.0, 1.0);
    // What took any time at all is seen.
    let right = x(bar.start + bar.length).max(x(bar.start) + 1.5);
    let shape = Rect::from_min_max(
        pos2(x(bar.start), rect.center().y - BAR_HEIGHT / 2.0),
        pos2(right, rect.center().y + BAR_HEIGHT / 2.0),
    );
    painter.rect_filled(shape, 2.0, bar.color);
    let at = pos2(rect.right() - 4.0, rect.center().y);
    painter.text(at, Align2::RIGHT_CENTER, figures, small, theme.text_weak);
    response
}

/// The interval as a line through all of it.
fn interval_ui(ui: &egui::Ui, state: &AppState, report: &BatchReport, axis: i64, top: f32) {
    let bottom = ui.cursor().top();
    let lane = lane_of(Rect::from_min_max(pos2(ui.min_rect().left(), top), pos2(ui.min_rect().right(), bottom)));
    let stroke = Stroke::new(1.5, state.theme.interval);
    if report.interval.0 > axis {
        // Not to scale: it lies far beyond the edge.
        let edge = [lane.right_top(), lane.right_bottom()];
        ui.painter().extend(Shape::dashed_line(&edge, stroke, 4.0, 4.0));
    } else {
        let x = lane.left() + lane.width() * (report.interval.0 as f32 / axis as f32);
        ui.painter().vline(x, lane.y_range(), stroke);
    }
}

/// Where bars lie in a line.
fn lane_of(rect: Rect) -> Rect {
    let left = rect.left() + (rect.width() * NAME_SHARE).max(72.0);
    Rect::from_min_max(pos2(left, rect.top()), pos2((rect.right() - FIGURES_WIDTH).max(left + 1.0), rect.bottom()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_is_the_interval_until_the_bars_would_be_too_small_to_tell_apart() {
        for (interval, total, axis) in [(1_000, 400, 1_000), (1_000, 2_500, 2_500), (1_000, 11, 11)] {
            let millis = Span::from_millis;
            assert_eq!(axis_of(millis(interval), millis(total)), millis(axis).0, "{total} of {interval}");
        }
    }
}
