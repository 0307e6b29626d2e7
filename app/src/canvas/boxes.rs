//! How large a node's or a subflow's box is, and where its pins are: measured in world units, from the document alone.

use std::collections::BTreeSet;

use eframe::egui::{self, Pos2, Rect, Vec2, pos2, vec2};
use weir_engine::nodes;
use weir_engine::pipeline::{NodeEntry, NodeMode, Pipeline, Subflow, SubflowId};
use weir_engine::plan::{Category, NodeKind};
use weir_engine::spec::{NodeId, PortRef, WireKey};

use super::access::Focus;
use super::measure::{Measure, SMALL_SIZE, TITLE_SIZE};
use super::scene::{BoxId, NodeBox, Pin, Side};
use crate::i18n::{node_word, tr, trf};

/// The grid nodes snap to.
pub(crate) const GRID: f32 = 8.0;
/// Height of a node's head: name and kind.
pub(crate) const HEAD: f32 = 48.0;
/// Height of one line below the head.
pub(crate) const ROW: f32 = 20.0;
/// Where a node's texts begin: behind the strip and the icon.
pub(crate) const TEXT_LEFT: f32 = 42.0;
/// Room kept at a node's right for its badge.
pub(crate) const TEXT_RIGHT: f32 = 30.0;
/// Height of one line of live numbers.
pub(crate) const LIVE_ROW: f32 = 17.0;
const MIN_WIDTH: f32 = 168.0;
const MAX_WIDTH: f32 = 240.0;
const FOOT: f32 = 8.0;

