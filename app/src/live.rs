//! What the engine told of the present run: kept by the window, bounded, never shared with the engine.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use weir_engine::metrics::{BatchReport, History};
use weir_engine::runtime::{AppliedChange, Event, Presented, Preview, RunState};
use weir_engine::spec::{Diagnostic, NodeId, PortRef, Timestamp};

/// Lines the log keeps.
const MAX_LOG: usize = 2_000;
/// Live changes the plots remember.
const MAX_CHANGES: usize = 500;
/// Batches of rows kept per sink.
const MAX_PRESENTED: usize = 50;

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
    /// Live changes, oldest first.
    pub changes: VecDeque<Arc<AppliedChange>>,
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
    /// Whether something went wrong.
    pub is_error: bool,
    /// The sentence.
    pub message: String,
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
            Event::Batch(report) => self.history.push(report),
            Event::Presented(rows) => {
                let queue = self.presented.entry(rows.node).or_default();
                queue.push_back(rows);
                while queue.len() > MAX_PRESENTED {
                    queue.pop_front();
                }
            }
            Event::Preview(preview) => {
                self.previews.insert(preview.port.clone(), preview);
            }
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
                    is_error: true,
                    message: format!("{name}, batch {batch}: {message}"),
                });
                self.failures.insert(node, message);
            }
            Event::Log { node, time, message } => {
                self.note(LogLine { time: Some(time), node, is_error: false, message });
            }
        }
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
