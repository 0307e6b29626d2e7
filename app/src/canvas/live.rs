//! The numbers of a run as the canvas shows them: texts made at most three times a second, of constant width.

use std::collections::HashMap;

use weir_engine::metrics::{BatchReport, NodeReport, NodeStatus, is_loss};
use weir_engine::nodes;
use weir_engine::pipeline::{Pipeline, SubflowId};
use weir_engine::plan::Category;
use weir_engine::spec::{NodeId, PortRef, Span, WireKey};

use super::scene::BoxId;
use crate::counters;
use crate::i18n::trf;
use crate::state::AppState;

/// Seconds between two refreshes of the numbers.
const REFRESH_SECS: f64 = 0.33;
/// Most lines of a node beside rows and time.
const MAX_EXTRA: usize = 3;
/// Wires come to rest when no batch arrived for this long, unless the interval is longer.
const REST_SECS: f64 = 1.2;

/// What a node shows while a run exists.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct NodeLive {
    /// Rows in and out per second.
    pub(crate) rows: String,
    /// The one rate that says most, for where both do not fit.
    pub(crate) rate: String,
    /// Time per batch and its share.
    pub(crate) time: String,
    /// The time alone, for where both do not fit.
    pub(crate) busy: String,
    /// Share of the batch's processing time, 0 to 1.
    pub(crate) share: f32,
    /// State, backlog and rows set aside, where there are any: a line each.
    pub(crate) extra: Vec<String>,
    /// Whether rows were set aside in the batch.
    pub(crate) has_losses: bool,
    /// For sources, how full the buffer is, 0 to 1.
    pub(crate) fill: Option<f32>,
    /// What it waits for, if it does.
    pub(crate) waiting: Option<String>,
}

/// What a wire shows while a run exists.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct WireLive {
    /// Rows per second.
    pub(crate) rate: f64,
    /// The same as text.
    pub(crate) text: String,
}

/// What waits before something, and how full that makes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Queue {
    /// 0 to 1, or more where the bound was lowered.
    pub(crate) fill: f32,
    /// How much waits: rows, or batches.
    pub(crate) held: String,
}

impl Queue {
    /// How full, as people read it.
    pub(crate) fn percent(&self) -> String {
        format!("{:.0} %", self.fill * 100.0)
    }

    /// For those who do not see the bar.
    pub(crate) fn in_words(&self) -> String {
        trf("canvas.access.queue", &[("percent", &self.percent()), ("held", self.held.trim())])
    }
}

/// The texts in force.
#[derive(Debug, Default)]
pub(crate) struct LiveText {
    nodes: HashMap<NodeId, NodeLive>,
    ports: HashMap<PortRef, WireLive>,
    subflows: HashMap<SubflowId, NodeLive>,
    /// What waits in a source, or before a sink that cannot take it.
    queues: HashMap<NodeId, Queue>,
    /// How many further lines a node has; once there, they stay for the run, so that nodes do not jump.
    extra_lines: HashMap<NodeId, u8>,
    is_active: bool,
    shown_batch: Option<u64>,
    pinned: Option<u64>,
    refreshed_at: f64,
    newest_batch: Option<u64>,
    arrived_at: f64,
    interval_secs: f64,
    generation: u64,
}

impl LiveText {
    /// Takes in what the engine told. Returns seconds until it wants to be called again, if it does.
    pub(crate) fn update(&mut self, state: &AppState, now: f64) -> Option<f64> {
        if self.is_active != state.live.is_active() {
            *self = Self { is_active: state.live.is_active(), generation: self.generation + 1, ..Self::default() };
        }
        if !self.is_active {
            return None;
        }
        let newest = state.live.history.latest().map(|report| report.batch);
        if newest != self.newest_batch {
            self.newest_batch = newest;
            self.arrived_at = now;
        }
        let report = state.live.shown()?;
        self.interval_secs = report.interval.as_secs_f64();
        let is_pinned_anew = self.pinned != state.live.shown_batch;
        if self.shown_batch == Some(report.batch) && !is_pinned_anew {
            return None;
        }
        let due = self.refreshed_at + REFRESH_SECS;
        if self.shown_batch.is_some() && now < due && !is_pinned_anew {
            return Some(due - now);
        }
        self.pinned = state.live.shown_batch;
        self.shown_batch = Some(report.batch);
        self.refreshed_at = now;
        self.refresh(state);
        None
    }

