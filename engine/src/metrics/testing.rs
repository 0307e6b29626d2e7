//! Reports made up for tests.

use super::{BatchReport, BatchStatus, LatencySummary, MemoryReport, NodeReport, NodeStatus};
use crate::spec::{NodeId, Span, Timestamp};

/// A calm batch: 10 ms of a 1 s interval, no delay, no nodes.
pub(super) fn report(batch: u64) -> BatchReport {
    let interval = Span::from_secs(1);
    let tick = Timestamp::VIRTUAL_START.plus(Span::from_secs(i64::try_from(batch).unwrap()));
    BatchReport {
        batch,
        plan_version: 1,
        tick,
        oldest_tick: tick,
        span: interval,
        interval,
        creation_delay: Span(0),
        scheduling_delay: Span(0),
        processing_time: Span::from_millis(10),
        total_delay: Span::from_millis(10),
        input_rows: 1_000,
        input_bytes: 10_000,
        queued_batches: 0,
        latency: LatencySummary { count: 1_000, ..LatencySummary::default() },
        nodes: Vec::new(),
        parked: Vec::new(),
        status: BatchStatus::Ok,
        control: None,
    }
}

/// A node that did nothing.
pub(super) fn node(node: NodeId) -> NodeReport {
    NodeReport {
        node,
        rows_in: 0,
        rows_out: Vec::new(),
        bytes_out: 0,
        busy: Span(0),
        fired: true,
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
