//! State of millions of keys against the same question asked once over all rows: deduplication, running aggregates, and
//! the join of two streams by key and closeness in time. Weir gets the rows in batches of a second and answers after
//! each; DataFusion gets them all at once.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a benchmark"
)]
#![allow(dead_code, reason = "the shared module serves several benchmarks")]

mod common;

use std::sync::LazyLock;

use arrow::record_batch::RecordBatch;
use common::baseline::{self, Call};
use common::events::{Batch, SECOND, below, chunked, feed, link, longs, random, rows, scattered, start_of, times};
use datafusion_functions_aggregate::count::count_udaf;
use datafusion_functions_aggregate::sum::sum_udaf;
use divan::Bencher;
use divan::counter::ItemsCount;
use weir_engine::plan::Operator;
use weir_engine::spec::Span;

/// Keys of deduplication and running aggregates.
const KEYS: usize = 10_000_000;
/// Rows of a batch.
const ROWS: usize = 500_000;

/// Keys of the join, and rows of each side in a batch.
const JOIN_KEYS: i64 = 100_000;
const JOIN_ROWS: usize = 20_000;
const JOIN_BATCHES: usize = 60;
/// How long after the left row the right one may be.
const REACH: Span = Span::from_secs(10);

/// Twenty million rows: every key twice, far apart.
static KEYED: LazyLock<Vec<Batch>> = LazyLock::new(|| {
    let batch = |number: usize| {
        let positions = number * ROWS..(number + 1) * ROWS;
        let keys = positions.map(|position| scattered(position, KEYS)).collect();
        chunked(&rows(vec![("key", longs(keys)), ("n", longs((0..).take(ROWS).collect()))]))
    };
    (0..2 * KEYS / ROWS).map(batch).collect()
});

/// The two sides of the join.
static SIDES: LazyLock<[Vec<Batch>; 2]> = LazyLock::new(|| {
    [11, 12].map(|seed| {
        let mut random = random(seed);
        let mut batch = |number: usize| {
            let at = (0..JOIN_ROWS).map(|_| start_of(number) + below(&mut random, SECOND)).collect();
            let keys = (0..JOIN_ROWS).map(|_| below(&mut random, JOIN_KEYS)).collect();
            let numbers = (0..).take(JOIN_ROWS).collect();
            chunked(&rows(vec![("ts", times(at)), ("key", longs(keys)), ("n", longs(numbers))]))
        };
        (0..JOIN_BATCHES).map(&mut batch).collect()
    })
});

fn main() {
    divan::main();
}

fn all(batches: &[Batch]) -> Batch {
    batches.iter().flatten().cloned().collect()
}

fn row_count(batches: &[Batch]) -> usize {
    batches.iter().flatten().map(RecordBatch::num_rows).sum()
}

const DEDUP: &str = r#"{"by":["key"]}"#;
const RUNNING: &str = r#"{"by":["key"],"aggregates":[{"function":"count"},{"function":"sum","argument":"n"}]}"#;

fn operator_of(kind: &str, params: &str) -> Box<dyn Operator> {
    common::operator(kind, params, &link(&KEYED[0][0], None)).unwrap().0
}

fn keyed(bencher: Bencher<'_, '_>, kind: &str, params: &str) {
    let pool = common::pool(1);
    let inputs: Vec<Vec<&Batch>> = KEYED.iter().map(|batch| vec![batch]).collect();
    let mut size = None;
    bencher.counter(ItemsCount::new(row_count(&KEYED))).with_inputs(|| operator_of(kind, params)).bench_local_refs(
        |operator| {
            let rows = feed(&mut **operator, &inputs, None, &pool);
            size = Some(operator.state_size());
            rows
        },
    );
    if let Some(size) = size {
        println!("{kind}: {} keys, {:.1} bytes per key", size.rows, size.bytes as f64 / size.rows as f64);
    }
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn dedup_weir(bencher: Bencher<'_, '_>) {
    keyed(bencher, "dedup", DEDUP);
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn dedup_datafusion(bencher: Bencher<'_, '_>) {
    let rows = all(&KEYED);
    bencher.counter(ItemsCount::new(row_count(&KEYED))).bench_local(|| group_once(&rows, &[]));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn running_weir(bencher: Bencher<'_, '_>) {
    keyed(bencher, "running", RUNNING);
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn running_datafusion(bencher: Bencher<'_, '_>) {
    let rows = all(&KEYED);
    let calls = [Call(count_udaf(), "n"), Call(sum_udaf(), "n")];
    bencher.counter(ItemsCount::new(row_count(&KEYED))).bench_local(|| group_once(&rows, &calls));
}

fn group_once(rows: &Batch, calls: &[Call]) -> u64 {
    let input = baseline::memory(rows);
    let by = vec![(baseline::column(&input, "key"), "key")];
    baseline::run(baseline::grouped(input, by, calls))
}

fn join() -> Box<dyn Operator> {
    let inputs = [0, 1].map(|side: usize| link(&SIDES[side][0][0], Some("ts")));
    let params = r#"{"on":[{"left":"key"}],"lower":"0s","upper":"10s"}"#;
    common::operator_over("interval_join", params, &inputs).unwrap().0
}

fn join_feed(operator: &mut dyn Operator) -> u64 {
    let [left, right] = &*SIDES;
    let inputs: Vec<Vec<&Batch>> = left.iter().zip(right).map(|(left, right)| vec![left, right]).collect();
    feed(operator, &inputs, Some(Span::from_secs(2)), &common::pool(1))
}

fn join_once(sides: &[Batch; 2]) -> u64 {
    let [left, right] = [0, 1].map(|side: usize| baseline::memory(&sides[side]));
    baseline::run(baseline::interval_join(left, right, REACH.0))
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn interval_join_weir(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(2 * row_count(&SIDES[0])))
        .with_inputs(join)
        .bench_local_refs(|operator| join_feed(&mut **operator));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn interval_join_datafusion(bencher: Bencher<'_, '_>) {
    let sides = [0, 1].map(|side: usize| all(&SIDES[side]));
    bencher.counter(ItemsCount::new(2 * row_count(&SIDES[0]))).bench_local(|| join_once(&sides));
}

/// Both ways give as many rows; not measured.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn they_agree() {
    let sides = [0, 1].map(|side: usize| all(&SIDES[side]));
    assert_eq!(join_feed(&mut *join()), join_once(&sides));

    let (pool, keys) = (common::pool(1), group_once(&all(&KEYED), &[]));
    let inputs: Vec<Vec<&Batch>> = KEYED.iter().map(|batch| vec![batch]).collect();
    let mut dedup = operator_of("dedup", DEDUP);
    assert_eq!(feed(&mut *dedup, &inputs, None, &pool), keys);
    let mut running = operator_of("running", RUNNING);
    feed(&mut *running, &inputs, None, &pool);
    assert_eq!(running.state_size().rows, keys);
}