    fn refresh(&mut self, state: &AppState) {
        let Some(report) = state.live.shown() else { return };
        let secs = report.span.as_secs_f64();
        let capacity = state.document.pipeline().settings().max_buffered_rows;
        self.nodes.clear();
        self.ports.clear();
        self.queues.clear();
        for node in &report.nodes {
            let Some(kind) = state.document.pipeline().node(node.node).and_then(|entry| nodes::kind(&entry.kind))
            else {
                continue;
            };
            for (port, rows) in kind.outputs.iter().zip(&node.rows_out) {
                let rate = per_second(*rows, secs);
                let live = WireLive { rate, text: trf("canvas.live.rate", &[("rate", &count(rate))]) };
                self.ports.insert(PortRef::new(node.node, port.name), live);
            }
            let share = share_of(node, report.processing_time.0);
            let live = NodeLive {
                rows: rows_text(node, kind.category, secs),
                rate: rate_text(node, kind.category, secs),
                time: time_text(node.busy, share),
                busy: millis(node.busy.as_millis_f64()),
                share,
                extra: extra_lines(node, kind.category),
                has_losses: node.counters.iter().any(|(name, count)| *count > 0 && is_loss(name)),
                fill: (kind.category == Category::Source && node.backlog_rows > 0)
                    .then(|| node.backlog_rows as f32 / capacity.max(1) as f32),
                waiting: match &node.status {
                    NodeStatus::Waiting(why) => Some(why.clone()),
                    NodeStatus::Ok | NodeStatus::Blocked | NodeStatus::Failed(_) => None,
                },
            };
            let lines = u8::try_from(live.extra.len()).unwrap_or(u8::MAX);
            let known = self.extra_lines.entry(node.node).or_default();
            if lines > *known {
                *known = lines;
                self.generation += 1;
            }
            if let Some(queue) = queue_of(node, kind.category, report, state.document.pipeline()) {
                self.queues.insert(node.node, queue);
            }
            self.nodes.insert(node.node, live);
        }
        self.refresh_subflows(state.document.pipeline(), report, secs);
    }

    /// A subflow's numbers: what crosses its border, and the time of all its nodes together.
    fn refresh_subflows(&mut self, pipeline: &Pipeline, report: &BatchReport, secs: f64) {
        self.subflows.clear();
        for subflow in pipeline.subflows() {
            let is_inside =
                |id: NodeId| pipeline.node(id).is_some_and(|node| pipeline.lies_within(node.subflow, subflow.id));
            let mut busy = 0;
            let mut has_losses = false;
            for node in report.nodes.iter().filter(|node| is_inside(node.node)) {
                busy += node.busy.0;
                has_losses |= node.counters.iter().any(|(_, rows)| *rows > 0);
            }
            let (mut rows_in, mut rows_out) = (0.0, 0.0);
            for wire in pipeline.wires() {
                let rate = self.ports.get(&wire.from).map_or(0.0, |live| live.rate);
                match (is_inside(wire.from.node), is_inside(wire.to.node)) {
                    (false, true) => rows_in += rate,
                    (true, false) => rows_out += rate,
                    (true, true) | (false, false) => {}
                }
            }
            let total = report.processing_time.0;
            let share = if total > 0 { (busy as f32 / total as f32).clamp(0.0, 1.0) } else { 0.0 };
            let rates = [("in", count(rows_in)), ("out", count(rows_out))];
            let busy = Span(busy);
            let live = NodeLive {
                rows: trf("canvas.live.in_out", &rates.each_ref().map(|(name, rate)| (*name, rate.as_str()))),
                rate: trf("canvas.live.rate", &[("rate", &count(rows_out))]),
                time: time_text(busy, share),
                busy: millis(busy.as_millis_f64()),
                share,
                has_losses,
                ..NodeLive::default()
            };
            if secs > 0.0 {
                self.subflows.insert(subflow.id, live);
            }
        }
    }

