//! Edits that come faster than batches: the last one wins, and the run never stops for them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use weir_engine::runtime::{AppliedChange, ClockKind, Command, EngineHandle, EngineOptions, Event};
use weir_engine::spec::Span;

use crate::support::{Draw, with_interval};

#[test]
fn of_many_edits_before_a_boundary_the_last_one_wins() {
    let draw = Draw::new()
        .node("lines", "source.generator", json!({"rate": 10}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "table"])
        .interval(1_000);
    let options = EngineOptions { clock: ClockKind::Virtual, threads: Some(1), ..EngineOptions::default() };
    let engine = EngineHandle::start(options, Arc::new(|| {})).expect("the engine starts");
    let next = || engine.next_event(Duration::from_mins(1)).expect("an event comes");
    let pipeline = Arc::new(draw.pipeline.clone());
    assert!(engine.send(Command::Step(Arc::clone(&pipeline))));
    while !matches!(next(), Event::Batch(_)) {}
    let edits = 60;
    for edit in 1..=edits {
        assert!(engine.send(Command::Apply(Arc::new(with_interval(&draw.pipeline, 1_000 + edit)))));
    }
    let mut applied: Vec<Arc<AppliedChange>> = Vec::new();
    let is_last = |change: &AppliedChange| change.label.ends_with(&Span::from_millis(1_000 + edits).to_string());
    while !applied.last().is_some_and(|change| is_last(change)) {
        if let Event::Applied(change) = next() {
            applied.push(change);
        }
    }
    assert!(applied.len() < usize::try_from(edits).unwrap(), "many were passed over: {}", applied.len());
    assert!(engine.send(Command::Step(pipeline)));
    let report = loop {
        if let Event::Batch(report) = next() {
            break report;
        }
    };
    assert_eq!(report.interval, Span::from_millis(1_000 + edits));
    assert_eq!(report.plan_version, applied.last().unwrap().plan_version);
}

#[test]
fn a_node_begins_anew_on_command_and_tries_again_on_command() {
    let draw = Draw::new()
        .node("rows", "source.inline", json!({"batches": r#"[["a"],["a"],["a"]]"#}))
        .node("counts", "running", json!({"by": ["value"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "counts", "table"]);
    let options = EngineOptions { clock: ClockKind::Virtual, threads: Some(1), ..EngineOptions::default() };
    let engine = EngineHandle::start(options, Arc::new(|| {})).expect("the engine starts");
    let next = || engine.next_event(Duration::from_mins(1)).expect("an event comes");
    let pipeline = Arc::new(draw.pipeline.clone());
    let counts = draw.id("counts");
    assert!(engine.send(Command::Step(Arc::clone(&pipeline))));
    while !matches!(next(), Event::Batch(_)) {}
    assert!(engine.send(Command::Reset(vec![counts])) && engine.send(Command::Retry(vec![counts])));
    let change = loop {
        if let Event::Applied(change) = next() {
            break change;
        }
    };
    assert_eq!(change.label, "counts begins anew");
    assert!(change.fates.iter().any(|fate| fate.node == counts && fate.is_parked), "{change:?}");
    assert!(engine.send(Command::Step(pipeline)));
    let shown = loop {
        if let Event::Presented(shown) = next() {
            break shown;
        }
    };
    assert_eq!(crate::support::rows_of(&shown.rows), [json!(["a", 1])]);
}
