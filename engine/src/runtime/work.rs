//! The work of one node in one batch: run so that its failure is its own, held to its memory, reported.

use std::collections::HashMap;
use std::sync::Arc;

use super::Event;
use super::compact::bytes_of;
use super::facts::facts_of;
use super::flush::flushed;
use super::node::{RunningNode, RunningStage, RunningWire, guard};
use super::recording::Recorder;
use super::session::{HeldBatch, Session, SinkWork};
use super::show::{empty_report, glimpse, preview};
use super::trace::{trace_of, window_of};
use crate::metrics::{NodeReport, NodeStatus};
use crate::pipeline::WatermarkPolicy;
use crate::plan::{Chunk, Fault, Flow, IoContext, NodeError, Relief, Watermark};
use crate::spec::NodeId;

/// History that only a change to come could ask for may take one part in so many of a node's memory.
const HISTORY_SHARE: u64 = 16;

impl Session {
    pub(super) fn run_node(&mut self, index: usize, batch: &mut HeldBatch, emit: &mut dyn FnMut(Event)) {
        let started = self.stopwatch.read();
        let io = self.io_context(self.nodes[index].id);
        let node = &mut self.nodes[index];
        let mut report = empty_report(node);
        if let Some(error) = node.failed.clone() {
            fail(node, error, &mut report, batch.cut.batch, emit);
            batch.reports.push(at_rest(node, report));
            return;
        }
        let inputs = match &node.stage {
            RunningStage::Source(_) => Some(Vec::new()),
            RunningStage::Operator(_) | RunningStage::Relabel | RunningStage::Sink(_) => {
                inputs_of(node, &batch.outputs)
            }
        };
        let Some(inputs) = inputs else {
            report.status = NodeStatus::Blocked;
            node.missed += 1;
            batch.reports.push(at_rest(node, report));
            return;
        };
        report.rows_in = inputs.iter().flatten().map(Flow::row_count).sum();
        let seen = (window_of(node).is_some() || !node.key_columns().is_empty()).then(|| inputs.clone());
        batch.context.watermarks = watermarks_of(node, &batch.watermarks, self.settings.watermark_policy);
        match run_stage(node, inputs, batch, &io, self.recorder.as_ref()) {
            Ok(outputs) => {
                node.told = None;
                report.rows_out = outputs.iter().map(Flow::row_count).collect();
                report.bytes_out = outputs.iter().map(|flow| bytes_of(flow.chunks())).sum();
                report.fired = outputs.iter().any(Flow::fired);
                preview(node, &outputs, &self.selected, batch.cut.batch, emit);
                glimpse(node, &outputs, self.glimpsed_rows, batch.cut.batch, &mut batch.glimpses);
                for probed in self.probes.look(node, &outputs, &batch.context) {
                    self.is_probe_met |= probed.outcome.is_ok();
                    emit(Event::Probed(Arc::new(probed)));
                }
                let watermark = flushed(node.watermark(&batch.context), self.is_flushing);
                report.watermark = watermark.or_else(|| batch.context.watermark()).map(|watermark| watermark.close);
                if let Some(watermark) = watermark {
                    batch.watermarks.insert(node.id, watermark);
                }
                batch.outputs.insert(node.id, outputs);
            }
            Err(error) => {
                node.abandon();
                fail(node, error, &mut report, batch.cut.batch, emit);
            }
        }
        let told = guard(|| {
            tell(node, &mut report);
            Ok(())
        });
        if let Err(error) = told {
            fail(node, error, &mut report, batch.cut.batch, emit);
        }
        if matches!(node.stage, RunningStage::Source(_)) {
            batch.input_bytes += report.bytes_out;
        }
        self.hold_to_budget(index, &mut report, batch.cut.batch, emit);
        report.busy = self.elapsed(started);
        let node = &self.nodes[index];
        report.facts = facts_of(node, &batch.context, seen.as_deref(), report.busy);
        if let Some(trace) = seen.and_then(|seen| trace_of(node, &seen, &batch.context)) {
            emit(Event::Traced(Arc::new(trace)));
        }
        batch.reports.push(report);
    }

    /// A node that remembers more than it may first lets go of what it can do without, and then stands still: what it
    /// gave in this batch is good. History beyond its windows may take a part of the room only.
    fn hold_to_budget(&mut self, index: usize, report: &mut NodeReport, batch: u64, emit: &mut dyn FnMut(Event)) {
        let budget = self.settings.max_state_bytes;
        let node = &mut self.nodes[index];
        if report.state_bytes <= budget / HISTORY_SHARE || node.failed.is_some() {
            return;
        }
        let relieved = guard(|| {
            node.relieve(Relief::History, budget / HISTORY_SHARE);
            if node.state_size().bytes > budget {
                node.relieve(Relief::Caches, budget);
            }
            Ok((node.state_size(), node.memory()))
        });
        let error = match relieved {
            Ok((size, memory)) => {
                (report.state_rows, report.state_bytes) = (size.rows, size.bytes);
                report.memory = memory;
                if size.bytes <= budget {
                    return;
                }
                over_budget(&node.name, size.bytes, budget)
            }
            Err(error) => error,
        };
        fail(node, error, report, batch, emit);
    }
}

