//! What must hold of sockets, over real connections on the loopback.

use std::path::Path;
use std::time::Duration;

use arrow::array::AsArray;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::*;
use crate::nodes::sources::lines::Standing;
use crate::nodes::testing::io_on;
use crate::pipeline::Settings;
use crate::plan::{Chunk, Cut, IoContext, Source};
use crate::spec::{Timestamp, check_params, with_defaults};

const LATER: Timestamp = Timestamp(i64::MAX);
const ANY_PORT: u16 = 0;

fn io(max_buffered_rows: u64) -> IoContext {
    io_on(&tokio::runtime::Handle::current(), max_buffered_rows)
}

fn connect_to(listener: &TcpListener) -> SocketSource {
    let port = listener.local_addr().unwrap().port();
    SocketSource::new(Target::Server { host: "127.0.0.1".to_owned(), port }, 1 << 20)
}

fn listen_on(port: u16) -> SocketSource {
    SocketSource::new(Target::Peers { address: "127.0.0.1".to_owned(), port }, 1 << 20)
}

/// Waits until things stand as wanted; the deadline only ends a test that has failed already.
async fn until(source: &SocketSource, wanted: impl FnMut(&Standing) -> bool) -> Standing {
    let mut standing: watch::Receiver<Standing> = source.inbox().watch();
    let found = tokio::time::timeout(Duration::from_mins(1), standing.wait_for(wanted)).await;
    found.expect("within a minute").expect("the source lives").clone()
}

async fn received(source: &SocketSource, count: u64) {
    until(source, |standing| standing.received >= count).await;
}

/// The port a listening source got.
async fn port_of(source: &SocketSource) -> u16 {
    let standing = until(source, |standing| standing.connected.is_some()).await;
    let sentence = standing.connected.unwrap();
    let (_, after) = sentence.split_once("127.0.0.1:").unwrap();
    after.split(',').next().unwrap().parse().unwrap()
}

fn take(source: &SocketSource, max_rows: u64) -> Vec<String> {
    let range = source.plan_range(&Cut { batch: 0, from: Timestamp(0), until: LATER, max_rows }).unwrap();
    texts(&source.read(&range).unwrap())
}

fn texts(chunks: &[Chunk]) -> Vec<String> {
    chunks.iter().flat_map(|chunk| chunk.rows.column(0).as_string_view().iter().flatten().map(str::to_owned)).collect()
}

fn plan(value: Value) -> Result<Planned, Vec<Diagnostic>> {
    let Value::Object(raw) = value else { panic!("an object") };
    assert_eq!(check_params(PARAMS, &raw), []);
    let settings = Settings::default();
    let context =
        PlanContext { name: "lines", inputs: &[], input_names: &[], settings: &settings, folder: Path::new(".") };
    build(with_defaults(PARAMS, &raw)).unwrap().plan(&context)
}

#[tokio::test]
async fn lines_of_a_server_arrive_also_the_last_one_without_newline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = connect_to(&listener);
    source.start(&io(1_000)).unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    peer.write_all(b"a b a\r\n\nlast").await.unwrap();
    received(&source, 2).await;
    assert_eq!(take(&source, 100), ["a b a", ""]);
    drop(peer);
    received(&source, 3).await;
    assert_eq!(take(&source, 100), ["last"]);
    source.stop();
}

#[tokio::test]
async fn a_server_that_is_away_is_said_to_be_away_and_found_when_it_comes() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let source = SocketSource::new(Target::Server { host: "127.0.0.1".to_owned(), port }, 1 << 20);
    source.start(&io(1_000)).unwrap();
    let is_refused = |standing: &Standing| standing.waiting.as_ref().is_some_and(|text| text.contains("refused"));
    let sentence = until(&source, is_refused).await.waiting.unwrap();
    assert!(sentence.starts_with(&format!("no connection to 127.0.0.1:{port} (")), "{sentence}");
    assert!(sentence.contains("; trying again in "), "{sentence}");
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    peer.write_all(b"here\n").await.unwrap();
    received(&source, 1).await;
    assert_eq!(source.status().connected, Some(format!("127.0.0.1:{port}")));
    assert_eq!(take(&source, 100), ["here"]);
}

