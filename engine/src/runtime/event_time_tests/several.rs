//! Event time over several inputs, what comes late, and what the documentation shows.

use super::*;

fn two_inputs(policy: WatermarkPolicy, idle: Option<&str>, two: &Batches) -> Pipeline {
    let one: Batches = vec![
        vec![row(1, "a", 1), row(15, "a", 2)],
        vec![row(40, "a", 3)],
        vec![row(80, "a", 4)],
        vec![row(120, "a", 5), row(5, "late", 6)],
        vec![],
        vec![row(180, "a", 7)],
    ];
    let mut second = json!({"column": "ts", "delay": "5s"});
    if let Some(idle) = idle {
        second["idle"] = json!(idle);
    }
    let aggregates = json!([{"function": "count"}, {"function": "sum", "argument": "value"}]);
    let nodes = [
        source(&one),
        ("watermark", json!({"column": "ts", "delay": "10s"})),
        source(two),
        ("watermark", second),
        ("union", json!({})),
        tumbling("10s"),
        ("aggregate", json!({"aggregates": aggregates})),
        ("sink.table", json!({})),
    ];
    let wires =
        [(1, "out", 2), (3, "out", 4), (2, "out", 5), (4, "out", 5), (5, "out", 6), (6, "out", 7), (7, "out", 8)];
    let mut pipeline = pipeline(&nodes, &wires);
    pipeline.apply(&Edit::Set(Setting::WatermarkPolicy(policy))).unwrap();
    pipeline
}

fn second_input() -> Batches {
    vec![vec![row(2, "x", 10)], vec![row(12, "x", 20)], vec![], vec![row(100, "x", 30)]]
}

#[test]
fn union_watermarks_min_policy() {
    check(
        &two_inputs(WatermarkPolicy::Min, None, &second_input()),
        &[&[], &[], &[], &[], &["0 10 3 17", "10 20 2 22", "40 50 1 3", "80 90 1 4"]],
    );
}

#[test]
fn union_watermarks_max_policy() {
    check(
        &two_inputs(WatermarkPolicy::Max, None, &second_input()),
        &[
            &[],
            &[],
            &["0 10 2 11", "10 20 2 22"],
            &["40 50 1 3"],
            &["80 90 1 4", "100 110 1 30"],
            &[],
            &["120 130 1 5"],
        ],
    );
}

#[test]
fn an_idle_input_holds_all_others_back_unless_it_may_be_idle() {
    check(&two_inputs(WatermarkPolicy::Min, None, &vec![vec![]]), &[]);
    check(
        &two_inputs(WatermarkPolicy::Min, Some("2s"), &vec![vec![]]),
        &[&[], &[], &["0 10 1 1", "10 20 1 2"], &["40 50 1 3"], &["80 90 1 4"], &[], &["120 130 1 5"]],
    );
}

/// A late row is one row, and so many pairs of a row and a window; Spark counts pairs of a key and a window.
#[test]
fn late_rows_are_told_once_per_missed_window() {
    let nodes = [
        source(&events()),
        ("watermark", json!({"column": "ts", "delay": "10s"})),
        ("window.sliding", json!({"length": "10s", "slide": "5s"})),
        ("sink.table", json!({})),
    ];
    let batches = run(&pipeline(&nodes, &[(1, "out", 2), (2, "out", 3), (3, "late", 4)]), 2);
    let late = ["15 25 20 late 99", "15 25 21 late 98", "20 30 20 late 99", "20 30 21 late 98", "40 50 49 late 97"];
    assert_eq!(batches[7], late);
    assert!(batches[..7].iter().all(Vec::is_empty));
}

#[test]
fn a_sorted_event_window_comes_once_and_whole() {
    let sort = ("sort", json!({"by": [{"expression": "value", "direction": "desc"}]}));
    check(
        &chain(&events(), "10s", vec![tumbling("20s"), sort]),
        &[
            &[],
            &[],
            &[],
            &[],
            &[],
            &[],
            &[
                "0 20 1 a 1",
                "0 20 5 b 2",
                "0 20 9 a 3",
                "0 20 12 a 4",
                "0 20 7 b 5",
                "0 20 3 a 7",
                "0 20 4 a 8",
                "0 20 16 b -9",
                "0 20 11 é 10",
                "0 20 15 b 12",
                "20 40 25 中文 6",
            ],
            &[],
            &[],
            &[
                "40 60 49 b 13",
                "40 60 50 b 14",
                "40 60 59 🙂 null",
                "40 60 49 late 97",
                "40 60 51 b 96",
                "60 80 60 a 11",
                "60 80 65 null 15",
            ],
        ],
    );
}

#[test]
fn the_examples_of_the_documentation_hold() {
    let rows: Batches = vec![vec![row(1, "a", 0), row(9, "b", 0)], vec![row(25, "a", 0), row(5, "a", 0)], vec![]];
    check(&chain(&rows, "10s", vec![tumbling("10s"), count("auto")]), &[&[], &[], &["0 10 3"]]);
    let group = |emit: &str| ("group", json!({"by": ["key"], "emit": emit}));
    check(&chain(&rows, "10s", vec![tumbling("10s"), group("close")]), &[&[], &[], &["0 10 a 2", "0 10 b 1"]]);
    check(
        &chain(&rows, "10s", vec![tumbling("10s"), group("change")]),
        &[&["0 10 a 1", "0 10 b 1"], &["0 10 a 2", "20 30 a 1"]],
    );
    let sliding = ("window.sliding", json!({"length": "10s", "slide": "5s"}));
    let rows: Batches = vec![vec![row(7, "a", 0), row(12, "b", 0)]];
    check(&chain(&rows, "10s", vec![sliding, group("change")]), &[&["0 10 a 1", "5 15 a 1", "5 15 b 1", "10 20 b 1"]]);
}
