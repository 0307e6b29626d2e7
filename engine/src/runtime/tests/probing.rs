//! Probes, the virtual clock and recordings, through the door the window uses. Nothing here depends on how fast the
//! machine is: events come in order, whenever they come.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::nodes::replay_of;
use crate::pipeline::{Edit, NodeEntry, Pipeline};
use crate::runtime::{
    ClockKind, Command, EngineHandle, EngineOptions, Event, Probe, Probed, Recording, RunState, StopFlag, run_to_end,
};
use crate::spec::{NodeId, PortRef, WireKey};

const SOURCE: NodeId = NodeId(1);

/// Numbered words, one per batch, into a table.
fn pipeline(kind: &str, params: &serde_json::Value) -> Pipeline {
    let mut pipeline = Pipeline::new();
    let mut source = NodeEntry::new(SOURCE, kind, "words");
    source.params = params.as_object().cloned().unwrap();
    pipeline.apply(&Edit::AddNode(Box::new(source))).unwrap();
    pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(NodeId(2), "sink.table", "table")))).unwrap();
    let wire = WireKey::new(PortRef::new(SOURCE, "out"), PortRef::new(NodeId(2), "in"));
    pipeline.apply(&Edit::Connect(wire)).unwrap();
    pipeline
}

fn words() -> Pipeline {
    let batches: Vec<Vec<String>> = (0..30).map(|batch| vec![format!("w{batch}"), "x".to_owned()]).collect();
    pipeline("source.inline", &json!({"batches": serde_json::to_string(&batches).unwrap()}))
}

fn engine() -> EngineHandle {
    let options = EngineOptions { clock: ClockKind::Virtual, threads: Some(1), ..EngineOptions::default() };
    EngineHandle::start(options, Arc::new(|| ())).unwrap()
}

fn probe(expression: &str) -> Command {
    Command::Probe(vec![Probe { port: PortRef::new(SOURCE, "out"), expression: expression.to_owned() }])
}

/// All events up to the one that is waited for.
fn until(engine: &EngineHandle, is_it: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        let event = engine.next_event(Duration::from_mins(1)).expect("the engine says nothing any more");
        let is_last = is_it(&event);
        events.push(event);
        if is_last {
            return events;
        }
    }
}

fn is_state(wanted: RunState) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::State(state) if *state == wanted)
}

fn batches(events: &[Event]) -> Vec<u64> {
    let batch = |event: &Event| match event {
        Event::Batch(report) => Some(report.batch),
        _ => None,
    };
    events.iter().filter_map(batch).collect()
}

fn probed(events: &[Event]) -> Vec<Arc<Probed>> {
    let probed = |event: &Event| match event {
        Event::Probed(probed) => Some(Arc::clone(probed)),
        _ => None,
    };
    events.iter().filter_map(probed).collect()
}

#[test]
fn a_probe_pauses_after_the_batch_that_meets_it_and_steps_go_on_one_by_one() {
    let engine = engine();
    engine.send(probe("value = 'w7'"));
    engine.send(Command::Run(Arc::new(words())));
    let events = until(&engine, is_state(RunState::Paused));
    assert_eq!(batches(&events).last(), Some(&7));
    let hit = probed(&events).pop().unwrap();
    let rows = hit.outcome.as_ref().unwrap();
    assert_eq!((hit.batch, rows.total_rows, rows.rows[0].num_rows()), (7, 1, 1));
    engine.send(Command::Step(Arc::new(words())));
    let step = until(&engine, |event| matches!(event, Event::Batch(_)));
    assert_eq!(batches(&step), [8]);
    engine.send(probe("value = 'w12'"));
    engine.send(Command::Run(Arc::new(words())));
    let events = until(&engine, |event| matches!(event, Event::Probed(_)));
    assert_eq!(probed(&events)[0].batch, 12);
}

#[test]
fn a_probe_that_is_no_condition_says_so_and_stops_nothing() {
    for (expression, words_of_it) in [("valeu = 1", "value"), ("upper(value)", "true or false")] {
        let engine = engine();
        engine.send(probe(expression));
        engine.send(Command::Run(Arc::new(words())));
        let events = until(&engine, |event| matches!(event, Event::Batch(report) if report.batch == 5));
        let told = probed(&events);
        assert_eq!(told.len(), 1, "told once");
        assert!(told[0].outcome.as_ref().is_err_and(|wrong| wrong.contains(words_of_it)), "{told:?}");
    }
}

#[test]
fn a_live_source_is_refused_on_the_virtual_clock_with_the_way_out() {
    let engine = engine();
    engine.send(Command::Run(Arc::new(pipeline("source.socket", &json!({"mode": "listen"})))));
    let events = until(&engine, |event| matches!(event, Event::Refused(_)));
    let Some(Event::Refused(problems)) = events.last() else { panic!("{events:?}") };
    assert!(problems[0].message.contains("virtual clock"), "{problems:?}");
    assert_eq!(problems[0].node, Some(SOURCE));
}

/// What a table shows, as text.
fn shown(event: &Event, into: &mut Vec<String>) {
    if let Event::Presented(shown) = event {
        for rows in &shown.rows {
            let values = arrow::array::AsArray::as_string_view(rows.column(0));
            into.extend(values.iter().map(|value| value.unwrap_or_default().to_owned()));
        }
    }
}

#[test]
fn a_recording_replayed_gives_the_same_rows_at_the_same_pace() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input.jsonl");
    let (engine, source) = (engine(), words());
    engine.send(Command::Step(Arc::new(source.clone())));
    until(&engine, |event| matches!(event, Event::Batch(_)));
    engine.send(Command::Record(Some(Recording { node: SOURCE, path: path.clone() })));
    for _ in 0..5 {
        engine.send(Command::Step(Arc::new(source.clone())));
        until(&engine, |event| matches!(event, Event::Batch(_)));
    }
    engine.send(Command::Record(None));
    let events = until(&engine, |event| matches!(event, Event::Recorded(_)));
    let Some(Event::Recorded(recorded)) = events.last() else { panic!("{events:?}") };
    assert_eq!(recorded.outcome, Ok(10));

    let columns = arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new(
        "value",
        arrow::datatypes::DataType::Utf8View,
        true,
    )]);
    let node = replay_of(source.node(SOURCE).unwrap(), &columns, &path).unwrap();
    assert_eq!(node.id, SOURCE);
    let replay = pipeline(&node.kind, &node.params.clone().into());
    let options = EngineOptions {
        clock: ClockKind::Virtual,
        threads: Some(1),
        folder: Path::new(".").to_owned(),
        ..EngineOptions::default()
    };
    let (mut rows, mut counts) = (Vec::new(), Vec::new());
    run_to_end(&replay, &options, &StopFlag::new(), &mut |event| {
        shown(&event, &mut rows);
        if let Event::Batch(report) = event {
            counts.push(report.input_rows);
        }
    })
    .unwrap();
    assert_eq!(rows, ["w1", "x", "w2", "x", "w3", "x", "w4", "x", "w5", "x"]);
    let with_rows: Vec<_> = counts.into_iter().filter(|rows| *rows > 0).collect();
    assert_eq!(with_rows, [2; 5], "one batch after the other, as they came");
}
