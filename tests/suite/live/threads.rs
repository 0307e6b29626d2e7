//! Whatever keeps state gives the same bytes at any number of threads, on batches large enough to be cut into pieces.

use arrow::ipc::writer::StreamWriter;
use serde_json::{Value, json};

use crate::support::{Draw, VirtualRun};

/// More rows than are grouped in one piece; all come in the first batch.
const ROWS: u64 = 600_000;

fn sensors() -> Draw {
    let generator = json!({
        "template": "sensors", "rate": ROWS, "limit": ROWS, "skew": "900ms", "late_share": 3, "late_by": "2s", "duplicate_share": 2,
    });
    Draw::new()
        .node("rows", "source.generator", generator)
        .node("watermark", "watermark", json!({"column": "event_time", "delay": "500ms"}))
        .wire("rows", "watermark")
        .interval(1_000)
}

const AGGREGATES: &str = r#"[{"function":"count"},{"function":"sum","argument":"temperature"},
    {"function":"stddev","argument":"humidity"},{"function":"first","argument":"temperature"}]"#;

fn group() -> Value {
    json!({"by": ["sensor"], "aggregates": serde_json::from_str::<Value>(AGGREGATES).unwrap()})
}

/// What three batches show, as bytes.
fn bytes(draw: &Draw, threads: usize) -> Vec<u8> {
    let mut run = VirtualRun::start(&draw.pipeline, threads);
    let mut bytes = Vec::new();
    for batch in run.steps(3) {
        assert!(batch.failures.is_empty(), "{:?}", batch.failures);
        for shown in &batch.presented {
            let mut writer = StreamWriter::try_new(&mut bytes, &shown.schema).unwrap();
            shown.rows.iter().for_each(|rows| writer.write(rows).unwrap());
            writer.finish().unwrap();
        }
    }
    bytes
}

fn same_at_any_number_of_threads(name: &str, draw: &Draw) {
    let one = bytes(draw, 1);
    assert!(one.len() > 1_000, "{name} shows something: {} bytes", one.len());
    for threads in [2, 8] {
        assert!(bytes(draw, threads) == one, "{name} gives something else at {threads} threads");
    }
}

#[test]
fn every_kind_of_window_gives_the_same_bytes_at_any_number_of_threads() {
    let behind = |kind: &str, window: Value, from: &str| {
        sensors()
            .node("window", kind, window)
            .node("group", "group", group())
            .node("table", "sink.table", json!({}))
            .chain(&[from, "window", "group", "table"])
    };
    let cases = [
        ("sliding by arrival", behind("window.sliding", json!({"length": "2s", "slide": "500ms"}), "rows")),
        ("tumbling by event time", behind("window.tumbling", json!({"length": "1s"}), "watermark")),
        ("sessions", behind("window.session", json!({"gap": "20ms"}), "watermark")),
        ("counts", behind("window.count", json!({"rows": 5_000, "slide": 1_000}), "rows")),
    ];
    for (name, draw) in &cases {
        same_at_any_number_of_threads(name, draw);
    }
}

#[test]
fn every_kind_of_state_gives_the_same_bytes_at_any_number_of_threads() {
    let mut running = group();
    running["emit"] = json!("all");
    let state = json!([{"name": "total", "type": "double", "initial": "0", "update": "total + temperature"}]);
    let behind = |kind: &str, params: Value, from: &str| {
        sensors()
            .node("state", kind, params)
            .node("group", "group", group())
            .node("table", "sink.table", json!({}))
            .chain(&[from, "state", "group", "table"])
    };
    let shown = |kind: &str, params: Value, from: &str| {
        sensors().node("state", kind, params).node("table", "sink.table", json!({})).chain(&[from, "state", "table"])
    };
    let cases = [
        ("running", shown("running", running, "rows")),
        ("fold", shown("fold", json!({"by": ["sensor"], "state": state, "emit": "keys"}), "rows")),
        ("dedup", behind("dedup", json!({"by": ["sensor", "event_time"], "keep_for": "watermark"}), "watermark")),
        ("snapshot", shown("snapshot", json!({"by": ["sensor"], "every": 1}), "rows")),
    ];
    for (name, draw) in &cases {
        same_at_any_number_of_threads(name, draw);
    }
}

#[test]
fn a_join_of_two_streams_gives_the_same_bytes_at_any_number_of_threads() {
    let click = json!([{"name": "event_time", "expression": "event_time + INTERVAL '1' SECOND"}]);
    let draw = Draw::new()
        .node("rows", "source.generator", json!({"template": "impressions", "rate": 60_000, "skew": "500ms"}))
        .node("shown", "watermark", json!({"column": "event_time", "delay": "1s"}))
        .node("clicked", "filter", json!({"condition": "clicked"}))
        .node("later", "map", json!({"columns": click}))
        .node("clicks", "watermark", json!({"column": "event_time", "delay": "1s"}))
        .node("join", "interval_join", json!({"on": [{"left": "impression_id"}], "lower": "0s", "upper": "3s"}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "shown"])
        .chain(&["rows", "clicked", "later", "clicks"])
        .wire("shown", "join.left")
        .wire("clicks", "join.right")
        .wire("join", "table")
        .interval(1_000);
    same_at_any_number_of_threads("interval join", &draw);
}