    /// Grows when the room that nodes need for their numbers changes.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// How many lines a node needs.
    pub(crate) fn rows(&self, node: NodeId) -> u8 {
        if self.is_active { 2 + self.extra_lines.get(&node).copied().unwrap_or(0) } else { 0 }
    }

    /// How many lines a subflow needs.
    pub(crate) fn subflow_rows(&self) -> u8 {
        if self.is_active { 2 } else { 0 }
    }

    /// What a box shows.
    pub(crate) fn part(&self, id: BoxId) -> Option<&NodeLive> {
        match id {
            BoxId::Node(id) => self.node(id),
            BoxId::Subflow(id) => self.subflows.get(&id),
        }
    }

    /// What waits on a wire: in the source it comes from, or before the sink it leads to.
    pub(crate) fn queue(&self, wire: &WireKey) -> Option<&Queue> {
        self.queues.get(&wire.from.node).or_else(|| self.queues.get(&wire.to.node))
    }

    /// What a node shows.
    pub(crate) fn node(&self, node: NodeId) -> Option<&NodeLive> {
        self.nodes.get(&node)
    }

    /// What the wires of a port show.
    pub(crate) fn port(&self, port: &PortRef) -> Option<&WireLive> {
        self.ports.get(port)
    }

    /// Whether batches keep arriving: only then anything on the canvas moves by itself.
    pub(crate) fn is_flowing(&self, now: f64) -> bool {
        self.is_active
            && self.pinned.is_none()
            && self.newest_batch.is_some()
            && now - self.arrived_at < REST_SECS.max(self.interval_secs * 1.5)
    }
}

/// How fast a wire's dashes move, in screen pixels per second: a class of the rate's logarithm.
pub(crate) fn dash_speed(rate: f64) -> f64 {
    if rate <= 0.0 { 0.0 } else { 14.0 + 13.0 * rate.max(1.0).log10().floor() }
}

/// Between two nodes nothing waits, because a batch drains every wire. Rows wait in a source until they are cut, and
/// batches wait before a sink that cannot take them.
fn queue_of(node: &NodeReport, category: Category, report: &BatchReport, pipeline: &Pipeline) -> Option<Queue> {
    let settings = pipeline.settings();
    match category {
        Category::Source if node.backlog_rows > 0 => {
            let fill = node.backlog_rows as f32 / settings.max_buffered_rows.max(1) as f32;
            Some(Queue { fill, held: trf("canvas.live.rows", &[("rows", count(node.backlog_rows as f64).trim())]) })
        }
        Category::Sink if matches!(node.status, NodeStatus::Waiting(_)) => {
            let waiting = report.queued_batches;
            let fill = waiting as f32 / settings.max_queued_batches.max(1) as f32;
            Some(Queue { fill, held: trf("canvas.live.batches", &[("count", &waiting.to_string())]) })
        }
        Category::Source | Category::Transform | Category::Window | Category::State | Category::Sink => None,
    }
}

fn rows_text(node: &NodeReport, category: Category, secs: f64) -> String {
    match category {
        Category::Source | Category::Sink => rate_text(node, category, secs),
        Category::Transform | Category::Window | Category::State => {
            let rows_in = count(per_second(node.rows_in, secs));
            let rows_out = count(per_second(node.rows_out.iter().sum(), secs));
            trf("canvas.live.in_out", &[("in", &rows_in), ("out", &rows_out)])
        }
    }
}

/// What a sink takes, what any other node gives.
fn rate_text(node: &NodeReport, category: Category, secs: f64) -> String {
    let rows = match category {
        Category::Sink => node.rows_in,
        Category::Source | Category::Transform | Category::Window | Category::State => node.rows_out.iter().sum(),
    };
    trf("canvas.live.rate", &[("rate", &count(per_second(rows, secs)))])
}

