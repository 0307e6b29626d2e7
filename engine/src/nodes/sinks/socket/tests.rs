//! What must hold of the socket sink, over real connections on the loopback.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use arrow::record_batch::RecordBatch;
use serde_json::json;
use tokio::runtime::Runtime;

use super::outlets::Standing;
use super::*;
use crate::nodes::testing::{batch, context, flow, int, io_on, plan, problems, text};
use crate::plan::{BatchContext, Fault, LinkType, NodeError, Sink};

const LONGEST: Duration = Duration::from_mins(1);

/// An IO runtime as the engine has one.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn connected_to(port: u16, slow_peer: SlowPeer, runtime: &Runtime) -> SocketSink {
    started(SocketSink::new(server(port), Format::Text, slow_peer), runtime)
}

fn listening(slow_peer: SlowPeer, runtime: &Runtime) -> (SocketSink, u16) {
    let target = Target::Peers { address: "127.0.0.1".to_owned(), port: 0 };
    let sink = started(SocketSink::new(target, Format::Text, slow_peer), runtime);
    let sentence = until(&sink, runtime, |text| text.starts_with("listening on"));
    let (_, after) = sentence.split_once("127.0.0.1:").unwrap();
    let port = after.split(',').next().unwrap().parse().unwrap();
    (sink, port)
}

fn server(port: u16) -> Target {
    Target::Server { host: "127.0.0.1".to_owned(), port }
}

fn started(mut sink: SocketSink, runtime: &Runtime) -> SocketSink {
    sink.start(&io_on(runtime.handle(), 1_000)).unwrap();
    sink
}

/// Waits until the sink says so; the deadline only ends a test that has failed already.
fn until(sink: &SocketSink, runtime: &Runtime, wanted: impl Fn(&str) -> bool) -> String {
    let says = |standing: &Standing| match standing {
        Standing::Ready(text) | Standing::Waiting(text) => Some(text.clone()).filter(|text| wanted(text)),
        Standing::Starting | Standing::Closed => None,
    };
    let mut standing = sink.watch().unwrap();
    let found = runtime.block_on(async {
        let wait = standing.wait_for(|standing| says(standing).is_some());
        let found = tokio::time::timeout(LONGEST, wait).await.expect("within a minute").unwrap();
        says(&found)
    });
    found.unwrap()
}

fn number(number: u64) -> BatchContext {
    BatchContext { batch: number, ..context() }
}

fn words(words: &[&'static str]) -> RecordBatch {
    crate::nodes::testing::lines(words.iter().copied())
}

fn stage(sink: &mut SocketSink, batch: u64, rows: RecordBatch) {
    sink.stage(&[flow(rows)], &number(batch)).unwrap();
}

/// Publishes as the runtime does: again and again while something outside is missing.
fn publish(sink: &mut SocketSink, batch: u64, runtime: &Runtime) {
    for _ in 0..1_000 {
        match sink.publish(batch) {
            Ok(()) => return,
            Err(error) => assert_eq!(error.fault, Fault::Environment, "{error}"),
        }
        until(sink, runtime, |text| !text.starts_with("no connection"));
    }
    panic!("the batch was never taken");
}

fn send(sink: &mut SocketSink, batch: u64, rows: RecordBatch, runtime: &Runtime) {
    stage(sink, batch, rows);
    publish(sink, batch, runtime);
}

fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    let (stream, _) = listener.accept().unwrap();
    reader(stream)
}

fn reader(stream: TcpStream) -> BufReader<TcpStream> {
    stream.set_read_timeout(Some(LONGEST)).unwrap();
    BufReader::new(stream)
}

fn lines(peer: &mut BufReader<TcpStream>, count: usize) -> Vec<String> {
    peer.by_ref().lines().take(count).map(Result::unwrap).collect()
}

