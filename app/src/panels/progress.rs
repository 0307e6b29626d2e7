//! What takes longer than a second: a card each in the lower right corner, with how far it has come and a way out.

use std::time::Duration;

use eframe::egui::{self, Align2, Id, ProgressBar, RichText, vec2};
use weir_engine::runtime::RunState;

use crate::action::{Action, Actions};
use crate::command::Command;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// Width of a card.
const WIDTH: f32 = 280.0;
/// Seconds between two looks at how far it is.
const REFRESH: Duration = Duration::from_millis(150);
/// What the next batch should bring is missed when it is so many seconds late.
const PATIENCE_SECS: f64 = 1.0;

/// Draws the cards; nothing where nothing takes long.
pub(crate) fn ui(context: &egui::Context, state: &AppState, actions: &mut Actions) {
    let now = context.time();
    let waits_for = waits_for(context, state, now);
    if state.jobs.slow(now).next().is_none() && waits_for.is_none() {
        return;
    }
    context.request_repaint_after(REFRESH);
    egui::Area::new(Id::unique("progress"))
        .order(egui::Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -38.0))
        .show(context, |ui| {
            for task in state.jobs.slow(now) {
                let cancel = task.can_cancel.then_some((tr("dialog.cancel"), Action::CancelJob(task.ticket)));
                card_ui(ui, state, &task.what, task.progress.part(), cancel, actions);
            }
            if let Some((what, way_out, command)) = waits_for {
                card_ui(ui, state, tr(what), None, Some((tr(way_out), Action::Command(command))), actions);
            }
        });
}

/// What of the run is overdue, with the word and the command of the way out: the first batch, because a table is being
/// loaded or a server does not answer; or a change that was made while it runs.
fn waits_for(context: &egui::Context, state: &AppState, now: f64) -> Option<(&'static str, &'static str, Command)> {
    if state.live.state != RunState::Running {
        return None;
    }
    let (since, what, way_out, command) = if state.live.history.is_empty() {
        (state.live.began_at?, "progress.first_batch", "toolbar.stop", Command::Stop)
    } else {
        (state.live.changing_since?, "progress.change", "command.undo", Command::Undo)
    };
    let wait = since + state.document.pipeline().settings().interval.as_secs_f64() + PATIENCE_SECS - now;
    if wait > 0.0 {
        context.request_repaint_after(Duration::from_secs_f64(wait));
    }
    (wait <= 0.0).then_some((what, way_out, command))
}

fn card_ui(
    ui: &mut egui::Ui,
    state: &AppState,
    what: &str,
    part: Option<f32>,
    way_out: Option<(&str, Action)>,
    actions: &mut Actions,
) {
    let theme = &state.theme;
    egui::Frame::popup(ui.style()).inner_margin(12).fill(theme.surface).show(ui, |ui| {
        ui.set_width(WIDTH);
        ui.add(egui::Label::new(RichText::new(what).color(theme.text)).wrap());
        ui.horizontal(|ui| {
            let name = match part {
                Some(part) => trf("progress.part", &[("what", what), ("part", &percent(part))]),
                None => what.to_owned(),
            };
            let width = ui.available_width() - if way_out.is_some() { 84.0 } else { 0.0 };
            let bar = match part {
                Some(part) => ui.add(ProgressBar::new(part).desired_width(width)),
                None => ui.add_sized([width, 16.0], egui::Spinner::new()),
            };
            let value = part.map(f64::from);
            bar.widget_info(|| {
                let mut info = egui::WidgetInfo::labeled(egui::accesskit::Role::ProgressIndicator, true, &name);
                info.value = value;
                info
            });
            if let Some((word, action)) = way_out
                && ui.button(word).clicked()
            {
                actions.push(action);
            }
        });
    });
}

fn percent(part: f32) -> String {
    crate::plots::units::percent(f64::from(part))
}
