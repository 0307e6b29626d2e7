//! A node that fails stops what is behind it and nothing else, says why, and goes on with its state once it is mended.

use serde_json::{Value, json};
use weir_engine::metrics::NodeStatus;

use crate::support::{Batch, Draw, VirtualRun, with_param};

/// One row per batch; the third is a zero, which the division cannot take.
fn draw() -> Draw {
    let rows = json!({"fields": [{"name": "n", "type": "bigint"}], "batches": "[[1],[2],[0],[3],[4],[5],[6],[7]]"});
    let division = json!([{"name": "q", "expression": "12 div n"}]);
    let sum = |argument: &str| json!([{"function": "sum", "argument": argument}]);
    Draw::new()
        .node("rows", "source.inline", rows)
        .node("divide", "map", json!({"columns": division, "on_error": "stop"}))
        .node("total", "running", json!({"aggregates": sum("q")}))
        .node("beside", "running", json!({"aggregates": sum("n")}))
        .node("total_table", "sink.table", json!({}))
        .node("beside_table", "sink.table", json!({}))
        .chain(&["rows", "divide", "total", "total_table"])
        .chain(&["rows", "beside", "beside_table"])
}

fn total(batch: &Batch, sink: &str) -> Option<Value> {
    batch.rows(sink).map(|rows| rows[0][0].clone())
}

fn status(batch: &Batch, draw: &Draw, node: &str) -> NodeStatus {
    batch.report.node(draw.id(node)).unwrap().status.clone()
}

#[test]
fn only_what_is_behind_a_failed_node_stops_and_a_mended_one_goes_on_with_the_state_there_was() {
    let draw = draw();
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    assert_eq!(
        run.steps(2).iter().map(|batch| total(batch, "total_table")).collect::<Vec<_>>(),
        [12, 18].map(|n| Some(json!(n)))
    );
    let failed = run.step();
    let NodeStatus::Failed(sentence) = status(&failed, &draw, "divide") else { panic!("it must fail") };
    assert!(sentence.contains("zero"), "{sentence}");
    assert_eq!(status(&failed, &draw, "total"), NodeStatus::Blocked);
    assert_eq!((total(&failed, "total_table"), total(&failed, "beside_table")), (None, Some(json!(3))));
    assert_eq!(failed.failures.len(), 1, "told once");
    let still = run.step();
    assert_eq!((total(&still, "beside_table"), still.failures.len()), (Some(json!(6)), 0));
    let mended = with_param(&draw.pipeline, "divide", "on_error", json!("reject"));
    run.replace(&mended).expect("accepted");
    let fifth = run.step();
    assert_eq!(total(&fifth, "total_table"), Some(json!(18 + 3)), "12 div 4 comes to what was there");
    let missed = fifth.report.node(draw.id("total")).unwrap().memory.missed_batches;
    assert_eq!(missed, 2, "the batches in which it stood still are told of");
}

#[test]
fn a_failed_node_may_be_mended_from_upstream() {
    let draw = draw();
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    run.steps(3);
    // A filter that is dropped before it keeps the zeros away; the node itself stays as it was.
    let mut edited = draw.pipeline.clone();
    let id = edited.fresh_id();
    let mut filter = weir_engine::pipeline::NodeEntry::new(id, "filter", "no_zeros");
    filter.params = json!({"condition": "n <> 0"}).as_object().cloned().unwrap();
    let port = |node, port: &str| weir_engine::spec::PortRef::new(node, port);
    let wire = |from, to| weir_engine::spec::WireKey::new(port(from, "out"), port(to, "in"));
    let (rows, divide) = (draw.id("rows"), draw.id("divide"));
    edited
        .apply(&weir_engine::pipeline::Edit::Many(vec![
            weir_engine::pipeline::Edit::Disconnect(wire(rows, divide)),
            weir_engine::pipeline::Edit::AddNode(Box::new(filter)),
            weir_engine::pipeline::Edit::Connect(wire(rows, id)),
            weir_engine::pipeline::Edit::Connect(wire(id, divide)),
        ]))
        .unwrap();
    run.replace(&edited).expect("accepted");
    assert_eq!(total(&run.step(), "total_table"), Some(json!(18 + 4)));
}

#[test]
fn a_failed_node_may_be_told_to_try_again() {
    let draw = draw();
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    run.steps(4);
    run.retry(&[draw.id("divide")]);
    assert_eq!(total(&run.step(), "total_table"), Some(json!(18 + 3)), "the zero has passed");
}

#[test]
fn an_edit_elsewhere_does_not_wake_a_failed_node() {
    let draw = draw();
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    run.steps(3);
    run.replace(&with_param(&draw.pipeline, "beside_table", "rows", json!(9))).expect("accepted");
    assert_eq!(total(&run.step(), "total_table"), None);
}

#[test]
fn a_window_that_fails_on_a_row_takes_in_none_of_that_batch() {
    let rows = json!({"fields": [{"name": "n", "type": "bigint"}], "batches": "[[1,2],[3,0],[4],[5]]"});
    let sum = json!([{"function": "sum", "argument": "12 div n", "name": "sum"}]);
    let draw = Draw::new()
        .node("rows", "source.inline", rows)
        .node("window", "window.sliding", json!({"length": "1h", "slide": "1s"}))
        .node("total", "aggregate", json!({"aggregates": sum}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "window", "total", "table"])
        .interval(1_000);
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    // The window that ended while the node stood still comes first.
    let sum_of = |batch: &Batch| batch.rows("table").and_then(|rows| Some(rows.last()?[2].clone()));
    assert_eq!(sum_of(&run.step()), Some(json!(18)));
    let failed = run.step();
    assert!(matches!(status(&failed, &draw, "total"), NodeStatus::Failed(_)));
    run.retry(&[draw.id("total")]);
    assert_eq!(sum_of(&run.step()), Some(json!(18 + 3)));
}