/// Everything up to the end of the connection.
fn rest(mut peer: BufReader<TcpStream>) -> String {
    let mut text = String::new();
    peer.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_server_gets_every_batch_and_the_end_of_the_run_loses_nothing() {
    let (runtime, listener) = (runtime(), TcpListener::bind("127.0.0.1:0").unwrap());
    let mut sink = connected_to(listener.local_addr().unwrap().port(), SlowPeer::HoldBack, &runtime);
    let mut peer = accept(&listener);
    send(&mut sink, 0, words(&["a", "b"]), &runtime);
    assert_eq!(lines(&mut peer, 2), ["a", "b"]);
    send(&mut sink, 1, words(&[]), &runtime);
    send(&mut sink, 2, words(&["c"]), &runtime);
    drop(sink);
    assert_eq!(rest(peer), "c\n");
}

#[test]
fn json_lines_keep_types_and_columns_of_text_are_separated_by_tabs() {
    let (runtime, listener) = (runtime(), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    let rows = || batch(vec![("word", text(["a", "b"])), ("n", int([Some(1), None]))]);
    for (format, expected) in
        [(Format::JsonLines, "{\"word\":\"a\",\"n\":1}\n{\"word\":\"b\"}\n"), (Format::Text, "a\t1\nb\t\n")]
    {
        let mut sink = started(SocketSink::new(server(port), format, SlowPeer::HoldBack), &runtime);
        let peer = accept(&listener);
        send(&mut sink, 0, rows(), &runtime);
        drop(sink);
        assert_eq!(rest(peer), expected);
    }
}

#[test]
fn a_server_that_is_away_holds_the_batch_until_it_comes() {
    let runtime = runtime();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut sink = connected_to(port, SlowPeer::Drop, &runtime);
    stage(&mut sink, 0, words(&["kept"]));
    until(&sink, &runtime, |text| text.contains("refused"));
    let NodeError { fault, message } = sink.publish(0).unwrap_err();
    assert_eq!(fault, Fault::Environment);
    assert!(message.starts_with(&format!("no connection to 127.0.0.1:{port} (refused")), "{message}");
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    stage(&mut sink, 0, words(&["kept"]));
    publish(&mut sink, 0, &runtime);
    assert_eq!(lines(&mut accept(&listener), 1), ["kept"]);
    assert_eq!(sink.counters(), [("dropped", 0), ("unheard", 0)]);
}

#[test]
fn a_connection_that_breaks_in_a_batch_costs_no_row() {
    let (runtime, listener) = (runtime(), TcpListener::bind("127.0.0.1:0").unwrap());
    let mut sink = connected_to(listener.local_addr().unwrap().port(), SlowPeer::HoldBack, &runtime);
    let mut peer = accept(&listener);
    // More than the operating system takes without a reader.
    let many: Vec<_> = (0..400_000).map(|_| "a line of some length, over and over").collect();
    stage(&mut sink, 0, words(&many));
    let message = sink.publish(0).unwrap_err().message;
    assert!(message.ends_with("does not read fast enough; the batch waits"), "{message}");
    assert_eq!(lines(&mut peer, 10).len(), 10);
    drop(peer);
    let again = std::thread::Builder::new().spawn(move || {
        let mut peer = accept(&listener);
        lines(&mut peer, 400_000).len()
    });
    publish(&mut sink, 0, &runtime);
    assert_eq!(again.unwrap().join().unwrap(), 400_000, "the whole batch comes again");
}

#[test]
fn a_server_that_closes_between_two_batches_loses_none() {
    let (runtime, listener) = (runtime(), TcpListener::bind("127.0.0.1:0").unwrap());
    let mut sink = connected_to(listener.local_addr().unwrap().port(), SlowPeer::HoldBack, &runtime);
    for batch in 0..3 {
        let mut peer = accept(&listener);
        send(&mut sink, batch, words(&["x"]), &runtime);
        assert_eq!(lines(&mut peer, 1), ["x"]);
        drop(peer);
        until(&sink, &runtime, |text| text.contains("trying again"));
    }
}

#[test]
fn everyone_who_listens_gets_the_rows_from_then_on() {
    let runtime = runtime();
    let (mut sink, port) = listening(SlowPeer::HoldBack, &runtime);
    send(&mut sink, 0, words(&["early", "bird"]), &runtime);
    assert_eq!(sink.counters(), [("dropped", 0), ("unheard", 2)]);
    let mut first = reader(TcpStream::connect(("127.0.0.1", port)).unwrap());
    until(&sink, &runtime, |text| text.contains("1 peer is"));
    send(&mut sink, 1, words(&["one"]), &runtime);
    let second = TcpStream::connect(("127.0.0.1", port)).unwrap();
    second.shutdown(std::net::Shutdown::Write).unwrap();
    let second = reader(second);
    until(&sink, &runtime, |text| text.contains("2 peers are"));
    send(&mut sink, 2, words(&["two"]), &runtime);
    assert_eq!(lines(&mut first, 2), ["one", "two"]);
    drop(first);
    send(&mut sink, 3, words(&["three"]), &runtime);
    drop(sink);
    assert_eq!(rest(second), "two\nthree\n", "a peer that only reads stays");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the port is free again");
}

#[test]
fn a_slow_peer_loses_whole_batches_which_are_counted_and_nobody_waits() {
    let runtime = runtime();
    let (mut sink, port) = listening(SlowPeer::Drop, &runtime);
    let mut peer = reader(TcpStream::connect(("127.0.0.1", port)).unwrap());
    until(&sink, &runtime, |text| text.contains("1 peer is"));
    let many: Vec<_> = std::iter::once("begin").chain((0..100_000).map(|_| "a line of some length")).collect();
    let rows = words(&many);
    let mut dropped = 0;
    let mut batches = 0;
    while dropped < 3 {
        stage(&mut sink, batches, rows.clone());
        sink.publish(batches).unwrap();
        let count = sink.counters()[0].1;
        assert!(count == 0 || count == many.len() as u64, "a batch is dropped whole");
        dropped += u64::from(count > 0);
        batches += 1;
        assert!(batches < 1_000, "a peer that does not read loses batches");
    }
    let sent = usize::try_from(batches - dropped).unwrap();
    let received = lines(&mut peer, sent * many.len());
    for batch in received.chunks(many.len()) {
        assert!(batch[0] == "begin" && batch[1..].iter().all(|line| line != "begin"), "no batch is torn");
    }
}

#[test]
fn an_edit_of_the_format_keeps_the_connection() {
    let (runtime, listener) = (runtime(), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    let mut sink = connected_to(port, SlowPeer::HoldBack, &runtime);
    let mut peer = accept(&listener);
    send(&mut sink, 0, words(&["a"]), &runtime);
    let mut edited = SocketSink::new(server(port), Format::JsonLines, SlowPeer::HoldBack);
    edited.take_over(Box::new(sink));
    let mut edited = started(edited, &runtime);
    send(&mut edited, 1, words(&["b"]), &runtime);
    assert_eq!(lines(&mut peer, 2), ["a", "{\"value\":\"b\"}"]);
    edited.stop();
    assert_eq!(rest(peer), "");
    stage(&mut edited, 2, words(&["c"]));
    let edited_again = started(edited, &runtime);
    assert_eq!(accept(&listener).buffer(), b"");
    drop(edited_again);
}

#[test]
fn an_odd_host_is_refused_and_a_public_address_warned_of() {
    let schema = LinkType::lines().schema;
    let found = problems(&KIND, json!({"host": "tcp://x"}), &schema);
    assert_eq!(found[0].param.as_deref(), Some("host"));
    let public = plan(&KIND, json!({"mode": "listen", "address": "0.0.0.0"}), &[Arc::clone(&schema)]).unwrap();
    assert_eq!(public.warnings[0].param.as_deref(), Some("address"));
    assert!(plan(&KIND, json!({}), &[schema]).unwrap().warnings.is_empty());
}
