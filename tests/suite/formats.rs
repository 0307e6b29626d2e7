//! Files and databases end to end, as a person runs them: what one pipeline writes another reads, and a sample ends in
//! a database that holds what it showed.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use weir::cli::{Console, Exit, Started, execute};
use weir_engine::format::save;

use crate::files::root;
use crate::support::Draw;

/// Runs a pipeline file, and gives the rows of a sink batch after batch.
fn run(file: &Path, sink: &str, more: &[&str]) -> Vec<Vec<Value>> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console { out: &mut out, err: &mut err, catches_interrupts: false };
    let args = ["weir", "run", file.to_str().unwrap(), "--fast", "--json"];
    let started = execute(args.iter().chain(more).copied(), &mut console);
    let said = String::from_utf8(err).unwrap();
    assert!(matches!(started, Started::Ended(Exit::Done)), "{}: {said}", file.display());
    let lines: Vec<Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_sink = lines.into_iter().filter(|line| line["node"] == sink);
    of_sink.map(|line| line["rows"].as_array().unwrap().clone()).collect()
}

/// The samples' files in a folder of their own.
fn samples() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    for part in ["", "data"] {
        for entry in std::fs::read_dir(root().join("samples").join(part)).unwrap() {
            let path = entry.unwrap().path();
            // A database that someone made here by running the sample is not the sample.
            if path.is_file() && path.extension().is_none_or(|suffix| suffix != "db") {
                std::fs::copy(&path, folder.path().join(part).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    folder
}

fn put(folder: &Path, name: &str, drawn: &Draw) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, save(&drawn.pipeline)).unwrap();
    path
}

#[test]
fn the_orders_end_in_a_database_that_holds_what_was_shown_also_when_they_run_again() {
    let folder = samples();
    let file = folder.path().join("orders_to_database.weir.json");
    // The second run has fewer batches than the first, so their numbers are all in the database already.
    for (batches, total) in [("12", 2_400), ("5", 1_000), ("7", 1_400)] {
        let mut shown = BTreeMap::new();
        for row in run(&file, "table", &["--batches", batches]).into_iter().flatten() {
            let city = row[0].as_str().map(str::to_owned);
            shown.insert(city, (row[1].as_i64().unwrap(), row[2].as_f64().unwrap()));
        }
        assert_eq!(shown.values().map(|(orders, _)| orders).sum::<i64>(), total, "200 orders a second");
        assert_eq!(shown.len(), 7, "six cities, and customers that nobody knows");
        let cities: Vec<_> = shown.keys().flatten().cloned().collect();
        let reader = Draw::new()
            .node("asked", "source.inline", json!({"batches": json!([cities]).to_string()}))
            .node("stored", "lookup", json!({
                "path": "orders.db", "table": "revenue", "on": [{"left": "value", "right": "city"}],
                "fields": [{"name": "city"}, {"name": "orders", "type": "bigint"}, {"name": "revenue", "type": "double"}]
            }))
            .node("table", "sink.table", json!({}))
            .chain(&["asked", "stored", "table"]);
        let stored = run(&put(folder.path(), "read.weir.json", &reader), "table", &["--batches", "1"]).concat();
        assert_eq!(stored.len(), 6);
        for row in stored {
            let city = row[0].as_str().unwrap().to_owned();
            let (orders, revenue) = shown[&Some(city)];
            // The key of both sides, then the rest: value, city, orders, revenue.
            assert_eq!((row[2].as_i64(), row[3].as_f64()), (Some(orders), Some(revenue)), "{row}");
        }
    }
}

#[test]
fn a_run_writes_all_of_its_batches_whatever_runs_before_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let asked = json!([["a"], ["a"], ["a"], ["a"]]).to_string();
    let store = json!({"path": "all.db", "table": "words"});
    let writer = Draw::new()
        .node("words", "source.inline", json!({"batches": asked}))
        .node("store", "sink.sql", store)
        .node("shown", "sink.table", json!({}))
        .chain(&["words", "store"])
        .chain(&["words", "shown"]);
    let file = put(folder.path(), "write.weir.json", &writer);
    let reader = Draw::new()
        .node("asked", "source.inline", json!({"batches": json!([["a"]]).to_string()}))
        .node("stored", "lookup", json!({
            "path": "all.db", "table": "words", "on": [{"left": "value", "right": "value"}], "fields": [{"name": "value"}]
        }))
        .node("table", "sink.table", json!({}))
        .chain(&["asked", "stored", "table"]);
    let mut written = 0;
    for batches in [4, 2, 1, 3] {
        run(&file, "shown", &["--batches", &batches.to_string()]);
        written += batches;
        let stored = run(&put(folder.path(), "read.weir.json", &reader), "table", &["--batches", "1"]).concat();
        assert_eq!(stored.len(), written, "after a run of {batches} batches");
    }
}

