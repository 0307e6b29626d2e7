//! The part of the document that is on the canvas, as boxes, pins and curves in world units: rebuilt only when the
//! document, the subflow that is open, or what is shown of it changed.
//!
//! One level is shown at a time. A node within a subflow is represented by the subflow's box, so that asking for a node
//! gives the box that stands for it, and its wires lead there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use eframe::egui::{self, Id, Pos2, Rect, Vec2, pos2, vec2};
use weir_engine::pipeline::{FrameId, NodeMode, Pipeline, SubflowId, Tint};
use weir_engine::plan::NodeKind;
use weir_engine::spec::{NodeId, PortRef, WireKey};

use super::access::Focus;
use super::boxes::{HEAD, Wired, members_of, node_box, subflow_box};
use super::curve::Curve;
use super::live::LiveText;
use super::measure::Measure;
use crate::action::Selection;
use crate::i18n::{Language, language};
use crate::settings::WireStyle;
use crate::state::AppState;

/// Height of a frame's title.
pub(crate) const FRAME_TITLE: f32 = 30.0;

/// A box on the canvas: a node, or a subflow seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum BoxId {
    /// A node.
    Node(NodeId),
    /// A subflow.
    Subflow(SubflowId),
}

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
    /// What is written beside it: the port's name, on a subflow with its node's.
    pub(crate) label: String,
    /// Whether that is written at all.
    pub(crate) is_labelled: bool,
    /// Whether its kind knows it; a wire of a file can name a port its kind does not have.
    pub(crate) is_declared: bool,
    /// Whether a wire ends here.
    pub(crate) is_wired: bool,
    /// The id of its widget.
    pub(crate) widget: Id,
}

/// One node, or one subflow, as drawn.
#[derive(Clone)]
pub(crate) struct NodeBox {
    /// Which.
    pub(crate) id: BoxId,
    /// Its kind, if this version knows it.
    pub(crate) kind: Option<&'static NodeKind>,
    /// Its name.
    pub(crate) name: String,
    /// What is written below the name.
    pub(crate) subtitle: String,
    /// For an unknown kind, the sentence that says so.
    pub(crate) notice: Option<String>,
    /// Whether it works, rests, or is passed by.
    pub(crate) mode: NodeMode,
    /// Of a subflow, all nodes within.
    pub(crate) members: Vec<NodeId>,
    /// Where it lies.
    pub(crate) rect: Rect,
    /// Its pins, inputs first.
    pub(crate) pins: Vec<Pin>,
    /// Lines of live numbers at its foot.
    pub(crate) live_rows: u8,
    /// How high it is while it runs: what lies below it is kept clear of that.
    pub(super) running_height: f32,
    /// The id of its widget.
    pub(crate) widget: Id,
    /// Where the document has it, while a drag shows it elsewhere.
    pub(super) home: Pos2,
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
    /// Its colour.
    pub(crate) tint: Tint,
    /// Where it lies.
    pub(crate) rect: Rect,
    home: Rect,
}

/// What leads from a pin out of the subflow that is open.
#[derive(Debug, Clone)]
pub(crate) struct Stub {
    /// The pin within.
    pub(crate) port: PortRef,
    /// Its side.
    pub(crate) side: Side,
    /// The names of what is at the other ends.
    pub(crate) names: Vec<String>,
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
    /// What leads out of the subflow that is open.
    pub(crate) stubs: Vec<Stub>,
    /// Boxes from left to right: the order Tab walks.
    pub(crate) reading_order: Vec<BoxId>,
    /// Per node, the box that stands for it.
    index: HashMap<NodeId, usize>,
    places: HashMap<BoxId, usize>,
    style: WireStyle,
    key: Option<SceneKey>,
    is_changed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct SceneKey {
    revision: u64,
    /// Over ids, names, kinds and places: another document can have the same revision.
    fingerprint: u64,
    level: Option<SubflowId>,
    style: WireStyle,
    language: Language,
    live_generation: u64,
    pixels_per_point: f32,
}

impl BoxId {
    /// Whether it is selected.
    pub(crate) fn is_in(self, selection: &Selection) -> bool {
        match self {
            Self::Node(id) => selection.nodes.contains(&id),
            Self::Subflow(id) => selection.subflows.contains(&id),
        }
    }

    /// It alone as a selection.
    pub(crate) fn alone(self) -> Selection {
        match self {
            Self::Node(id) => Selection::node(id),
            Self::Subflow(id) => Selection::subflow(id),
        }
    }

    /// Adds it to a selection.
    pub(crate) fn add_to(self, selection: &mut Selection) {
        match self {
            Self::Node(id) => _ = selection.nodes.insert(id),
            Self::Subflow(id) => _ = selection.subflows.insert(id),
        }
    }

    /// All selected boxes.
    pub(crate) fn of(selection: &Selection) -> BTreeSet<Self> {
        let nodes = selection.nodes.iter().copied().map(Self::Node);
        nodes.chain(selection.subflows.iter().copied().map(Self::Subflow)).collect()
    }

    /// The node, if it is one.
    pub(crate) fn node(self) -> Option<NodeId> {
        match self {
            Self::Node(id) => Some(id),
            Self::Subflow(_) => None,
        }
    }
}

impl std::fmt::Debug for NodeBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} {:?}", self.id, self.name, self.rect)
    }
}

impl NodeBox {
    /// Where a pin lies in the world.
    pub(crate) fn pin_at(&self, pin: &Pin) -> Pos2 {
        self.rect.min + pin.offset
    }

