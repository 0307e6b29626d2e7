//! What a node may remember is bounded: spare history goes first, then the node stands still and says so; never does
//! memory run out.

use serde_json::{Value, json};
use weir_engine::metrics::{Coverage, NodeStatus};
use weir_engine::pipeline::{Edit, Pipeline, Setting};
use weir_engine::plan::StateFate;
use weir_engine::spec::NodeId;

use crate::support::{Batch, Draw, VirtualRun, id_of, with_param};

fn with_memory(pipeline: &Pipeline, bytes: u64) -> Pipeline {
    let mut changed = pipeline.clone();
    changed.apply(&Edit::Set(Setting::MaxStateBytes(bytes))).expect("the edit fits");
    changed
}

/// Batches of `keys` keys each; `fresh`: other ones in every batch.
fn rows(batches: usize, keys: usize, fresh: bool) -> Value {
    let key = |batch: usize, key: usize| {
        json!(format!("a key of some length {}", if fresh { batch * keys + key } else { key }))
    };
    let batches: Value = (0..batches).map(|batch| (0..keys).map(|at| key(batch, at)).collect::<Value>()).collect();
    json!({"fields": [{"name": "key", "type": "string"}], "batches": batches.to_string()})
}

#[test]
fn a_node_that_remembers_too_much_stands_still_and_the_rest_goes_on() {
    let draw = Draw::new()
        .node("rows", "source.inline", rows(12, 400, true))
        .node("counts", "running", json!({"by": ["key"]}))
        .node("table", "sink.table", json!({}))
        .node("beside", "sink.table", json!({}))
        .chain(&["rows", "counts", "table"])
        .chain(&["rows", "beside"]);
    let tight = with_memory(&draw.pipeline, 1 << 16);
    let mut run = VirtualRun::start(&tight, 1);
    let batches = run.steps(6);
    let report = &batches.last().unwrap().report;
    let counts = draw.id("counts");
    let NodeStatus::Failed(sentence) = &report.node(counts).unwrap().status else { panic!("{report:?}") };
    assert!(sentence.contains("may hold 0.1 MiB") && sentence.contains("raise the memory"), "{sentence}");
    assert!(batches.iter().all(|batch| batch.rows("beside").is_some_and(|rows| rows.len() == 400)));
    let held = report.node(counts).unwrap().state_rows;
    assert!(held < 2_400, "it stood still before it had all keys, with {held}");
    run.replace(&with_memory(&draw.pipeline, 1 << 24)).expect("accepted");
    let after = run.step();
    let node = after.report.node(counts).unwrap();
    assert_eq!((node.status.clone(), node.state_rows), (NodeStatus::Ok, held + 400), "with the keys it had");
}

/// Runs until history had to go, makes the window longer, and gives the next batch with how much of it is held.
fn shortened(tight: &Pipeline, counts: NodeId) -> (Batch, Coverage) {
    let mut run = VirtualRun::start(tight, 1);
    let before = run.steps(30).pop().unwrap();
    let node = before.report.node(counts).unwrap();
    assert_eq!(node.status, NodeStatus::Ok);
    assert!(node.memory.let_go_before.is_some() && node.state_bytes < 1 << 18, "{node:?}");
    assert!(node.memory.coverage.is_some_and(|coverage| coverage.is_complete()), "the window itself is whole");

    let longer = with_param(tight, "window", "length", json!("20s"));
    let change = run.replace(&longer).expect("accepted");
    let fate = &change.fates.iter().find(|fate| fate.node == counts).unwrap().fate;
    let StateFate::Short { coverage, sentence } = fate else { panic!("{fate:?}") };
    assert!(coverage.held < coverage.length && sentence.contains("of the 20s"), "{sentence}");
    let shown = run.step();
    let covered = shown.report.node(counts).unwrap().memory.coverage.expect("a window gave its result");
    assert!(covered.share() < 1.0 && covered.share() > 0.0, "{covered:?}");
    (shown, covered)
}