fn time_text(busy: Span, share: f32) -> String {
    format!("{}  {:>3.0} %", millis(busy.as_millis_f64()), share * 100.0)
}

/// What there is to say beside rows and time. What does not get a line of its own shares the last one.
fn extra_lines(node: &NodeReport, category: Category) -> Vec<String> {
    let mut parts = Vec::new();
    if node.state_rows > 0 || category == Category::State {
        let rows = count(node.state_rows as f64);
        parts.push(trf("canvas.live.state", &[("rows", &rows), ("size", &bytes(node.state_bytes))]));
    }
    if node.backlog_rows > 0 {
        parts.push(trf("canvas.live.backlog", &[("rows", &count(node.backlog_rows as f64))]));
    }
    for (name, number) in counters::noteworthy(&node.counters) {
        parts.push(format!("{} {}", counters::word(name), count(*number as f64)));
    }
    if parts.len() > MAX_EXTRA {
        let rest = parts.split_off(MAX_EXTRA - 1);
        parts.push(rest.join(" · "));
    }
    parts
}

fn share_of(node: &NodeReport, processing_micros: i64) -> f32 {
    if processing_micros <= 0 { 0.0 } else { (node.busy.0 as f32 / processing_micros as f32).clamp(0.0, 1.0) }
}

fn per_second(rows: u64, secs: f64) -> f64 {
    if secs > 0.0 { rows as f64 / secs } else { 0.0 }
}

/// A count in five characters: `  0`, ` 12`, `1.23k`, `45.6M`.
pub(crate) fn count(value: f64) -> String {
    let (value, unit) = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        .into_iter()
        .find(|(size, _)| value >= size * 0.9995)
        .map_or((value, ""), |(size, unit)| (value / size, unit));
    let text = if unit.is_empty() {
        format!("{value:.0}")
    } else if value < 9.995 {
        format!("{value:.2}{unit}")
    } else if value < 99.95 {
        format!("{value:.1}{unit}")
    } else {
        format!("{value:.0}{unit}")
    };
    format!("{text:>5}")
}

fn millis(value: f64) -> String {
    if value < 9.995 {
        format!("{value:>5.2} ms")
    } else if value < 99.95 {
        format!("{value:>5.1} ms")
    } else if value < 9_999.5 {
        format!("{value:>5.0} ms")
    } else {
        format!("{:>5.1} s ", value / 1e3)
    }
}

fn bytes(value: u64) -> String {
    let value = value as f64;
    let (value, unit) = [(1024.0 * 1024.0 * 1024.0, "GiB"), (1024.0 * 1024.0, "MiB"), (1024.0, "KiB")]
        .into_iter()
        .find(|(size, _)| value >= *size)
        .map_or((value, "B"), |(size, unit)| (value / size, unit));
    if unit == "B" { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_always_takes_five_characters() {
        let mut value = 0.4;
        while value < 1e13 {
            assert_eq!(count(value).chars().count(), 5, "{value}: {:?}", count(value));
            value *= 1.037;
        }
        assert_eq!(count(999.6), "1.00k");
        assert_eq!(count(12_345.0), "12.3k");
    }

    #[test]
    fn dashes_are_faster_the_more_flows_and_still_without_rows() {
        assert!(dash_speed(0.0).abs() < f64::EPSILON);
        assert!(dash_speed(5.0) < dash_speed(500.0));
        assert!((dash_speed(1_200.0) - dash_speed(8_000.0)).abs() < f64::EPSILON, "one class, one speed");
    }

    #[test]
    fn sizes_and_times_read_in_their_unit() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(3 * 1024 * 1024 / 2), "1.5 MiB");
        assert_eq!(millis(1.234), " 1.23 ms");
        assert_eq!(millis(12_345.0), " 12.3 s ");
    }
}
