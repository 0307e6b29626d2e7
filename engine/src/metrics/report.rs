//! The facts about one batch: the four delays, the input, and every node's share.

use crate::spec::{NodeId, Span, Timestamp};

use super::{ControlReport, LatencySummary, MemoryReport, NodeFacts, ParkedState};

/// How a node fared in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeStatus {
    /// It did its work.
    Ok,
    /// Something upstream failed, so it had nothing to do.
    Blocked,
    /// It failed; the sentence says why and what to do.
    Failed(String),
    /// It waits for something outside; the sentence says for what.
    Waiting(String),
}

/// One node in one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeReport {
    /// Which node.
    pub node: NodeId,
    /// Rows that entered.
    pub rows_in: u64,
    /// Rows that left, per declared output port.
    pub rows_out: Vec<u64>,
    /// Bytes of the rows that left.
    pub bytes_out: u64,
    /// Time it took.
    pub busy: Span,
    /// Whether any output fired.
    pub fired: bool,
    /// Entries of its state after the batch.
    pub state_rows: u64,
    /// Bytes of its state after the batch.
    pub state_bytes: u64,
    /// What else is to know about its state.
    pub memory: MemoryReport,
    /// What it counted beside the rows that flow, by the names of [`super::COUNTERS`].
    pub counters: Vec<(&'static str, u64)>,
    /// How far event time has come on what it gives, or takes if it is a sink: the watermark this batch closed windows
    /// and evicted state by. `None` without a watermark upstream.
    pub watermark: Option<Timestamp>,
    /// For sources: rows received and waiting to be cut.
    pub backlog_rows: u64,
    /// How it fared.
    pub status: NodeStatus,
    /// What else there is to say of it; `None` where there is nothing.
    pub facts: Option<Box<NodeFacts>>,
}

/// Whether a batch succeeded as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchStatus {
    /// Every node did its work.
    Ok,
    /// At least one failed or was blocked.
    Failed,
}

/// One batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchReport {
    /// Its number, from 0.
    pub batch: u64,
    /// Which version of the plan computed it: grows with every applied edit.
    pub plan_version: u64,
    /// Its tick.
    pub tick: Timestamp,
    /// The oldest tick it covers: earlier than `tick` where late batches were merged.
    pub oldest_tick: Timestamp,
    /// The span of arrivals it covers, which rates divide by.
    pub span: Span,
    /// The batch interval in force.
    pub interval: Span,
    /// When it was cut minus its (oldest) tick.
    pub creation_delay: Span,
    /// Start of processing minus when it was cut.
    pub scheduling_delay: Span,
    /// End of processing minus its start.
    pub processing_time: Span,
    /// End of processing minus its (oldest) tick.
    pub total_delay: Span,
    /// Rows that entered from sources.
    pub input_rows: u64,
    /// Bytes of them.
    pub input_bytes: u64,
    /// Batches waiting behind it when it ended.
    pub queued_batches: u32,
    /// From arrival of each input row to the sinks having accepted the batch that processed it.
    pub latency: LatencySummary,
    /// Every node, in topological order.
    pub nodes: Vec<NodeReport>,
    /// State that edits set aside, kept for undo; oldest first.
    pub parked: Vec<ParkedState>,
    /// Whether it succeeded.
    pub status: BatchStatus,
    /// What the controllers did after it; `None` where backpressure and automatic interval are off.
    pub control: Option<Box<ControlReport>>,
}

impl BatchReport {
    /// Rows per second that arrived over the batch's span.
    pub fn input_rate(&self) -> f64 {
        per_second(self.input_rows, self.span)
    }

    /// Rows per second of processing time.
    pub fn throughput(&self) -> f64 {
        per_second(self.input_rows, self.processing_time)
    }

    /// 1 - processing time / interval: negative when the batch took longer than there is time for.
    pub fn headroom(&self) -> f64 {
        if self.interval.0 == 0 { 0.0 } else { 1.0 - self.processing_time.0 as f64 / self.interval.0 as f64 }
    }

    /// How far event time lies behind the batch's tick: the lowest watermark of all nodes. `None` without watermarks,
    /// and before the first row.
    pub fn watermark_lag(&self) -> Option<Span> {
        let known = self.nodes.iter().filter_map(|node| node.watermark).filter(|time| time.0 > i64::MIN);
        known.min().map(|watermark| self.tick.since(watermark))
    }

    /// What this node did.
    pub fn node(&self, id: NodeId) -> Option<&NodeReport> {
        self.nodes.iter().find(|report| report.node == id)
    }
}

fn per_second(rows: u64, span: Span) -> f64 {
    if span.0 <= 0 { 0.0 } else { rows as f64 / span.as_secs_f64() }
}
