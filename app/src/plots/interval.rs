//! The batch interval as a line in the plot of processing times: labelled, and draggable, which changes the interval.

use eframe::egui::{self, Align2, CursorIcon, FontId, Key, Pos2, Rangef, Rect, Sense, Stroke, accesskit};
use egui_plot::{PlotPoint, PlotTransform};
use weir_engine::metrics::judge;
use weir_engine::pipeline::{Edit, Setting, Settings};
use weir_engine::spec::Span;

use super::scale::Scale;
use super::units;
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::theme::Theme;

/// How near the pointer must be to take the line.
const GRAB: f32 = 6.0;
/// Size of the label.
const LABEL_POINTS: f32 = 11.0;

/// A drag under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drag {
    /// The top of the plot's scale when it began: the scale stands still meanwhile.
    pub(super) y_max: f64,
    /// And so does its axis.
    pub(super) scale: Scale,
    /// How far the pointer was from the line when it was taken.
    offset: f32,
    /// The interval asked for last.
    asked: Span,
}

/// What the line is called, with the headroom under it where the run is told.
pub(super) fn words(interval: Span, run: Option<&AppState>) -> String {
    let interval = units::span(interval);
    let verdict = run.filter(|state| state.live.is_active()).and_then(|state| judge(state.live.history.recent()));
    match verdict {
        Some(verdict) => {
            let headroom = units::percent(verdict.headroom);
            trf("plots.interval_headroom", &[("interval", &interval), ("headroom", &headroom)])
        }
        None => trf("plots.interval_label", &[("interval", &interval)]),
    }
}

/// Paints the batch interval over the batches in view: level lines and upright steps, crisp at every scale.
pub(super) fn paint_stair(ui: &egui::Ui, transform: &PlotTransform, stair: &[PlotPoint], theme: &Theme) {
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
    let stroke = Stroke::new(1.5, theme.interval);
    let points: Vec<Pos2> = stair.iter().map(|point| transform.position_from_point(point)).collect();
    for (from, to) in points.iter().zip(points.iter().skip(1)) {
        // A step goes up or down where the next batch begins.
        painter.vline(from.x, Rangef::new(from.y, to.y).as_positive(), stroke);
        painter.hline(from.x..=to.x, to.y, stroke);
    }
}

/// Paints the label of the present interval at the right end of its line.
pub(super) fn paint_label(ui: &egui::Ui, transform: &PlotTransform, height: f64, text: String, theme: &Theme) {
    let frame = *transform.frame();
    let y = transform.position_from_point_y(height);
    let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
    let galley = painter.layout_no_wrap(text, FontId::proportional(LABEL_POINTS), theme.interval);
    let fits_above = y - galley.size().y - 2.0 >= frame.top();
    let anchor = if fits_above { Align2::RIGHT_BOTTOM } else { Align2::RIGHT_TOP };
    let at = Pos2::new(frame.right() - 4.0, if fits_above { y - 2.0 } else { y + 2.0 });
    let place = anchor.anchor_size(at, galley.size());
    painter.rect_filled(place.expand2(egui::vec2(3.0, 0.0)), 2.0, theme.surface.gamma_multiply(0.8));
    painter.galley(place.min, galley, theme.interval);
}

/// Lets the line be dragged, or moved with the arrow keys while it has the focus.
pub(super) fn drag_ui(
    ui: &mut egui::Ui,
    transform: &PlotTransform,
    scale: Scale,
    interval: Span,
    theme: &Theme,
    drag: &mut Option<Drag>,
    actions: &mut Actions,
) {
    let frame = *transform.frame();
    let y = transform.position_from_point_y(scale.height(interval.as_millis_f64()));
    let y = y.clamp(frame.top(), frame.bottom());
    let grip = Rect::from_x_y_ranges(frame.x_range(), y - GRAB..=y + GRAB);
    let response = ui.interact(grip, ui.scope_id().with("interval line"), Sense::drag());
    let name = tr("plots.interval_line");
    response.widget_info(|| egui::WidgetInfo::slider(true, interval.as_millis_f64(), name));
    if response.drag_started() {
        let taken_at = ui.input(|input| input.pointer.press_origin()).map_or(y, |origin| origin.y);
        *drag = Some(Drag { y_max: transform.bounds().max()[1], scale, offset: taken_at - y, asked: interval });
        actions.push(Action::BeginGesture(tr("plots.change_interval").to_owned()));
    }
    if let (Some(drag), Some(pointer)) = (drag.as_mut(), response.interact_pointer_pos()) {
        let value = transform.value_from_position(Pos2::new(frame.left(), pointer.y - drag.offset)).y;
        let wanted = rounded(scale.value(value));
        if wanted != drag.asked {
            drag.asked = wanted;
            set(wanted, actions);
        }
    }
    if response.drag_stopped() && drag.take().is_some() {
        actions.push(Action::EndGesture);
    }
    keys(ui, &response, interval, actions);
    let is_held = drag.is_some() || response.has_focus();
    if is_held || response.hovered() {
        let stroke = Stroke::new(if is_held { 3.0 } else { 2.0 }, theme.interval);
        ui.painter().with_clip_rect(frame.intersect(ui.clip_rect())).hline(frame.x_range(), y, stroke);
    }
    let response = response.on_hover_cursor(CursorIcon::ResizeVertical);
    if drag.is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeVertical);
        response.show_tooltip_text(trf("plots.interval_label", &[("interval", &units::span(interval))]));
    } else {
        response.on_hover_text(tr("plots.interval_help"));
    }
}

fn keys(ui: &egui::Ui, response: &egui::Response, interval: Span, actions: &mut Actions) {
    if !response.has_focus() {
        return;
    }
    let filter = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let (up, down) = ui.input(|input| {
        let asked = |action| input.num_accesskit_action_requests(response.id, action);
        let up = input.num_presses(Key::ArrowUp) + asked(accesskit::Action::Increment);
        let down = input.num_presses(Key::ArrowDown) + asked(accesskit::Action::Decrement);
        (up, down)
    });
    if up != down {
        let step = step_of(interval.as_millis_f64());
        let wanted = rounded(interval.as_millis_f64() + if up > down { step } else { -step });
        set(wanted, actions);
    }
}

fn set(interval: Span, actions: &mut Actions) {
    actions.edit(tr("plots.change_interval"), Edit::Set(Setting::Interval(interval)));
}

/// The nearest interval a person would write.
fn rounded(millis: f64) -> Span {
    let step = step_of(millis);
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is clamped next")]
    let whole = ((millis / step).round() * step) as i64;
    Span::from_millis(whole).clamp(Settings::MIN_INTERVAL, Settings::MAX_INTERVAL)
}

/// In which steps intervals of this size are chosen.
fn step_of(millis: f64) -> f64 {
    match millis {
        _ if millis < 50.0 => 1.0,
        _ if millis < 200.0 => 5.0,
        _ if millis < 1_000.0 => 10.0,
        _ if millis < 10_000.0 => 100.0,
        _ if millis < 60_000.0 => 1_000.0,
        _ => 10_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dragged_interval_is_one_a_person_would_write() {
        for (millis, interval) in [
            (-50.0, Span::from_millis(10)),
            (12.4, Span::from_millis(12)),
            (183.0, Span::from_millis(185)),
            (517.0, Span::from_millis(520)),
            (1_234.0, Span::from_millis(1_200)),
            (12_345.0, Span::from_secs(12)),
            (1e12, Span::from_secs(3_600)),
        ] {
            assert_eq!(rounded(millis), interval, "{millis}");
        }
    }
}
