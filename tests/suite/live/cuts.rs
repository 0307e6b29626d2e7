//! The same rows give the same final results however they are cut into batches.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Draw, VirtualRun};

/// When it happened in seconds, its key, its value.
type Row = (i64, u8, i64);

fn fields(time: &str) -> Value {
    json!([{"name": time, "type": "timestamp"}, {"name": "key", "type": "string"}, {"name": "n", "type": "bigint"}])
}

fn inline(time: &str, batches: &[&[Row]]) -> Value {
    let row = |(second, key, n): &Row| {
        json!([format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60), format!("key number {key}"), n])
    };
    let batches: Value = batches.iter().map(|rows| rows.iter().map(row).collect::<Value>()).collect();
    json!({"fields": fields(time), "batches": batches.to_string()})
}

/// The rows cut at these places, and after them one that closes everything.
fn cut<'a>(rows: &'a [Row], cuts: &[usize], last: &'a [Row]) -> Vec<&'a [Row]> {
    let mut batches = Vec::new();
    let mut rest = rows;
    for cut in cuts {
        let (batch, others) = rest.split_at((*cut).min(rest.len()));
        batches.push(batch);
        rest = others;
    }
    batches.extend([rest, last, &[], &[]]);
    batches
}

/// Everything every table ever showed, sorted.
fn all(draw: &Draw, batches: usize) -> Vec<String> {
    let mut run = VirtualRun::start(&draw.pipeline, 2);
    let shown = run.steps(batches);
    let lines = shown.iter().flat_map(|batch| &batch.shown);
    let mut lines: Vec<String> =
        lines.flat_map(|(sink, rows)| rows.iter().map(move |row| format!("{sink} {row}"))).collect();
    lines.sort();
    lines
}

/// What the tables showed last.
fn last(draw: &Draw, batches: usize) -> Vec<Value> {
    let mut run = VirtualRun::start(&draw.pipeline, 2);
    let shown = run.steps(batches).pop().unwrap().shown;
    shown.into_iter().flat_map(|(_, rows)| rows).collect()
}

fn event_time(batches: &[&[Row]]) -> Draw {
    let group = json!({"by": ["key"], "aggregates": [
        {"function": "count"}, {"function": "sum", "argument": "n"}, {"function": "min", "argument": "n"},
    ]});
    Draw::new()
        .node("rows", "source.inline", inline("ts", batches))
        .node("watermark", "watermark", json!({"column": "ts", "delay": "10m"}))
        .node("sliding", "window.sliding", json!({"length": "7s", "slide": "3s", "offset": "1s"}))
        .node("session", "window.session", json!({"gap": "2s"}))
        .node("slid", "group", group.clone())
        .node("sessions", "group", group)
        .node("once", "dedup", json!({"by": ["key", "n"], "keep_for": "ever"}))
        .node("slid_table", "sink.table", json!({}))
        .node("session_table", "sink.table", json!({}))
        .node("once_table", "sink.table", json!({}))
        .chain(&["rows", "watermark", "sliding", "slid", "slid_table"])
        .chain(&["watermark", "session", "sessions", "session_table"])
        .chain(&["watermark", "once", "once_table"])
}

fn joined(left: &[&[Row]], right: &[&[Row]], how: &str) -> Draw {
    Draw::new()
        .node("left", "source.inline", inline("at", left))
        .node("right", "source.inline", inline("when", right))
        .node("left_mark", "watermark", json!({"column": "at", "delay": "10m"}))
        .node("right_mark", "watermark", json!({"column": "when", "delay": "10m"}))
        .node("join", "interval_join", json!({"how": how, "on": [{"left": "key"}], "lower": "2s", "upper": "5s"}))
        .node("table", "sink.table", json!({}))
        .chain(&["left", "left_mark"])
        .chain(&["right", "right_mark"])
        .wire("left_mark", "join.left")
        .wire("right_mark", "join.right")
        .wire("join", "table")
}

fn totals(batches: &[&[Row]]) -> Draw {
    let state = json!([
        {"name": "last", "type": "bigint", "initial": "0", "update": "n"},
        {"name": "steps", "type": "bigint", "initial": "0", "update": "steps + abs(n - last)"},
    ]);
    let aggregates = json!([{"function": "sum", "argument": "n"}, {"function": "last", "argument": "n"}]);
    Draw::new()
        .node("rows", "source.inline", inline("ts", batches))
        .node("total", "running", json!({"by": ["key"], "aggregates": aggregates, "emit": "all"}))
        .node("fold", "fold", json!({"by": ["key"], "state": state, "emit": "keys"}))
        .node("total_table", "sink.table", json!({}))
        .node("fold_table", "sink.table", json!({}))
        .chain(&["rows", "total", "total_table"])
        .chain(&["rows", "fold", "fold_table"])
}

fn counted(batches: &[&[Row]]) -> Draw {
    let list = json!([{"function": "collect_list", "argument": "n", "name": "all"}]);
    Draw::new()
        .node("rows", "source.inline", inline("ts", batches))
        .node("window", "window.count", json!({"rows": 3, "slide": 2}))
        .node("group", "group", json!({"by": ["key"], "aggregates": list}))
        .node(
            "narrow",
            "map",
            json!({"keep": "replace", "columns": [
                {"name": "key", "expression": "key"}, {"name": "all", "expression": "all"},
            ]}),
        )
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "window", "group", "narrow", "table"])
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0i64..60, 0u8..3, -9i64..9), 1..40)
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0usize..12, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn windows_by_event_time_and_duplicates_do_not_depend_on_the_cut(rows in rows(), one in cuts(), other in cuts()) {
        let closing = [(3_000, 0, 0)];
        let run = |cuts: &[usize]| {
            let batches = cut(&rows, cuts, &closing);
            all(&event_time(&batches), batches.len())
        };
        let found = run(&one);
        prop_assert!(found.len() > rows.len() / 60);
        prop_assert_eq!(found, run(&other));
    }

    #[test]
    fn joins_of_two_streams_do_not_depend_on_the_cut(
        left in rows(), right in rows(), one in (cuts(), cuts()), other in (cuts(), cuts()),
        how in prop::sample::select(vec!["inner", "left", "full"]),
    ) {
        let closing = [(3_000, 9, 0)];
        let run = |cuts: &(Vec<usize>, Vec<usize>)| {
            let (left, right) = (cut(&left, &cuts.0, &closing), cut(&right, &cuts.1, &closing));
            let batches = left.len().max(right.len()) + 2;
            all(&joined(&left, &right, how), batches)
        };
        prop_assert_eq!(run(&one), run(&other));
    }

    #[test]
    fn totals_folds_and_windows_of_rows_do_not_depend_on_the_cut(rows in rows(), one in cuts(), other in cuts()) {
        let final_totals = |cuts: &[usize]| {
            let batches = cut(&rows, cuts, &[]);
            last(&totals(&batches), batches.len())
        };
        prop_assert_eq!(final_totals(&one), final_totals(&other));
        let windows = |cuts: &[usize]| {
            let batches = cut(&rows, cuts, &[]);
            all(&counted(&batches), batches.len())
        };
        prop_assert_eq!(windows(&one), windows(&other));
    }
}
