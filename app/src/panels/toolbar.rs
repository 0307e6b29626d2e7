//! The toolbar: the run, the batch interval, what is done about overload, and how the run fares.

use eframe::egui::{self, Align, Button, Layout, RichText, vec2};
use weir_engine::pipeline::{Backpressure, Edit, Setting, Settings, WhenLate};
use weir_engine::runtime::RunState;
use weir_engine::spec::Span;

use crate::action::{Action, Actions};
use crate::command::{Command, info};
use crate::i18n::{tr, trf};
use crate::plots::headroom_ui;
use crate::state::AppState;
use crate::widgets::{Icon, IntervalSlider, keys_text};

/// The slider's ends; the entry beside it takes all that is allowed.
const REACH: (Span, Span) = (Span::from_millis(10), Span::from_secs(60));

/// The room that the interval with its name takes, about.
const INTERVAL_WIDTH: f32 = 290.0;
/// The room that what happens under overload, the engine's state and the gauge take, about.
const OVERLOAD_WIDTH: f32 = 210.0;
const STATE_WIDTH: f32 = 170.0;
const GAUGE_WIDTH: f32 = 190.0;

/// Draws the toolbar over the whole width.
pub(crate) fn toolbar(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let frame = egui::Frame::NONE.fill(state.theme.surface).inner_margin(egui::Margin::symmetric(8, 8));
    egui::Panel::top("toolbar").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            run_ui(ui, state, actions);
            ui.separator();
            interval_ui(ui, state, actions);
            // In a small or enlarged window the least needed goes first; the inspector has it too.
            if ui.available_width() > OVERLOAD_WIDTH + STATE_WIDTH {
                ui.separator();
                overload_ui(ui, state, actions);
            }
            let with_gauge = ui.available_width() > STATE_WIDTH + GAUGE_WIDTH;
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                state_ui(ui, state, actions);
                if with_gauge {
                    headroom_ui(ui, state);
                }
            });
        });
    });
}

fn run_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let run_title = if state.live.state == RunState::Paused { tr("toolbar.resume") } else { tr("toolbar.run") };
    button_ui(ui, state, actions, Command::Run, Icon::Run, run_title);
    button_ui(ui, state, actions, Command::Pause, Icon::Pause, tr("toolbar.pause"));
    button_ui(ui, state, actions, Command::Step, Icon::Step, tr("toolbar.step"));
    button_ui(ui, state, actions, Command::Stop, Icon::Stop, tr("toolbar.stop"));
}

fn button_ui(
    ui: &mut egui::Ui,
    state: &AppState,
    actions: &mut Actions,
    command: Command,
    icon: Icon,
    title: &'static str,
) {
    let Some(info) = info(command) else { return };
    let is_enabled = (info.is_enabled)(state);
    let theme = &state.theme;
    let mut text = RichText::new(title);
    let is_primary = command == Command::Run && is_enabled;
    if is_primary {
        text = text.color(theme.on_accent).strong();
    }
    let mut button = Button::new((icon.atom(14.0), text)).min_size(vec2(0.0, 32.0));
    if is_primary {
        button = button.fill(theme.accent).stroke(egui::Stroke::NONE);
    }
    let keys = info.shortcuts.first().map(|keys| keys_text(ui.ctx(), keys)).unwrap_or_default();
    let hint = format!("{} ({keys})", tr(info.title));
    let response = ui
        .scope(|ui| {
            if is_primary {
                let on_accent = egui::Stroke::new(1.0, theme.on_accent);
                let widgets = &mut ui.visuals_mut().widgets;
                widgets.inactive.fg_stroke = on_accent;
                widgets.hovered.fg_stroke = on_accent;
                widgets.active.fg_stroke = on_accent;
            }
            ui.add_enabled(is_enabled, button)
        })
        .inner;
    if response.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
        actions.push(Action::Command(command));
    }
}

fn interval_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    if ui.available_width() > INTERVAL_WIDTH + STATE_WIDTH {
        ui.label(RichText::new(tr("toolbar.interval")).color(state.theme.text_weak))
            .on_hover_text(tr("toolbar.interval_hint"));
    }
    let slider = IntervalSlider {
        value: state.document.pipeline().settings().interval,
        reach: REACH.0..=REACH.1,
        allowed: Settings::MIN_INTERVAL..=Settings::MAX_INTERVAL,
        name: tr("toolbar.interval"),
        width: (ui.available_width() * 0.2).clamp(80.0, 180.0),
    };
    let step = slider.ui(ui);
    if step.began {
        actions.push(Action::BeginGesture(tr("toolbar.interval_edit").to_owned()));
    }
    if let Some(span) = step.set {
        actions.edit(tr("toolbar.interval_edit"), Edit::Set(Setting::Interval(span)));
    }
    if step.ended {
        actions.push(Action::EndGesture);
    }
}

