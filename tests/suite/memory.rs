//! A run may go on for months: what it holds follows what it has to remember, not how long it has been running.

use std::process::Command;

use serde_json::{Value, json};
use weir_engine::pipeline::{Edit, Setting};

use crate::support::{Draw, VirtualRun};

/// Set in the process that does nothing but this test.
const ALONE: &str = "WEIR_MEMORY_ALONE";

/// Batches until all state has come and gone several times and history has filled its room; then five times as many.
const SETTLED: usize = 601;
const LATER: usize = 3_001;

/// What a node may remember: little, so that history soon fills its part of it.
const BUDGET: u64 = 1 << 16;

/// What a process may hold more at the end: less than two kilobytes per batch. The report of one batch over so many
/// nodes weighs more.
const SLACK_KIB: u64 = 4 * 1_024;

/// A source of words that come round, with a time.
fn words() -> Draw {
    let batches = r#"[["to be or not to be"], ["that is"], []]"#;
    let columns = json!([{"name": "at", "expression": "batch_time()"},
        {"name": "key", "expression": "concat(word, CAST(batch_id() % 30 AS string))"}]);
    let mut draw = Draw::new()
        .node("lines", "source.inline", json!({"batches": batches, "repeat": true}))
        .node("words", "flat_map", json!({}))
        .node("timed", "map", json!({"columns": columns}))
        .node("marked", "watermark", json!({"column": "at", "delay": "2s"}))
        .chain(&["lines", "words", "timed", "marked"])
        .interval(1_000);
    draw.apply(&Edit::Set(Setting::MaxStateBytes(BUDGET)));
    draw
}

/// The words, and behind them everything that remembers and lets go.
fn everything_that_remembers() -> Draw {
    let state = json!([{"name": "seen", "type": "bigint", "initial": "0", "update": "seen + 1"}]);
    let by_key = || json!({"by": ["key"]});
    let chains: [&[(&str, Value)]; 10] = [
        &[("window.sliding", json!({"length": "30s", "slide": "5s", "time": "arrival"})), ("group", by_key())],
        &[("window.tumbling", json!({"length": "10s", "time": "event"})), ("group", by_key())],
        &[("window.session", json!({"gap": "3s"})), ("group", by_key())],
        &[("window.count", json!({"rows": 3, "slide": 2})), ("group", by_key())],
        &[("window.tumbling", json!({"length": "10s", "time": "arrival"})), ("distinct", json!({}))],
        &[("window.tumbling", json!({"length": "10s", "time": "event"})), ("distinct", json!({}))],
        &[("dedup", json!({"by": ["key"], "keep_for": "within", "within": "20s"}))],
        &[("running", json!({"by": ["key"], "expire_after": "20s"}))],
        &[("fold", json!({"by": ["key"], "state": state, "expire_after": "20s"}))],
        &[("changes", by_key())],
    ];
    let mut draw = words();
    for (nth, chain) in chains.into_iter().enumerate() {
        let mut names = vec!["marked".to_owned()];
        for (kind, params) in chain {
            names.push(format!("{} {nth}", kind.replace('.', " ")));
            draw = draw.node(&names[names.len() - 1], kind, params.clone());
        }
        names.push(format!("table {nth}"));
        draw = draw.node(&names[names.len() - 1], "sink.table", json!({}));
        draw = draw.chain(&names.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let join = json!({"on": [{"left": "key"}], "lower": "0s", "upper": "10s", "how": "left"});
    draw.node("join", "interval_join", join)
        .node("joined", "sink.table", json!({}))
        .wire("marked", "join.left")
        .wire("marked", "join.right")
        .chain(&["join", "joined"])
}

/// What this process holds in memory, where the system tells.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn run_alone() {
    let draw = everything_that_remembers();
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    let mut held = Vec::new();
    for batch in 1..=LATER {
        let done = run.step();
        assert!(done.failures.is_empty(), "batch {batch}: {:?}", done.failures);
        run.events.clear();
        if batch == SETTLED || batch == LATER {
            let states = done.report.nodes.iter().filter(|node| node.state_rows > 0);
            let states: Vec<_> = states.map(|node| (node.node, node.state_bytes)).collect();
            assert!(states.len() >= 11, "ten chains and the join remember: {states:?}");
            assert!(states.iter().all(|(_, bytes)| *bytes <= BUDGET), "batch {batch}: {states:?}");
            held.push(resident_kib());
        }
    }
    if let [Some(before), Some(after)] = held[..] {
        assert!(after <= before + SLACK_KIB, "the process held {before} KiB and then {after} KiB");
    }
}

/// Other tests of the same process would be counted, so it starts one for itself.
#[test]
fn a_run_holds_no_more_after_thousands_of_batches() {
    if std::env::var_os(ALONE).is_some() {
        return run_alone();
    }
    let name = "memory::a_run_holds_no_more_after_thousands_of_batches";
    let own = std::env::current_exe().expect("this is a program");
    let ran = Command::new(own).args([name, "--exact", "--nocapture"]).env(ALONE, "1").output().expect("it starts");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
}
