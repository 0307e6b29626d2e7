//! What one learns by resting the pointer on a thing: the schema of a port, the whole of a name, what is wrong.

use eframe::egui::{self, RichText};
use weir_engine::plan::LinkType;
use weir_engine::spec::PortRef;

use super::boxes::kind_title;
use super::hit::Hit;
use super::scene::{BoxId, Side};
use super::widget::Canvas;
use crate::i18n::{node_word, tr, trf};
use crate::sentences::spoken;
use crate::state::AppState;

/// Columns and problems listed before the rest is only counted.
const MAX_COLUMNS: usize = 14;
const MAX_PROBLEMS: usize = 4;
/// Screen pixels after which the pointer has moved on.
const STIR: f32 = 4.0;

impl Canvas {
    /// A thing that appears under a resting pointer was not pointed at: nothing is told of it until the pointer moves.
    pub(super) fn note_quiet(&mut self) {
        if self.quick_add.is_some() || self.rename.is_some() {
            self.quiet_at = self.pointer;
        } else if let (Some(quiet), Some(now)) = (self.quiet_at, self.pointer)
            && quiet.distance(now) > STIR
        {
            self.quiet_at = None;
        }
    }

    /// Shows what belongs to the thing under the pointer.
    pub(super) fn tooltip(&self, response: &egui::Response, state: &AppState) {
        if self.quiet_at.is_some() || matches!(self.hover, Hit::Empty) {
            return;
        }
        let hover = &self.hover;
        response.clone().on_hover_ui_at_pointer(|ui| {
            ui.set_max_width(340.0);
            match hover {
                Hit::Pin(side, port) => pin_ui(ui, *side, port, state),
                Hit::Wire(key) | Hit::WireEnd(key, _) => wire_ui(ui, key, state),
                Hit::Head(id) | Hit::Body(id) => self.node_ui(ui, *id, state),
                Hit::FrameTitle(id) | Hit::FrameEdge(id, _) => {
                    if let Some(frame) = self.scene.frame(*id) {
                        ui.strong(&frame.title);
                        ui.label(RichText::new(tr("canvas.frame.hint")).color(state.theme.text_weak));
                    }
                }
                Hit::Empty => {}
            }
        });
    }

    fn node_ui(&self, ui: &mut egui::Ui, id: BoxId, state: &AppState) {
        let Some(node) = self.scene.part(id) else { return };
        let BoxId::Node(id) = node.id else {
            ui.strong(&node.name);
            ui.label(RichText::new(tr("canvas.subflow.hint")).color(state.theme.text_weak));
            return;
        };
        let theme = &state.theme;
        ui.strong(&node.name);
        match node.kind {
            Some(kind) => {
                let summary = node_word(&format!("{}.summary", kind.id), kind.summary);
                ui.label(RichText::new(format!("{}: {summary}", kind_title(kind))).color(theme.text_weak));
            }
            None => {
                ui.label(RichText::new(trf("canvas.unknown_kind", &[("kind", &node.subtitle)])).color(theme.text_weak));
            }
        }
        if let Some(message) = state.live.failures.get(&id) {
            ui.label(RichText::new(spoken(message)).color(theme.error));
        }
        if let Some(waiting) = self.live.node(id).and_then(|live| live.waiting.as_deref()) {
            ui.label(RichText::new(spoken(waiting)).color(theme.text_weak));
        }
        if let Some(why) = crate::panels::why_line(state, id) {
            ui.label(RichText::new(why).color(theme.text_weak));
        }
        let problems: Vec<_> = state.analysis.problems_of(id).collect();
        for problem in problems.iter().take(MAX_PROBLEMS) {
            let color = if problem.is_error() { theme.error } else { theme.warning };
            ui.label(RichText::new(spoken(&problem.message)).color(color));
        }
        if problems.len() > MAX_PROBLEMS {
            let more = (problems.len() - MAX_PROBLEMS).to_string();
            ui.label(RichText::new(trf("canvas.more", &[("count", &more)])).color(theme.text_weak));
        }
    }
}

