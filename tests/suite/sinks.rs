//! Sinks in whole runs: what reaches people and peers, and what happens while nobody is there to take it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use weir_engine::pipeline::{Edit, Pipeline, Setting};
use weir_engine::runtime::{Command, EngineHandle, EngineOptions, Event, RunState};

use crate::support::{Draw, VirtualRun, id_of};

const LONGEST: Duration = Duration::from_mins(1);

#[test]
fn alerts_tell_of_windows_not_more_often_than_they_may() {
    let fields = json!([{"name": "sensor"}, {"name": "temperature", "type": "double"}]);
    let batches =
        json!([[["s1", 95.0], ["s2", 20.0]], [["s1", 97.0]], [["s1", 99.0], ["s2", 98.0]], [], [["s2", 99.0]], []]);
    let drawn = Draw::new()
        .node("readings", "source.inline", json!({"fields": fields, "batches": batches.to_string()}))
        .node("two_seconds", "window.sliding", json!({"length": "2s", "slide": "1s"}))
        .node(
            "averages",
            "group",
            json!({"by": ["sensor"], "aggregates": [{"function": "avg", "argument": "temperature", "name": "mean"}]}),
        )
        .node(
            "hot",
            "sink.alert",
            json!({"condition": "mean > 90", "message": "{sensor}: {mean}", "cool_down": "3s", "severity": "error"}),
        )
        .node("table", "sink.table", json!({}))
        .chain(&["readings", "two_seconds", "averages", "hot"])
        .wire("averages", "table");
    let mut run = VirtualRun::start(&drawn.pipeline, 2);
    let batches = run.steps(6);
    let told = |at: usize| -> Vec<(String, String)> {
        let rows = batches[at].rows("hot").cloned().unwrap_or_default();
        rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned())).collect()
    };
    let error = |text: &str| vec![("error".to_owned(), text.to_owned())];
    let counts = |at: usize| batches[at].report.node(drawn.id("hot")).unwrap().counters.clone();
    assert_eq!(told(0), error("s1: 95.0"));
    assert_eq!((told(1), told(2)), (vec![], vec![]), "it cools down");
    assert_eq!(counts(2), [("fired", 0), ("suppressed", 2), ("nulled", 0)], "both are at 98");
    assert_eq!(told(3), error("s1: 99.0"), "three seconds later");
    assert_eq!(counts(3), [("fired", 1), ("suppressed", 1), ("nulled", 0)]);
    assert_eq!((told(4), told(5)), (vec![], vec![]), "s2 is hot, but something was told two seconds ago");
    assert_eq!(batches[5].rows("table").map(Vec::len), Some(1));
}

struct Running {
    engine: EngineHandle,
}

impl Running {
    fn start(pipeline: Pipeline) -> Self {
        let engine = EngineHandle::start(EngineOptions::default(), Arc::new(|| ())).expect("the engine starts");
        assert!(engine.send(Command::Run(Arc::new(pipeline))));
        Self { engine }
    }

