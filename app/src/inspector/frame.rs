//! One selected frame: its title and its note.

use eframe::egui::{self, RichText, TextEdit};
use weir_engine::pipeline::{Edit, Frame, FrameId};

use crate::action::Actions;
use crate::i18n::{tr, trf};
use crate::state::AppState;

use super::gesture;
use super::section::note_ui;

/// Draws a frame's form.
pub(super) fn frame_ui(ui: &mut egui::Ui, id: FrameId, state: &AppState, actions: &mut Actions) {
    let Some(frame) = state.document.pipeline().frame(id) else { return };
    ui.label(RichText::new(tr("inspector.frame")).heading().color(state.theme.text));
    let mut title = frame.title.clone();
    let label = ui.label(tr("inspector.frame.title"));
    let widget = egui::Id::unique(("inspector frame title", id.0));
    let edit = TextEdit::singleline(&mut title).id(widget).desired_width(f32::INFINITY);
    if ui.add(edit).labelled_by(label.id).changed() {
        put(ui, widget, tr("inspector.frame.title"), Frame { title, ..frame.clone() }, state, actions);
    }
    let mut note = frame.note.clone();
    let label = ui.label(tr("inspector.frame.note"));
    let widget = egui::Id::unique(("inspector frame note", id.0));
    let edit = TextEdit::multiline(&mut note).id(widget).desired_width(f32::INFINITY);
    if ui.add(edit).labelled_by(label.id).changed() {
        put(ui, widget, tr("inspector.frame.note"), Frame { note, ..frame.clone() }, state, actions);
    }
    note_ui(ui, tr("inspector.frame.help"), &state.theme);
}

fn put(ui: &egui::Ui, held_by: egui::Id, what: &str, frame: Frame, state: &AppState, actions: &mut Actions) {
    let label = trf("inspector.step.set", &[("param", what)]);
    gesture::before_edit(ui.ctx(), Some(held_by), state.document.in_gesture(), &label, actions);
    actions.edit(label, Edit::PutFrame { id: frame.id, frame: Some(Box::new(frame)) });
}
