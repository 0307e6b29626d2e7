//! What one slide of a window costs, by the number of panes in it: it must not matter.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]
#![allow(dead_code, reason = "the shared module serves several benchmarks")]

mod common;

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, StringViewArray};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use common::events::{self, Batch};
use divan::Bencher;
use divan::counter::ItemsCount;
use weir_engine::plan::{Chunk, Flow, LinkType, Operator};
use weir_engine::spec::Span;
use weir_engine::window::WindowSpec;

/// Keys in the window; a pane holds a share of them.
const KEYS: usize = 50_000;
/// Rows of a pane.
const ROWS: usize = 5_000;

const PANES: [u64; 3] = [60, 600, 6_000];

fn main() {
    divan::main();
}

/// Rows of one pane: every key comes again after ten panes.
fn rows(pane: u64) -> RecordBatch {
    let first = (pane as usize * ROWS) % KEYS;
    let words: StringViewArray = (first..first + ROWS).map(|key| Some(common::word(key))).collect();
    let numbers = Int64Array::from_iter_values((0..).take(ROWS));
    let columns = [("word", Arc::new(words) as ArrayRef, true), ("n", Arc::new(numbers) as ArrayRef, true)];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// A window of so many panes of a second, filled, sliding by a second.
fn filled(panes: u64, aggregates: &str, pool: &Arc<rayon::ThreadPool>) -> Box<dyn Operator> {
    let length = Span::from_secs(i64::try_from(panes).unwrap());
    let window = WindowSpec { length, slide: Span::from_secs(1), retain: length };
    let link = LinkType { window: Some(window.into()), ..LinkType::plain(rows(0).schema()) };
    let params = format!(r#"{{"by":["word"],"aggregates":{aggregates}}}"#);
    let (mut group, _) = common::operator("group", &params, &link).unwrap();
    let filling: Vec<RecordBatch> = (0..10).map(rows).collect();
    for batch in 0..panes {
        step(&mut *group, batch, &filling[(batch % 10) as usize], pool);
    }
    group
}

fn step(group: &mut dyn Operator, batch: u64, rows: &RecordBatch, pool: &Arc<rayon::ThreadPool>) {
    let context = common::context(batch, pool);
    let flow = Flow::Fired(vec![Chunk::new(rows.clone(), context.from)]);
    divan::black_box(group.process(vec![vec![flow]], &context).unwrap());
}

fn slide(bencher: Bencher<'_, '_>, panes: u64, aggregates: &str) {
    let pool = common::pool(1);
    let mut group = filled(panes, aggregates, &pool);
    let parts: Vec<RecordBatch> = (0..10).map(rows).collect();
    let mut batch = panes;
    bencher.bench_local(|| {
        step(&mut *group, batch, &parts[(batch % 10) as usize], &pool);
        batch += 1;
    });
}

#[divan::bench(args = PANES, sample_count = 50)]
fn running_totals(bencher: Bencher<'_, '_>, panes: u64) {
    slide(bencher, panes, r#"[{"function":"count"},{"function":"sum","argument":"n"}]"#);
}

#[divan::bench(args = PANES, sample_count = 50)]
fn two_stacks(bencher: Bencher<'_, '_>, panes: u64) {
    slide(bencher, panes, r#"[{"function":"min","argument":"n"},{"function":"max","argument":"n"}]"#);
}

/// Keys of the window at full rate, and rows of a second.
const MANY_KEYS: i64 = 100_000;
const MANY_ROWS: usize = 1_000_000;

/// The seconds of the stream, over and over.
fn seconds() -> Vec<Batch> {
    let mut random = events::random(5);
    let mut second = |_| {
        let keys: Vec<usize> = (0..MANY_ROWS).map(|_| events::below(&mut random, MANY_KEYS) as usize).collect();
        let numbers = (0..MANY_ROWS).map(|_| events::below(&mut random, 1 << 20)).collect();
        events::chunked(&events::rows(vec![("word", events::words(&keys)), ("n", events::longs(numbers))]))
    };
    (0..4).map(&mut second).collect()
}

/// The same aggregates of each second by itself, in the loop anyone would write: no window slides.
#[divan::bench(sample_count = 40, sample_size = 1)]
fn full_rate_naive_loop(bencher: Bencher<'_, '_>) {
    let seconds = seconds();
    let mut at = 0;
    bencher.counter(ItemsCount::new(MANY_ROWS)).bench_local(|| {
        let mut groups: HashMap<String, (i64, u64, i64)> = HashMap::new();
        for rows in &seconds[at % seconds.len()] {
            let (words, numbers) = (rows.column(0).as_string_view(), rows.column(1).as_primitive::<Int64Type>());
            for (word, number) in words.iter().flatten().zip(numbers.values()) {
                let (sum, count, max) = groups.entry(word.to_owned()).or_insert((0, 0, i64::MIN));
                (*sum, *count, *max) = (*sum + number, *count + 1, (*max).max(*number));
            }
        }
        at += 1;
        groups
    });
}

/// A million rows a second by a hundred thousand keys, four aggregates, sliding by a second: a sample is what one second
/// of the stream costs. The samples cover more than one whole window, so that the caches' rebuilding is in the mean.
#[divan::bench(args = [10, 60, 120], sample_count = 130, sample_size = 1)]
fn full_rate(bencher: Bencher<'_, '_>, panes: u64) {
    let pool = common::pool(1);
    let seconds = seconds();
    let length = Span::from_secs(i64::try_from(panes).unwrap());
    let window = WindowSpec { length, slide: Span::from_secs(1), retain: length };
    let link = LinkType { window: Some(window.into()), ..LinkType::plain(seconds[0][0].schema()) };
    let aggregates = r#"[{"function":"sum","argument":"n"},{"function":"count"},{"function":"avg","argument":"n"},
        {"function":"max","argument":"n"}]"#;
    let params = format!(r#"{{"by":["word"],"aggregates":{aggregates}}}"#);
    let (mut group, _) = common::operator("group", &params, &link).unwrap();
    let mut batch = 0;
    let mut next = || {
        let context = common::context(batch, &pool);
        let rows = &seconds[(batch % 4) as usize];
        let chunks = rows.iter().map(|rows| Chunk::new(rows.clone(), context.from)).collect();
        divan::black_box(group.process(vec![vec![Flow::Fired(chunks)]], &context).unwrap());
        batch += 1;
    };
    (0..panes).for_each(|_| next());
    bencher.counter(ItemsCount::new(MANY_ROWS)).bench_local(next);
}
