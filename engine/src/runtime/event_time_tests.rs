//! Event time from source to sink against what Spark 4.3 gave for the same batches: the cases of the parity corpus,
//! with times as seconds since 2024-01-01T10:00:00Z. What Spark emitted in a micro-batch is expected in the same batch.

mod several;

use std::path::PathBuf;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use serde_json::{Value, json};

use super::{ClockKind, EngineOptions, Event, StopFlag, StopRule, run_to_end};
use crate::pipeline::{Edit, NodeEntry, Pipeline, Setting, WatermarkPolicy};
use crate::spec::{NodeId, PortRef, Timestamp, WireKey};

const TEN: i64 = 1_704_103_200_000_000;

type Row = (Option<i64>, Option<&'static str>, Option<i64>);
type Batches = Vec<Vec<Row>>;

fn row(time: i64, key: &'static str, value: i64) -> Row {
    (Some(time), Some(key), Some(value))
}

/// The batches that most cases share.
fn events() -> Batches {
    vec![
        vec![row(1, "a", 1), row(5, "b", 2), row(9, "a", 3)],
        vec![row(12, "a", 4), row(7, "b", 5)],
        vec![],
        vec![row(25, "中文", 6), row(3, "a", 7)],
        vec![row(4, "a", 8), row(16, "b", -9), row(11, "é", 10)],
        vec![row(60, "a", 11), row(15, "b", 12)],
        vec![row(49, "b", 13), row(50, "b", 14), (Some(59), Some("🙂"), None), (Some(65), None, Some(15))],
        vec![row(20, "late", 99), row(21, "late", 98), row(49, "late", 97), row(51, "b", 96)],
        vec![row(120, "z", 1)],
    ]
}

/// The same as they come to a query that keeps up: a batch without data wherever the watermark has moved.
fn live() -> Batches {
    let moved = [0, 1, 3, 5, 6];
    let mut batches = Vec::new();
    for (index, batch) in events().into_iter().enumerate() {
        batches.push(batch);
        if moved.contains(&index) {
            batches.push(Vec::new());
        }
    }
    batches
}

fn source(batches: &Batches) -> (&'static str, Value) {
    let cell =
        |(time, key, value): &Row| json!([time.map(|time| Timestamp(TEN + time * 1_000_000).to_string()), key, value]);
    let text: Vec<Vec<Value>> = batches.iter().map(|batch| batch.iter().map(cell).collect()).collect();
    let fields = json!([{"name": "ts", "type": "timestamp"}, {"name": "key", "type": "string"},
        {"name": "value", "type": "bigint"}]);
    ("source.inline", json!({"fields": fields, "batches": Value::from(text).to_string()}))
}

/// Nodes numbered from 1; wires as `(from, port, to)`.
fn pipeline(nodes: &[(&str, Value)], wires: &[(u64, &str, u64)]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for (id, (kind, params)) in (1u64..).zip(nodes) {
        let mut entry = NodeEntry::new(NodeId(id), *kind, format!("n{id}"));
        entry.params = params.as_object().unwrap().clone();
        pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
    }
    for (from, port, to) in wires {
        let wire = WireKey::new(PortRef::new(NodeId(*from), *port), PortRef::new(NodeId(*to), "in"));
        pipeline.apply(&Edit::Connect(wire)).unwrap();
    }
    pipeline
}

/// Source, watermark, then these nodes in a row, then a table.
fn chain(batches: &Batches, delay: &str, nodes: Vec<(&str, Value)>) -> Pipeline {
    let mut all = vec![source(batches), ("watermark", json!({"column": "ts", "delay": delay}))];
    all.extend(nodes);
    all.push(("sink.table", json!({})));
    let wires: Vec<_> = (1..all.len() as u64).map(|from| (from, "out", from + 1)).collect();
    pipeline(&all, &wires)
}

/// Runs to the end: per batch the rows that the sink got, sorted. Nothing may fail.
fn run(pipeline: &Pipeline, threads: usize) -> Vec<Vec<String>> {
    run_with(pipeline, threads, false)
}

/// The same; with `flush`, event time goes to its end at last.
fn run_with(pipeline: &Pipeline, threads: usize, flush: bool) -> Vec<Vec<String>> {
    let options = EngineOptions {
        clock: ClockKind::Virtual,
        threads: Some(threads),
        stop: StopRule { until_done: true, flush, ..StopRule::default() },
        folder: PathBuf::from("."),
        presented_rows: None,
        glimpsed_rows: 0,
    };
    let mut batches: Vec<Vec<String>> = Vec::new();
    let outcome = run_to_end(pipeline, &options, &StopFlag::new(), &mut |event| match event {
        Event::Presented(shown) => {
            let at = usize::try_from(shown.batch).unwrap();
            batches.resize(batches.len().max(at + 1), Vec::new());
            for rows in &shown.rows {
                let line = |row| rows.columns().iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ");
                batches[at].extend((0..rows.num_rows()).map(line));
            }
            batches[at].sort();
        }
        Event::Failed { message, .. } => panic!("{message}"),
        Event::State(_)
        | Event::Batch(_)
        | Event::Preview(_)
        | Event::Glimpsed(_)
        | Event::Traced(_)
        | Event::Probed(_)
        | Event::Held { .. }
        | Event::Recorded(_)
        | Event::Applied(_)
        | Event::Refused(_)
        | Event::Log { .. } => {}
    });
    assert!(!outcome.unwrap().failed);
    batches
}

fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "null".to_owned();
    }
    match column.data_type() {
        DataType::Timestamp(_, _) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row) - TEN;
            (micros as f64 / 1e6).to_string()
        }
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Utf8View => column.as_string_view().value(row).to_owned(),
        other => panic!("unexpected {other}"),
    }
}

