//! One run: the nodes of the present plan with their state, and the work of one batch after the other.
//!
//! The session knows neither threads nor ticks: whoever drives it decides when a batch is cut and computed. All it
//! tells goes through one callback.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::clock::{RealStopwatch, Stopwatch};
use super::control::Governor;
use super::cutter::{CutBatch, Sources};
use super::govern::Timing;
use super::graveyard::Graveyard;
use super::node::RunningNode;
use super::probe::Probes;
use super::queue::{Queue, Waiting};
use super::recording::Recorder;
use super::resources::Resources;
use super::show::present;
use super::work::fail;
use super::{Event, Glimpses, Preview};
use crate::metrics::{BatchReport, BatchStatus, LatencyHistogram, NodeReport, NodeStatus, Waited};
use crate::pipeline::Settings;
use crate::plan::{BatchContext, Clock, Fault, Flow, IoContext, Range, Watermark};
use crate::spec::{NodeId, PortRef, Span, Timestamp};

/// A run.
pub struct Session {
    pub(super) nodes: Vec<RunningNode>,
    pub(super) sources: Sources,
    /// State that edits set aside, kept so that undo loses nothing.
    pub(super) graveyard: Graveyard,
    pub(super) resources: Resources,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) plan_version: u64,
    pub(super) settings: Settings,
    /// The controllers; none on the virtual clock.
    pub(super) governor: Option<Governor>,
    pub(super) stopwatch: Arc<dyn Stopwatch>,
    run_start: Timestamp,
    /// The tick of the last batch that was computed.
    last_tick: Timestamp,
    presented_rows: Option<usize>,
    pub(super) selected: HashSet<PortRef>,
    pub(super) probes: Probes,
    /// Whether a probe has met rows since it was asked.
    pub(super) is_probe_met: bool,
    pub(super) glimpsed_rows: usize,
    pub(super) recorder: Option<Recorder>,
    /// Cleared and reused for every batch.
    latency: LatencyHistogram,
    /// The batch whose sinks are not all served yet.
    held: Option<HeldBatch>,
    /// Whether event time has come to its end, because no row comes any more.
    pub(super) is_flushing: bool,
}

/// A computed batch that waits for a sink.
pub(super) struct HeldBatch {
    pub(super) cut: CutBatch,
    pub(super) context: BatchContext,
    started_at: Timestamp,
    /// What the stopwatch showed then.
    started: Span,
    pub(super) outputs: HashMap<NodeId, Vec<Flow>>,
    pub(super) watermarks: HashMap<NodeId, Watermark>,
    pub(super) reports: Vec<NodeReport>,
    pub(super) sinks: Vec<SinkWork>,
    pub(super) read: Vec<(NodeId, Range)>,
    pub(super) arrivals: Vec<(Timestamp, u64)>,
    pub(super) input_bytes: u64,
    pub(super) glimpses: Vec<Preview>,
}

/// One sink's part of a batch.
pub(super) struct SinkWork {
    pub(super) node: NodeId,
    pub(super) inputs: Vec<Flow>,
    pub(super) is_done: bool,
    /// What the stopwatch showed when it first could not take the batch.
    pub(super) waits_since: Option<Span>,
}

/// Whether a batch is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It is.
    Done,
    /// A sink cannot take it yet: try again soon.
    Waiting,
}

impl Session {
    /// A run without nodes; [`Self::apply`] gives it some.
    pub fn new(
        resources: Resources,
        clock: Arc<dyn Clock>,
        run_start: Timestamp,
        presented_rows: Option<usize>,
    ) -> Self {
        Self {
            nodes: Vec::new(),
            sources: Arc::default(),
            graveyard: Graveyard::default(),
            resources,
            clock,
            plan_version: 0,
            settings: Settings::default(),
            governor: None,
            stopwatch: Arc::new(RealStopwatch::start()),
            run_start,
            last_tick: run_start,
            presented_rows,
            selected: HashSet::new(),
            probes: Probes::default(),
            is_probe_met: false,
            glimpsed_rows: 0,
            recorder: None,
            latency: LatencyHistogram::new(),
            held: None,
            is_flushing: false,
        }
    }

