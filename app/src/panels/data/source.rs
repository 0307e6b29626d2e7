//! Whose rows the Data panel shows: what is watched, else what is selected, else the first sink that shows something.

use std::sync::Arc;

use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::nodes;
use weir_engine::pipeline::Pipeline;
use weir_engine::plan::Presents;
use weir_engine::runtime::{Presented, Preview, Probed, RunState};
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
    /// A sink's rows of several batches, the newest first.
    Grown(Vec<Arc<Presented>>),
    /// The rows that met a probe.
    Probed(Arc<Probed>),
}

impl Rows {
    pub(super) fn batches(&self) -> Vec<RecordBatch> {
        match self {
            Self::Preview(preview) => preview.rows.clone(),
            Self::Presented(presented) => presented.rows.clone(),
            Self::Grown(batches) => batches.iter().flat_map(|presented| presented.rows.iter().cloned()).collect(),
            Self::Probed(probed) => probed.outcome.as_ref().map(|hit| hit.rows.clone()).unwrap_or_default(),
        }
    }

    pub(super) fn total(&self) -> u64 {
        match self {
            Self::Preview(preview) => preview.total_rows,
            Self::Presented(presented) => presented.total_rows,
            Self::Grown(batches) => batches.iter().map(|presented| presented.total_rows).sum(),
            Self::Probed(probed) => probed.outcome.as_ref().map_or(0, |hit| hit.total_rows),
        }
    }

    pub(super) fn batch(&self) -> u64 {
        match self {
            Self::Preview(preview) => preview.batch,
            Self::Presented(presented) => presented.batch,
            Self::Grown(batches) => batches.first().map_or(0, |presented| presented.batch),
            Self::Probed(probed) => probed.batch,
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

    /// The node whose rows they are, or would be.
    pub(super) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Nothing => None,
            Self::Port(port, _) => Some(port.node),
            Self::Sink(node, _) => Some(*node),
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
    let live = &state.live;
    let preview = match live.shown_batch {
        Some(batch) => {
            let selected = live.previews.get(&port).filter(|preview| preview.batch == batch).cloned();
            selected.or_else(|| live.glimpsed.at(batch, &port).cloned().map(Arc::new))
        }
        None => {
            let glimpse = live.glimpsed.newest(&port);
            // What is selected is sampled more richly; until that has arrived, the glimpse is there already.
            let selected =
                live.previews.get(&port).filter(|rich| glimpse.is_none_or(|seen| seen.batch <= rich.batch + 1));
            selected.cloned().or_else(|| glimpse.cloned().map(Arc::new))
        }
    };
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

/// The newest rows of a table sink, batch after batch, the newest first, up to so many; `None` for other sinks.
pub(super) fn grown(state: &AppState, id: NodeId, most: usize) -> Option<Rows> {
    let kind = nodes::kind(&state.document.pipeline().node(id)?.kind)?;
    if !matches!(kind.presents, Presents::Table | Presents::Console | Presents::Alert) {
        return None;
    }
    let mut left = most;
    let mut batches = Vec::new();
    for presented in state.live.presented.get(&id)?.iter().rev() {
        batches.push(Arc::clone(presented));
        let rows: usize = presented.rows.iter().map(RecordBatch::num_rows).sum();
        left = left.saturating_sub(rows);
        if left == 0 {
            break;
        }
    }
    Some(Rows::Grown(batches))
}

/// The rows that met the probe of a port, while the run is held by it.
pub(super) fn met_probe(state: &AppState, port: &PortRef) -> Option<Rows> {
    let probed = state.live.probed.get(port)?;
    let is_held =
        state.live.state == RunState::Paused && state.live.shown_batch.is_none_or(|batch| batch == probed.batch);
    (is_held && probed.outcome.is_ok()).then(|| Rows::Probed(Arc::clone(probed)))
}

/// Whether a sink draws its rows.
pub(super) fn is_chart(state: &AppState, id: NodeId) -> bool {
    let kind = state.document.pipeline().node(id).and_then(|node| nodes::kind(&node.kind));
    kind.is_some_and(|kind| kind.presents == Presents::Chart)
}
