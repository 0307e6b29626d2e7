//! Windows by event time against the same question asked once over all rows: tumbling windows with a share of rows out
//! of order, and sessions. Weir gets the rows in batches of a second and gives results as the watermark passes;
//! DataFusion gets them all at once.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]
#![allow(dead_code, reason = "the shared module serves several benchmarks")]

mod common;

use std::sync::{Arc, LazyLock};

use arrow::record_batch::RecordBatch;
use common::baseline;
use common::events::{
    Batch, SECOND, below, chunked, feed, link, longs, random, rows, scattered, start_of, times, words,
};
use datafusion_physical_plan::ExecutionPlan;
use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::json;
use weir_engine::plan::{LinkType, Operator};
use weir_engine::spec::Span;
use weir_engine::window::{EventTime, EventWindow, LinkWindow, SessionWindow};

/// Batches of the tumbling windows, and rows of each.
const BATCHES: usize = 20;
const ROWS: usize = 250_000;
/// Keys of the tumbling windows.
const KEYS: i64 = 100_000;
/// Length of a tumbling window.
const LENGTH: Span = Span::from_secs(10);

/// Sessions, one per key, of four rows each.
const SESSIONS: usize = 1_000_000;
const SESSION_BATCHES: usize = 40;
const GAP: Span = Span::from_secs(15);

/// One row in twenty happened up to eight seconds before the others of its batch.
static OUT_OF_ORDER: LazyLock<Vec<Batch>> = LazyLock::new(|| {
    let mut random = random(3);
    let mut batch = |number: usize| {
        let mut time = |_| {
            let back = if below(&mut random, 20) == 0 { below(&mut random, 8 * SECOND) } else { 0 };
            start_of(number) + below(&mut random, SECOND) - back
        };
        let at: Vec<i64> = (0..ROWS).map(&mut time).collect();
        let keys: Vec<usize> = (0..ROWS).map(|_| below(&mut random, KEYS) as usize).collect();
        let numbers = (0..).take(ROWS).collect();
        chunked(&rows(vec![("ts", times(at)), ("key", words(&keys)), ("n", longs(numbers))]))
    };
    (10..10 + BATCHES).map(&mut batch).collect()
});

/// Every key comes again after ten seconds, four times.
static SESSION_ROWS: LazyLock<Vec<Batch>> = LazyLock::new(|| {
    let per_batch = SESSIONS * 4 / SESSION_BATCHES;
    let batch = |number: usize| {
        let positions = number * per_batch..(number + 1) * per_batch;
        let at = (0..per_batch)
            .map(|row| start_of(number) + i64::try_from(row * SECOND as usize / per_batch).unwrap())
            .collect();
        let keys = positions.map(|position| scattered(position, SESSIONS)).collect();
        let numbers = (0..).take(per_batch).collect();
        chunked(&rows(vec![("ts", times(at)), ("key", longs(keys)), ("n", longs(numbers))]))
    };
    (0..SESSION_BATCHES).map(batch).collect()
});

fn main() {
    divan::main();
}

fn tumbling() -> LinkWindow {
    let time = EventTime::column("ts");
    LinkWindow::Event(EventWindow { time, length: LENGTH, slide: LENGTH, offset: Span(0) })
}

fn session() -> LinkWindow {
    let time = Some(EventTime::column("ts"));
    LinkWindow::Session(SessionWindow { time, gap: GAP, gap_expression: None, per: Vec::new() })
}

fn grouping(batches: &[Batch], window: LinkWindow, aggregates: &[&str]) -> Box<dyn Operator> {
    let input = LinkType { window: Some(window), ..link(&batches[0][0], Some("ts")) };
    let calls = aggregates.iter().map(|function| json!({"function": function, "argument": "n"}));
    let params = json!({"by": ["key"], "aggregates": calls.collect::<Vec<_>>()});
    common::operator("group", &params.to_string(), &input).unwrap().0
}

fn inputs(batches: &[Batch]) -> Vec<Vec<&Batch>> {
    batches.iter().map(|batch| vec![batch]).collect()
}

fn all(batches: &[Batch]) -> Batch {
    batches.iter().flatten().cloned().collect()
}

fn row_count(batches: &[Batch]) -> ItemsCount {
    ItemsCount::new(batches.iter().flatten().map(RecordBatch::num_rows).sum::<usize>())
}

fn weir(bencher: Bencher<'_, '_>, batches: &[Batch], delay_secs: i64, operator: impl Fn() -> Box<dyn Operator> + Sync) {
    let (pool, inputs) = (common::pool(1), inputs(batches));
    bencher
        .counter(row_count(batches))
        .with_inputs(operator)
        .bench_local_refs(|operator| feed(&mut **operator, &inputs, Some(Span::from_secs(delay_secs)), &pool));
}

// The rows of a batch happen ten seconds after the watermark of the same batch: that covers what is out of order.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn tumbling_weir(bencher: Bencher<'_, '_>) {
    weir(bencher, &OUT_OF_ORDER, 0, || grouping(&OUT_OF_ORDER, tumbling(), &["count", "sum", "max"]));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn tumbling_datafusion(bencher: Bencher<'_, '_>) {
    let rows = all(&OUT_OF_ORDER);
    bencher
        .counter(row_count(&OUT_OF_ORDER))
        .bench_local(|| baseline::run(baseline::tumbling(baseline::memory(&rows), LENGTH.0)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn sessions_weir(bencher: Bencher<'_, '_>) {
    weir(bencher, &SESSION_ROWS, 2, || grouping(&SESSION_ROWS, session(), &["count", "sum"]));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn sessions_datafusion(bencher: Bencher<'_, '_>) {
    let rows = all(&SESSION_ROWS);
    bencher
        .counter(row_count(&SESSION_ROWS))
        .bench_local(|| baseline::run(baseline::sessions(baseline::memory(&rows), GAP.0)));
}

/// Both ways give as many rows; not measured.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn they_agree() {
    let pool = common::pool(1);
    let fed = |batches: &[Batch], window: LinkWindow, delay_secs: i64| {
        let mut group = grouping(batches, window, &["count", "sum"]);
        feed(&mut *group, &inputs(batches), Some(Span::from_secs(delay_secs)), &pool)
    };
    let asked = |batches: &[Batch], plan: fn(Arc<dyn ExecutionPlan>, i64) -> Arc<dyn ExecutionPlan>, span: Span| {
        baseline::run(plan(baseline::memory(&all(batches)), span.0))
    };
    assert_eq!(fed(&OUT_OF_ORDER, tumbling(), 0), asked(&OUT_OF_ORDER, baseline::tumbling, LENGTH));
    assert_eq!(fed(&SESSION_ROWS, session(), 2), asked(&SESSION_ROWS, baseline::sessions, GAP));
}
