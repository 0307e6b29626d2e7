//! Why a node gives no output: the chain of reasons, from the node back to what is behind it.
//!
//! Structured, so that it can be tested against known reasons and said in any language. Each reason is a fact of the
//! newest batch; the next one explains it.

use super::culprit::{origin, slowest, streams_of};
use super::facts::{EventTimeFacts, StreamFacts, WindowClock, WindowEmit, WindowFacts};
use super::{BatchReport, NodeReport, NodeStatus};
use crate::spec::{NodeId, Span, Timestamp};

/// One link of the chain.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// It gave rows in this batch: there is nothing to explain.
    Gives {
        /// How many.
        rows: u64,
    },
    /// It does not run: it is not wired, or something it needs is wrong.
    StandsAside {
        /// Which node.
        node: NodeId,
    },
    /// It failed.
    Failed {
        /// Which node.
        node: NodeId,
        /// Why, as a sentence.
        why: String,
    },
    /// It waits for something outside.
    Waits {
        /// Which node.
        node: NodeId,
        /// For what, as a sentence.
        what: String,
    },
    /// No row came to this source in the batch.
    NothingArrives {
        /// The source.
        node: NodeId,
    },
    /// The node before it gave no rows.
    NoRowsFrom {
        /// The node before.
        node: NodeId,
    },
    /// All rows were set aside.
    SetAside {
        /// By which node.
        node: NodeId,
        /// The counter's name: `late`, `rejected`.
        counter: &'static str,
        /// How many rows.
        rows: u64,
    },
    /// Rows came in, and none met what it asks for.
    NonePass {
        /// Which node.
        node: NodeId,
        /// How many came in.
        rows: u64,
    },
    /// The window by arrival is not over yet.
    WindowRuns {
        /// When it ends.
        end: Timestamp,
        /// The time of the batch.
        now: Timestamp,
    },
    /// The window by event time is not over yet.
    WindowOpen {
        /// When it ends.
        end: Timestamp,
        /// How far event time has come; `None` before the first row.
        watermark: Option<Timestamp>,
    },
    /// The watermark is the lowest of several.
    LowestOf {
        /// The streams.
        streams: Vec<StreamFacts>,
        /// The node that sets the lowest.
        holder: NodeId,
    },
    /// The watermark is the latest time seen minus the delay.
    FollowsLatest {
        /// The node that sets it.
        node: NodeId,
        /// The latest time seen; `None` before the first row.
        latest: Option<Timestamp>,
        /// The delay.
        delay: Span,
    },
    /// The stream has been silent.
    Silent {
        /// The node that sets its watermark.
        node: NodeId,
        /// For how long.
        span: Span,
    },
    /// Nothing sets a watermark, so no window is ever over.
    NoWatermark,
}

/// The chain for a node in this batch. `upstream` names the nodes that feed one.
pub fn explain(report: &BatchReport, node: NodeId, upstream: &dyn Fn(NodeId) -> Vec<NodeId>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    Chain { report, upstream }.follow(node, report.nodes.len() + 1, &mut reasons);
    reasons
}

struct Chain<'a> {
    report: &'a BatchReport,
    upstream: &'a dyn Fn(NodeId) -> Vec<NodeId>,
}