/// Whether the run gave these batches, whatever the thread count. Batches without rows at the end do not count.
fn check(pipeline: &Pipeline, expected: &[&[&str]]) {
    let trimmed = |mut batches: Vec<Vec<String>>| {
        while batches.last().is_some_and(Vec::is_empty) {
            batches.pop();
        }
        batches
    };
    let sorted = |batch: &&[&str]| {
        let mut rows: Vec<String> = batch.iter().map(|row| (*row).to_owned()).collect();
        rows.sort();
        rows
    };
    let expected = trimmed(expected.iter().map(sorted).collect());
    for threads in [1, 2, 8] {
        assert_eq!(trimmed(run(pipeline, threads)), expected, "{threads} threads");
    }
}

fn tumbling(length: &str) -> (&'static str, Value) {
    ("window.tumbling", json!({"length": length}))
}

fn by_key(emit: &str) -> (&'static str, Value) {
    let aggregates = json!([{"function": "count"}, {"function": "sum", "argument": "value"}]);
    ("group", json!({"by": ["key"], "aggregates": aggregates, "emit": emit}))
}

fn count(emit: &str) -> (&'static str, Value) {
    ("aggregate", json!({"emit": emit}))
}

/// Flink closes everything where a bounded input ends; Spark leaves open what no watermark has passed.
#[test]
fn a_flush_closes_what_is_open_and_nothing_twice() {
    let group = || chain(&events(), "10s", vec![tumbling("10s"), by_key("auto")]);
    let (left, flushed) = (run(&group(), 2), run_with(&group(), 2, true));
    assert_eq!(flushed[..left.len()], left[..], "what comes before is the same");
    assert_eq!(flushed[left.len()..].concat(), ["120 130 z 1 1"], "the window of the last row");
    let sessions = ("window.session", json!({"gap": "5s"}));
    let chained = vec![sessions, by_key("auto"), tumbling("1h"), count("auto")];
    let pipeline = chain(&events(), "10s", chained);
    assert_eq!(run(&pipeline, 1).concat(), Vec::<String>::new(), "an hour never closes by itself");
    let all = run_with(&pipeline, 1, true);
    assert_eq!(all.concat().len(), 1, "windows behind windows close in the same batch: {all:?}");
    let plain = pipeline_of_counts();
    assert_eq!(run_with(&plain, 1, true), run(&plain, 1), "without event time there is nothing to close");
}

fn pipeline_of_counts() -> Pipeline {
    pipeline(&[source(&events()), count("auto"), ("sink.table", json!({}))], &[(1, "out", 2), (2, "out", 3)])
}

#[test]
fn window_tumbling_append() {
    check(
        &chain(&events(), "10s", vec![tumbling("10s"), by_key("auto")]),
        &[
            &[],
            &[],
            &[],
            &[],
            &["0 10 a 4 19", "0 10 b 2 7"],
            &[],
            &["10 20 a 1 4", "10 20 b 2 3", "10 20 é 1 10", "20 30 中文 1 6", "40 50 b 1 13"],
            &[],
            &[],
            &["50 60 b 2 110", "50 60 🙂 1 null", "60 70 null 1 15", "60 70 a 1 11"],
        ],
    );
}

