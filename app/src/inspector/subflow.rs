//! One selected subflow: its name, what it holds, and the ways in and out.

use eframe::egui::{self, RichText, TextEdit};
use weir_engine::pipeline::{Edit, Subflow, SubflowId};

use crate::action::{Action, Actions};
use crate::command::{self, Command};
use crate::i18n::{tr, trf};
use crate::state::AppState;

use super::gesture;
use super::section::note_ui;

/// Draws a subflow's form.
pub(super) fn subflow_ui(ui: &mut egui::Ui, id: SubflowId, state: &AppState, actions: &mut Actions) {
    let pipeline = state.document.pipeline();
    let Some(subflow) = pipeline.subflow(id) else { return };
    ui.label(RichText::new(tr("inspector.subflow")).heading().color(state.theme.text));
    let mut name = subflow.name.clone();
    let label = ui.label(tr("inspector.name"));
    let widget = egui::Id::unique(("inspector subflow name", id.0));
    let edit = TextEdit::singleline(&mut name).id(widget).desired_width(f32::INFINITY);
    if ui.add(edit).labelled_by(label.id).changed() {
        let label = trf("inspector.step.set", &[("param", tr("inspector.name"))]);
        gesture::before_edit(ui.ctx(), Some(widget), state.document.in_gesture(), &label, actions);
        let subflow = Some(Box::new(Subflow { name, ..subflow.clone() }));
        actions.edit(label, Edit::PutSubflow { id, subflow });
    }
    let count = pipeline.nodes().filter(|node| pipeline.lies_within(node.subflow, id)).count();
    ui.label(trf("canvas.subflow.holds", &[("count", &count.to_string())]));
    ui.add_space(6.0);
    ui.horizontal_wrapped(|ui| {
        for command in [Command::OpenSubflow, Command::Unpack, Command::Mute] {
            let title = command::info(command).map(|info| info.label(state)).unwrap_or_default();
            if ui.button(title).clicked() {
                actions.push(Action::Command(command));
            }
        }
    });
    note_ui(ui, tr("inspector.subflow.help"), &state.theme);
}
