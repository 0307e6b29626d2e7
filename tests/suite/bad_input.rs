//! Bad input, node by node: what cannot be used is set aside and counted, and what is behind it comes as if nothing had
//! been there. Never a stop unless one is asked for, never a value that nobody wrote.

use serde_json::{Value, json};
use weir_engine::metrics::NodeStatus;

use crate::support::{Batch, Draw, VirtualRun};

/// Whole numbers in two batches; `1000 div (n - 3)` and the like fail on 3 only.
fn numbers() -> Draw {
    let batches = json!([[[1], [3], [5]], [[3], [4]], [[2]]]);
    let fields = json!([{"name": "n", "type": "bigint"}]);
    Draw::new().node("numbers", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
}

const FAILS_ON_THREE: &str = "1000 div (n - 3)";

/// Runs all three batches; no node may stop.
fn run(drawn: &Draw) -> Vec<Batch> {
    let batches = VirtualRun::start(&drawn.pipeline, 2).steps(3);
    for batch in &batches {
        assert_eq!(batch.failures, Vec::new());
        assert!(batch.report.nodes.iter().all(|node| node.status == NodeStatus::Ok));
    }
    batches
}

fn counted(drawn: &Draw, batches: &[Batch], node: &str, counter: &str) -> Vec<u64> {
    let count = |batch: &Batch| {
        let counters = &batch.report.node(drawn.id(node)).expect("it is reported").counters;
        counters.iter().find(|(name, _)| *name == counter).map_or(0, |(_, count)| *count)
    };
    batches.iter().map(count).collect()
}

fn column(batches: &[Batch], sink: &str, at: usize) -> Vec<Value> {
    batches.iter().flat_map(|batch| batch.rows(sink).cloned().unwrap_or_default()).map(|row| row[at].clone()).collect()
}

/// The kinds that work row by row, with an expression that fails on 3: it leaves by `rejected`, with the reason.
#[test]
fn a_row_on_which_an_expression_fails_leaves_by_its_port_with_the_reason() {
    let cases = [
        ("map", json!({"columns": [{"name": "x", "expression": FAILS_ON_THREE}]})),
        ("filter", json!({"condition": format!("{FAILS_ON_THREE} <> 0")})),
        ("flat_map", json!({"column": format!("CAST({FAILS_ON_THREE} AS STRING)"), "keep": true, "as": "piece"})),
        ("sort", json!({"by": [{"expression": FAILS_ON_THREE}]})),
        (
            "fold",
            json!({"by": ["n"], "emit": "rows", "state": [{"name": "x", "type": "bigint", "initial": "0", "update": FAILS_ON_THREE}]}),
        ),
    ];
    for (kind, params) in cases {
        let drawn = numbers()
            .node("it", kind, params)
            .node("out", "sink.table", json!({}))
            .node("rejected", "sink.table", json!({}))
            .chain(&["numbers", "it", "out"])
            .wire("it.rejected", "rejected");
        let batches = run(&drawn);
        let mut passed: Vec<i64> = column(&batches, "out", 0).iter().map(|n| n.as_i64().unwrap()).collect();
        passed.sort_unstable();
        assert_eq!(passed, [1, 2, 4, 5], "{kind}");
        assert_eq!(column(&batches, "rejected", 0), [json!(3), json!(3)], "{kind}");
        for reason in column(&batches, "rejected", 1) {
            assert!(reason.as_str().unwrap().contains("division by zero in"), "{kind}: {reason}");
        }
        assert_eq!(counted(&drawn, &batches, "it", "rejected"), [1, 1, 0], "{kind}");
    }
}

/// Where there is no row to send elsewhere, the failure is null and counted.
#[test]
fn where_no_row_can_be_set_aside_the_failure_is_null_and_counted() {
    let aggregates = json!([{"function": "count"}, {"function": "sum", "argument": FAILS_ON_THREE, "name": "s"}]);
    for (kind, params) in [
        ("aggregate", json!({"aggregates": aggregates, "on_error": "null"})),
        ("group", json!({"by": ["n"], "aggregates": aggregates, "on_error": "null"})),
        ("running", json!({"by": ["n"], "aggregates": aggregates, "on_error": "null"})),
    ] {
        for window in [None, Some(json!({"length": "1s"}))] {
            if kind == "running" && window.is_some() {
                continue;
            }
            let mut drawn = numbers().node("it", kind, params.clone()).node("out", "sink.table", json!({}));
            drawn = match &window {
                None => drawn.chain(&["numbers", "it", "out"]),
                Some(window) => {
                    drawn.node("window", "window.tumbling", window.clone()).chain(&["numbers", "window", "it", "out"])
                }
            };
            let batches = run(&drawn);
            assert_eq!(counted(&drawn, &batches, "it", "nulled"), [1, 1, 0], "{kind} {window:?}");
        }
    }
}

#[test]
fn an_alert_and_a_join_take_a_condition_that_fails_for_one_that_does_not_hold() {
    let drawn = numbers()
        .node(
            "told",
            "sink.alert",
            json!({"condition": format!("{FAILS_ON_THREE} <> 0"), "message": "{n}", "cool_down": "0s"}),
        )
        .node("pairs", "join", json!({"on": [{"left": "n"}], "condition": format!("{FAILS_ON_THREE} <> 0")}))
        .node("out", "sink.table", json!({}))
        .wire("numbers", "told")
        .wire("numbers", "pairs.left")
        .wire("numbers", "pairs.right")
        .wire("pairs", "out");
    let batches = run(&drawn);
    assert_eq!(column(&batches, "told", 1), ["1", "5", "4", "2"]);
    assert_eq!(column(&batches, "out", 0), [1, 5, 4, 2]);
    for node in ["told", "pairs"] {
        assert_eq!(counted(&drawn, &batches, node, "nulled"), [1, 1, 0], "{node}");
    }
}

#[test]
fn a_stop_is_one_only_where_it_is_asked_for_and_a_repair_goes_on() {
    let params = json!({"columns": [{"name": "x", "expression": FAILS_ON_THREE}], "on_error": "stop"});
    let drawn =
        numbers().node("it", "map", params).node("out", "sink.table", json!({})).chain(&["numbers", "it", "out"]);
    let mut run = VirtualRun::start(&drawn.pipeline, 1);
    let first = run.step();
    assert!(first.failures[0].1.contains("division by zero") && first.failures[0].1.contains("n = 3"));
    let repaired = crate::support::with_param(&drawn.pipeline, "it", "on_error", json!("null"));
    run.replace(&repaired).expect("accepted");
    assert_eq!(run.step().rows("out"), Some(&vec![json!([3, null]), json!([4, 1000])]));
}

/// Lines in every format that are damaged in every way that a person or a cable can.
#[test]
fn lines_that_do_not_parse_are_set_aside_with_reason_and_offset() {
    let good = [r#"{"a":1}"#, "1", "a=1", "level 1", ""];
    let formats = [
        ("json", json!({}), good[0]),
        ("csv", json!({}), good[1]),
        ("key_value", json!({}), good[2]),
        ("regex", json!({"pattern": "^level (?<a>\\d+)$"}), good[3]),
    ];
    for (format, more, line) in formats {
        let mut params = json!({"format": format, "fields": [{"name": "a", "type": "int"}]});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let broken = [format!("{line}\u{0}{{"), "\"".to_owned(), "\u{fffd}\u{fffd}".to_owned(), "x".repeat(100_000)];
        let lines: Vec<String> = broken.iter().flat_map(|bad| [line.to_owned(), bad.clone()]).collect();
        let drawn = Draw::new()
            .node("lines", "source.inline", json!({"batches": json!([lines.clone(), [], lines]).to_string()}))
            .node("it", "parse", params)
            .node("out", "sink.table", json!({}))
            .node("rejected", "sink.table", json!({}))
            .chain(&["lines", "it", "out"])
            .wire("it.rejected", "rejected");
        let batches = run(&drawn);
        assert_eq!(column(&batches, "out", 0), vec![json!(1); 8], "{format}");
        assert_eq!(column(&batches, "rejected", 1), [1, 3, 5, 7, 9, 11, 13, 15], "{format}: the places in the stream");
        assert!(column(&batches, "rejected", 2).iter().all(|reason| !reason.as_str().unwrap().is_empty()));
        assert_eq!(counted(&drawn, &batches, "it", "rejected"), [4, 0, 4], "{format}");
    }
}

/// A row without a usable event time is in no window and says so; deduplication and grouping keep it.
#[test]
fn rows_without_event_time_are_in_no_window_but_are_kept_elsewhere() {
    let fields = json!([{"name": "at", "type": "timestamp"}, {"name": "key"}]);
    let batches =
        json!([[["2026-01-01T12:00:01Z", "a"], [null, "b"], [null, "b"]], [["2026-01-01T12:01:00Z", "c"]], []]);
    let drawn = Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
        .node("in_time", "watermark", json!({"column": "at", "delay": "0s"}))
        .node("window", "window.tumbling", json!({"length": "10s"}))
        .node("counts", "group", json!({"by": ["key"]}))
        .node("out", "sink.table", json!({}))
        .node("rejected", "sink.table", json!({}))
        .node("once", "dedup", json!({"by": ["key"]}))
        .node("first", "sink.table", json!({}))
        .chain(&["rows", "in_time", "window", "counts", "out"])
        .wire("window.rejected", "rejected")
        .wire("in_time", "once")
        .wire("once", "first");
    let batches = run(&drawn);
    assert_eq!(column(&batches, "out", 2), ["a"]);
    assert_eq!(column(&batches, "rejected", 1), ["b", "b"]);
    assert_eq!(column(&batches, "rejected", 2), vec!["the event time `at` is null"; 2]);
    assert_eq!(column(&batches, "first", 1), ["a", "b", "c"]);
    assert_eq!(counted(&drawn, &batches, "window", "rejected"), [2, 0, 0]);
}