    /// Measures durations by another stopwatch than the real one.
    #[cfg(test)]
    pub(super) fn measure_with(&mut self, stopwatch: Arc<dyn Stopwatch>) {
        self.stopwatch = stopwatch;
    }

    /// Which output ports to preview.
    pub fn select(&mut self, ports: Vec<PortRef>) {
        self.selected = ports.into_iter().collect();
    }

    /// The sources of the present plan.
    pub fn sources(&self) -> Sources {
        Arc::clone(&self.sources)
    }

    /// Whether every source has ended and everything it gave was cut.
    pub fn sources_are_done(&self) -> bool {
        self.sources.values().all(|source| source.is_done())
    }

    /// Whether another batch would give more although no row comes any more.
    pub fn wants_another_batch(&self) -> bool {
        self.nodes.iter().any(RunningNode::wants_another_batch)
    }

    /// Whether a node stands still because it failed.
    pub fn has_failures(&self) -> bool {
        self.nodes.iter().any(|node| node.failed.is_some())
    }

    /// Computes a batch. On [`Progress::Waiting`] the batch is held: call [`Self::retry`] until it is done.
    pub fn process(&mut self, cut: CutBatch, queue: &Queue, emit: &mut dyn FnMut(Event)) -> Progress {
        let started = self.stopwatch.read();
        let started_at = self.clock.now();
        self.last_tick = cut.tick;
        let context = BatchContext {
            batch: cut.batch,
            time: cut.tick,
            from: cut.from,
            run_start: self.run_start,
            seed: self.settings.seed,
            pool: Arc::clone(&self.resources.pool),
            watermarks: Vec::new(),
        };
        let mut batch = HeldBatch {
            cut,
            context,
            started_at,
            started,
            outputs: HashMap::new(),
            watermarks: HashMap::new(),
            reports: Vec::with_capacity(self.nodes.len()),
            sinks: Vec::new(),
            read: Vec::new(),
            arrivals: Vec::new(),
            input_bytes: 0,
            glimpses: Vec::new(),
        };
        for index in 0..self.nodes.len() {
            self.run_node(index, &mut batch, emit);
        }
        self.held = Some(batch);
        self.finish(queue, emit)
    }

    /// Tries the waiting sinks of the held batch again.
    pub fn retry(&mut self, queue: &Queue, emit: &mut dyn FnMut(Event)) -> Progress {
        self.finish(queue, emit)
    }

    /// The tick of the held batch, and whether it is the run's last.
    pub fn held_tick(&self) -> Option<(Timestamp, bool)> {
        self.held.as_ref().map(|batch| (batch.cut.tick, batch.cut.is_last))
    }

    /// The tick of the last batch that was computed; where the run began, before the first.
    pub(super) fn last_tick(&self) -> Timestamp {
        self.last_tick
    }

    /// Gives the held batch up, so that a second stop is at once.
    pub fn abandon(&mut self) {
        self.held = None;
    }

    /// Ends the run: sources stop receiving.
    pub fn stop(&mut self) {
        for source in self.sources.values() {
            source.stop();
        }
        self.sources = Arc::default();
        self.nodes.clear();
        self.graveyard.clear();
    }

    /// What a source gets to do its input with.
    pub(super) fn io_context(&self, node: NodeId) -> IoContext {
        IoContext {
            io: self.resources.io.handle().clone(),
            clock: Arc::clone(&self.clock),
            max_buffered_rows: self.settings.max_buffered_rows,
            max_buffered_bytes: self.settings.max_buffered_bytes,
            seed: self.settings.seed,
            node: node.0,
        }
    }

