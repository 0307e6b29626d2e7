//! What enters and leaves a node: each port with the columns on it.

use eframe::egui::{self, RichText};
use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::plan::{LinkType, NodeKind};
use weir_engine::spec::{Diagnostic, NodeId, PortRef, PortSpec};

use crate::action::{Action, Actions};
use crate::i18n::{node_word, tr, trf};
use crate::state::AppState;

use super::problems;
use super::schema::schema_ui;
use super::section::{note_ui, section_ui};

/// Draws the ports of a node.
pub(super) fn ports_ui(ui: &mut egui::Ui, node: NodeId, kind: &NodeKind, state: &AppState, actions: &mut Actions) {
    let known = state.analysis.nodes.get(&node);
    if !kind.inputs.is_empty() {
        section_ui(ui, "inputs", tr("inspector.ports.inputs"), &state.theme, |ui| {
            for (index, port) in kind.inputs.iter().enumerate() {
                let links = known.and_then(|known| known.inputs.get(index)).map(Vec::as_slice).unwrap_or_default();
                port_ui(ui, kind, port, node, state);
                let is_wired = state.document.pipeline().wires_into(node).iter().any(|wire| wire.to.port == port.name);
                let wires = state.document.pipeline().wires_into(node);
                let samples =
                    wires.iter().filter(|wire| wire.to.port == port.name).map(|wire| sample(state, &wire.from));
                links_ui(ui, links, is_wired, &samples.collect::<Vec<_>>(), state);
            }
        });
    }
    if !kind.outputs.is_empty() {
        section_ui(ui, "outputs", tr("inspector.ports.outputs"), &state.theme, |ui| {
            for (index, port) in kind.outputs.iter().enumerate() {
                let link = known.and_then(|known| known.outputs.get(index));
                port_ui(ui, kind, port, node, state);
                let samples = [sample(state, &PortRef::new(node, port.name))];
                links_ui(ui, link.map(std::slice::from_ref).unwrap_or_default(), true, &samples, state);
                watch_ui(ui, &PortRef::new(node, port.name), state, actions);
            }
        });
    }
}

fn port_ui(ui: &mut egui::Ui, kind: &NodeKind, port: &PortSpec, node: NodeId, state: &AppState) {
    let theme = &state.theme;
    let doc = node_word(&format!("{}.port.{}.doc", kind.id, port.name), port.doc);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(port.name).strong().color(theme.category(kind.category)));
        ui.label(RichText::new(doc).small().color(theme.text_weak));
    });
    let is_here = |problem: &&Diagnostic| problem.port.as_deref() == Some(port.name) && problem.param.is_none();
    problems::problems_ui(ui, state.analysis.problems_of(node).filter(is_here), theme);
}

/// The first rows that passed a port lately.
fn sample<'a>(state: &'a AppState, port: &PortRef) -> Option<&'a RecordBatch> {
    state.live.previews.get(port)?.rows.iter().find(|rows| rows.num_rows() > 0)
}

fn links_ui(ui: &mut egui::Ui, links: &[LinkType], is_wired: bool, samples: &[Option<&RecordBatch>], state: &AppState) {
    let unknown = if is_wired { "inspector.ports.unknown" } else { "inspector.ports.unwired" };
    if links.is_empty() {
        note_ui(ui, tr(unknown), &state.theme);
    }
    for (index, link) in links.iter().enumerate() {
        if links.len() > 1 {
            note_ui(ui, &trf("inspector.ports.wire", &[("number", &(index + 1).to_string())]), &state.theme);
        }
        schema_ui(ui, link, samples.get(index).copied().flatten(), &state.theme);
    }
    ui.add_space(4.0);
}

/// Lets the Data panel follow this port instead of the selection.
fn watch_ui(ui: &mut egui::Ui, port: &PortRef, state: &AppState, actions: &mut Actions) {
    let is_watched = state.watched.as_ref() == Some(port);
    let title = if is_watched { tr("inspector.ports.unwatch") } else { tr("inspector.ports.watch") };
    let name = trf("inspector.ports.watch.name", &[("action", title), ("port", &port.port)]);
    if ui.small_button(title).accessible_name(name).clicked() {
        actions.push(Action::Watch((!is_watched).then(|| port.clone())));
    }
}
