//! Word count per core: Weir's split and group against the loop anyone would write, and against DataFusion's own
//! hash aggregation over the same words.

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

use arrow::record_batch::RecordBatch;
use common::baseline::{self, Call};
use common::events::longs;
use datafusion_functions_aggregate::count::count_udaf;
use divan::Bencher;
use divan::counter::ItemsCount;
use weir_engine::plan::{Chunk, Flow, LinkType};
use weir_engine::spec::Timestamp;

/// Lines of a batch: about 400,000 words.
const LINES: usize = 50_000;
/// Lines of a chunk, as a source would deliver them.
const CHUNK: usize = 8_192;

const VOCABULARIES: [usize; 2] = [5_000, 50_000];

fn main() {
    divan::main();
}

fn words(lines: &[String]) -> Vec<&str> {
    lines.iter().flat_map(|line| line.split(' ')).collect()
}

fn chunks(name: &str, values: &[&str]) -> Vec<Chunk> {
    values.chunks(CHUNK).map(|part| Chunk::new(common::column(name, part), Timestamp::VIRTUAL_START)).collect()
}

#[divan::bench(args = VOCABULARIES)]
fn naive_loop(bencher: Bencher<'_, '_>, vocabulary: usize) {
    let lines = common::lines(LINES, vocabulary);
    bencher.counter(ItemsCount::new(words(&lines).len())).bench(|| {
        let mut counts: HashMap<String, u64> = HashMap::new();
        for word in lines.iter().flat_map(|line| line.split(' ')) {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
        counts
    });
}

#[divan::bench(args = VOCABULARIES)]
fn weir_split_and_group(bencher: Bencher<'_, '_>, vocabulary: usize) {
    let text = common::lines(LINES, vocabulary);
    let input = LinkType::lines();
    let Some((mut split, link)) = common::operator("flat_map", r#"{"column":"value","separator":" "}"#, &input) else {
        return;
    };
    let (mut group, _) = common::operator("group", r#"{"by":["word"]}"#, &link).unwrap();
    let lines: Vec<&str> = text.iter().map(String::as_str).collect();
    let flow = Flow::Fired(chunks("value", &lines));
    let context = common::context(0, &common::pool(1));
    bencher.counter(ItemsCount::new(words(&text).len())).bench_local(|| {
        let words = split.process(vec![vec![flow.clone()]], &context).unwrap();
        group.process(vec![words], &context).unwrap()
    });
}

#[divan::bench(args = VOCABULARIES)]
fn weir_split(bencher: Bencher<'_, '_>, vocabulary: usize) {
    let text = common::lines(LINES, vocabulary);
    let params = r#"{"column":"value","separator":" "}"#;
    let Some((mut split, _)) = common::operator("flat_map", params, &LinkType::lines()) else { return };
    let lines: Vec<&str> = text.iter().map(String::as_str).collect();
    let flow = Flow::Fired(chunks("value", &lines));
    let context = common::context(0, &common::pool(1));
    bencher
        .counter(ItemsCount::new(words(&text).len()))
        .bench_local(|| split.process(vec![vec![flow.clone()]], &context).unwrap());
}

#[divan::bench(args = VOCABULARIES)]
fn weir_group(bencher: Bencher<'_, '_>, vocabulary: usize) {
    let text = common::lines(LINES, vocabulary);
    let words = words(&text);
    let chunks = chunks("word", &words);
    let link = LinkType::plain(chunks[0].rows.schema());
    let (mut group, _) = common::operator("group", r#"{"by":["word"]}"#, &link).unwrap();
    let flow = Flow::Fired(chunks);
    let context = common::context(0, &common::pool(1));
    bencher
        .counter(ItemsCount::new(words.len()))
        .bench_local(|| group.process(vec![vec![flow.clone()]], &context).unwrap());
}

#[divan::bench(args = VOCABULARIES)]
fn datafusion_group(bencher: Bencher<'_, '_>, vocabulary: usize) {
    let text = common::lines(LINES, vocabulary);
    let words = words(&text);
    let batches: Vec<RecordBatch> = chunks("word", &words).into_iter().map(|chunk| chunk.rows).collect();
    bencher.counter(ItemsCount::new(words.len())).bench_local(|| {
        let input = baseline::memory(&batches);
        let by = vec![(baseline::column(&input, "word"), "word")];
        baseline::run(baseline::grouped(input, by, &[Call(count_udaf(), "word")]))
    });
}

/// Any text column: here the last of three, beside numbers.
#[divan::bench(args = VOCABULARIES)]
fn weir_group_by_another_column(bencher: Bencher<'_, '_>, vocabulary: usize) {
    let text = common::lines(LINES, vocabulary);
    let words = words(&text);
    let numbers = |rows: usize| longs((0..).take(rows).collect());
    let chunks: Vec<Chunk> = chunks("city", &words)
        .into_iter()
        .map(|chunk| {
            let rows = chunk.rows.num_rows();
            let city = Arc::clone(chunk.rows.column(0));
            let columns = vec![("user", numbers(rows)), ("amount", numbers(rows)), ("city", city)];
            Chunk::new(common::events::rows(columns), Timestamp::VIRTUAL_START)
        })
        .collect();
    let link = LinkType::plain(chunks[0].rows.schema());
    let (mut group, _) = common::operator("group", r#"{"by":["city"]}"#, &link).unwrap();
    let flow = Flow::Fired(chunks);
    let context = common::context(0, &common::pool(1));
    bencher
        .counter(ItemsCount::new(words.len()))
        .bench_local(|| group.process(vec![vec![flow.clone()]], &context).unwrap());
}

/// Split and group on one and two cores, over a batch of ten times as many lines: about four million words.
#[divan::bench(args = [(1, 5_000), (2, 5_000), (1, 50_000), (2, 50_000)], sample_count = 30, sample_size = 1)]
fn cores(bencher: Bencher<'_, '_>, (threads, vocabulary): (usize, usize)) {
    let text = common::lines(LINES, vocabulary);
    let params = r#"{"column":"value","separator":" "}"#;
    let (mut split, link) = common::operator("flat_map", params, &LinkType::lines()).unwrap();
    let (mut group, _) = common::operator("group", r#"{"by":["word"]}"#, &link).unwrap();
    let lines: Vec<&str> = text.iter().map(String::as_str).collect();
    let chunks = chunks("value", &lines);
    let flow = Flow::Fired((0..10).flat_map(|_| chunks.clone()).collect());
    let context = common::context(0, &common::pool(threads));
    bencher.counter(ItemsCount::new(10 * words(&text).len())).bench_local(|| {
        let words = split.process(vec![vec![flow.clone()]], &context).unwrap();
        group.process(vec![words], &context).unwrap()
    });
}
