//! The question when the document's file was changed by someone else: nobody's work is lost without being asked.

use eframe::egui::{self, Button, RichText};

use super::overlay::{OverlayAnswers, answers_ui, modal};
use crate::files::Stamp;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// What becomes of the file and the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskAnswer {
    /// The file is opened again; the document as it is here is given up.
    Reload,
    /// The document takes the file's place.
    Overwrite,
    /// The document gets another file.
    SaveAs,
    /// Nothing now; saving later replaces the file.
    Keep,
    /// Nothing happens.
    Cancel,
}

/// Draws it; `true` once it is answered.
pub(super) fn ui(
    context: &egui::Context,
    state: &AppState,
    now: Stamp,
    while_saving: bool,
    answers: &mut OverlayAnswers,
) -> bool {
    let mut answer = None;
    let was_closed = modal(context, "disk", 520.0, |ui| {
        ui.heading(trf("disk.title", &[("name", &state.title())]));
        let hint = if state.document.is_dirty() { tr("disk.hint_dirty") } else { tr("disk.hint") };
        ui.label(RichText::new(hint).color(state.theme.text_weak));
        ui.add_space(8.0);
        answers_ui(ui, |ui| {
            let (primary, title) = if while_saving {
                (DiskAnswer::SaveAs, tr("disk.save_as"))
            } else {
                (DiskAnswer::Reload, tr("disk.reload"))
            };
            let text = RichText::new(title).color(state.theme.on_accent).strong();
            if ui.add(Button::new(text).fill(state.theme.accent)).clicked() {
                answer = Some(primary);
            }
            let others: &[(DiskAnswer, &str)] = if while_saving {
                &[
                    (DiskAnswer::Overwrite, tr("disk.overwrite")),
                    (DiskAnswer::Reload, tr("disk.reload")),
                    (DiskAnswer::Cancel, tr("dialog.cancel")),
                ]
            } else {
                &[(DiskAnswer::Keep, tr("disk.keep"))]
            };
            for (other, title) in others {
                if ui.button(*title).clicked() {
                    answer = Some(*other);
                }
            }
        });
    });
    let unanswered = if while_saving { DiskAnswer::Cancel } else { DiskAnswer::Keep };
    let answer = answer.or(was_closed.then_some(unanswered));
    if let Some(answer) = answer {
        answers.disk = Some((now, answer));
    }
    answer.is_some()
}