    /// The next event that is wanted; the deadline only ends a test that has failed already.
    fn wait<T>(&self, what: &str, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        loop {
            let event = self.engine.next_event(LONGEST).unwrap_or_else(|| panic!("waited in vain for {what}"));
            assert!(!matches!(event, Event::Refused(_)), "{event:?}");
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    fn wait_for_log(&self, part: &str) {
        self.wait(part, |event| match event {
            Event::Log { message, .. } => message.contains(part).then_some(()),
            _ => None,
        });
    }

    fn stop(self) {
        assert!(self.engine.send(Command::Stop));
        self.wait("the end", |event| matches!(event, Event::State(RunState::Stopped)).then_some(()));
    }
}

fn numbered(port: u16, mode: &str) -> Pipeline {
    let batches: Vec<Value> = (0..6).map(|batch| json!([[format!("w{batch}"), batch], ["x", null]])).collect();
    let fields = json!([{"name": "word"}, {"name": "n", "type": "bigint"}]);
    let target = if mode == "connect" { "host" } else { "address" };
    Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": Value::from(batches).to_string()}))
        .node("out", "sink.socket", json!({"mode": mode, target: "127.0.0.1", "port": port, "format": "json_lines"}))
        .chain(&["rows", "out"])
        .interval(20)
        .pipeline
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free").port()
}

#[test]
fn while_the_server_is_away_the_batch_is_held_and_then_all_comes_in_order() {
    let port = free_port();
    let running = Running::start(numbered(port, "connect"));
    running.wait_for_log("out waits");
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free again");
    let (peer, _) = listener.accept().expect("the sink connects");
    peer.set_read_timeout(Some(LONGEST)).expect("set");
    let lines: Vec<String> = BufReader::new(peer).lines().take(12).map(|line| line.expect("a line")).collect();
    let expected: Vec<String> = (0..6)
        .flat_map(|batch| [format!(r#"{{"word":"w{batch}","n":{batch}}}"#), r#"{"word":"x"}"#.to_owned()])
        .collect();
    assert_eq!(lines, expected);
    running.stop();
}

#[test]
fn whoever_connects_hears_whole_batches_from_then_on() {
    let port = free_port();
    let mut pipeline = numbered(port, "listen");
    let edit = Edit::SetParam { node: id_of(&pipeline, "rows"), param: "repeat".to_owned(), value: Some(json!(true)) };
    pipeline.apply(&edit).expect("it fits");
    let running = Running::start(pipeline);
    let peer = running.wait("a listening sink", |_| std::net::TcpStream::connect(("127.0.0.1", port)).ok());
    peer.set_read_timeout(Some(LONGEST)).expect("set");
    let lines: Vec<Value> = BufReader::new(peer)
        .lines()
        .take(24)
        .map(|line| serde_json::from_str(&line.expect("a line")).unwrap())
        .collect();
    let first = lines[0]["n"].as_i64().expect("a batch begins with its numbered row");
    for (at, pair) in (0i64..).zip(lines.chunks(2)) {
        assert_eq!(pair[0]["n"], (first + at) % 6, "batch after batch, none left out");
        assert_eq!(pair[1], json!({"word": "x"}));
    }
    running.stop();
}

/// Lines that a peer writes as fast as it may, out again to a peer that does not read for a while.
fn pipe(from: u16, to: u16) -> Pipeline {
    let mut drawn = Draw::new()
        .node("lines", "source.socket", json!({"host": "127.0.0.1", "port": from}))
        .node("out", "sink.socket", json!({"host": "127.0.0.1", "port": to}))
        .chain(&["lines", "out"])
        .interval(20);
    drawn.apply(&Edit::Set(Setting::MaxBufferedRows(1_000)));
    drawn.apply(&Edit::Set(Setting::MaxQueuedBatches(4)));
    drawn.pipeline
}

#[test]
fn a_peer_that_does_not_read_holds_back_the_one_that_writes_and_no_line_is_lost() {
    const LINES: usize = 200_000;
    let (writer, reader) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let running = Running::start(pipe(port(&writer), port(&reader)));
    let line = |number: usize| format!("{number:09} {}", "x".repeat(90));
    let writing = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
        let (mut peer, _) = writer.accept().unwrap();
        for number in 0..LINES {
            peer.write_all(format!("{}\n", line(number)).as_bytes()).unwrap();
        }
    });
    let (peer, _) = reader.accept().unwrap();
    running.wait_for_log("out waits");
    peer.set_read_timeout(Some(LONGEST)).unwrap();
    let mut read = BufReader::new(peer).lines();
    for number in 0..LINES {
        assert_eq!(read.next().unwrap().unwrap(), line(number));
    }
    writing.unwrap().join().unwrap();
    let mut most = 0;
    while let Some(event) = running.engine.try_event() {
        if let Event::Batch(report) = event {
            most = most.max(report.nodes.iter().map(|node| node.backlog_rows).max().unwrap_or(0));
            assert!(report.queued_batches <= 4, "{}", report.queued_batches);
        }
    }
    // A look at the connection takes at most a megabyte; how many rows that is shows only then.
    let one_look = (1 << 20) / 100;
    assert!(most <= 1_000 + one_look, "the source held {most} rows although it may hold 1000 and what one look brings");
    running.stop();
}
