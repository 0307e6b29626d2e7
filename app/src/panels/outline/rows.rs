//! The rows of the outline: the graph in the order rows of data take through it, level by level.

use eframe::egui::Id;
use weir_engine::nodes;
use weir_engine::pipeline::{FrameId, NodeEntry, NodeMode, Pipeline, SubflowId};
use weir_engine::plan::Category;
use weir_engine::spec::{NodeId, WireKey};

use super::super::palette::title;
use crate::action::Selection;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// What a row stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Item {
    /// A subflow.
    Subflow(SubflowId),
    /// A node.
    Node(NodeId),
    /// A wire, listed at the node it leaves.
    Wire(WireKey),
    /// A frame or note.
    Frame(FrameId),
}

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) item: Item,
    pub(super) depth: u8,
    /// Whether its children are shown; `None` if it has none.
    pub(super) is_open: Option<bool>,
    pub(super) name: String,
    pub(super) detail: String,
    pub(super) icon: Option<&'static str>,
    pub(super) category: Option<Category>,
    /// Whether it is of less weight: wires, and nodes that rest.
    pub(super) is_quiet: bool,
}

/// All rows, as far as what holds them is open.
pub(super) fn of(pipeline: &Pipeline, is_open: &dyn Fn(&Item) -> bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let order = pipeline.topological().unwrap_or_default();
    level(pipeline, &order, None, 0, is_open, &mut rows);
    rows
}

fn level(
    pipeline: &Pipeline,
    order: &[NodeId],
    at: Option<SubflowId>,
    depth: u8,
    is_open: &dyn Fn(&Item) -> bool,
    rows: &mut Vec<Row>,
) {
    for subflow in pipeline.subflows_in(at) {
        let item = Item::Subflow(subflow.id);
        let is_open_here = is_open(&item);
        let name = if subflow.name.is_empty() { tr("canvas.subflow.unnamed") } else { &subflow.name };
        let row = Row { is_open: Some(is_open_here), ..Row::new(item, depth, name, tr("outline.subflow")) };
        rows.push(row);
        if is_open_here {
            level(pipeline, order, Some(subflow.id), depth.saturating_add(1), is_open, rows);
        }
    }
    for entry in order.iter().filter_map(|id| pipeline.node(*id)).filter(|entry| entry.subflow == at) {
        node(pipeline, entry, depth, is_open, rows);
    }
    for frame in pipeline.frames_in(at) {
        rows.push(Row { is_quiet: true, ..Row::new(Item::Frame(frame.id), depth, &frame.title, tr("outline.frame")) });
    }
}

fn node(pipeline: &Pipeline, entry: &NodeEntry, depth: u8, is_open: &dyn Fn(&Item) -> bool, rows: &mut Vec<Row>) {
    let kind = nodes::kind(&entry.kind);
    let item = Item::Node(entry.id);
    let wires = pipeline.wires_out_of(entry.id);
    let is_open_here = is_open(&item);
    let title = kind.map_or(entry.kind.as_str(), |kind| title(kind));
    let detail = match entry.mode {
        NodeMode::On => title.to_owned(),
        NodeMode::Muted => trf("canvas.mode.muted", &[("kind", title)]),
        NodeMode::Bypassed => trf("canvas.mode.bypassed", &[("kind", title)]),
    };
    rows.push(Row {
        is_open: (!wires.is_empty()).then_some(is_open_here),
        icon: kind.map(|kind| kind.icon),
        category: kind.map(|kind| kind.category),
        is_quiet: entry.mode != NodeMode::On,
        ..Row::new(item, depth, &entry.name, &detail)
    });
    for wire in wires.into_iter().filter(|_| is_open_here) {
        let to = pipeline.node(wire.to.node).map_or("", |node| node.name.as_str());
        let name = format!("{} › {to}.{}", wire.from.port, wire.to.port);
        let row = Row::new(Item::Wire(wire), depth.saturating_add(1), &name, tr("outline.wire"));
        rows.push(Row { is_quiet: true, ..row });
    }
}

impl Row {
    fn new(item: Item, depth: u8, name: &str, detail: &str) -> Self {
        Self {
            item,
            depth,
            is_open: None,
            name: name.to_owned(),
            detail: detail.to_owned(),
            icon: None,
            category: None,
            is_quiet: false,
        }
    }

    /// The same among search results.
    pub(super) fn flat(self) -> Self {
        Self { depth: 0, is_open: None, ..self }
    }

    /// What a screen reader says.
    pub(super) fn in_words(&self, state: &AppState) -> String {
        let mut words = format!("{}, {}", self.name, self.detail);
        if let Some(wrong) = self.item.node_state(state) {
            words.push_str(", ");
            words.push_str(wrong);
        }
        words
    }
}

impl Item {
    /// The id of its row's widget.
    pub(super) fn widget(&self) -> Id {
        Id::unique(("outline row", self))
    }

    pub(super) fn is_selected(&self, selection: &Selection) -> bool {
        match self {
            Self::Subflow(id) => selection.subflows.contains(id),
            Self::Node(id) => selection.nodes.contains(id),
            Self::Wire(wire) => selection.wires.contains(wire),
            Self::Frame(id) => selection.frames.contains(id),
        }
    }

    /// The level it is seen on, and it alone as a selection.
    pub(super) fn place(&self, pipeline: &Pipeline) -> (Option<SubflowId>, Selection) {
        match self {
            Self::Subflow(id) => (pipeline.subflow(*id).and_then(|subflow| subflow.parent), Selection::subflow(*id)),
            Self::Node(id) => (pipeline.node(*id).and_then(|node| node.subflow), Selection::node(*id)),
            Self::Wire(wire) => {
                (pipeline.node(wire.from.node).and_then(|node| node.subflow), Selection::wire(wire.clone()))
            }
            Self::Frame(id) => (pipeline.frame(*id).and_then(|frame| frame.subflow), Selection::frame(*id)),
        }
    }

    /// The node to bring into view for it.
    pub(super) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Node(id) => Some(*id),
            Self::Wire(wire) => Some(wire.from.node),
            Self::Subflow(_) | Self::Frame(_) => None,
        }
    }
}