#[test]
fn one_query_joins_an_arrow_file_with_packed_json_lines() {
    let folder = samples();
    let batches = run(&folder.path().join("sql_join.weir.json"), "table", &["--batches", "4"]);
    assert_eq!(batches.len(), 4);
    let first = &batches[0];
    assert_eq!(first.len(), 4, "two agents by two vehicles: {first:?}");
    let orders: i64 = first.iter().map(|row| row[2].as_i64().unwrap()).sum();
    assert!(orders > 200 && orders < 300, "most of 300 clicks meet a delivery: {orders}");
    assert!(first.iter().all(|row| (1.0..=5.0).contains(&row[3].as_f64().unwrap())));
}

#[test]
fn what_is_written_in_any_format_is_read_back_as_it_was() {
    let fields = json!([
        {"name": "order_id", "type": "bigint"}, {"name": "item"}, {"name": "quantity", "type": "int"},
        {"name": "price", "type": "double"}, {"name": "ordered", "type": "timestamp"}
    ]);
    for (format, compression, suffix) in [
        ("parquet", "none", "parquet"),
        ("parquet", "gzip", "parquet"),
        ("parquet", "zstd", "parquet"),
        ("arrow", "none", "arrow"),
        ("arrow", "zstd", "arrow"),
        ("csv", "gzip", "csv.gz"),
        ("csv", "zstd", "csv.zst"),
        ("json_lines", "gzip", "jsonl.gz"),
        ("json_lines", "none", "jsonl"),
    ] {
        let folder = samples();
        let writer = Draw::new()
            .node(
                "orders",
                "source.replay",
                json!({"path": "data/orders.parquet", "fields": fields, "rows_per_batch": 1_500}),
            )
            .node("files", "sink.file", json!({"path": "out", "format": format, "compression": compression}))
            .node("shown", "sink.table", json!({"rows": 100_000}))
            .chain(&["orders", "files"])
            .chain(&["orders", "shown"]);
        let written = run(&put(folder.path(), "write.weir.json", &writer), "shown", &["--until-done"]).concat();
        assert_eq!(written.len(), 4_000);
        let mut read = Vec::new();
        for number in 0..3 {
            let path = format!("out/part-{number:012}.{suffix}");
            let reader = Draw::new()
                .node("back", "source.replay", json!({"path": path, "fields": fields, "rows_per_batch": 100_000}))
                .node("shown", "sink.table", json!({"rows": 100_000}))
                .chain(&["back", "shown"]);
            read.extend(run(&put(folder.path(), "read.weir.json", &reader), "shown", &["--until-done"]).concat());
        }
        assert_eq!(read, written, "{format}, {compression}");
    }
}

#[test]
fn fields_are_suggested_for_every_kind_that_reads_files() {
    let folder = samples();
    let names = |kind: &str, params: Value| -> Vec<String> {
        assert!(weir_engine::nodes::can_infer(kind, "fields"));
        let rows = weir_engine::nodes::infer(kind, "fields", params.as_object().unwrap(), folder.path()).unwrap();
        rows.iter().map(|row| format!("{} {}", row["name"].as_str().unwrap(), row["type"].as_str().unwrap())).collect()
    };
    let orders =
        ["order_id bigint", "customer string", "item string", "quantity int", "price double", "ordered timestamp"];
    assert_eq!(names("source.replay", json!({"path": "data/orders.parquet"})), orders);
    assert_eq!(names("source.folder", json!({"path": "data", "pattern": "*.parquet"})), orders);
    let dialect =
        json!({"path": "data/customers.csv", "delimiter": ";", "quote": "'", "comment": "#", "null_text": "NA"});
    assert_eq!(names("lookup", dialect), ["id string", "name string", "city string", "level string"]);
    assert!(!weir_engine::nodes::can_infer("map", "columns"));
    let nothing = weir_engine::nodes::infer("source.replay", "fields", &serde_json::Map::new(), folder.path());
    assert!(nothing.unwrap_err().contains("choose the path first"));
}
