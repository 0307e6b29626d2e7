//! `--metrics FILE`: the whole report of each batch as one JSON object per line. `docs/metrics.md` describes it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use weir_engine::metrics::{
    BatchReport, BatchStatus, ControlReport, LatencySummary, NodeReport, NodeStatus, RateBound, SourceControl,
};
use weir_engine::pipeline::Pipeline;

/// Times are whole microseconds.
#[derive(Serialize)]
struct Batch<'a> {
    batch: u64,
    plan_version: u64,
    tick: String,
    oldest_tick: String,
    span_us: i64,
    interval_us: i64,
    creation_delay_us: i64,
    scheduling_delay_us: i64,
    processing_time_us: i64,
    total_delay_us: i64,
    input_rows: u64,
    input_bytes: u64,
    input_rows_per_sec: f64,
    processed_rows_per_sec: f64,
    headroom: f64,
    queued_batches: u32,
    latency: Latency,
    status: &'static str,
    nodes: Vec<Node<'a>>,
    control: Option<Control>,
}

#[derive(Serialize)]
struct Latency {
    rows: u64,
    p50_us: i64,
    p95_us: i64,
    p99_us: i64,
    max_us: i64,
}

#[derive(Serialize)]
struct Control {
    sources: Vec<Limit>,
    interval: Option<IntervalMove>,
}

#[derive(Serialize)]
struct Limit {
    id: String,
    limit_rows_per_sec: f64,
    bound: &'static str,
    terms: Option<Terms>,
}

#[derive(Serialize)]
struct Terms {
    processing_rate: f64,
    base: f64,
    error: f64,
    backlog_us: i64,
    proportional: f64,
    integral: f64,
    derivative: f64,
    wanted: f64,
}

#[derive(Serialize)]
struct IntervalMove {
    from_us: i64,
    to_us: i64,
    reason: String,
}

#[derive(Serialize)]
struct Node<'a> {
    id: String,
    name: Option<&'a str>,
    kind: Option<&'a str>,
    rows_in: u64,
    rows_out: &'a [u64],
    bytes_out: u64,
    busy_us: i64,
    fired: bool,
    state_rows: u64,
    state_bytes: u64,
    backlog_rows: u64,
    counters: BTreeMap<&'static str, u64>,
    status: &'static str,
    message: Option<&'a str>,
}

/// Writes the report of one batch.
pub(super) fn write(report: &BatchReport, pipeline: &Pipeline, out: &mut dyn Write) -> io::Result<()> {
    let line = Batch {
        batch: report.batch,
        plan_version: report.plan_version,
        tick: report.tick.to_string(),
        oldest_tick: report.oldest_tick.to_string(),
        span_us: report.span.0,
        interval_us: report.interval.0,
        creation_delay_us: report.creation_delay.0,
        scheduling_delay_us: report.scheduling_delay.0,
        processing_time_us: report.processing_time.0,
        total_delay_us: report.total_delay.0,
        input_rows: report.input_rows,
        input_bytes: report.input_bytes,
        input_rows_per_sec: report.input_rate(),
        processed_rows_per_sec: report.throughput(),
        headroom: report.headroom(),
        queued_batches: report.queued_batches,
        latency: latency(&report.latency),
        status: match report.status {
            BatchStatus::Ok => "ok",
            BatchStatus::Failed => "failed",
        },
        nodes: report.nodes.iter().map(|node| self::node(node, pipeline)).collect(),
        control: report.control.as_deref().map(control),
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

fn latency(summary: &LatencySummary) -> Latency {
    Latency {
        rows: summary.count,
        p50_us: summary.p50.0,
        p95_us: summary.p95.0,
        p99_us: summary.p99.0,
        max_us: summary.max.0,
    }
}

fn control(report: &ControlReport) -> Control {
    Control {
        sources: report.sources.iter().map(limit).collect(),
        interval: report.interval.map(|moved| IntervalMove {
            from_us: moved.from.0,
            to_us: moved.to.0,
            reason: moved.reason.to_string(),
        }),
    }
}

fn limit(source: &SourceControl) -> Limit {
    Limit {
        id: source.node.to_string(),
        limit_rows_per_sec: source.limit,
        bound: match source.bound {
            RateBound::Free => "free",
            RateBound::Initial => "initial",
            RateBound::Minimum => "minimum",
            RateBound::Maximum => "maximum",
            RateBound::Growth => "growth",
        },
        terms: source.terms.map(|terms| Terms {
            processing_rate: terms.processing_rate,
            base: terms.base,
            error: terms.error,
            backlog_us: terms.backlog.0,
            proportional: terms.proportional,
            integral: terms.integral,
            derivative: terms.derivative,
            wanted: terms.wanted,
        }),
    }
}

fn node<'a>(report: &'a NodeReport, pipeline: &'a Pipeline) -> Node<'a> {
    let entry = pipeline.node(report.node);
    let (status, message) = match &report.status {
        NodeStatus::Ok => ("ok", None),
        NodeStatus::Blocked => ("blocked", None),
        NodeStatus::Failed(why) => ("failed", Some(why.as_str())),
        NodeStatus::Waiting(why) => ("waiting", Some(why.as_str())),
    };
    Node {
        id: report.node.to_string(),
        name: entry.map(|entry| entry.name.as_str()),
        kind: entry.map(|entry| entry.kind.as_str()),
        rows_in: report.rows_in,
        rows_out: &report.rows_out,
        bytes_out: report.bytes_out,
        busy_us: report.busy.0,
        fired: report.fired,
        state_rows: report.state_rows,
        state_bytes: report.state_bytes,
        backlog_rows: report.backlog_rows,
        counters: report.counters.iter().copied().collect(),
        status,
        message,
    }
}
