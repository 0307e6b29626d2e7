//! Pipelines that run: the word count batch by batch, from a real socket, and with things going wrong.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use weir_engine::metrics::NodeStatus;
use weir_engine::pipeline::Pipeline;
use weir_engine::runtime::{Command, EngineHandle, EngineOptions, Event, RunState};

use crate::support::{Draw, VirtualRun, rows_of};

fn word_count(batches: &str) -> Draw {
    Draw::new()
        .node("lines", "source.inline", json!({"batches": batches}))
        .node("words", "flat_map", json!({}))
        .node("counts", "group", json!({"by": ["word"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "words", "counts", "table"])
}

#[test]
fn words_are_counted_batch_by_batch() {
    let drawn = word_count(r#"[["a b a", "b"], [], ["c"]]"#);
    let mut run = VirtualRun::start(&drawn.pipeline, 2);
    let batches = run.steps(3);
    assert_eq!(batches[0].rows("table"), Some(&vec![json!(["a", 2]), json!(["b", 2])]));
    assert_eq!(batches[1].rows("table"), Some(&vec![]), "an empty batch still fires, with no rows");
    assert_eq!(batches[2].rows("table"), Some(&vec![json!(["c", 1])]));
    let report = &batches[0].report;
    assert_eq!(report.input_rows, 2);
    assert_eq!(report.latency.count, 2, "every input row's latency is recorded once");
    let words = report.node(drawn.id("words")).expect("every node is reported");
    assert_eq!((words.rows_in, words.rows_out.as_slice()), (2, &[4, 0][..]));
}

#[test]
fn a_failing_node_stops_only_what_is_downstream_of_it() {
    let drawn = word_count(r#"[["a"], ["b"], ["c"]]"#)
        .node(
            "broken",
            "map",
            json!({"on_error": "stop", "columns": [{"name": "x", "expression": "1 / (char_length(value) - 1)"}]}),
        )
        .node("beside", "sink.table", json!({}))
        .chain(&["lines", "broken", "beside"]);
    let mut run = VirtualRun::start(&drawn.pipeline, 1);
    let first = run.step();
    assert_eq!(first.rows("table"), Some(&vec![json!(["a", 1])]), "the other branch goes on");
    assert_eq!(first.rows("beside"), None);
    assert_eq!(first.failures.len(), 1, "{:?}", first.failures);
    assert_eq!(first.failures[0].0, "broken");
    let second = run.step();
    assert_eq!(second.rows("table"), Some(&vec![json!(["b", 1])]));
    assert!(second.failures.is_empty(), "one failure is told once");
    let beside = second.report.node(drawn.id("beside")).expect("reported");
    assert_eq!(beside.status, NodeStatus::Blocked);
    let repaired = crate::support::with_param(
        &drawn.pipeline,
        "broken",
        "columns",
        json!([{"name": "x", "expression": "char_length(value)"}]),
    );
    run.replace(&repaired).expect("the repaired pipeline is accepted");
    let third = run.step();
    assert_eq!(third.rows("beside").map(Vec::len), Some(1), "once repaired it goes on");
}

#[test]
fn output_does_not_depend_on_the_number_of_threads() {
    let drawn = Draw::new()
        .node("lines", "source.generator", json!({"rate": 50_000}))
        .node("words", "flat_map", json!({}))
        .node("counts", "group", json!({"by": ["word"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "words", "counts", "table"]);
    let run = |threads| {
        let mut run = VirtualRun::start(&drawn.pipeline, threads);
        run.steps(3).into_iter().map(|batch| batch.shown).collect::<Vec<_>>()
    };
    let one = run(1);
    assert!(one[0][0].1.len() > 100, "the generator gives many words");
    assert_eq!(one, run(2));
    assert_eq!(one, run(8));
}

/// The next event that satisfies the test, within a generous deadline.
fn wait_for<T>(engine: &EngineHandle, what: &str, mut test: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        let event = engine.next_event(Duration::from_mins(1)).unwrap_or_else(|| panic!("waited in vain for {what}"));
        if let Event::Refused(problems) = &event {
            panic!("refused: {problems:?}");
        }
        if let Some(found) = test(event) {
            return found;
        }
    }
}

fn socket_word_count(port: u16) -> Pipeline {
    Draw::new()
        .node("lines", "source.socket", json!({"host": "127.0.0.1", "port": port}))
        .node("words", "flat_map", json!({}))
        .node("counts", "running", json!({"by": ["word"], "emit": "all"}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "words", "counts", "table"])
        .interval(50)
        .pipeline
}

#[test]
fn words_typed_into_a_real_connection_are_counted_and_a_lost_peer_is_found_again() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let engine = EngineHandle::start(EngineOptions::default(), Arc::new(|| ())).expect("the engine starts");
    assert!(engine.send(Command::Run(Arc::new(socket_word_count(port)))));

    let counts_of = |engine: &EngineHandle, wanted: Value| {
        wait_for(engine, &wanted.to_string(), |event| match event {
            Event::Presented(shown) => (Value::Array(rows_of(&shown.rows)) == wanted).then_some(()),
            _ => None,
        });
    };
    let (mut peer, _) = listener.accept().expect("the source connects");
    peer.write_all(b"a b a\n").expect("written");
    counts_of(&engine, json!([["a", 2], ["b", 1]]));
    drop(peer);
    let (mut peer, _) = listener.accept().expect("the source connects again");
    peer.write_all("a 中文\n".as_bytes()).expect("written");
    counts_of(&engine, json!([["a", 3], ["b", 1], ["中文", 1]]));

    assert!(engine.send(Command::Stop));
    wait_for(&engine, "the end", |event| matches!(event, Event::State(RunState::Stopped)).then_some(()));
}

#[test]
fn pause_holds_step_makes_one_batch_and_run_goes_on() {
    let engine = EngineHandle::start(EngineOptions::default(), Arc::new(|| ())).expect("the engine starts");
    let pipeline = Arc::new(word_count(r#"[["a"], ["b"], ["c"], ["d"]]"#).interval(20).pipeline);
    let next_table = |engine: &EngineHandle| {
        wait_for(engine, "a table", |event| match event {
            Event::Presented(shown) => Some(rows_of(&shown.rows)),
            _ => None,
        })
    };
    assert!(engine.send(Command::Step(Arc::clone(&pipeline))));
    assert_eq!(next_table(&engine), vec![json!(["a", 1])]);
    assert!(engine.send(Command::Step(Arc::clone(&pipeline))));
    assert_eq!(next_table(&engine), vec![json!(["b", 1])], "a step is one batch: the next comes with the next step");
    assert!(engine.send(Command::Run(pipeline)));
    assert_eq!(next_table(&engine), vec![json!(["c", 1])]);
    assert!(engine.send(Command::Stop));
    wait_for(&engine, "the end", |event| matches!(event, Event::State(RunState::Stopped)).then_some(()));
}
