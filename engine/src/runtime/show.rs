//! What leaves a batch for people to see: rows of selected ports, and what sinks show.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::compact::first_rows;
use super::cutter::CutBatch;
use super::node::{RunningNode, RunningStage};
use super::{Event, Presented, Preview};
use crate::metrics::{MemoryReport, NodeReport, NodeStatus};
use crate::plan::{Chunk, Flow, Presents, rows_of};
use crate::spec::{PortRef, Span};

/// Rows a preview carries.
const PREVIEW_ROWS: usize = 200;
/// Ports glimpsed at per batch: a larger graph is looked at port by port.
const MAX_GLIMPSES: usize = 64;

pub(super) fn preview(
    node: &RunningNode,
    outputs: &[Flow],
    selected: &HashSet<PortRef>,
    batch: u64,
    emit: &mut dyn FnMut(Event),
) {
    if selected.is_empty() {
        return;
    }
    for (spec, flow) in node.kind.outputs.iter().zip(outputs) {
        let port = PortRef::new(node.id, spec.name);
        if flow.fired()
            && selected.contains(&port)
            && let Ok(rows) = first_rows(flow.chunks(), Some(PREVIEW_ROWS))
        {
            emit(Event::Preview(Arc::new(Preview { port, batch, rows, total_rows: flow.row_count() })));
        }
    }
}

pub(super) fn present(
    node: &RunningNode,
    inputs: &[Flow],
    cut: &CutBatch,
    limit: Option<usize>,
    emit: &mut dyn FnMut(Event),
) {
    let shows = match node.kind.presents {
        Presents::None => false,
        Presents::Table | Presents::Console | Presents::Chart | Presents::Alert => true,
    };
    if !shows || !inputs.iter().any(Flow::fired) {
        return;
    }
    let RunningStage::Sink(sink) = &node.stage else { return };
    let Some((schema, chunks)) = sink.shown().or_else(|| shown_as_they_are(node, inputs)) else { return };
    if node.kind.presents == Presents::Alert && rows_of(&chunks) == 0 {
        return;
    }
    // Without a limit everything is wanted, as on the command line, which cuts what it prints itself.
    let limit = limit.map(|limit| sink.shown_rows().map_or(limit, |shown| limit.min(usize_of(shown))));
    match first_rows(&chunks, limit) {
        Ok(rows) => emit(Event::Presented(Arc::new(Presented {
            schema,
            node: node.id,
            name: node.name.clone(),
            batch: cut.batch,
            time: cut.tick,
            rows,
            total_rows: rows_of(&chunks),
        }))),
        Err(error) => emit(Event::Log {
            node: Some(node.id),
            time: cut.tick,
            message: format!("the rows of {} could not be shown: {error}", node.name),
        }),
    }
}

fn shown_as_they_are(node: &RunningNode, inputs: &[Flow]) -> Option<(SchemaRef, Vec<Chunk>)> {
    let link = node.seen_types.iter().flatten().next()?;
    Some((Arc::clone(&link.schema), inputs.iter().flat_map(Flow::chunks).cloned().collect()))
}

fn usize_of(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// A few rows of every port of a node, for whoever looks at the batch afterwards.
pub(super) fn glimpse(node: &RunningNode, outputs: &[Flow], limit: usize, batch: u64, into: &mut Vec<Preview>) {
    if limit == 0 {
        return;
    }
    for (spec, flow) in node.kind.outputs.iter().zip(outputs).filter(|(_, flow)| flow.fired()) {
        if into.len() < MAX_GLIMPSES
            && let Ok(rows) = first_rows(flow.chunks(), Some(limit))
        {
            let port = PortRef::new(node.id, spec.name);
            into.push(Preview { port, batch, rows, total_rows: flow.row_count() });
        }
    }
}

/// The report of a node that has done nothing yet.
pub(super) fn empty_report(node: &RunningNode) -> NodeReport {
    NodeReport {
        node: node.id,
        rows_in: 0,
        rows_out: vec![0; node.outputs.len()],
        bytes_out: 0,
        busy: Span(0),
        fired: false,
        state_rows: 0,
        state_bytes: 0,
        memory: MemoryReport::default(),
        counters: Vec::new(),
        watermark: None,
        backlog_rows: 0,
        status: NodeStatus::Ok,
        facts: None,
    }
}
