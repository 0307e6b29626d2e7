//! What an earlier run left behind unsaved: restored or given up, one document at a time.

use eframe::egui::{self, Button, RichText};

use super::overlay::{OverlayAnswers, answers_ui, modal};
use crate::files::Lost;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// What becomes of a document found again.
#[derive(Debug, Clone)]
pub(crate) enum RecoveredAnswer {
    /// It is shown, with its changes unsaved.
    Restore(Box<Lost>),
    /// It is removed.
    Discard(String),
}

/// Draws it; `true` once nothing is left to decide or it was put off until the next start.
pub(super) fn ui(
    context: &egui::Context,
    state: &AppState,
    lost: &mut Vec<Lost>,
    answers: &mut OverlayAnswers,
) -> bool {
    let mut later = false;
    let was_closed = modal(context, "recovered", 560.0, |ui| {
        ui.heading(tr("recovered.title"));
        ui.label(RichText::new(tr("recovered.hint")).color(state.theme.text_weak));
        ui.add_space(8.0);
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            lost.retain(|document| match row_ui(ui, state, document) {
                Some(answer) => {
                    answers.recovered.get_or_insert(answer);
                    false
                }
                None => true,
            });
        });
        ui.add_space(8.0);
        answers_ui(ui, |ui| {
            later = ui.button(tr("recovered.later")).clicked();
        });
    });
    let is_restored = matches!(answers.recovered, Some(RecoveredAnswer::Restore(_)));
    later || was_closed || is_restored || lost.is_empty()
}

fn row_ui(ui: &mut egui::Ui, state: &AppState, lost: &Lost) -> Option<RecoveredAnswer> {
    let mut answer = None;
    egui::Sides::new().shrink_left().truncate().show(
        ui,
        |ui| {
            ui.vertical(|ui| {
                ui.label(RichText::new(&lost.journal.title).strong());
                let nodes = lost.journal.pipeline.node_count().to_string();
                let changed = lost.changed.map(|time| time.to_string()).unwrap_or_default();
                let about = trf("recovered.about", &[("nodes", &nodes), ("changed", &changed)]);
                ui.label(RichText::new(about).color(state.theme.text_weak));
                if let Some(file) = &lost.journal.file {
                    ui.label(RichText::new(file.display().to_string()).small().color(state.theme.text_weak));
                }
            });
        },
        |ui| {
            let restore = RichText::new(tr("recovered.restore")).color(state.theme.on_accent).strong();
            if ui.add(Button::new(restore).fill(state.theme.accent)).clicked() {
                answer = Some(RecoveredAnswer::Restore(Box::new(lost.clone())));
            }
            if ui.button(tr("recovered.discard")).clicked() {
                answer = Some(RecoveredAnswer::Discard(lost.id.clone()));
            }
        },
    );
    ui.add_space(6.0);
    answer
}
