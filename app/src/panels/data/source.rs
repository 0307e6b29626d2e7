//! Whose rows the Data panel shows: what is watched, else what is selected, else the first sink that shows something.

use std::sync::Arc;

use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::nodes;
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::Presents;
use weir_engine::runtime::{Presented, Preview};
use weir_engine::spec::{NodeId, PortRef};

use super::port_title;
use crate::state::AppState;

/// Ports previewed at once.
const MAX_PORTS: usize = 16;

/// What is shown.
#[derive(Debug, Clone)]
pub(super) enum Shown {
    /// Nothing could be.
    Nothing,
    /// The rows that pass a port.
    Port(PortRef, Option<Arc<Preview>>),
    /// What a sink shows.
    Sink(NodeId, Option<Arc<Presented>>),
}

/// Rows with where they came from.
#[derive(Debug, Clone)]
pub(super) enum Rows {
    /// A sample of a port.
    Preview(Arc<Preview>),
    /// A sink's rows.
    Presented(Arc<Presented>),
}

impl Rows {
    pub(super) fn batches(&self) -> Vec<RecordBatch> {
        match self {
            Self::Preview(preview) => preview.rows.clone(),
            Self::Presented(presented) => presented.rows.clone(),
        }
    }

    pub(super) fn total(&self) -> u64 {
        match self {
            Self::Preview(preview) => preview.total_rows,
            Self::Presented(presented) => presented.total_rows,
        }
    }

    pub(super) fn batch(&self) -> u64 {
        match self {
            Self::Preview(preview) => preview.batch,
            Self::Presented(presented) => presented.batch,
        }
    }
}

impl Shown {
    /// The rows, once there are some.
    pub(super) fn rows(&self) -> Option<Rows> {
        match self {
            Self::Nothing => None,
            Self::Port(_, preview) => preview.clone().map(Rows::Preview),
            Self::Sink(_, presented) => presented.clone().map(Rows::Presented),
        }
    }

    /// Whose they are.
    pub(super) fn title(&self, pipeline: &Pipeline) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Port(port, _) => port_title(pipeline, port),
            Self::Sink(node, _) => pipeline.node(*node).map(|node| node.name.clone()).unwrap_or_default(),
        }
    }
}

/// Decides what to show.
pub(super) fn find(state: &AppState) -> Shown {
    if let Some(port) = &state.watched {
        return of_port(state, port.clone());
    }
    if let (Some(wire), true) = (state.selection.wires.first(), state.selection.nodes.is_empty()) {
        return of_port(state, wire.from.clone());
    }
    if let Some(shown) = state.selection.single_node().and_then(|node| of_node(state, node)) {
        return shown;
    }
    let sinks = state.document.pipeline().nodes().filter(|node| presents(&node.kind));
    let mut sinks: Vec<NodeId> = sinks.map(|node| node.id).collect();
    sinks.sort_by_key(|id| !state.live.presented.contains_key(id));
    sinks.first().map_or(Shown::Nothing, |id| of_sink(state, *id))
}

fn of_node(state: &AppState, id: NodeId) -> Option<Shown> {
    let node = state.document.pipeline().node(id)?;
    if presents(&node.kind) {
        return Some(of_sink(state, id));
    }
    let port = nodes::kind(&node.kind)?.outputs.first()?;
    Some(of_port(state, PortRef::new(id, port.name)))
}

fn of_port(state: &AppState, port: PortRef) -> Shown {
    let preview = state.live.previews.get(&port).cloned();
    Shown::Port(port, preview)
}

/// A sink's rows of the batch that is shown, else its newest.
fn of_sink(state: &AppState, id: NodeId) -> Shown {
    let queue = state.live.presented.get(&id);
    let presented = match state.live.shown_batch {
        Some(batch) => queue.and_then(|queue| queue.iter().find(|presented| presented.batch == batch)),
        None => queue.and_then(|queue| queue.back()),
    };
    Shown::Sink(id, presented.cloned())
}

fn presents(kind: &str) -> bool {
    nodes::kind(kind).is_some_and(|kind| kind.presents != Presents::None)
}

/// The ports whose rows the engine should sample: what is watched and what is selected.
pub(crate) fn ports_of_interest(state: &AppState) -> Vec<PortRef> {
    let watched = state.watched.iter().cloned();
    let wires = state.selection.wires.iter().map(|wire| wire.from.clone());
    let of_nodes = state.selection.nodes.iter().filter_map(|id| state.document.pipeline().node(*id)).flat_map(|node| {
        let outputs = nodes::kind(&node.kind).map_or(&[][..], |kind| kind.outputs);
        outputs.iter().map(|port| PortRef::new(node.id, port.name))
    });
    let mut ports: Vec<PortRef> = Vec::new();
    // What enters a selected node: expressions are tried on it in the inspector.
    let into_nodes =
        state.selection.nodes.iter().flat_map(|id| state.document.pipeline().wires_into(*id)).map(|wire| wire.from);
    for port in watched.chain(wires).chain(of_nodes).chain(into_nodes) {
        if ports.len() < MAX_PORTS && !ports.contains(&port) {
            ports.push(port);
        }
    }
    ports
}
