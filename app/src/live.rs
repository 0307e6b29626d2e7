//! What the engine told of the present run: kept by the window, bounded, never shared with the engine.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use weir_engine::metrics::{BatchReport, Culprit, History, IntervalMove, culprit};
use weir_engine::pipeline::Pipeline;
use weir_engine::runtime::{
    AppliedChange, ChangePreview, Event, Presented, Preview, Probed, Recorded, RunState, WindowTrace,
};
use weir_engine::spec::{Diagnostic, NodeId, PortRef, Timestamp};

use crate::glimpsed::Glimpsed;
use crate::sentences::spoken;

/// Lines the log keeps.
const MAX_LOG: usize = 2_000;
/// Live changes, and moves of the automatic interval, that the plots remember.
const MAX_CHANGES: usize = 500;
/// Batches of rows kept per sink, and rows of them in all: a table that grows, within bounds.
const MAX_PRESENTED: usize = 500;
const MAX_PRESENTED_ROWS: usize = 20_000;
/// Batches kept of what each window node saw.
const MAX_TRACED: usize = 600;
/// Seconds between two looks for the culprit.
const DIAGNOSE_SECS: f64 = 0.3;

/// The run as the window knows it.
#[derive(Debug, Default)]
pub struct Live {
    /// What the run is doing.
    pub state: RunState,
    /// The last batches.
    pub history: History,
    /// The batch to show instead of the newest one.
    pub shown_batch: Option<u64>,
    /// Per sink, what it showed lately, newest last.
    pub presented: BTreeMap<NodeId, VecDeque<Arc<Presented>>>,
    /// Per port, the newest sampled rows.
    pub previews: BTreeMap<PortRef, Arc<Preview>>,
    /// A few rows of every port of the last batches.
    pub glimpsed: Glimpsed,
    /// Per window node, what it saw lately, oldest first.
    pub traced: BTreeMap<NodeId, VecDeque<Arc<WindowTrace>>>,
    /// What came of the probes last: per port, until it is probed for something else.
    pub probed: BTreeMap<PortRef, Arc<Probed>>,
    /// The node that holds the batch under way because it waits for something outside, and for what.
    pub held: Option<(NodeId, String)>,
    /// Recordings that have ended and nobody was told of yet.
    pub recorded: VecDeque<Arc<Recorded>>,
    /// The node that limits the run.
    pub culprit: Option<Culprit>,
    /// The newest batch the culprit was looked for in, and when.
    pub diagnosed: Option<(u64, f64)>,
    /// Live changes, oldest first.
    pub changes: VecDeque<Arc<AppliedChange>>,
    /// When the run began, on the window's clock.
    pub began_at: Option<f64>,
    /// When the change under way was made, on the window's clock.
    pub changing_since: Option<f64>,
    /// The pipeline that the engine runs: the document, but for changes under way and refused ones.
    pub running: Option<Arc<Pipeline>>,
    /// What the nodes of the run were called last: also of those that were taken away.
    pub names: BTreeMap<NodeId, String>,
    /// What the change under way will do, once it has been under way for a while.
    pub outlook: Option<ChangePreview>,
    /// Moves of the automatic interval, each with the first batch it holds for, oldest first.
    pub moves: VecDeque<(u64, IntervalMove)>,
    /// Nodes that stand still, and why.
    pub failures: BTreeMap<NodeId, String>,
    /// Why the newest edit could not be applied.
    pub refused: Vec<Diagnostic>,
    /// What happened, oldest first.
    pub log: VecDeque<LogLine>,
}

/// One line of the log.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// When.
    pub time: Option<Timestamp>,
    /// Which node, if one.
    pub node: Option<NodeId>,
    /// What it was called then, if that is known: it may be gone.
    pub name: Option<String>,
    /// In which batch, if in one.
    pub batch: Option<u64>,
    /// Whether something went wrong.
    pub is_error: bool,
    /// The sentence, as the engine says it.
    pub message: String,
}

impl LogLine {
    /// Whether it or its node's name contains this, whatever its case; `wanted` is in lower case.
    pub fn contains(&self, wanted: &str) -> bool {
        let is_in = |text: &str| text.to_lowercase().contains(wanted);
        is_in(&spoken(&self.message)) || self.name.as_deref().is_some_and(is_in)
    }
}