    /// The pin of a port.
    pub(crate) fn pin(&self, side: Side, port: &PortRef) -> Option<&Pin> {
        self.pins.iter().find(|pin| pin.side == side && pin.port == *port)
    }

    /// The nodes it stands for: itself, or all within.
    pub(crate) fn nodes(&self) -> &[NodeId] {
        match &self.id {
            BoxId::Node(id) => std::slice::from_ref(id),
            BoxId::Subflow(_) => &self.members,
        }
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

    /// Brings it up to date. Returns whether it now shows something else altogether.
    pub(crate) fn update(&mut self, ui: &egui::Ui, state: &AppState, live: &LiveText, measure: &mut Measure) -> bool {
        let pipeline = state.document.pipeline();
        let key = SceneKey {
            revision: state.document.revision(),
            fingerprint: fingerprint(pipeline),
            level: state.level,
            style: state.settings.wires,
            language: language(),
            live_generation: live.generation(),
            pixels_per_point: ui.pixels_per_point(),
        };
        let Some(former) = self.key.replace(key) else {
            self.build(ui, state, live, measure);
            return true;
        };
        if former == key {
            return false;
        }
        if former.language != key.language || (former.pixels_per_point - key.pixels_per_point).abs() > f32::EPSILON {
            measure.clear();
        }
        let known = std::mem::take(&mut self.places);
        self.build(ui, state, live, measure);
        let is_other = self.nodes.len() > 1 && !self.nodes.iter().any(|node| known.contains_key(&node.id));
        is_other || former.level != key.level
    }

    fn build(&mut self, ui: &egui::Ui, state: &AppState, live: &LiveText, measure: &mut Measure) {
        let (pipeline, level) = (state.document.pipeline(), state.level);
        self.is_changed = true;
        self.style = state.settings.wires;
        let wires = pipeline.wires();
        let mut wired: HashMap<NodeId, Wired> = HashMap::new();
        for wire in &wires {
            wired.entry(wire.from.node).or_default().outputs.push(wire.clone());
            wired.entry(wire.to.node).or_default().inputs.push(wire.clone());
        }
        let none = Wired::default();
        self.nodes = pipeline
            .nodes_in(level)
            .map(|entry| node_box(ui, entry, wired.get(&entry.id).unwrap_or(&none), live.rows(entry.id), measure))
            .collect();
        self.nodes.extend(pipeline.subflows_in(level).map(|subflow| {
            let members = members_of(pipeline, subflow.id);
            subflow_box(ui, pipeline, subflow, members, live.subflow_rows(), measure)
        }));
        self.places = self.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
        let stands_for =
            self.nodes.iter().enumerate().flat_map(|(at, node)| node.nodes().iter().map(move |id| (*id, at)));
        self.index = stands_for.collect();
        self.frames = pipeline
            .frames_in(level)
            .map(|frame| {
                let rect = Rect::from_min_size(
                    pos2(frame.position.x, frame.position.y),
                    vec2(frame.size.x.max(64.0), frame.size.y.max(FRAME_TITLE)),
                );
                let (title, note) = (frame.title.clone(), frame.note.clone());
                FrameBox { id: frame.id, title, note, tint: frame.tint, rect, home: rect }
            })
            .collect();
        let mut order: Vec<_> = self.nodes.iter().map(|node| (node.rect.min.x, node.rect.min.y, node.id)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        self.reading_order = order.into_iter().map(|(_, _, id)| id).collect();
        self.build_wires(pipeline, wires);
        self.route();
    }

    /// Wires between two boxes are drawn; of those that lead out of the level, their ends within.
    fn build_wires(&mut self, pipeline: &Pipeline, wires: Vec<WireKey>) {
        self.wires.clear();
        let mut stubs: BTreeMap<(Side, PortRef), Vec<String>> = BTreeMap::new();
        let name = |id: NodeId| pipeline.node(id).map(|node| node.name.clone()).unwrap_or_default();
        for key in wires {
            match (self.index.get(&key.from.node), self.index.get(&key.to.node)) {
                (Some(from), Some(to)) if from != to => self.wires.push(WireLine {
                    curve: Curve::between(Pos2::ZERO, Pos2::ZERO, self.style),
                    widget: Focus::Wire(key.clone()).id(),
                    key,
                }),
                (Some(_), None) => stubs.entry((Side::Output, key.from)).or_default().push(name(key.to.node)),
                (None, Some(_)) => stubs.entry((Side::Input, key.to)).or_default().push(name(key.from.node)),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        self.stubs = stubs.into_iter().map(|((side, port), names)| Stub { port, side, names }).collect();
    }

    /// Shows some nodes and frames elsewhere, as a drag does before it is done.
    pub(crate) fn displace(&mut self, boxes: &BTreeSet<BoxId>, frames: &BTreeSet<FrameId>, by: Vec2) {
        for node in &mut self.nodes {
            let at = if boxes.contains(&node.id) { node.home + by } else { node.home };
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
                wire.curve = Curve::between(from, to, self.style);
            }
        }
        self.wires = wires;
    }

    /// The box that stands for a node: its own, or that of the subflow it lies in.
    pub(crate) fn node(&self, id: NodeId) -> Option<&NodeBox> {
        self.index.get(&id).and_then(|at| self.nodes.get(*at))
    }

    /// This box.
    pub(crate) fn part(&self, id: BoxId) -> Option<&NodeBox> {
        self.places.get(&id).and_then(|at| self.nodes.get(*at))
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
        node.pin(side, port).map(|pin| node.pin_at(pin))
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

    /// Boxes that lie wholly within a frame.
    pub(crate) fn boxes_within(&self, rect: Rect) -> BTreeSet<BoxId> {
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