#[test]
fn window_tumbling_append_live() {
    check(
        &chain(&live(), "10s", vec![tumbling("10s"), by_key("close")]),
        &[
            &[],
            &[],
            &[],
            &[],
            &[],
            &[],
            &["0 10 a 3 11", "0 10 b 2 7"],
            &[],
            &[],
            &["10 20 a 1 4", "10 20 b 2 3", "10 20 é 1 10", "20 30 中文 1 6"],
            &[],
            &[],
            &[],
            &[],
            &["50 60 b 2 110", "50 60 🙂 1 null", "60 70 null 1 15", "60 70 a 1 11"],
        ],
    );
}

#[test]
fn window_sliding_append() {
    let group = ("group", json!({"by": ["key"]}));
    check(
        &chain(&events(), "10s", vec![("window.sliding", json!({"length": "10s", "slide": "5s"})), group]),
        &[
            &[],
            &[],
            &[],
            &[],
            &["-5 5 a 3", "0 10 a 4", "0 10 b 2", "5 15 a 2", "5 15 b 2", "5 15 é 1"],
            &[],
            &["10 20 a 1", "10 20 b 2", "10 20 é 1", "15 25 b 2", "20 30 中文 1", "25 35 中文 1", "40 50 b 1"],
            &["45 55 b 3", "45 55 late 1"],
            &[],
            &["50 60 b 2", "50 60 🙂 1", "55 65 a 1", "55 65 🙂 1", "60 70 null 1", "60 70 a 1", "65 75 null 1"],
        ],
    );
}

#[test]
fn window_sliding_uneven_append() {
    check(
        &chain(&events(), "10s", vec![("window.sliding", json!({"length": "10s", "slide": "4s"})), count("auto")]),
        &[
            &[],
            &[],
            &["-8 2 1"],
            &[],
            &["-4 6 4", "0 10 6", "4 14 6"],
            &[],
            &["8 18 5", "12 22 3", "16 26 2", "20 30 1", "24 34 1", "40 50 1"],
            &["44 54 4"],
            &[],
            &["48 58 4", "52 62 2", "56 66 3", "60 70 2", "64 74 1"],
        ],
    );
}

#[test]
fn window_offset_append() {
    check(
        &chain(&events(), "10s", vec![("window.tumbling", json!({"length": "10s", "offset": "3s"})), count("auto")]),
        &[
            &[],
            &[],
            &[],
            &[],
            &["-7 3 1", "3 13 7"],
            &[],
            &["13 23 2", "23 33 1"],
            &["43 53 4"],
            &[],
            &["53 63 2", "63 73 1"],
        ],
    );
}

