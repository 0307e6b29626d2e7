//! One selected wire: where it leads, what it carries, how much of it.

use eframe::egui::{self, RichText};
use weir_engine::nodes;
use weir_engine::plan::LinkType;
use weir_engine::spec::{PortRef, WireKey};

use crate::action::{Action, Actions, Selection};
use crate::i18n::{tr, trf};
use crate::state::AppState;

use super::figures;
use super::schema::schema_ui;
use super::section::{fact_ui, note_ui, section_ui};

/// Draws a wire.
pub(super) fn wire_ui(ui: &mut egui::Ui, wire: &WireKey, state: &AppState, actions: &mut Actions) {
    ui.label(RichText::new(tr("inspector.wire")).heading().color(state.theme.text));
    end_ui(ui, tr("inspector.wire.from"), &wire.from, state, actions);
    end_ui(ui, tr("inspector.wire.to"), &wire.to, state, actions);
    let output = output_index(&wire.from, state);
    let report = state.live.shown().and_then(|batch| Some((batch, batch.node(wire.from.node)?)));
    if let Some((batch, report)) = report
        && let Some(rows) = output.and_then(|index| report.rows_out.get(index))
    {
        let rows = trf(
            "inspector.live.rows",
            &[("rows", &figures::count(*rows)), ("rate", &figures::rate(*rows, batch.span))],
        );
        fact_ui(ui, tr("inspector.wire.rows"), &rows, &state.theme);
    }
    let preview = state.live.previews.get(&wire.from);
    let sample = preview.and_then(|preview| preview.rows.iter().find(|rows| rows.num_rows() > 0));
    section_ui(ui, "wire", tr("inspector.wire.schema"), &state.theme, |ui| match link_of(&wire.from, output, state) {
        Some(link) => schema_ui(ui, link, sample, &state.theme),
        None => note_ui(ui, tr("inspector.ports.unknown"), &state.theme),
    });
}

/// One end; a click selects its node.
fn end_ui(ui: &mut egui::Ui, title: &str, port: &PortRef, state: &AppState, actions: &mut Actions) {
    let name = state.document.pipeline().node(port.node).map(|node| node.name.as_str()).unwrap_or_default();
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(title).color(state.theme.text_weak));
        if ui.link(format!("{name} · {}", port.port)).clicked() {
            actions.push(Action::Select(Selection::node(port.node)));
        }
    });
}

/// Where the port stands among its node's outputs.
fn output_index(port: &PortRef, state: &AppState) -> Option<usize> {
    let kind = nodes::kind(&state.document.pipeline().node(port.node)?.kind)?;
    kind.outputs.iter().position(|spec| spec.name == port.port)
}

fn link_of<'a>(port: &PortRef, output: Option<usize>, state: &'a AppState) -> Option<&'a LinkType> {
    state.analysis.nodes.get(&port.node)?.outputs.get(output?)
}