fn wire_ui(ui: &mut egui::Ui, key: &weir_engine::spec::WireKey, state: &AppState) {
    let pipeline = state.document.pipeline();
    let name = |id| pipeline.node(id).map_or("", |node| node.name.as_str());
    ui.strong(format!("{} › {}", name(key.from.node), name(key.to.node)));
    schema_ui(ui, link_of(&key.from, state), state);
    ui.label(RichText::new(tr("canvas.wire.hint")).color(state.theme.text_weak));
}

fn pin_ui(ui: &mut egui::Ui, side: Side, port: &PortRef, state: &AppState) {
    ui.strong(&port.port);
    let kind = state.document.pipeline().node(port.node).and_then(|node| weir_engine::nodes::kind(&node.kind));
    let specs = kind.map_or(&[][..], |kind| match side {
        Side::Input => kind.inputs,
        Side::Output => kind.outputs,
    });
    if let (Some(kind), Some(spec)) = (kind, specs.iter().find(|spec| spec.name == port.port)) {
        let doc = node_word(&format!("{}.port.{}.doc", kind.id, spec.name), spec.doc);
        ui.label(RichText::new(doc).color(state.theme.text_weak));
    }
    match side {
        Side::Output => schema_ui(ui, link_of(port, state), state),
        Side::Input => {
            let wires = state.document.pipeline().wires_into(port.node);
            for wire in wires.iter().filter(|wire| wire.to == *port) {
                schema_ui(ui, link_of(&wire.from, state), state);
            }
        }
    }
}

/// What flows out of a port, as far as the analysis knows.
fn link_of<'a>(port: &PortRef, state: &'a AppState) -> Option<&'a LinkType> {
    let node = state.document.pipeline().node(port.node)?;
    let at = weir_engine::nodes::kind(&node.kind)?.outputs.iter().position(|spec| spec.name == port.port)?;
    state.analysis.nodes.get(&port.node)?.outputs.get(at)
}

fn schema_ui(ui: &mut egui::Ui, link: Option<&LinkType>, state: &AppState) {
    let weak = state.theme.text_weak;
    let Some(link) = link else {
        ui.label(RichText::new(tr("canvas.schema.unknown")).color(weak));
        return;
    };
    if link.window.is_some() {
        ui.label(RichText::new(tr("canvas.schema.windowed")).color(state.theme.text));
    }
    let fields = link.schema.fields();
    egui::Grid::new(("schema", fields.len())).num_columns(2).spacing([16.0, 2.0]).show(ui, |ui| {
        for field in fields.iter().take(MAX_COLUMNS) {
            ui.label(RichText::new(field.name()).monospace().color(state.theme.text));
            ui.label(RichText::new(type_name(&field.data_type().to_string())).monospace().color(weak));
            ui.end_row();
        }
    });
    if fields.len() > MAX_COLUMNS {
        let more = (fields.len() - MAX_COLUMNS).to_string();
        ui.label(RichText::new(trf("canvas.more", &[("count", &more)])).color(weak));
    }
}

/// A column's type as Spark SQL calls it.
fn type_name(arrow: &str) -> String {
    let name = match arrow {
        "Utf8View" | "Utf8" | "LargeUtf8" => "string",
        "Boolean" => "boolean",
        "Int8" => "tinyint",
        "Int16" => "smallint",
        "Int32" => "int",
        "Int64" => "bigint",
        "Float32" => "float",
        "Float64" => "double",
        "Date32" => "date",
        other if other.starts_with("Timestamp") => "timestamp",
        other => return other.to_lowercase(),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::type_name;

    #[test]
    fn columns_are_named_as_in_spark() {
        assert_eq!(type_name("Utf8View"), "string");
        assert_eq!(type_name("Timestamp(µs, \"UTC\")"), "timestamp");
        assert_eq!(type_name("Decimal128(10, 2)"), "decimal128(10, 2)");
    }
}
