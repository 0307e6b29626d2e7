//! Sums that do not fit their type are an error wherever they are computed, and never a number that has wrapped.

use serde_json::{Value, json};
use weir_engine::metrics::NodeStatus;

use crate::support::{Batch, Draw, VirtualRun};

const SUM: &str = r#"[{"function": "sum", "argument": "n"}]"#;

fn aggregates() -> Value {
    serde_json::from_str(SUM).expect("JSON")
}

/// One row per batch; its number as `n`, of the type that `expression` gives it.
fn draw(numbers: &[i64], expression: &str) -> Draw {
    let batches: Vec<Vec<[i64; 1]>> = numbers.iter().map(|number| vec![[*number]]).collect();
    let batches = serde_json::to_string(&batches).expect("JSON");
    let rows = json!({"fields": [{"name": "x", "type": "bigint"}], "batches": batches});
    Draw::new()
        .node("rows", "source.inline", rows)
        .node("numbers", "map", json!({"columns": [{"name": "n", "expression": expression}]}))
        .chain(&["rows", "numbers"])
        .interval(1_000)
}

fn windowed(draw: Draw) -> Draw {
    draw.node("window", "window.sliding", json!({"length": "3s", "slide": "1s", "time": "arrival"}))
        .node("sum", "aggregate", json!({"aggregates": aggregates()}))
        .node("table", "sink.table", json!({}))
        .chain(&["numbers", "window", "sum", "table"])
}

fn failure(draw: &Draw, batch: &Batch) -> Option<String> {
    match &batch.report.node(draw.id("sum")).unwrap().status {
        NodeStatus::Failed(sentence) => Some(sentence.clone()),
        NodeStatus::Ok | NodeStatus::Blocked | NodeStatus::Waiting(_) => None,
    }
}

#[test]
fn a_sliding_sum_that_does_not_fit_is_an_error_and_exact_again_once_it_does() {
    let draw = windowed(draw(&[i64::MAX, 1, -10, 0, 5, 7], "x"));
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    let sum = |batch: &Batch| batch.rows("table").map(|rows| rows[0][2].clone());
    assert_eq!(sum(&run.step()), Some(json!(i64::MAX)));
    let over = run.step();
    let sentence = failure(&draw, &over).expect("the largest number and one");
    assert!(sentence.contains("too large for bigint"), "{sentence}");
    assert_eq!(sum(&over), None);
    run.retry(&[draw.id("sum")]);
    let within = run.step();
    assert_eq!((failure(&draw, &within), sum(&within)), (None, Some(json!(i64::MAX - 9))), "all three rows are in it");
    let left: Vec<_> = run.steps(3).iter().map(sum).collect();
    assert_eq!(left, [-9, -5, 12].map(|sum| Some(json!(sum))), "what was subtracted again left nothing behind");
}

#[test]
fn every_way_to_add_up_refuses_in_the_same_words() {
    let windows = windowed(draw(&[i64::MIN, -1], "x"));
    let mut run = VirtualRun::start(&windows.pipeline, 1);
    let by_window = failure(&windows, &run.steps(2)[1]).expect("it does not fit");
    let running = draw(&[i64::MIN, -1], "x")
        .node("sum", "running", json!({"aggregates": aggregates()}))
        .node("table", "sink.table", json!({}))
        .chain(&["numbers", "sum", "table"]);
    let mut run = VirtualRun::start(&running.pipeline, 1);
    let by_running = failure(&running, &run.steps(2)[1]).expect("it does not fit");
    let batch = r#"{"fields": [{"name": "n", "type": "bigint"}], "batches": "[[-9223372036854775808, -1]]"}"#;
    let grouped = Draw::new()
        .node("rows", "source.inline", serde_json::from_str(batch).expect("JSON"))
        .node("sum", "aggregate", json!({"aggregates": aggregates()}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "sum", "table"]);
    let mut run = VirtualRun::start(&grouped.pipeline, 1);
    let by_batch = failure(&grouped, &run.step()).expect("it does not fit");
    for sentence in [by_window, by_running, by_batch] {
        assert!(sentence.contains("a sum grew too large for bigint; cast to double or decimal first"), "{sentence}");
    }
}

#[test]
fn decimals_of_all_digits_there_are_do_not_wrap_either() {
    let most = "CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0))";
    let draw = windowed(draw(&[1, -1, 1, 1, 1], &format!("{most} * x")));
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    let (first, second, third) = (run.step(), run.step(), run.step());
    assert!([&first, &second, &third].iter().all(|batch| failure(&draw, batch).is_none()), "9.., 0, 9..");
    assert_eq!(failure(&draw, &run.step()), None, "-9.., 9.., 9..");
    let sentence = failure(&draw, &run.step()).expect("three times the largest number");
    assert!(sentence.contains("a sum grew too large for a decimal"), "{sentence}");
}
