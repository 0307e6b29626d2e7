//! What a pipeline that was not made here would touch, to be agreed to before it runs for the first time.

use eframe::egui::{self, Button, RichText};
use weir_engine::analysis::NodeReach;
use weir_engine::plan::Reach;

use super::overlay::{OverlayAnswers, answers_ui, modal};
use crate::command::Command;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// Draws it; `true` once it is answered.
pub(super) fn ui(
    context: &egui::Context,
    state: &AppState,
    touched: &[NodeReach],
    command: Command,
    answers: &mut OverlayAnswers,
) -> bool {
    let (mut agreed, mut declined) = (false, false);
    let was_closed = modal(context, "agree", 560.0, |ui| {
        ui.heading(trf("agree.title", &[("name", &state.title())]));
        ui.label(RichText::new(tr("agree.hint")).color(state.theme.text_weak));
        ui.add_space(8.0);
        egui::ScrollArea::vertical().max_height(280.0).auto_shrink([false, true]).show(ui, |ui| {
            for one in touched {
                row_ui(ui, state, one);
            }
        });
        ui.add_space(8.0);
        answers_ui(ui, |ui| {
            let text = RichText::new(tr("agree.run")).color(state.theme.on_accent).strong();
            agreed = ui.add(Button::new(text).fill(state.theme.accent)).clicked();
            declined = ui.button(tr("dialog.cancel")).clicked();
        });
    });
    if agreed {
        answers.agreed = Some(command);
    }
    agreed || declined || was_closed
}

fn row_ui(ui: &mut egui::Ui, state: &AppState, one: &NodeReach) {
    let (verb, what) = match &one.reach {
        Reach::Writes(path) => (tr("agree.writes"), path),
        Reach::Listens(address) => (tr("agree.listens"), address),
        Reach::Connects(address) => (tr("agree.connects"), address),
        Reach::Environment(name) => (tr("agree.environment"), name),
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(verb).color(state.theme.text_weak));
        ui.label(RichText::new(what).monospace().color(state.theme.text));
        ui.label(RichText::new(format!("— {}", one.name)).small().color(state.theme.text_weak));
    });
}