    /// Serves the sinks that still wait; once all are served, commits, measures and reports.
    fn finish(&mut self, queue: &Queue, emit: &mut dyn FnMut(Event)) -> Progress {
        let Some(mut batch) = self.held.take() else { return Progress::Done };
        let mut waiting = false;
        for work in batch.sinks.iter_mut().filter(|work| !work.is_done) {
            let io = self.io_context(work.node);
            let Some(node) = self.nodes.iter_mut().find(|node| node.id == work.node) else {
                work.is_done = true;
                continue;
            };
            let started = self.stopwatch.read();
            let served = node
                .start_sink(&io)
                .and_then(|()| node.stage_sink(&work.inputs, &batch.context))
                .and_then(|()| node.publish(batch.context.batch));
            let report = batch.reports.iter_mut().find(|report| report.node == work.node);
            let Some(report) = report else { continue };
            report.busy = Span(report.busy.0 + self.stopwatch.read().0.saturating_sub(started.0));
            report.counters = node.counters();
            match served {
                Ok(()) => {
                    work.is_done = true;
                    if let (Some(since), NodeStatus::Waiting(what)) = (work.waits_since, &report.status) {
                        let time = Span(self.stopwatch.read().0.saturating_sub(since.0));
                        let facts = report.facts.get_or_insert_default();
                        facts.waited = Some(Waited { time, what: what.clone() });
                    }
                    report.status = NodeStatus::Ok;
                    present(node, &work.inputs, &batch.cut, self.presented_rows, emit);
                }
                Err(error) if error.fault == Fault::Environment => {
                    work.waits_since.get_or_insert(started);
                    if report.status != NodeStatus::Waiting(error.message.clone()) {
                        emit(Event::Held { node: node.id, message: error.message.clone() });
                        emit(Event::Log {
                            node: Some(node.id),
                            time: self.clock.now(),
                            message: format!("{} waits: {}", node.name, error.message),
                        });
                    }
                    report.status = NodeStatus::Waiting(error.message);
                    waiting = true;
                }
                Err(error) => {
                    work.is_done = true;
                    fail(node, error, report, batch.cut.batch, emit);
                }
            }
        }
        if waiting {
            self.held = Some(batch);
            return Progress::Waiting;
        }
        self.conclude(batch, queue.waiting(), emit);
        Progress::Done
    }

    fn conclude(&mut self, batch: HeldBatch, waiting: Waiting, emit: &mut dyn FnMut(Event)) {
        for (node, range) in &batch.read {
            if let Some(source) = batch.cut.ranges.get(node) {
                source.source.commit(range);
            }
        }
        let HeldBatch { cut, started_at, started, read, reports, arrivals, input_bytes, glimpses, .. } = batch;
        if !glimpses.is_empty() {
            emit(Event::Glimpsed(Arc::new(Glimpses { batch: cut.batch, ports: glimpses })));
        }
        let processing_time = self.elapsed(started);
        let ended_at = started_at.plus(processing_time);
        self.latency.clear();
        for (arrived, rows) in &arrivals {
            self.latency.record(ended_at.since(*arrived), *rows);
        }
        let failed = reports.iter().any(|report| matches!(report.status, NodeStatus::Failed(_) | NodeStatus::Blocked));
        let scheduling_delay = started_at.since(cut.cut_at);
        let timing = Timing { ended_at, scheduling_delay, processing_time };
        let control = self.control(&cut, &read, &timing, waiting);
        if let Some(moved) = control.as_ref().and_then(|control| control.interval) {
            emit(Event::Log { node: None, time: ended_at, message: moved.to_string() });
        }
        emit(Event::Batch(Arc::new(BatchReport {
            batch: cut.batch,
            plan_version: self.plan_version,
            tick: cut.tick,
            oldest_tick: cut.oldest_tick,
            span: cut.tick.since(cut.from),
            interval: cut.interval,
            creation_delay: cut.cut_at.since(cut.oldest_tick),
            scheduling_delay,
            processing_time,
            total_delay: ended_at.since(cut.oldest_tick),
            input_rows: arrivals.iter().map(|(_, rows)| rows).sum(),
            input_bytes,
            queued_batches: waiting.batches,
            latency: self.latency.summary(),
            nodes: reports,
            parked: self.graveyard.parked(),
            status: if failed { BatchStatus::Failed } else { BatchStatus::Ok },
            control: control.map(Box::new),
        })));
    }

    pub(super) fn elapsed(&self, since: Span) -> Span {
        Span(self.stopwatch.read().0.saturating_sub(since.0))
    }
}
