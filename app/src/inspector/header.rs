//! The top of a node's form: its icon and kind, its name to edit, and the door to its documentation.

use eframe::egui::{self, RichText, TextEdit};
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::plan::NodeKind;
use weir_engine::spec::Severity;

use crate::action::Actions;
use crate::i18n::{node_word, tr, trf};
use crate::state::AppState;
use crate::theme::Theme;
use crate::widgets::paint_kind;

use super::{draft, gesture, problems};

/// Draws the header; `is_docs_open` is what the question mark turns.
pub(super) fn header_ui(
    ui: &mut egui::Ui,
    entry: &NodeEntry,
    kind: &NodeKind,
    state: &AppState,
    is_docs_open: &mut bool,
    actions: &mut Actions,
) {
    let theme = &state.theme;
    egui::Sides::new().shrink_left().truncate().show(
        ui,
        |ui| {
            let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(20.0), egui::Sense::hover());
            paint_kind(ui.painter(), rect, kind.icon, theme.category(kind.category));
            ui.label(RichText::new(kind_title(kind)).heading().color(theme.text));
        },
        |ui| {
            let name = tr("inspector.docs.open");
            let button = egui::Button::new("?").selected(*is_docs_open);
            if ui.add(button).on_hover_text(name).accessible_name(name).clicked() {
                *is_docs_open = !*is_docs_open;
            }
        },
    );
    let summary = node_word(&format!("{}.summary", kind.id), kind.summary);
    ui.add(egui::Label::new(RichText::new(summary).color(theme.text_weak)).wrap());
    ui.add_space(4.0);
    name_ui(ui, entry, state, actions);
}

/// The kind's title in the language in force.
pub(super) fn kind_title(kind: &NodeKind) -> &'static str {
    node_word(&format!("{}.title", kind.id), kind.title)
}

/// The name. A name that cannot be is shown with the reason and not taken over.
pub(super) fn name_ui(ui: &mut egui::Ui, entry: &NodeEntry, state: &AppState, actions: &mut Actions) {
    let id = egui::Id::unique(("inspector name", entry.id.0));
    let mut name = draft::load(ui, id, &entry.name, Clone::clone);
    let label = ui.label(RichText::new(tr("inspector.name")).color(state.theme.text));
    let edit = TextEdit::singleline(&mut name).id(id).desired_width(f32::INFINITY).char_limit(200);
    let response = ui.add(edit).labelled_by(label.id);
    if response.changed() {
        let is_free = name_problem(&name, entry, state.document.pipeline()).is_none();
        let stands_for = if is_free { name.clone() } else { entry.name.clone() };
        draft::store(ui, id, name.clone(), stands_for);
        if is_free && name != entry.name {
            let step = tr("inspector.step.rename");
            gesture::before_edit(ui.ctx(), Some(id), state.document.in_gesture(), step, actions);
            actions.edit(step, Edit::Rename { node: entry.id, name: name.clone() });
        }
    }
    if response.has_focus() {
        name_problem_ui(ui, &name, entry, state.document.pipeline(), &state.theme);
    }
}

fn name_problem_ui(ui: &mut egui::Ui, name: &str, entry: &NodeEntry, pipeline: &Pipeline, theme: &Theme) {
    if let Some(problem) = name_problem(name, entry, pipeline) {
        problems::sentence_ui(ui, Severity::Error, &problem, theme);
    }
}

/// Why a node cannot be called so.
fn name_problem(name: &str, entry: &NodeEntry, pipeline: &Pipeline) -> Option<String> {
    if name.trim().is_empty() {
        return Some(tr("inspector.name.empty").to_owned());
    }
    let other = pipeline.node_by_name(name).filter(|other| other.id != entry.id)?;
    Some(trf("inspector.name.taken", &[("name", &other.name)]))
}