#[tokio::test]
async fn when_the_peer_vanishes_the_source_connects_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = connect_to(&listener);
    source.start(&io(1_000)).unwrap();
    for turn in 0..3u8 {
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.write_all(format!("turn {turn}\n").as_bytes()).await.unwrap();
        received(&source, u64::from(turn) + 1).await;
        drop(peer);
        let sentence = until(&source, |standing| standing.waiting.is_some()).await.waiting.unwrap();
        assert!(sentence.contains("trying again in 100ms"), "a fresh failure waits shortly: {sentence}");
    }
    assert_eq!(take(&source, 100), ["turn 0", "turn 1", "turn 2"]);
}

#[tokio::test]
async fn many_peers_may_send_and_each_ones_lines_stay_whole() {
    let source = listen_on(ANY_PORT);
    source.start(&io(100_000)).unwrap();
    let port = port_of(&source).await;
    let mut peers = Vec::new();
    for name in 0..8 {
        peers.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            for line in 0..100 {
                // In two pieces, so that lines of others come between.
                stream.write_all(format!("peer {name} ").as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
                stream.write_all(format!("line {line}\n").as_bytes()).await.unwrap();
            }
        }));
    }
    for peer in peers {
        peer.await.unwrap();
    }
    received(&source, 800).await;
    let lines = take(&source, 1_000);
    for name in 0..8 {
        let prefix = format!("peer {name} ");
        let own: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix(&prefix)).collect();
        let expected: Vec<_> = (0..100).map(|line| format!("line {line}")).collect();
        assert_eq!(own, expected);
    }
    assert_eq!(lines.len(), 800);
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_to_be_taken_and_used_once_it_is_free() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = other.local_addr().unwrap().port();
    let source = listen_on(port);
    source.start(&io(1_000)).unwrap();
    let sentence = until(&source, |standing| standing.waiting.is_some()).await.waiting.unwrap();
    assert!(sentence.starts_with(&format!("cannot listen on 127.0.0.1:{port} (another program uses")), "{sentence}");
    drop(other);
    assert_eq!(port_of(&source).await, port);
}

#[tokio::test]
async fn twenty_megabytes_without_a_newline_cost_one_cut_line() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = connect_to(&listener);
    source.start(&io(1_000)).unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..20 {
        peer.write_all(&megabyte).await.unwrap();
        assert!(source.status().buffered_bytes <= 4 << 20, "{:?}", source.status());
    }
    peer.write_all(b"\nnext\n").await.unwrap();
    received(&source, 2).await;
    let status = source.status();
    assert_eq!((status.repaired, status.dropped, status.buffered_rows), (1, 1, 2));
    let lines = take(&source, 100);
    assert_eq!((lines[0].len(), lines[1].as_str()), (1 << 20, "next"));
}

#[tokio::test]
async fn binary_garbage_is_replaced_and_counted_and_the_stream_goes_on() {
    let source = listen_on(ANY_PORT);
    source.start(&io(1_000_000)).unwrap();
    let mut peer = TcpStream::connect(("127.0.0.1", port_of(&source).await)).await.unwrap();
    let garbage: Vec<u8> = (0..100_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    peer.write_all(&garbage).await.unwrap();
    peer.write_all(b"\nclean\n").await.unwrap();
    drop(peer);
    let expected = String::from_utf8_lossy(&garbage).matches('\n').count() as u64 + 2;
    received(&source, expected).await;
    assert!(source.status().repaired > 100);
    assert_eq!(take(&source, u64::MAX).last().map(String::as_str), Some("clean"));
}

#[tokio::test]
async fn a_full_buffer_holds_the_peer_back_and_nothing_is_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = connect_to(&listener);
    source.start(&io(1_000)).unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    let total = 400_000usize;
    let sender = tokio::spawn(async move {
        let lines: Vec<_> = (0..total).map(|number| format!("line number {number} of quite some length")).collect();
        peer.write_all(format!("{}\n", lines.join("\n")).as_bytes()).await.unwrap();
    });
    let (mut taken, mut seen) = (Vec::new(), 0);
    while taken.len() < total {
        received(&source, seen + 1).await;
        let waiting = source.status().buffered_rows;
        assert!(waiting <= 1_000, "{waiting} rows wait although 1,000 are allowed");
        let lines = take(&source, 700);
        taken.extend(lines);
        seen = taken.len().min(total - 1) as u64;
    }
    sender.await.unwrap();
    assert!(taken.iter().enumerate().all(|(index, line)| line.starts_with(&format!("line number {index} "))));
    assert_eq!(source.status().dropped, 0);
}

