//! The question before an edit of a running pipeline that would lose state for good.

use eframe::egui::{self, Button, RichText};

use super::overlay::{OverlayAnswers, answers_ui, modal};
use crate::i18n::{tr, trf};
use crate::inspector::loss_sentence;
use crate::staged::Held;
use crate::state::AppState;

/// Draws it; `true` once it is answered.
pub(super) fn ui(context: &egui::Context, state: &AppState, held: &Held, answers: &mut OverlayAnswers) -> bool {
    let (mut agreed, mut declined) = (false, false);
    let was_closed = modal(context, "lose", 520.0, |ui| {
        ui.heading(trf("lose.title", &[("step", &held.label)]));
        ui.label(RichText::new(tr("staged.gone")).color(state.theme.text_weak));
        ui.add_space(8.0);
        for loss in &held.losses {
            let text = RichText::new(loss_sentence(state.document.pipeline(), loss)).color(state.theme.warning);
            ui.add(egui::Label::new(text).wrap());
        }
        ui.add_space(8.0);
        answers_ui(ui, |ui| {
            let text = RichText::new(tr("lose.keep")).color(state.theme.on_accent).strong();
            declined = ui.add(Button::new(text).fill(state.theme.accent)).clicked();
            agreed = ui.button(tr("staged.apply")).on_hover_text(tr("staged.apply_hint")).clicked();
        });
    });
    if agreed {
        answers.given_up = Some((held.label.clone(), held.edit.clone()));
    }
    agreed || declined || was_closed
}
