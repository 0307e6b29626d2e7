//! Several things selected: how many, and what can be done with all of them at once.

use eframe::egui::{self, RichText};

use crate::action::{Action, Actions};
use crate::command::Command;
use crate::i18n::{tr, trf};
use crate::state::AppState;

use super::section::note_ui;

/// Draws the summary and the shared actions.
pub(super) fn multi_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let selection = &state.selection;
    ui.label(RichText::new(tr("inspector.multi")).heading().color(state.theme.text));
    for (key, count) in [
        ("inspector.multi.nodes", selection.nodes.len()),
        ("inspector.multi.wires", selection.wires.len()),
        ("inspector.multi.frames", selection.frames.len()),
        ("inspector.multi.subflows", selection.subflows.len()),
    ] {
        if count > 0 {
            ui.label(trf(key, &[("count", &count.to_string())]));
        }
    }
    ui.add_space(6.0);
    ui.horizontal_wrapped(|ui| {
        for (title, command) in [
            ("inspector.multi.duplicate", Command::Duplicate),
            ("inspector.multi.copy", Command::Copy),
            ("inspector.multi.frame", Command::Frame),
            ("inspector.multi.delete", Command::Delete),
        ] {
            if ui.button(tr(title)).clicked() {
                actions.push(Action::Command(command));
            }
        }
    });
    note_ui(ui, tr("inspector.multi.help"), &state.theme);
}
