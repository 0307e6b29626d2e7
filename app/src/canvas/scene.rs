//! The document as boxes, pins and curves in world units: rebuilt only when the document or what it shows changed.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use eframe::egui::{self, Id, Pos2, Rect, Vec2, pos2, vec2};
use weir_engine::nodes;
use weir_engine::pipeline::{Document, FrameId, NodeEntry, Pipeline};
use weir_engine::plan::NodeKind;
use weir_engine::spec::{NodeId, PortRef, WireKey};

use super::access::Focus;
use super::curve::Curve;
use super::live::LiveText;
use super::measure::{Measure, SMALL_SIZE, TITLE_SIZE};
use crate::i18n::{Language, language, node_word, trf};

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
/// Height of a frame's title.
pub(crate) const FRAME_TITLE: f32 = 30.0;
/// Height of one line of live numbers.
pub(crate) const LIVE_ROW: f32 = 17.0;
const MIN_WIDTH: f32 = 168.0;
const MAX_WIDTH: f32 = 240.0;
const FOOT: f32 = 8.0;

/// Which side of a node a pin is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    /// Rows enter here.
    Input,
    /// Rows leave here.
    Output,
}

/// One end for wires.
#[derive(Debug, Clone)]
pub(crate) struct Pin {
    /// Which port.
    pub(crate) port: PortRef,
    /// Which side.
    pub(crate) side: Side,
    /// From the node's upper left corner.
    pub(crate) offset: Vec2,
    /// Whether its name is written beside it.
    pub(crate) is_labelled: bool,
    /// Whether its kind knows it; a wire of a file can name a port its kind does not have.
    pub(crate) is_declared: bool,
    /// Whether a wire ends here.
    pub(crate) is_wired: bool,
    /// The id of its widget.
    pub(crate) widget: Id,
}

/// One node as drawn.
#[derive(Clone)]
pub(crate) struct NodeBox {
    /// Which node.
    pub(crate) id: NodeId,
    /// Its kind, if this version knows it.
    pub(crate) kind: Option<&'static NodeKind>,
    /// Its name.
    pub(crate) name: String,
    /// What is written below the name.
    pub(crate) subtitle: String,
    /// For an unknown kind, the sentence that says so.
    pub(crate) notice: Option<String>,
    /// Where it lies.
    pub(crate) rect: Rect,
    /// Its pins, inputs first.
    pub(crate) pins: Vec<Pin>,
    /// Lines of live numbers at its foot.
    pub(crate) live_rows: u8,
    /// The id of its widget.
    pub(crate) widget: Id,
    /// Where the document has it, while a drag shows it elsewhere.
    home: Pos2,
}

/// One wire as drawn.
#[derive(Debug, Clone)]
pub(crate) struct WireLine {
    /// Which wire.
    pub(crate) key: WireKey,
    /// Its shape.
    pub(crate) curve: Curve,
    /// The id of its widget.
    pub(crate) widget: Id,
}

/// One frame as drawn.
#[derive(Debug, Clone)]
pub(crate) struct FrameBox {
    /// Which frame.
    pub(crate) id: FrameId,
    /// Its title.
    pub(crate) title: String,
    /// Its note.
    pub(crate) note: String,
    /// Where it lies.
    pub(crate) rect: Rect,
    home: Rect,
}

/// Everything there is to draw.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// Nodes by id.
    pub(crate) nodes: Vec<NodeBox>,
    /// Wires, sorted.
    pub(crate) wires: Vec<WireLine>,
    /// Frames by id.
    pub(crate) frames: Vec<FrameBox>,
    /// Nodes from left to right: the order Tab walks.
    pub(crate) reading_order: Vec<NodeId>,
    index: HashMap<NodeId, usize>,
    key: Option<SceneKey>,
    is_changed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct SceneKey {
    revision: u64,
    /// Over ids, names, kinds and places: another document can have the same revision.
    fingerprint: u64,
    language: Language,
    live_generation: u64,
    pixels_per_point: f32,
}