#[test]
fn spare_history_goes_first_and_a_longer_window_then_says_how_short_it_is() {
    let draw = Draw::new()
        .node("rows", "source.inline", rows(40, 60, false))
        .node("window", "window.sliding", json!({"length": "2s", "slide": "1s"}))
        .node("counts", "group", json!({"by": ["key"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "window", "counts", "table"])
        .interval(1_000);
    let counts = draw.id("counts");
    let roomy = VirtualRun::start(&draw.pipeline, 1).steps(30).pop().unwrap();
    assert_eq!(roomy.report.node(counts).unwrap().memory.let_go_before, None, "there is room for all of it");

    let tight = with_memory(&draw.pipeline, 1 << 18);
    let (shown, covered) = shortened(&tight, counts);
    let seconds = covered.held.0 / 1_000_000;
    assert!(shown.rows("table").unwrap().iter().all(|row| row[3] == json!(seconds)), "each key once a second");
}

#[test]
fn by_event_time_too_spare_history_goes_first_and_a_longer_window_says_how_short_it_is() {
    let aggregates = json!([{"function": "count"}]);
    let draw = Draw::new()
        .node("rows", "source.inline", rows(40, 60, false))
        .node("timed", "map", json!({"columns": [{"name": "at", "expression": "batch_time()"}]}))
        .node("watermark", "watermark", json!({"column": "at"}))
        .node("window", "window.sliding", json!({"length": "2s", "slide": "1s"}))
        .node("counts", "group", json!({"by": ["key"], "aggregates": aggregates, "coverage": true}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "timed", "watermark", "window", "counts", "table"])
        .interval(1_000);
    let counts = draw.id("counts");
    let tight = with_memory(&with_param(&draw.pipeline, "watermark", "delay", json!("0s")), 1 << 18);
    let (shown, covered) = shortened(&tight, counts);
    let seconds = covered.held.0 / 1_000_000;
    let rows = shown.rows("table").unwrap();
    assert_eq!(rows.len(), 60);
    assert!(rows.iter().all(|row| row[3] == json!(seconds)), "each key once a second");
    assert!(rows.iter().all(|row| row[4] == json!(covered.share())), "the share stands beside it");
}

#[test]
fn rows_gathered_for_a_sort_are_counted_and_bounded_too() {
    let draw = Draw::new()
        .node("rows", "source.inline", rows(20, 400, false))
        .node("window", "window.tumbling", json!({"length": "1h"}))
        .node("sorted", "sort", json!({"by": [{"expression": "key"}]}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "window", "sorted", "table"])
        .interval(1_000);
    let mut run = VirtualRun::start(&with_memory(&draw.pipeline, 1 << 16), 1);
    let report = run.steps(20).pop().unwrap().report;
    let node = report.node(draw.id("sorted")).unwrap();
    assert!(
        matches!(&node.status, NodeStatus::Failed(sentence) if sentence.contains("shorten the window")),
        "{node:?}"
    );
}

#[test]
fn what_is_set_aside_is_bounded_in_bytes_and_in_number() {
    let draw = Draw::new()
        .node("rows", "source.inline", rows(60, 20, false))
        .node("counts", "running", json!({"by": ["key"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "counts", "table"]);
    let counts = draw.id("counts");
    let mut run = VirtualRun::start(&with_memory(&draw.pipeline, 1 << 22), 1);
    let mut last = run.step();
    for _ in 0..40 {
        run.reset(&[counts]);
        last = run.step();
    }
    assert_eq!(last.report.parked.len(), 32);
    let weight: u64 = last.report.parked.iter().map(|state| state.state_bytes).sum();
    assert!(weight > 1 << 16, "{weight}");
    run.replace(&with_memory(&draw.pipeline, 1 << 16)).expect("accepted");
    let parked = run.step().report.parked.clone();
    assert!(!parked.is_empty() && parked.iter().map(|state| state.state_bytes).sum::<u64>() <= 1 << 16);
    assert!(parked.is_sorted_by_key(|state| state.since_batch), "the youngest stay");
    assert_eq!(id_of(&draw.pipeline, "counts"), parked[0].node);
}

#[test]
fn the_coverage_may_stand_beside_the_results() {
    let draw = Draw::new()
        .node("rows", "source.inline", rows(12, 3, false))
        .node("window", "window.sliding", json!({"length": "4s", "slide": "1s"}))
        .node("counts", "group", json!({"by": ["key"], "coverage": true}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "window", "counts", "table"])
        .interval(1_000);
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    let shares: Vec<f64> =
        run.steps(6).iter().map(|batch| batch.rows("table").unwrap()[0][4].as_f64().unwrap()).collect();
    assert_eq!(shares, [0.25, 0.5, 0.75, 1.0, 1.0, 1.0], "the run is as old as this share of the window");
    let by_event =
        with_param(&draw.pipeline, "counts", "aggregates", json!([{"function": "count", "name": "coverage"}]));
    let problems = run.replace(&by_event).expect_err("refused");
    assert!(problems[0].message.contains("called `coverage` already"), "{problems:?}");
}