/// What happens when batches take longer than there is time for: they wait or merge, sources are held back, the
/// interval moves. One choice for all three, so that the bar fits a small window.
fn overload_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let settings = state.document.pipeline().settings();
    let when_late = [
        (WhenLate::Queue, tr("toolbar.queue"), tr("toolbar.queue_hint")),
        (WhenLate::Merge, tr("toolbar.merge"), tr("toolbar.merge_hint")),
    ];
    let backpressure = [
        (Backpressure::Off, tr("inspector.settings.backpressure.off")),
        (Backpressure::Damped, tr("inspector.settings.backpressure.damped")),
        (Backpressure::Spark, tr("inspector.settings.backpressure.spark")),
    ];
    let auto = [(false, tr("inspector.settings.auto_interval.off")), (true, tr("inspector.settings.auto_interval.on"))];
    let (late, rates, is_auto) = (settings.when_late, settings.rates.backpressure, settings.auto_interval.is_on);
    let mut words = vec![when_late.iter().find(|(choice, ..)| *choice == late).map_or("", |(_, title, _)| *title)];
    words.extend((rates != Backpressure::Off).then(|| tr("inspector.settings.backpressure")));
    words.extend(is_auto.then(|| tr("inspector.settings.auto_interval")));
    let shown = words.join(" + ");
    ui.label(RichText::new(tr("toolbar.overload")).color(state.theme.text_weak))
        .on_hover_text(tr("toolbar.overload_hint"));
    let combo = egui::ComboBox::from_id_salt("overload").selected_text(&shown).width(96.0).height(440.0).truncate();
    let response = combo.show_ui(ui, |ui| {
        let heading = |ui: &mut egui::Ui, title: &str| {
            ui.label(RichText::new(title).small().color(state.theme.text_weak));
        };
        heading(ui, tr("toolbar.when_late"));
        for (choice, title, hint) in when_late {
            let is_present = choice == late;
            if ui.selectable_label(is_present, title).on_hover_text(hint).clicked() && !is_present {
                actions.edit(tr("toolbar.when_late_edit"), Edit::Set(Setting::WhenLate(choice)));
            }
        }
        heading(ui, tr("inspector.settings.backpressure"));
        for (choice, title) in backpressure {
            let is_present = choice == rates;
            if ui.selectable_label(is_present, title).clicked() && !is_present {
                let label = trf("inspector.step.set", &[("param", tr("inspector.settings.backpressure"))]);
                actions.edit(label, Edit::Set(Setting::Backpressure(choice)));
            }
        }
        heading(ui, tr("inspector.settings.auto_interval"));
        for (choice, title) in auto {
            let is_present = choice == is_auto;
            if ui.selectable_label(is_present, title).clicked() && !is_present {
                let label = trf("inspector.step.set", &[("param", tr("inspector.settings.auto_interval"))]);
                actions.edit(label, Edit::Set(Setting::AutoInterval(choice)));
            }
        }
    });
    response.response.accessible_name(format!("{}: {shown}", tr("toolbar.overload"))).on_hover_text(shown);
}

/// What the engine does, and the batch that is shown.
fn state_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let theme = &state.theme;
    let (word, color) = match state.live.state {
        RunState::Stopped => (tr("state.stopped"), theme.text_weak),
        RunState::Running => (tr("state.running"), theme.good),
        RunState::Paused => (tr("state.paused"), theme.warning),
        RunState::Stopping => (tr("state.stopping"), theme.warning),
    };
    if let Some(batch) = state.live.shown_batch {
        let text = RichText::new(trf("state.back_to_live", &[("batch", &grouped(batch))])).color(theme.accent);
        if ui.button(text).on_hover_text(tr("state.back_to_live_hint")).clicked() {
            actions.push(Action::ShowBatch(None));
        }
    } else if let Some(report) = state.live.history.latest() {
        let text = trf("state.batch", &[("batch", &grouped(report.batch))]);
        ui.label(RichText::new(text).color(theme.text_weak));
    }
    ui.label(RichText::new(word).color(color));
    let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), egui::Sense::hover());
    ui.painter().circle_filled(dot.center(), 4.0, color);
    ui.add_space(8.0);
}

/// A number with its thousands set apart: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