impl Chain<'_> {
    fn follow(&self, id: NodeId, depth: usize, reasons: &mut Vec<Reason>) {
        let Some(node) = self.report.node(id) else {
            reasons.push(Reason::StandsAside { node: id });
            return;
        };
        let before = (self.upstream)(id);
        match &node.status {
            NodeStatus::Failed(why) => return reasons.push(Reason::Failed { node: id, why: why.clone() }),
            NodeStatus::Waiting(what) => return reasons.push(Reason::Waits { node: id, what: what.clone() }),
            NodeStatus::Blocked => return self.follow_silent(&before, depth, reasons),
            NodeStatus::Ok => {}
        }
        let given = if node.rows_out.is_empty() { node.rows_in } else { node.rows_out.iter().sum() };
        if given > 0 {
            return reasons.push(Reason::Gives { rows: given });
        }
        let windows = node.facts.as_ref().and_then(|facts| facts.windows);
        if let Some(windows) = windows
            && self.explain_window(node, windows, reasons)
        {
            return;
        }
        if before.is_empty() {
            reasons.push(Reason::NothingArrives { node: id });
        } else if node.rows_in == 0 {
            self.follow_silent(&before, depth, reasons);
        } else {
            reasons.push(self.explain_loss(node, &before, windows.is_some()));
        }
    }

    /// Goes on with the first node before that gave nothing.
    fn follow_silent(&self, before: &[NodeId], depth: usize, reasons: &mut Vec<Reason>) {
        let gave = |id: &NodeId| self.report.node(*id).is_some_and(|node| node.rows_out.iter().sum::<u64>() > 0);
        let Some(silent) = before.iter().find(|id| !gave(id)).or_else(|| before.first()).copied() else { return };
        reasons.push(Reason::NoRowsFrom { node: silent });
        if depth > 0 && !gave(&silent) {
            self.follow(silent, depth - 1, reasons);
        }
    }

    /// `false`: its windows are not the reason, because none holds a row.
    fn explain_window(&self, node: &NodeReport, windows: WindowFacts, reasons: &mut Vec<Reason>) -> bool {
        let Some(end) = windows.next_end else { return false };
        match (windows.clock, windows.emit) {
            (WindowClock::Arrival, _) => reasons.push(Reason::WindowRuns { end, now: self.report.tick }),
            (WindowClock::Event, WindowEmit::AtEnd) => {
                let watermark = slowest(streams_of(self.report, node.node)).and_then(|stream| stream.watermark);
                reasons.push(Reason::WindowOpen { end, watermark });
                self.explain_watermark(node.node, reasons);
            }
            (WindowClock::Event, WindowEmit::Early) => return false,
        }
        true
    }

    fn explain_watermark(&self, id: NodeId, reasons: &mut Vec<Reason>) {
        let mut at = id;
        for _ in 0..self.report.nodes.len() {
            if let Some(facts) = self.report.node(at).and_then(|node| node.facts.as_ref()?.event_time) {
                return self.explain_event_time(at, facts, reasons);
            }
            let streams = streams_of(self.report, at);
            let Some(slowest) = slowest(streams) else { break };
            if streams.len() > 1 {
                let holder = origin(self.report, slowest.from);
                let streams =
                    streams.iter().map(|stream| StreamFacts { from: origin(self.report, stream.from), ..*stream });
                reasons.push(Reason::LowestOf { streams: streams.collect(), holder });
            }
            at = slowest.from;
        }
        reasons.push(Reason::NoWatermark);
    }

    fn explain_event_time(&self, node: NodeId, facts: EventTimeFacts, reasons: &mut Vec<Reason>) {
        reasons.push(Reason::FollowsLatest { node, latest: facts.latest, delay: facts.delay });
        if facts.silent > self.report.span {
            reasons.push(Reason::Silent { node, span: facts.silent });
        }
    }

    /// What became of rows that came in.
    fn explain_loss(&self, node: &NodeReport, before: &[NodeId], keeps_windows: bool) -> Reason {
        let mut suspects = vec![node];
        if keeps_windows {
            // Rows that are too late for all windows are told by the window node and dropped by the one behind it.
            suspects.extend(before.iter().filter_map(|id| self.report.node(*id)));
        }
        for suspect in suspects {
            let counters =
                suspect.counters.iter().filter(|(name, _)| matches!(*name, "late" | "rejected" | "duplicates"));
            if let Some((counter, rows)) = counters.max_by_key(|(_, rows)| *rows).filter(|(_, rows)| *rows > 0) {
                return Reason::SetAside { node: suspect.node, counter, rows: *rows };
            }
        }
        Reason::NonePass { node: node.node, rows: node.rows_in }
    }
}
