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
    /// Windows end after so many rows of a key, and none is there yet.
    WindowCounts {
        /// Rows of a key between two windows.
        slide: u64,
        /// What the key that is nearest lacks.
        missing: u64,
    },
    /// It pairs rows of several streams, and one of them gave none.
    SideSilent {
        /// Which node.
        node: NodeId,
        /// The node before that gave none.
        silent: NodeId,
    },
    /// Rows of several streams came in, and none of one met one of another.
    NoMatch {
        /// Which node.
        node: NodeId,
        /// How many came in.
        rows: u64,
    },
    /// Rows are remembered until one comes that matches, or none can any more.
    AwaitsMatch {
        /// Which node.
        node: NodeId,
        /// How many.
        rows: u64,
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
    let chain = Chain { report, upstream };
    chain.follow(node, report.nodes.len() + 1, &mut reasons);
    chain.explain_own_time(node, &mut reasons);
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
        if given(node) > 0 {
            return reasons.push(Reason::Gives { rows: given(node) });
        }
        let windows = node.facts.as_ref().and_then(|facts| facts.windows);
        if let Some(windows) = windows
            && self.explain_window(node, windows, reasons)
        {
            return;
        }
        let counting = node.facts.as_ref().and_then(|facts| facts.counting);
        if before.is_empty() {
            reasons.push(Reason::NothingArrives { node: id });
        } else if let Some(counting) = counting {
            reasons.push(Reason::WindowCounts { slide: counting.slide, missing: counting.missing });
            if node.rows_in == 0 {
                self.follow_silent(&before, depth, reasons);
            }
        } else if node.rows_in == 0 {
            self.follow_silent(&before, depth, reasons);
        } else if let Some(set_aside) = self.explain_loss(node, &before, windows.is_some()) {
            reasons.push(set_aside);
        } else if before.len() > 1 {
            self.explain_pairs(node, &before, depth, reasons);
        } else {
            reasons.push(Reason::NonePass { node: id, rows: node.rows_in });
        }
    }

    /// A node of several streams to which rows came of at least one.
    fn explain_pairs(&self, node: &NodeReport, before: &[NodeId], depth: usize, reasons: &mut Vec<Reason>) {
        let id = node.node;
        if node.state_rows > 0 {
            reasons.push(Reason::AwaitsMatch { node: id, rows: node.state_rows });
            if !streams_of(self.report, id).is_empty() {
                self.explain_watermark(id, reasons);
            }
        } else if let Some(silent) = before.iter().find(|id| !self.gave(**id)).copied() {
            reasons.push(Reason::SideSilent { node: id, silent });
            if depth > 0 {
                self.follow(silent, depth - 1, reasons);
            }
        } else {
            reasons.push(Reason::NoMatch { node: id, rows: node.rows_in });
        }
    }

    /// What the asked node's own watermark goes by, where it sets one and gave nothing.
    fn explain_own_time(&self, id: NodeId, reasons: &mut Vec<Reason>) {
        let facts = self.report.node(id).filter(|node| given(node) == 0).and_then(|node| node.facts.as_ref());
        if let Some(facts) = facts.and_then(|facts| facts.event_time) {
            self.explain_event_time(id, facts, reasons);
        }
    }

    fn gave(&self, id: NodeId) -> bool {
        self.report.node(id).is_some_and(|node| given(node) > 0)
    }

    /// Goes on with the first node before that gave nothing.
    fn follow_silent(&self, before: &[NodeId], depth: usize, reasons: &mut Vec<Reason>) {
        let Some(silent) = before.iter().find(|id| !self.gave(**id)).or_else(|| before.first()).copied() else {
            return;
        };
        reasons.push(Reason::NoRowsFrom { node: silent });
        if depth > 0 && !self.gave(silent) {
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

    /// By whom rows that came in were set aside, if they were.
    fn explain_loss(&self, node: &NodeReport, before: &[NodeId], keeps_windows: bool) -> Option<Reason> {
        let mut suspects = vec![node];
        if keeps_windows {
            // Rows that are too late for all windows are told by the window node and dropped by the one behind it.
            suspects.extend(before.iter().filter_map(|id| self.report.node(*id)));
        }
        for suspect in suspects {
            let counters =
                suspect.counters.iter().filter(|(name, _)| matches!(*name, "late" | "rejected" | "duplicates"));
            if let Some((counter, rows)) = counters.max_by_key(|(_, rows)| *rows).filter(|(_, rows)| *rows > 0) {
                return Some(Reason::SetAside { node: suspect.node, counter, rows: *rows });
            }
        }
        None
    }
}

/// Rows of what a node is there for: its first output, or what a sink took.
fn given(node: &NodeReport) -> u64 {
    node.rows_out.first().copied().unwrap_or(node.rows_in)
}