impl std::fmt::Debug for NodeBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.id, self.name, self.rect)
    }
}

impl NodeBox {
    /// Where a pin lies in the world.
    pub(crate) fn pin_at(&self, pin: &Pin) -> Pos2 {
        self.rect.min + pin.offset
    }

    /// The pin of a port.
    pub(crate) fn pin(&self, side: Side, port: &str) -> Option<&Pin> {
        self.pins.iter().find(|pin| pin.side == side && pin.port.port == port)
    }

    /// The pins of one side.
    pub(crate) fn side(&self, side: Side) -> impl Iterator<Item = &Pin> {
        self.pins.iter().filter(move |pin| pin.side == side)
    }

    /// The part a double-click renames at.
    pub(crate) fn head(&self) -> Rect {
        Rect::from_min_size(self.rect.min, vec2(self.rect.width(), HEAD))
    }
}

impl FrameBox {
    /// The part it is moved by.
    pub(crate) fn title_rect(&self) -> Rect {
        Rect::from_min_size(self.rect.min, vec2(self.rect.width(), FRAME_TITLE))
    }
}

impl Scene {
    /// Whether it was never filled.
    pub(crate) fn is_new(&self) -> bool {
        self.key.is_none()
    }

    /// Whether it was filled anew since this was last asked.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.is_changed)
    }

    /// Brings it up to date. Returns whether it now shows another document altogether.
    pub(crate) fn update(
        &mut self,
        ui: &egui::Ui,
        document: &Document,
        live: &LiveText,
        measure: &mut Measure,
    ) -> bool {
        let key = SceneKey {
            revision: document.revision(),
            fingerprint: fingerprint(document.pipeline()),
            language: language(),
            live_generation: live.generation(),
            pixels_per_point: ui.pixels_per_point(),
        };
        let Some(former) = self.key.replace(key) else {
            self.build(ui, document.pipeline(), live, measure);
            return true;
        };
        if former == key {
            return false;
        }
        if former.language != key.language || (former.pixels_per_point - key.pixels_per_point).abs() > f32::EPSILON {
            measure.clear();
        }
        let known = std::mem::take(&mut self.index);
        self.build(ui, document.pipeline(), live, measure);
        self.nodes.len() > 1 && !self.nodes.iter().any(|node| known.contains_key(&node.id))
    }

    fn build(&mut self, ui: &egui::Ui, pipeline: &Pipeline, live: &LiveText, measure: &mut Measure) {
        self.is_changed = true;
        let wires = pipeline.wires();
        let mut extra: HashMap<NodeId, Vec<(Side, String)>> = HashMap::new();
        for wire in &wires {
            extra.entry(wire.from.node).or_default().push((Side::Output, wire.from.port.clone()));
            extra.entry(wire.to.node).or_default().push((Side::Input, wire.to.port.clone()));
        }
        self.nodes = pipeline
            .nodes()
            .map(|entry| {
                let wired = extra.get(&entry.id).map_or(&[][..], Vec::as_slice);
                node_box(ui, entry, wired, live.rows(entry.id), measure)
            })
            .collect();
        self.index = self.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
        self.wires = wires
            .into_iter()
            .map(|key| WireLine {
                curve: Curve::between(Pos2::ZERO, Pos2::ZERO),
                widget: Focus::Wire(key.clone()).id(),
                key,
            })
            .collect();
        self.frames = pipeline
            .frames()
            .map(|frame| {
                let rect = Rect::from_min_size(
                    pos2(frame.position.x, frame.position.y),
                    vec2(frame.size.x.max(64.0), frame.size.y.max(FRAME_TITLE)),
                );
                FrameBox { id: frame.id, title: frame.title.clone(), note: frame.note.clone(), rect, home: rect }
            })
            .collect();
        let mut order: Vec<_> = self.nodes.iter().map(|node| (node.rect.min.x, node.rect.min.y, node.id)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        self.reading_order = order.into_iter().map(|(_, _, id)| id).collect();
        self.route();
    }

    /// Shows some nodes and frames elsewhere, as a drag does before it is done.
    pub(crate) fn displace(&mut self, nodes: &BTreeSet<NodeId>, frames: &BTreeSet<FrameId>, by: Vec2) {
        for node in &mut self.nodes {
            let at = if nodes.contains(&node.id) { node.home + by } else { node.home };
            node.rect = Rect::from_min_size(at, node.rect.size());
        }
        for frame in &mut self.frames {
            frame.rect = if frames.contains(&frame.id) { frame.home.translate(by) } else { frame.home };
        }
        self.route();
    }

    /// Shows a frame in another size.
    pub(crate) fn resize_frame(&mut self, id: FrameId, rect: Rect) {
        if let Some(frame) = self.frames.iter_mut().find(|frame| frame.id == id) {
            frame.rect = rect;
        }
    }

    fn route(&mut self) {
        let mut wires = std::mem::take(&mut self.wires);
        for wire in &mut wires {
            if let (Some(from), Some(to)) =
                (self.port_at(Side::Output, &wire.key.from), self.port_at(Side::Input, &wire.key.to))
            {
                wire.curve = Curve::between(from, to);
            }
        }
        self.wires = wires;
    }

    /// The node of this id.
    pub(crate) fn node(&self, id: NodeId) -> Option<&NodeBox> {
        self.index.get(&id).and_then(|at| self.nodes.get(*at))
    }

    /// The wire of this key.
    pub(crate) fn wire(&self, key: &WireKey) -> Option<&WireLine> {
        self.wires.binary_search_by(|wire| wire.key.cmp(key)).ok().and_then(|at| self.wires.get(at))
    }

    /// The frame of this id.
    pub(crate) fn frame(&self, id: FrameId) -> Option<&FrameBox> {
        self.frames.iter().find(|frame| frame.id == id)
    }

    /// Where a port's pin lies in the world.
    pub(crate) fn port_at(&self, side: Side, port: &PortRef) -> Option<Pos2> {
        let node = self.node(port.node)?;
        node.pin(side, &port.port).map(|pin| node.pin_at(pin))
    }

    /// Whether any wire enters this input.
    pub(crate) fn is_wired(&self, side: Side, port: &PortRef) -> bool {
        self.wires.iter().any(|wire| match side {
            Side::Input => wire.key.to == *port,
            Side::Output => wire.key.from == *port,
        })
    }

    /// What contains all nodes and frames; `None` while there are none.
    pub(crate) fn bounds(&self) -> Option<Rect> {
        let rects = self.nodes.iter().map(|node| node.rect).chain(self.frames.iter().map(|frame| frame.rect));
        rects.reduce(Rect::union)
    }

    /// Nodes that lie wholly within a frame.
    pub(crate) fn nodes_within(&self, rect: Rect) -> BTreeSet<NodeId> {
        self.nodes.iter().filter(|node| rect.contains_rect(node.rect)).map(|node| node.id).collect()
    }
}