/// The translated title of a kind.
pub(crate) fn kind_title(kind: &'static NodeKind) -> &'static str {
    node_word(&format!("{}.title", kind.id), kind.title)
}

/// The size a new node of a kind will have, for the ghost that shows where it goes.
pub(crate) fn size_of_new(ui: &egui::Ui, kind: &'static NodeKind, measure: &mut Measure) -> Vec2 {
    let entry = NodeEntry::new(NodeId(0), kind.id, kind.base_name);
    node_box(ui, &entry, &Wired::default(), 0, measure).rect.size()
}

/// The wires at a node, by side.
#[derive(Debug, Default)]
pub(super) struct Wired {
    pub(super) inputs: Vec<WireKey>,
    pub(super) outputs: Vec<WireKey>,
}

impl Wired {
    fn ports(&self, side: Side) -> impl Iterator<Item = &PortRef> {
        let (inputs, outputs) = match side {
            Side::Input => (self.inputs.as_slice(), &[][..]),
            Side::Output => (&[][..], self.outputs.as_slice()),
        };
        inputs.iter().map(|wire| &wire.to).chain(outputs.iter().map(|wire| &wire.from))
    }
}

/// A node as drawn.
pub(super) fn node_box(
    ui: &egui::Ui,
    entry: &NodeEntry,
    wired: &Wired,
    live_rows: u8,
    measure: &mut Measure,
) -> NodeBox {
    let kind = nodes::kind(&entry.kind);
    let title = kind.map_or_else(|| entry.kind.clone(), |kind| kind_title(kind).to_owned());
    let subtitle = match entry.mode {
        NodeMode::On => title,
        NodeMode::Muted => trf("canvas.mode.muted", &[("kind", &title)]),
        NodeMode::Bypassed => trf("canvas.mode.bypassed", &[("kind", &title)]),
    };
    let notice = kind.is_none().then(|| trf("canvas.unknown_kind", &[("kind", &entry.kind)]));
    let draft = Draft {
        id: BoxId::Node(entry.id),
        kind,
        name: entry.name.clone(),
        subtitle,
        notice,
        mode: entry.mode,
        members: Vec::new(),
        pins: [Side::Input, Side::Output].into_iter().flat_map(|side| pins_of(entry.id, kind, wired, side)).collect(),
        home: pos2(entry.position.x, entry.position.y),
        live_rows,
    };
    draft.finish(ui, measure)
}

/// A subflow as drawn from outside: one pin for every port within that is wired across its border or still free.
pub(super) fn subflow_box(
    ui: &egui::Ui,
    pipeline: &Pipeline,
    subflow: &Subflow,
    members: Vec<NodeId>,
    live_rows: u8,
    measure: &mut Measure,
) -> NodeBox {
    let count = members.len().to_string();
    let inside: BTreeSet<NodeId> = members.iter().copied().collect();
    let pins = [Side::Input, Side::Output]
        .into_iter()
        .flat_map(|side| members.iter().flat_map(move |id| [(side, *id)]))
        .flat_map(|(side, id)| border_pins(pipeline, &inside, id, side))
        .collect();
    let draft = Draft {
        id: BoxId::Subflow(subflow.id),
        kind: None,
        name: if subflow.name.is_empty() { tr("canvas.subflow.unnamed").to_owned() } else { subflow.name.clone() },
        subtitle: trf("canvas.subflow.holds", &[("count", &count)]),
        notice: None,
        mode: NodeMode::On,
        members,
        pins,
        home: pos2(subflow.position.x, subflow.position.y),
        live_rows,
    };
    draft.finish(ui, measure)
}

/// All nodes of a subflow, however deep, by id.
pub(crate) fn members_of(pipeline: &Pipeline, subflow: SubflowId) -> Vec<NodeId> {
    pipeline.nodes().filter(|node| pipeline.lies_within(node.subflow, subflow)).map(|node| node.id).collect()
}

fn border_pins(pipeline: &Pipeline, inside: &BTreeSet<NodeId>, id: NodeId, side: Side) -> Vec<Pin> {
    let Some(entry) = pipeline.node(id) else { return Vec::new() };
    let kind = nodes::kind(&entry.kind);
    let wired = Wired { inputs: pipeline.wires_into(id), outputs: pipeline.wires_out_of(id) };
    let pins = pins_of(id, kind, &wired, side);
    let is_only = pins.len() == 1;
    let main = pins.first().map(|pin| pin.port.clone());
    let crosses = |port: &PortRef| match side {
        Side::Input => wired.inputs.iter().any(|wire| wire.to == *port && !inside.contains(&wire.from.node)),
        Side::Output => wired.outputs.iter().any(|wire| wire.from == *port && !inside.contains(&wire.to.node)),
    };
    // Side outputs such as rejected rows stay inside until something outside asks for them.
    let is_offered = |pin: &Pin| !pin.is_wired && (side == Side::Input || main.as_ref() == Some(&pin.port));
    pins.into_iter()
        .filter(|pin| crosses(&pin.port) || is_offered(pin))
        .map(|pin| {
            let label = if is_only { entry.name.clone() } else { format!("{}.{}", entry.name, pin.port.port) };
            Pin { is_wired: crosses(&pin.port), label, is_labelled: true, ..pin }
        })
        .collect()
}

/// The pins of one side: those its kind declares, then those only its wires know. One alone has no label.
fn pins_of(id: NodeId, kind: Option<&'static NodeKind>, wired: &Wired, side: Side) -> Vec<Pin> {
    let declared = kind.map_or(&[][..], |kind| match side {
        Side::Input => kind.inputs,
        Side::Output => kind.outputs,
    });
    let mut names: Vec<(String, bool)> = declared.iter().map(|port| (port.name.to_owned(), true)).collect();
    for port in wired.ports(side) {
        if !names.iter().any(|(known, _)| *known == port.port) {
            names.push((port.port.clone(), false));
        }
    }
    let is_labelled = names.len() > 1;
    names
        .into_iter()
        .map(|(name, is_declared)| {
            let port = PortRef::new(id, name.clone());
            Pin {
                widget: Focus::Pin(side, port.clone()).id(),
                is_wired: wired.ports(side).any(|wired| wired.port == name),
                port,
                label: name,
                side,
                offset: Vec2::ZERO,
                is_labelled,
                is_declared,
            }
        })
        .collect()
}

/// The height of so many lines of live numbers, with what is around them.
pub(super) fn live_height(rows: u8) -> f32 {
    if rows == 0 { 0.0 } else { f32::from(rows) * LIVE_ROW + FOOT + 2.0 }
}

/// A box whose size is still to be found.
struct Draft {
    id: BoxId,
    kind: Option<&'static NodeKind>,
    name: String,
    subtitle: String,
    notice: Option<String>,
    mode: NodeMode,
    members: Vec<NodeId>,
    pins: Vec<Pin>,
    home: Pos2,
    live_rows: u8,
}

impl Draft {
    fn finish(mut self, ui: &egui::Ui, measure: &mut Measure) -> NodeBox {
        let width = self.width(ui, measure);
        let port_rows = self.place_pins(width);
        let mut height = HEAD + f32::from(port_rows) * ROW + if port_rows > 0 { FOOT } else { 0.0 };
        if self.notice.is_some() {
            height += 2.0 * ROW;
        }
        let rest = height;
        height += live_height(self.live_rows);
        NodeBox {
            running_height: rest + live_height(self.live_rows.max(self.usual_live_rows())),
            widget: Focus::Box(self.id).id(),
            rect: Rect::from_min_size(self.home, vec2(width, height)),
            id: self.id,
            kind: self.kind,
            name: self.name,
            subtitle: self.subtitle,
            notice: self.notice,
            mode: self.mode,
            members: self.members,
            pins: self.pins,
            live_rows: self.live_rows,
            home: self.home,
        }
    }

    /// How many lines of live numbers it will have when it runs: rows and time, and what waits or is remembered.
    fn usual_live_rows(&self) -> u8 {
        match self.kind.map(|kind| kind.category) {
            Some(Category::Source | Category::Transform | Category::Window | Category::State) => 3,
            Some(Category::Sink) | None => 2,
        }
    }

    fn width(&self, ui: &egui::Ui, measure: &mut Measure) -> f32 {
        let head = measure.width(ui, &self.name, TITLE_SIZE).max(measure.width(ui, &self.subtitle, SMALL_SIZE));
        let mut label_width = |side| {
            let labels = self.pins.iter().filter(|pin| pin.side == side && pin.is_labelled);
            labels.map(|pin| measure.width(ui, &pin.label, SMALL_SIZE) + 14.0).fold(0.0, f32::max)
        };
        let ports = label_width(Side::Input) + label_width(Side::Output) + 16.0;
        let needed = (TEXT_LEFT + head + TEXT_RIGHT).max(ports).clamp(MIN_WIDTH, MAX_WIDTH);
        (needed / GRID).ceil() * GRID
    }

    /// A labelled pin has a line of its own, any other stands at the head's middle. Returns how many lines there are.
    fn place_pins(&mut self, width: f32) -> u8 {
        let mut rows = [0u8; 2];
        for pin in &mut self.pins {
            let (x, row) = match pin.side {
                Side::Input => (0.0, &mut rows[0]),
                Side::Output => (width, &mut rows[1]),
            };
            let y = if pin.is_labelled {
                *row = row.saturating_add(1);
                HEAD + (f32::from(*row) - 0.5) * ROW
            } else {
                HEAD * 0.5
            };
            pin.offset = vec2(x, y);
        }
        let [inputs, outputs] = rows;
        inputs.max(outputs)
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Context, RawInput};
    use weir_engine::pipeline::Document;

    use super::super::live::LiveText;
    use super::super::scene::Scene;
    use super::*;
    use crate::samples;
    use crate::state::AppState;

    /// Nodes grow when a run begins; what is drawn for others to see must leave them the room.
    #[test]
    fn the_nodes_of_every_sample_have_room_to_grow_within_their_frame_and_above_each_other() {
        let context = Context::default();
        crate::fonts::install(&context);
        for sample in samples::ALL {
            let state = AppState::new(Document::new(sample.load().unwrap()));
            let mut scene = Scene::default();
            let mut output = context.run_ui(RawInput::default(), |ui| {
                scene.update(ui, &state, &LiveText::default(), &mut Measure::default());
            });
            output.textures_delta.clear();
            let running =
                |node: &NodeBox| Rect::from_min_size(node.rect.min, vec2(node.rect.width(), node.running_height));
            for (at, node) in scene.nodes.iter().enumerate() {
                let rect = running(node);
                for other in &scene.nodes[at + 1..] {
                    let is_clear = !rect.expand(8.0).intersects(running(other));
                    assert!(is_clear, "{}: {} and {} touch", sample.name, node.name, other.name);
                }
                let around = scene.frames.iter().filter(|frame| frame.rect.contains(node.rect.center()));
                for frame in around {
                    let room = frame.rect.shrink(8.0);
                    assert!(room.contains_rect(rect), "{}: {} leaves its frame: {rect:?}", sample.name, node.name);
                }
            }
        }
    }
}
