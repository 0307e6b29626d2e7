//! Word count per core: Weir's split and group against the loop anyone would write, and against DataFusion's own
//! hash aggregation over the same words.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]

mod common;

use std::collections::HashMap;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use datafusion_execution::TaskContext;
use datafusion_functions_aggregate::count::count_udaf;
use datafusion_physical_expr::aggregate::AggregateExprBuilder;
use datafusion_physical_expr::expressions::Column;
use datafusion_physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion_physical_plan::test::TestMemoryExec;
use datafusion_physical_plan::{ExecutionPlan, collect};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
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
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    bencher.counter(ItemsCount::new(words.len())).bench_local(|| {
        let plan = aggregate_plan(&batches);
        runtime.block_on(collect(black_box(plan), Arc::new(TaskContext::default()))).unwrap()
    });
}

/// `SELECT word, count(word) GROUP BY word` as DataFusion would run it in one partition.
fn aggregate_plan(batches: &[RecordBatch]) -> Arc<dyn ExecutionPlan> {
    let schema = batches[0].schema();
    let input: Arc<dyn ExecutionPlan> =
        Arc::new(TestMemoryExec::try_new(&[batches.to_vec()], Arc::clone(&schema), None).unwrap());
    let word = || Arc::new(Column::new("word", 0)) as Arc<dyn datafusion_physical_expr::PhysicalExpr>;
    let count = AggregateExprBuilder::new(count_udaf(), vec![word()])
        .schema(Arc::clone(&schema))
        .alias("count")
        .build()
        .unwrap();
    let by = PhysicalGroupBy::new_single(vec![(word(), "word".to_owned())]);
    let plan =
        AggregateExec::try_new(AggregateMode::Single, by, vec![Arc::new(count)], vec![None], input, schema).unwrap();
    Arc::new(plan)
}