impl Live {
    /// Takes in one event.
    pub fn absorb(&mut self, event: Event) {
        match event {
            Event::State(state) => {
                if self.state == RunState::Stopped && state != RunState::Stopped {
                    self.begin_run();
                }
                self.state = state;
            }
            Event::Batch(report) => {
                self.held = None;
                self.note_move(&report);
                self.history.push(report);
            }
            Event::Presented(rows) => {
                keep_presented(self.presented.entry(rows.node).or_default(), rows);
            }
            Event::Preview(preview) => {
                self.previews.insert(preview.port.clone(), preview);
            }
            Event::Glimpsed(glimpses) => self.glimpsed.push(glimpses),
            Event::Traced(trace) => {
                let queue = self.traced.entry(trace.node).or_default();
                queue.push_back(trace);
                while queue.len() > MAX_TRACED {
                    queue.pop_front();
                }
            }
            Event::Probed(probed) => {
                self.probed.insert(probed.probe.port.clone(), probed);
            }
            Event::Held { node, message } => self.held = Some((node, message)),
            Event::Recorded(recorded) => self.recorded.push_back(recorded),
            Event::Applied(change) => {
                self.refused.clear();
                for fate in &change.fates {
                    self.failures.remove(&fate.node);
                }
                self.changes.push_back(change);
                while self.changes.len() > MAX_CHANGES {
                    self.changes.pop_front();
                }
            }
            Event::Refused(problems) => self.refused.clone_from(&problems),
            Event::Failed { node, name, batch, message, .. } => {
                self.note(LogLine {
                    time: None,
                    node: Some(node),
                    name: Some(name),
                    batch: Some(batch),
                    is_error: true,
                    message: message.clone(),
                });
                self.failures.insert(node, message);
            }
            Event::Log { node, time, message } => {
                self.note(LogLine { time: Some(time), node, name: None, batch: None, is_error: false, message });
            }
        }
    }

    /// Keeps a move of the automatic interval.
    fn note_move(&mut self, report: &BatchReport) {
        let moved = report.control.as_ref().and_then(|control| control.interval);
        if let Some(moved) = moved.filter(|moved| moved.from != moved.to) {
            self.moves.push_back((report.batch + 1, moved));
            while self.moves.len() > MAX_CHANGES {
                self.moves.pop_front();
            }
        }
    }

    /// Looks for the culprit, a few times a second at most. Seconds until it wants to be called again, if it does.
    pub fn diagnose(&mut self, now: f64) -> Option<f64> {
        let newest = self.history.latest().map(|report| report.batch);
        let Some(newest) = newest.filter(|_| self.is_active()) else {
            self.culprit = None;
            self.diagnosed = None;
            return None;
        };
        if let Some((batch, at)) = self.diagnosed {
            if batch == newest {
                return None;
            }
            let wait = at + DIAGNOSE_SECS - now;
            if (0.0..=DIAGNOSE_SECS).contains(&wait) {
                return Some(wait);
            }
        }
        self.diagnosed = Some((newest, now));
        self.culprit = culprit(self.history.recent());
        None
    }

    /// Notes which pipeline the engine runs now.
    pub fn runs(&mut self, pipeline: Arc<Pipeline>) {
        self.names.extend(pipeline.nodes().map(|node| (node.id, node.name.clone())));
        self.running = Some(pipeline);
    }

    /// Adds a line to the log.
    pub fn note(&mut self, line: LogLine) {
        self.log.push_back(line);
        while self.log.len() > MAX_LOG {
            self.log.pop_front();
        }
    }

    /// The report to show: the chosen batch's, else the newest. `None` also when the chosen batch's report is no longer
    /// kept: showing another batch's numbers under its name would be a lie.
    pub fn shown(&self) -> Option<&Arc<BatchReport>> {
        match self.shown_batch {
            Some(batch) => self.history.report(batch),
            None => self.history.latest(),
        }
    }

    /// Forgets the run, as when another document is opened; the log stays.
    pub fn forget_run(&mut self) {
        self.begin_run();
    }

    /// Whether a run exists.
    pub fn is_active(&self) -> bool {
        self.state != RunState::Stopped
    }

    fn begin_run(&mut self) {
        let log = std::mem::take(&mut self.log);
        *self = Self { log, ..Self::default() };
    }
}

/// The newest batches of a sink, within bounds of batches and of rows.
fn keep_presented(queue: &mut VecDeque<Arc<Presented>>, rows: Arc<Presented>) {
    queue.push_back(rows);
    let count =
        |shown: &Arc<Presented>| shown.rows.iter().map(weir_engine::arrow::array::RecordBatch::num_rows).sum::<usize>();
    let mut total: usize = queue.iter().map(count).sum();
    while queue.len() > 1 && (queue.len() > MAX_PRESENTED || total > MAX_PRESENTED_ROWS) {
        total -= queue.pop_front().as_ref().map_or(0, count);
    }
}