#[test]
fn window_tumbling_complete() {
    let to_four = ["0 10 a 4 19", "0 10 b 2 7", "10 20 a 1 4", "10 20 é 1 10", "20 30 中文 1 6"];
    let with = |rows: &[&'static str]| [&to_four[..], rows].concat();
    let six = ["40 50 b 1 13", "10 20 b 2 3", "50 60 🙂 1 null", "60 70 null 1 15", "60 70 a 1 11"];
    let seven = [&six[..], &["20 30 late 2 197", "40 50 late 1 97", "50 60 b 2 110"]].concat();
    check(
        &chain(&events(), "10s", vec![tumbling("10s"), by_key("whole")]),
        &[
            &["0 10 a 2 4", "0 10 b 1 2"],
            &["0 10 a 2 4", "0 10 b 2 7", "10 20 a 1 4"],
            &["0 10 a 2 4", "0 10 b 2 7", "10 20 a 1 4"],
            &["0 10 a 3 11", "0 10 b 2 7", "10 20 a 1 4", "20 30 中文 1 6"],
            &with(&["10 20 b 1 -9"]),
            &with(&["10 20 b 2 3", "60 70 a 1 11"]),
            &with(&[&six[..], &["50 60 b 1 14"]].concat()),
            &with(&seven),
            &with(&[&seven[..], &["120 130 z 1 1"]].concat()),
            // One more than Spark: the watermark has moved, and every batch gives all there is.
            &with(&[&seven[..], &["120 130 z 1 1"]].concat()),
        ],
    );
}

#[test]
fn window_tumbling_update_live() {
    check(
        &chain(&live(), "10s", vec![tumbling("10s"), by_key("change")]),
        &[
            &["0 10 a 2 4", "0 10 b 1 2"],
            &[],
            &["0 10 b 2 7", "10 20 a 1 4"],
            &[],
            &[],
            &["0 10 a 3 11", "20 30 中文 1 6"],
            &[],
            &["10 20 b 1 -9", "10 20 é 1 10"],
            &["10 20 b 2 3", "60 70 a 1 11"],
            &[],
            &["50 60 b 1 14", "50 60 🙂 1 null", "60 70 null 1 15"],
            &[],
            &["50 60 b 2 110"],
            &["120 130 z 1 1"],
        ],
    );
}

#[test]
fn window_update_without_watermark() {
    let window = ("window.tumbling", json!({"length": "10s", "time": "event", "event_time": "ts"}));
    let nodes = [source(&events()), window, count("auto"), ("sink.table", json!({}))];
    check(
        &pipeline(&nodes, &[(1, "out", 2), (2, "out", 3), (3, "out", 4)]),
        &[
            &["0 10 3"],
            &["0 10 4", "10 20 1"],
            &[],
            &["0 10 5", "20 30 1"],
            &["0 10 6", "10 20 3"],
            &["10 20 4", "60 70 1"],
            &["40 50 1", "50 60 2", "60 70 2"],
            &["20 30 3", "40 50 2", "50 60 3"],
            &["120 130 1"],
        ],
    );
}

#[test]
fn window_week_update() {
    let week = |count: u64| format!("-381600 223200 {count}");
    let weeks: Vec<String> = [3, 5, 0, 7, 10, 12, 16, 20, 21].into_iter().map(week).collect();
    let expected: Vec<Vec<&str>> =
        weeks.iter().map(|row| if row.ends_with(" 0") { vec![] } else { vec![row.as_str()] }).collect();
    let expected: Vec<&[&str]> = expected.iter().map(Vec::as_slice).collect();
    check(&chain(&events(), "10s", vec![tumbling("7d"), count("change")]), &expected);
}

#[test]
fn window_watermark_zero_delay_append() {
    let group = ("group", json!({"by": ["key"]}));
    check(
        &chain(&events(), "0s", vec![tumbling("10s"), group]),
        &[
            &[],
            &[],
            &["0 10 a 2", "0 10 b 2"],
            &[],
            &["10 20 a 1", "10 20 b 1", "10 20 é 1"],
            &[],
            &["20 30 中文 1", "40 50 b 1", "50 60 b 1", "50 60 🙂 1"],
            &[],
            &[],
            &["60 70 null 1", "60 70 a 1"],
        ],
    );
}

#[test]
fn null_event_time_window_append() {
    let rows: Batches = vec![
        vec![row(1, "a", 1), (None, Some("a"), Some(2))],
        vec![(None, Some("b"), Some(3)), (None, None, Some(4))],
        vec![row(30, "c", 5), (None, Some("a"), Some(6))],
        vec![],
        vec![row(2, "late", 7), (None, Some("a"), Some(2))],
        vec![row(90, "d", 8)],
    ];
    let group = ("group", json!({"by": ["key"]}));
    check(
        &chain(&rows, "10s", vec![tumbling("10s"), group]),
        &[&[], &[], &[], &["0 10 a 1"], &[], &[], &["30 40 c 1"]],
    );
    let nodes = [
        source(&rows),
        ("watermark", json!({"column": "ts", "delay": "10s"})),
        tumbling("10s"),
        ("sink.table", json!({})),
    ];
    let rejected = run(&pipeline(&nodes, &[(1, "out", 2), (2, "out", 3), (3, "rejected", 4)]), 1);
    let why = |row: &str| vec![format!("null {row} the event time `ts` is null")];
    assert_eq!(rejected[0], why("a 2"));
    assert_eq!(rejected[1], [why("b 3"), why("null 4")].concat());
    assert_eq!(rejected[4], why("a 2"));
}

#[test]
fn window_time_append_and_chained_windows_append() {
    let inner = ("group", json!({"by": ["key"]}));
    let outer_aggregates =
        json!([{"function": "count", "name": "groups"}, {"function": "sum", "argument": "count", "name": "rows"}]);
    let outer = ("aggregate", json!({"aggregates": outer_aggregates}));
    check(
        &chain(&events(), "10s", vec![tumbling("5s"), inner.clone(), tumbling("20s"), outer.clone()]),
        &[&[], &[], &[], &[], &[], &[], &["0 20 6 10", "20 40 1 1"], &[], &[], &["40 60 3 4", "60 80 2 2"]],
    );
    let nothing: &[&str] = &[];
    let mut expected = vec![nothing; 15];
    expected[9] = &["0 20 5 8", "20 40 1 1"];
    expected[14] = &["40 60 2 2", "60 80 2 2"];
    check(&chain(&live(), "10s", vec![tumbling("5s"), inner, tumbling("20s"), outer]), &expected);
}