#[tokio::test]
async fn a_bound_in_bytes_holds_the_peer_back_and_can_be_raised_while_it_runs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = connect_to(&listener);
    source.start(&IoContext { max_buffered_bytes: 10_000, ..io(1_000_000) }).unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    let total = 200_000u64;
    let sender = tokio::spawn(async move {
        let lines: Vec<_> = (0..total).map(|number| format!("line number {number} of quite some length")).collect();
        peer.write_all(format!("{}\n", lines.join("\n")).as_bytes()).await.unwrap();
    });
    received(&source, 1).await;
    let held = source.status();
    assert!(held.buffered_rows < total && held.buffered_bytes < 10_100, "{held:?}");
    source.set_bounds(1_000_000, 1 << 30);
    received(&source, total).await;
    sender.await.unwrap();
    assert_eq!(take(&source, u64::MAX).len() as u64, total);
}

#[tokio::test]
async fn peers_share_the_bound_and_a_line_without_newline_waits_for_its_place() {
    let source = listen_on(ANY_PORT);
    source.start(&io(10)).unwrap();
    let port = port_of(&source).await;
    let mut senders = Vec::new();
    for peer in 0..4 {
        senders.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let lines: Vec<_> = (0..50).map(|line| format!("{peer} {line}")).collect();
            stream.write_all(lines.join("\n").as_bytes()).await.unwrap();
        }));
    }
    let mut taken = Vec::new();
    while taken.len() < 200 {
        received(&source, taken.len() as u64 + 1).await;
        let waiting = source.status().buffered_rows;
        assert!(waiting <= 10, "{waiting} rows wait although 10 are allowed");
        taken.extend(take(&source, 3));
    }
    for sender in senders {
        sender.await.unwrap();
    }
    for peer in 0..4 {
        let own: Vec<_> = taken.iter().filter(|line| line.starts_with(&format!("{peer} "))).cloned().collect();
        assert_eq!(own, (0..50).map(|line| format!("{peer} {line}")).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn another_line_limit_keeps_the_connection_another_port_only_the_rows() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let old = connect_to(&listener);
    old.start(&io(1_000)).unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    peer.write_all(b"one\ntw").await.unwrap();
    received(&old, 1).await;

    let port = listener.local_addr().unwrap().port();
    let range = old.plan_range(&Cut { batch: 0, from: Timestamp(0), until: LATER, max_rows: 100 }).unwrap();
    let same = SocketSource::new(Target::Server { host: "127.0.0.1".to_owned(), port }, 16);
    same.take_over(&old);
    same.start(&io(1_000)).unwrap();
    old.stop();
    assert_eq!(texts(&old.read(&range).unwrap()), ["one"], "a batch cut before the change reads from the old source");
    peer.write_all(b"o\nthis line is longer than sixteen bytes\n").await.unwrap();
    received(&same, 3).await;

    let elsewhere = listen_on(ANY_PORT);
    elsewhere.take_over(&same);
    elsewhere.start(&io(1_000)).unwrap();
    let mut sender = TcpStream::connect(("127.0.0.1", port_of(&elsewhere).await)).await.unwrap();
    sender.write_all(b"four\n").await.unwrap();
    received(&elsewhere, 4).await;
    assert_eq!(take(&elsewhere, 100), ["two", "this line is lon", "four"]);
    assert_eq!(elsewhere.status().repaired, 1);
}

#[tokio::test]
async fn stop_closes_the_connection() {
    use tokio::io::AsyncReadExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = connect_to(&listener);
    source.start(&io(1_000)).unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    source.stop();
    let end = tokio::time::timeout(Duration::from_mins(1), peer.read(&mut [0; 1])).await.expect("within a minute");
    assert_eq!(end.unwrap_or(0), 0);
    assert_eq!((source.status().connected, source.status().waiting), (None, None));
}

#[test]
fn an_odd_host_is_refused_and_a_public_address_warned_of() {
    for (host, says) in [("tcp://x", "without `tcp://`"), ("a b", "no name of a computer"), ("x:99", "own field")] {
        let problems = plan(json!({"host": host})).err().unwrap();
        assert_eq!(problems[0].param.as_deref(), Some("host"));
        assert!(problems[0].message.contains(says), "{}", problems[0].message);
    }
    assert!(plan(json!({})).unwrap().warnings.is_empty());
    assert!(plan(json!({"host": "::1"})).unwrap().warnings.is_empty());
    assert!(plan(json!({"mode": "listen"})).unwrap().warnings.is_empty());
    let public = plan(json!({"mode": "listen", "address": "0.0.0.0"})).unwrap();
    assert_eq!(public.warnings[0].param.as_deref(), Some("address"));
}
