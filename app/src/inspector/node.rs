//! The form of one node.

use eframe::egui::{self, RichText};
use egui_commonmark::CommonMarkCache;
use weir_engine::nodes;
use weir_engine::pipeline::NodeEntry;
use weir_engine::plan::NodeKind;
use weir_engine::spec::{Diagnostic, Severity, is_visible};

use crate::action::Actions;
use crate::i18n::{tr, trf};
use crate::state::AppState;

use super::field::EditorContext;
use super::preview::Sample;
use super::{docs, facts, header, param, ports, problems};

/// Draws a node: header, parameters, figures, ports.
pub(super) fn node_ui(
    ui: &mut egui::Ui,
    entry: &NodeEntry,
    state: &AppState,
    is_docs_open: &mut bool,
    cache: &mut CommonMarkCache,
    actions: &mut Actions,
) {
    // What waits for the person's word is shown as if it were done.
    let staged = state.staged.as_ref().and_then(|staged| staged.applied_to(entry));
    let entry = staged.as_ref().unwrap_or(entry);
    let Some(kind) = nodes::kind(&entry.kind) else {
        unknown_ui(ui, entry, state, actions);
        return;
    };
    header::header_ui(ui, entry, kind, state, is_docs_open, actions);
    if *is_docs_open {
        docs::docs_ui(ui, kind, cache, &state.theme);
    }
    ui.add_space(6.0);
    let context = context_of(entry, state);
    let elsewhere = context.problems.iter().copied().filter(|problem| !has_place(problem, kind, entry));
    problems::problems_ui(ui, elsewhere, &state.theme);
    for spec in kind.params.iter().filter(|spec| is_visible(spec, kind.params, &entry.params)) {
        param::param_ui(ui, spec, spec.name, entry.params.get(spec.name), &context, actions);
        ui.add_space(6.0);
    }
    facts::facts_ui(ui, entry.id, kind, state, actions);
    ports::ports_ui(ui, entry.id, kind, state, actions);
}

fn context_of<'a>(entry: &'a NodeEntry, state: &'a AppState) -> EditorContext<'a> {
    let known = state.analysis.nodes.get(&entry.id);
    EditorContext {
        node: entry.id,
        kind: &entry.kind,
        input: known.and_then(|known| known.inputs.first()).and_then(|links| links.first()),
        sample: sample_of_input(entry, state),
        problems: state.analysis.problems_of(entry.id).collect(),
        theme: &state.theme,
        in_gesture: state.document.in_gesture(),
        staged: state.staged.as_ref(),
        pipeline: state.document.pipeline(),
    }
}

/// What has just passed on the wire into the first input.
fn sample_of_input<'a>(entry: &NodeEntry, state: &'a AppState) -> Option<Sample<'a>> {
    let first = nodes::kind(&entry.kind)?.inputs.first()?;
    let wires = state.document.pipeline().wires_into(entry.id);
    let wire = wires.iter().find(|wire| wire.to.port == first.name)?;
    let preview = state.live.previews.get(&wire.from)?;
    let rows = preview.rows.iter().find(|rows| rows.num_rows() > 0)?;
    Some(Sample { rows, batch: preview.batch })
}

/// Whether a problem is shown at the parameter or port it is about; all others stand at the top.
fn has_place(problem: &Diagnostic, kind: &NodeKind, entry: &NodeEntry) -> bool {
    match (&problem.param, &problem.port) {
        (Some(path), _) => {
            let name = path.split(['[', '.']).next().unwrap_or(path);
            let mut visible = kind.params.iter().filter(|spec| is_visible(spec, kind.params, &entry.params));
            visible.any(|spec| spec.name == name && (path == name || is_in_rows(path, spec, entry)))
        }
        (None, Some(port)) => kind.inputs.iter().chain(kind.outputs).any(|spec| spec.name == port),
        (None, None) => false,
    }
}

/// Whether a path such as `columns[2].name` names a row that is there and a field it shows.
fn is_in_rows(path: &str, spec: &weir_engine::spec::ParamSpec, entry: &NodeEntry) -> bool {
    let weir_engine::spec::ParamKind::Rows { fields } = spec.kind else { return false };
    let Some((index, field)) = path.split_once('[').and_then(|(_, rest)| rest.split_once(']')) else { return false };
    let value = entry.params.get(spec.name).cloned().or_else(|| spec.default.to_json());
    let rows = value.as_ref().and_then(|value| value.as_array());
    let Some(row) = rows.zip(index.parse::<usize>().ok()).and_then(|(rows, index)| rows.get(index)) else {
        return false;
    };
    let Some(name) = field.strip_prefix('.') else { return field.is_empty() };
    let Some(values) = row.as_object() else { return false };
    fields.iter().any(|field| name.split('[').next() == Some(field.name) && is_visible(field, fields, values))
}

/// A kind this version does not know: shown as what it is, and kept.
fn unknown_ui(ui: &mut egui::Ui, entry: &NodeEntry, state: &AppState, actions: &mut Actions) {
    ui.label(RichText::new(&entry.kind).heading().color(state.theme.text));
    let text = trf("inspector.unknown_kind", &[("kind", &entry.kind)]);
    problems::sentence_ui(ui, Severity::Warning, &text, &state.theme);
    header::name_ui(ui, entry, state, actions);
    problems::problems_ui(ui, state.analysis.problems_of(entry.id), &state.theme);
    if entry.params.is_empty() {
        return;
    }
    ui.label(tr("inspector.unknown_kind.params"));
    let text = serde_json::to_string_pretty(&entry.params).unwrap_or_default();
    ui.add(egui::Label::new(RichText::new(text).monospace().color(state.theme.text_weak)).wrap());
}
