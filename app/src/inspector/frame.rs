//! One selected frame: its title, its note and its colour.

use eframe::egui::{self, RichText, TextEdit};
use weir_engine::pipeline::{Edit, Frame, FrameId, Tint};

use crate::action::Actions;
use crate::canvas::tint_key;
use crate::draw::tint_color;
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
    tint_ui(ui, frame, state, actions);
    note_ui(ui, tr("inspector.frame.help"), &state.theme);
}

/// A swatch per colour.
fn tint_ui(ui: &mut egui::Ui, frame: &Frame, state: &AppState, actions: &mut Actions) {
    ui.label(tr("inspector.frame.tint"));
    ui.horizontal_wrapped(|ui| {
        for tint in Tint::ALL {
            let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(24.0), egui::Sense::click());
            let is_chosen = frame.tint == tint;
            let name = tr(tint_key(tint));
            response
                .widget_info(|| egui::WidgetInfo::selected(egui::accesskit::Role::RadioButton, true, is_chosen, name));
            let theme = &state.theme;
            let color = tint_color(tint, theme).unwrap_or(theme.surface_raised);
            ui.painter().rect_filled(rect.shrink(4.0), 4.0, color);
            if is_chosen || response.hovered() || response.has_focus() {
                let edge = if is_chosen { theme.text } else { theme.text_weak };
                ui.painter().rect_stroke(rect.shrink(1.0), 6.0, egui::Stroke::new(1.5, edge), egui::StrokeKind::Inside);
            }
            if response.on_hover_text(name).clicked() && !is_chosen {
                let frame = Frame { tint, ..frame.clone() };
                actions.edit(tr("canvas.step.tint"), Edit::PutFrame { id: frame.id, frame: Some(Box::new(frame)) });
            }
        }
    });
}

fn put(ui: &egui::Ui, held_by: egui::Id, what: &str, frame: Frame, state: &AppState, actions: &mut Actions) {
    let label = trf("inspector.step.set", &[("param", what)]);
    gesture::before_edit(ui.ctx(), Some(held_by), state.document.in_gesture(), &label, actions);
    actions.edit(label, Edit::PutFrame { id: frame.id, frame: Some(Box::new(frame)) });
}