/// The state's size, counters and memory of a node after its batch.
fn tell(node: &mut RunningNode, report: &mut NodeReport) {
    if let RunningStage::Source(source) = &node.stage {
        let status = source.status();
        report.rows_in = report.rows_out.iter().sum();
        report.backlog_rows = status.buffered_rows;
        report.counters.extend([("dropped", status.dropped), ("repaired", status.repaired)]);
        report.counters.extend(source.counters());
        if let (NodeStatus::Ok, Some(waiting)) = (&report.status, status.waiting) {
            report.status = NodeStatus::Waiting(waiting);
        }
    } else {
        report.counters = node.counters();
    }
    let state = node.state_size();
    (report.state_rows, report.state_bytes) = (state.rows, state.bytes);
    report.memory = node.memory();
    node.settle_meaning(&mut report.memory);
}

/// The report of a node that did nothing in this batch: what it remembers is there all the same.
fn at_rest(node: &mut RunningNode, mut report: NodeReport) -> NodeReport {
    let known = guard(|| Ok((node.state_size(), node.memory())));
    if let Ok((state, memory)) = known {
        (report.state_rows, report.state_bytes) = (state.rows, state.bytes);
        report.memory = memory;
        report.memory.coverage = None;
    }
    report
}

fn over_budget(name: &str, bytes: u64, budget: u64) -> NodeError {
    let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    NodeError::pipeline(format!(
        "`{name}` remembers {}, and a node may hold {}: shorten the window or the time after which keys expire, group by \
         something coarser, or raise the memory of a node in the pipeline's settings; it then goes on with its state",
        mib(bytes),
        mib(budget)
    ))
}

/// The flows that enter a node; `None` if something upstream gave none because it failed.
fn inputs_of(node: &RunningNode, outputs: &HashMap<NodeId, Vec<Flow>>) -> Option<Vec<Vec<Flow>>> {
    node.inputs
        .iter()
        .map(|wires| wires.iter().map(|wire| outputs.get(&wire.node)?.get(wire.port).cloned()).collect())
        .collect()
}

/// How far event time has come on each of a node's wires. Under the policy `max` that is, on all of them, as far as on
/// the one that is furthest ahead.
fn watermarks_of(
    node: &RunningNode,
    known: &HashMap<NodeId, Watermark>,
    policy: WatermarkPolicy,
) -> Vec<Vec<Option<Watermark>>> {
    let own = |wire: &RunningWire| known.get(&wire.node).copied();
    let highest = match policy {
        WatermarkPolicy::Min => None,
        WatermarkPolicy::Max => Watermark::highest(node.inputs.iter().flatten().filter_map(own)),
    };
    let of_wire = |wire: &RunningWire| own(wire).map(|own| highest.unwrap_or(own));
    node.inputs.iter().map(|wires| wires.iter().map(of_wire).collect()).collect()
}

fn run_stage(
    node: &mut RunningNode,
    inputs: Vec<Vec<Flow>>,
    batch: &mut HeldBatch,
    io: &IoContext,
    recorder: Option<&Recorder>,
) -> Result<Vec<Flow>, NodeError> {
    match &node.stage {
        RunningStage::Source(_) if node.needs_start => {
            node.start_source(io)?;
            Ok(vec![Flow::Fired(Vec::new())])
        }
        RunningStage::Source(_) => {
            let flows = read_source(node, batch)?;
            if let Some(recorder) = recorder.filter(|recorder| recorder.node() == node.id) {
                // A recording that has failed says so when it ends.
                flows.iter().for_each(|flow| {
                    recorder.record(flow.chunks());
                });
            }
            Ok(flows)
        }
        RunningStage::Operator(_) | RunningStage::Relabel => node.run_operator(inputs, &batch.context),
        RunningStage::Sink(_) => {
            let inputs = node.gather_inputs(inputs, &batch.context)?;
            batch.sinks.push(SinkWork { node: node.id, inputs, is_done: false, waits_since: None });
            Ok(Vec::new())
        }
    }
}

/// Reads what was cut for this source, from the source as it was then.
fn read_source(node: &RunningNode, batch: &mut HeldBatch) -> Result<Vec<Flow>, NodeError> {
    let Some(cut) = batch.cut.ranges.get(&node.id) else {
        return Ok(vec![Flow::Fired(Vec::new())]);
    };
    let range = cut.range.clone()?;
    let chunks = guard(|| cut.source.read(&range))?;
    let expected = node.outputs.first().map(|link| &link.schema);
    if let Some(odd) = chunks.iter().find(|chunk| Some(&chunk.rows.schema()) != expected) {
        // The batch was cut before an edit changed the source's columns; its rows fit no consumer any more.
        return Err(NodeError::pipeline(format!(
            "{} rows were received with the former columns and cannot be used with the new ones",
            odd.rows.num_rows()
        )));
    }
    batch.read.push((node.id, range));
    batch.arrivals.extend(chunks.iter().map(|chunk: &Chunk| (chunk.arrived, chunk.rows.num_rows() as u64)));
    Ok(vec![Flow::Fired(chunks)])
}

pub(super) fn fail(
    node: &mut RunningNode,
    error: NodeError,
    report: &mut NodeReport,
    batch: u64,
    emit: &mut dyn FnMut(Event),
) {
    report.status = NodeStatus::Failed(error.message.clone());
    if node.told.as_ref() != Some(&error.message) {
        node.told = Some(error.message.clone());
        emit(Event::Failed {
            node: node.id,
            name: node.name.clone(),
            batch,
            fault: error.fault,
            message: error.message.clone(),
        });
    }
    node.missed += 1;
    // What is missing outside may come back: such a node is tried again with the next batch.
    if error.fault != Fault::Environment {
        node.failed = Some(error);
    }
}
