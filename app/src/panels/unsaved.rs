//! The question before something unsaved is left behind.

use eframe::egui::{self, Button, RichText};

use super::overlay::{OverlayAnswers, answers_ui, modal};
use crate::app::Intent;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// What becomes of the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnsavedAnswer {
    /// They are saved first.
    Save,
    /// They are lost.
    Discard,
    /// Nothing happens.
    Cancel,
}

/// Draws it; `true` once it is answered.
pub(super) fn ui(context: &egui::Context, state: &AppState, intent: &Intent, answers: &mut OverlayAnswers) -> bool {
    let mut answer = None;
    let was_closed = modal(context, "unsaved", 440.0, |ui| {
        ui.heading(trf("unsaved.title", &[("name", &state.title())]));
        ui.label(RichText::new(tr("unsaved.hint")).color(state.theme.text_weak));
        ui.add_space(8.0);
        answers_ui(ui, |ui| {
            let save = RichText::new(tr("unsaved.save")).color(state.theme.on_accent).strong();
            if ui.add(Button::new(save).fill(state.theme.accent)).clicked() {
                answer = Some(UnsavedAnswer::Save);
            }
            if ui.button(tr("unsaved.discard")).clicked() {
                answer = Some(UnsavedAnswer::Discard);
            }
            if ui.button(tr("dialog.cancel")).clicked() {
                answer = Some(UnsavedAnswer::Cancel);
            }
        });
    });
    let answer = answer.or(was_closed.then_some(UnsavedAnswer::Cancel));
    if let Some(answer) = answer {
        answers.unsaved = Some((intent.clone(), answer));
    }
    answer.is_some()
}