fn fingerprint(pipeline: &Pipeline) -> u64 {
    let mut hasher = DefaultHasher::new();
    for node in pipeline.nodes() {
        (node.id, &node.name, &node.kind, node.position.x.to_bits(), node.position.y.to_bits()).hash(&mut hasher);
    }
    for frame in pipeline.frames() {
        (frame.id, &frame.title).hash(&mut hasher);
    }
    hasher.finish()
}

/// The translated title of a kind.
pub(crate) fn kind_title(kind: &'static NodeKind) -> &'static str {
    node_word(&format!("{}.title", kind.id), kind.title)
}

fn node_box(
    ui: &egui::Ui,
    entry: &NodeEntry,
    wired: &[(Side, String)],
    live_rows: u8,
    measure: &mut Measure,
) -> NodeBox {
    let kind = nodes::kind(&entry.kind);
    let subtitle = kind.map_or_else(|| entry.kind.clone(), |kind| kind_title(kind).to_owned());
    let notice = kind.is_none().then(|| trf("canvas.unknown_kind", &[("kind", &entry.kind)]));
    let (mut pins, port_rows) = pins_of(entry.id, kind, wired);
    let width = width_of(ui, &entry.name, &subtitle, &pins, measure);
    for pin in pins.iter_mut().filter(|pin| pin.side == Side::Output) {
        pin.offset.x = width;
    }
    let rows = f32::from(port_rows);
    let mut height = HEAD + rows * ROW + if port_rows > 0 { FOOT } else { 0.0 };
    if notice.is_some() {
        height += 2.0 * ROW;
    }
    if live_rows > 0 {
        height += f32::from(live_rows) * LIVE_ROW + FOOT + 2.0;
    }
    let home = pos2(entry.position.x, entry.position.y);
    let rect = Rect::from_min_size(home, vec2(width, height));
    let widget = Focus::Node(entry.id).id();
    NodeBox { id: entry.id, kind, name: entry.name.clone(), subtitle, notice, rect, pins, live_rows, widget, home }
}

/// The size a new node of a kind will have, for the ghost that shows where it goes.
pub(crate) fn size_of_new(ui: &egui::Ui, kind: &'static NodeKind, measure: &mut Measure) -> Vec2 {
    let entry = NodeEntry::new(NodeId(0), kind.id, kind.base_name);
    node_box(ui, &entry, &[], 0, measure).rect.size()
}

fn width_of(ui: &egui::Ui, name: &str, subtitle: &str, pins: &[Pin], measure: &mut Measure) -> f32 {
    let head = measure.width(ui, name, TITLE_SIZE).max(measure.width(ui, subtitle, SMALL_SIZE));
    let mut label_width = |side| {
        let labels = pins.iter().filter(|pin| pin.side == side && pin.is_labelled);
        labels.map(|pin| measure.width(ui, &pin.port.port, SMALL_SIZE) + 14.0).fold(0.0, f32::max)
    };
    let ports = label_width(Side::Input) + label_width(Side::Output) + 16.0;
    let needed = (TEXT_LEFT + head + TEXT_RIGHT).max(ports).clamp(MIN_WIDTH, MAX_WIDTH);
    (needed / GRID).ceil() * GRID
}

/// The pins and how many rows they need below the head. A side with one port has its pin at the head's middle.
fn pins_of(id: NodeId, kind: Option<&'static NodeKind>, wired: &[(Side, String)]) -> (Vec<Pin>, u8) {
    let mut pins = Vec::new();
    let mut rows = 0;
    for side in [Side::Input, Side::Output] {
        let declared = kind.map_or(&[][..], |kind| match side {
            Side::Input => kind.inputs,
            Side::Output => kind.outputs,
        });
        let mut names: Vec<(String, bool)> = declared.iter().map(|port| (port.name.to_owned(), true)).collect();
        for (_, name) in wired.iter().filter(|(wired_side, _)| *wired_side == side) {
            if !names.iter().any(|(known, _)| known == name) {
                names.push((name.clone(), false));
            }
        }
        let is_labelled = names.len() > 1;
        for (at, (name, is_declared)) in names.iter().enumerate() {
            let row = u8::try_from(at).unwrap_or(u8::MAX);
            let y = if is_labelled { HEAD + (f32::from(row) + 0.5) * ROW } else { HEAD * 0.5 };
            let port = PortRef::new(id, name.clone());
            pins.push(Pin {
                widget: Focus::Pin(side, port.clone()).id(),
                is_wired: wired.iter().any(|(wired_side, wired)| *wired_side == side && wired == name),
                port,
                side,
                offset: vec2(0.0, y),
                is_labelled,
                is_declared: *is_declared,
            });
            if is_labelled {
                rows = rows.max(row.saturating_add(1));
            }
        }
    }
    (pins, rows)
}
