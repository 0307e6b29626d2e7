//! What must hold of replayed files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::concat_batches;
use arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::pipeline::Settings;
use crate::plan::{Chunk, Clock, Cut, Fault, IoContext, Source, rows_of};
use crate::spec::{Timestamp, check_params, with_defaults};

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::VIRTUAL_START
    }
}

fn plan(folder: &Path, value: Value) -> Result<Planned, Vec<Diagnostic>> {
    let Value::Object(raw) = value else { panic!("an object") };
    assert_eq!(check_params(PARAMS, &raw), []);
    let settings = Settings::default();
    let context = PlanContext { name: "replay", inputs: &[], input_names: &[], settings: &settings, folder };
    build(with_defaults(PARAMS, &raw)).unwrap().plan(&context)
}

fn source(folder: &Path, value: Value) -> Box<dyn Source> {
    let Stage::Source(source) = plan(folder, value).unwrap().stage else { panic!("a source") };
    source
}

fn start(source: &dyn Source) -> Result<(), crate::plan::NodeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    source.start(&IoContext {
        io: runtime.handle().clone(),
        clock: Arc::new(Still),
        max_buffered_rows: 1_000_000,
        max_buffered_bytes: 1 << 30,
        seed: 1,
        node: 1,
    })
}

fn started(folder: &Path, value: Value) -> Box<dyn Source> {
    let source = source(folder, value);
    start(&*source).unwrap();
    source
}

fn cut(second: i64) -> Cut {
    let from = Timestamp(Timestamp::VIRTUAL_START.0 + second * 1_000_000);
    Cut { batch: 0, from, until: Timestamp(from.0 + 1_000_000), max_rows: u64::MAX }
}

/// The chunks of one second, checked against their range.
fn batch(source: &dyn Source, cut: &Cut) -> Vec<Chunk> {
    let range = source.plan_range(cut).unwrap();
    let chunks = source.read(&range).unwrap();
    assert_eq!(rows_of(&chunks), range.to - range.from);
    assert!(chunks.iter().all(|chunk| range.since <= chunk.arrived && chunk.arrived < range.until));
    source.commit(&range);
    chunks
}

fn joined(chunks: &[Chunk]) -> RecordBatch {
    concat_batches(&chunks[0].rows.schema(), chunks.iter().map(|chunk| &chunk.rows)).unwrap()
}

fn texts(chunks: &[Chunk]) -> Vec<String> {
    chunks.iter().flat_map(|chunk| chunk.rows.column(0).as_string_view().iter().flatten().map(str::to_owned)).collect()
}

/// Batches of the seconds from 0 on.
fn seconds(source: &dyn Source, count: i64) -> Vec<Vec<String>> {
    (0..count).map(|second| texts(&batch(source, &cut(second)))).collect()
}

/// Lines `<prefix>0` to `<prefix>count-1`.
fn numbered(prefix: &str, count: usize) -> String {
    let lines: Vec<_> = (0..count).map(|number| format!("{prefix}{number}")).collect();
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn folder_with(name: &str, content: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    folder
}

#[test]
fn text_comes_line_by_line_and_ends_with_the_file() {
    let folder = folder_with("a.txt", "one\r\ntwo\n\nlast");
    let source = started(folder.path(), json!({"path": "a.txt", "rows_per_batch": 3}));
    assert!(source.is_bounded() && !source.is_live() && !source.is_done());
    assert_eq!(seconds(&*source, 3), [vec!["one", "two", ""], vec!["last"], vec![]]);
    assert!(source.is_done());
}

#[test]
fn the_end_is_known_with_the_batch_that_takes_the_last_row() {
    let folder = folder_with("a.txt", "one\ntwo\n");
    let source = started(folder.path(), json!({"path": "a.txt", "rows_per_batch": 2}));
    assert_eq!(seconds(&*source, 1), [["one", "two"]]);
    assert!(source.is_done());
}

#[test]
fn csv_fields_are_found_by_the_headers_names() {
    let folder = folder_with("a.csv", "\u{FEFF}Price,name,when\n1.5,\"a, \"\"b\"\"\",2026-01-01T00:00:00Z\n,\"\",\n");
    let fields = json!([
        {"name": "name", "type": "string"},
        {"name": "price", "type": "double"},
        {"name": "time", "type": "timestamp", "path": "when"},
    ]);
    let source = started(folder.path(), json!({"path": "a.csv", "fields": fields}));
    let rows = joined(&batch(&*source, &cut(0)));
    let names: Vec<_> = rows.column(0).as_string_view().iter().collect();
    assert_eq!(names, [Some("a, \"b\""), Some("")], "quoted and empty is empty text");
    assert_eq!(rows.column(1).as_primitive::<Float64Type>().iter().collect::<Vec<_>>(), [Some(1.5), None]);
    let times: Vec<_> = rows.column(2).as_primitive::<TimestampMicrosecondType>().iter().collect();
    assert_eq!(times, [Some(Timestamp::VIRTUAL_START.0), None]);
}

#[test]
fn csv_without_a_header_goes_by_position_and_takes_other_delimiters() {
    let folder = folder_with("a.tsv", "1\tx\n2\ty\n");
    let fields = json!([{"name": "n", "type": "bigint"}, {"name": "t"}]);
    let params = json!({"path": "a.tsv", "fields": fields, "header": false, "delimiter": "\\t"});
    let rows = joined(&batch(&*started(folder.path(), params), &cut(0)));
    assert_eq!(rows.column(0).as_primitive::<Int64Type>().values().to_vec(), [1, 2]);
    assert_eq!(rows.column(1).as_string_view().iter().flatten().collect::<Vec<_>>(), ["x", "y"]);
}

#[test]
fn json_paths_reach_into_objects_and_lists() {
    let folder =
        folder_with("a.jsonl", "{\"user\": {\"city\": \"Bern\"}, \"items\": [7, 8]}\n\n{\"user.city\": \"Rom\"}\n");
    let fields = json!([{"name": "city", "path": "user.city"}, {"name": "item", "type": "int", "path": "items.1"}]);
    let rows = joined(&batch(&*started(folder.path(), json!({"path": "a.jsonl", "fields": fields})), &cut(0)));
    let cities: Vec<_> = rows.column(0).as_string_view().iter().flatten().collect();
    assert_eq!(cities, ["Bern", "Rom"]);
    let items: Vec<_> = rows.column(1).as_primitive::<arrow::datatypes::Int32Type>().iter().collect();
    assert_eq!(items, [Some(8), None]);
}

#[test]
fn rows_that_do_not_fit_are_left_out_counted_and_named() {
    let fields = json!([{"name": "a"}, {"name": "n", "type": "bigint"}]);
    for (name, content, says) in [
        ("a.csv", "a,n\nx,1\nshort\ny,2\n\"open,3\nz,many\n", "line 6: `many` is no bigint"),
        (
            "a.jsonl",
            "{\"a\":\"x\",\"n\":1}\n{\"a\n{\"a\":\"y\",\"n\":2}\n[1]\n{\"n\":\"7\"}",
            "line 5: `\"7\"` is no bigint",
        ),
    ] {
        let folder = folder_with(name, content);
        let source = started(folder.path(), json!({"path": name, "fields": fields}));
        assert_eq!(seconds(&*source, 1), [["x", "y"]]);
        let status = source.status();
        assert_eq!(status.repaired, 3);
        let sentence = status.connected.unwrap();
        assert!(sentence.starts_with(&format!("{name}: 3 rows did not fit")), "{sentence}");
        assert!(sentence.contains(says), "{sentence}");
    }
}

#[test]
fn garbage_and_endless_lines_do_not_stop_it() {
    let mut content = vec![b'x'; 3 << 20];
    content.extend_from_slice(b"\n\xff\xfe\x00\nend");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), content).unwrap();
    let source = started(folder.path(), json!({"path": "a.txt"}));
    let lines = seconds(&*source, 1).remove(0);
    assert_eq!((lines[0].len(), lines[1].as_str(), lines[2].as_str()), (1 << 20, "\u{FFFD}\u{FFFD}\0", "end"));
    assert_eq!((source.status().repaired, source.status().dropped), (2, 1));
}

#[test]
fn a_rate_gives_so_many_rows_per_second_and_may_change_without_losing_the_place() {
    let content = numbered("", 20);
    let folder = folder_with("a.txt", &content);
    let old = started(folder.path(), json!({"path": "a.txt", "pace": "rate", "rate": 1.5}));
    assert_eq!(seconds(&*old, 4).iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1, 2]);
    let new = source(folder.path(), json!({"path": "a.txt", "pace": "rate", "rate": 3}));
    let cut_before = old.plan_range(&cut(4)).unwrap();
    new.take_over(&*old);
    old.stop();
    start(&*new).unwrap();
    assert_eq!(texts(&old.read(&cut_before).unwrap()), ["6"], "a batch cut before is read from the old source");
    drop(old);
    assert_eq!(texts(&batch(&*new, &cut(5))), ["7", "8", "9"]);
}

/// Rows at these seconds, `-` for none.
fn timed(times: &[&str]) -> String {
    let row = |(index, time): (usize, &&str)| match *time {
        "-" => format!("r{index},\n"),
        second => format!("r{index},2026-03-01T00:00:{second}Z\n"),
    };
    format!("name,time\n{}", times.iter().enumerate().map(row).collect::<String>())
}

fn by_time(speed: f64, loops: bool) -> Value {
    json!({
        "path": "a.csv", "pace": "event_time", "event_time": "time", "speed": speed, "loop": loops,
        "fields": [{"name": "name"}, {"name": "time", "type": "timestamp"}],
    })
}

#[test]
fn by_event_time_rows_come_as_far_apart_as_they_happened() {
    let folder = folder_with("a.csv", &timed(&["10", "10.5", "-", "12", "11", "14"]));
    let source = started(folder.path(), by_time(1.0, false));
    let expected = [vec!["r0", "r1", "r2"], vec![], vec!["r3", "r4"], vec![], vec!["r5"]];
    assert_eq!(seconds(&*source, 5), expected, "r4 waits for r3, which is before it in the file");
    assert!(source.is_done());
    let twice = started(folder.path(), by_time(2.0, false));
    assert_eq!(seconds(&*twice, 3), [vec!["r0", "r1", "r2"], vec!["r3", "r4"], vec!["r5"]]);
}

#[test]
fn a_loop_by_event_time_goes_on_at_the_files_own_rhythm() {
    let folder = folder_with("a.csv", &timed(&["10", "11", "12"]));
    let source = started(folder.path(), by_time(1.0, true));
    let names = ["r0", "r1", "r2", "r0", "r1", "r2", "r0"].map(|name| vec![name]);
    assert_eq!(seconds(&*source, 7), names);
    assert!(!source.is_done() && !source.is_bounded());
}

#[test]
fn a_file_without_rows_ends_even_in_a_loop() {
    for content in ["", "name,time\n", "name,time\nx,no time\n"] {
        let folder = folder_with("a.csv", content);
        let source = started(folder.path(), by_time(1.0, true));
        assert_eq!(seconds(&*source, 1), [Vec::<String>::new()], "{content:?}");
        assert!(source.is_done());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_row_comes_once_in_order_and_any_range_reads_again(
        count in 0usize..30_000,
        bounds in prop::collection::vec(0u64..9_000, 1..8),
    ) {
        let content = numbered("line ", count);
        let folder = folder_with("a.txt", &content);
        let source = started(folder.path(), json!({"path": "a.txt", "rows_per_batch": 5_000}));
        let (mut ranges, mut all) = (Vec::new(), Vec::new());
        for max_rows in bounds.iter().copied().chain(std::iter::repeat_n(u64::MAX, 8)) {
            let range = source.plan_range(&Cut { max_rows, ..cut(0) }).unwrap();
            all.extend(texts(&source.read(&range).unwrap()));
            source.commit(&range);
            ranges.push(range);
        }
        prop_assert!(source.is_done());
        let expected: Vec<_> = (0..count).map(|number| format!("line {number}")).collect();
        prop_assert_eq!(&all, &expected);
        let again: Vec<_> = ranges.iter().flat_map(|range| texts(&source.read(range).unwrap())).collect();
        prop_assert_eq!(again, expected);
    }
}

#[test]
fn a_file_that_is_not_there_is_named_when_it_starts_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path(), json!({"path": "sub/none.txt"}));
    let error = start(&*source).unwrap_err();
    assert_eq!(error.fault, Fault::Environment);
    assert!(error.message.contains("none.txt does not exist; put it there or choose another"), "{error}");
}

#[test]
fn a_header_without_the_field_says_what_it_has() {
    let folder = folder_with("a.csv", "x,y\n1,2\n");
    let source = source(folder.path(), json!({"path": "a.csv", "fields": [{"name": "z"}]}));
    let error = start(&*source).unwrap_err();
    assert!(error.message.contains("has no column `z`; it has `x`, `y`"), "{error}");
}

#[test]
fn everything_impossible_is_refused_in_place() {
    let time = json!([{"name": "time", "type": "string"}]);
    for (params, param, says) in [
        (json!({"path": "a.csv"}), "fields", "no fields are declared"),
        (json!({"path": "a.txt", "format": "json_lines"}), "fields", "no fields are declared"),
        (json!({"path": "a.csv", "fields": time, "delimiter": "||"}), "delimiter", "`||` is no delimiter"),
        (json!({"path": "a.csv", "fields": time, "delimiter": "\""}), "delimiter", "is no delimiter"),
        (json!({"path": "a.txt", "pace": "event_time", "event_time": "t"}), "event_time", "has no column of times"),
        (
            json!({"path": "a.csv", "fields": time, "pace": "event_time", "event_time": "t"}),
            "event_time",
            "`t` is not among the fields",
        ),
        (
            json!({"path": "a.csv", "fields": time, "pace": "event_time", "event_time": "time"}),
            "event_time",
            "`time` is a string",
        ),
    ] {
        let problems = plan(Path::new("."), params.clone()).err().unwrap();
        assert_eq!(problems.len(), 1, "{params}: {problems:?}");
        assert_eq!(problems[0].param.as_deref(), Some(param), "{params}");
        assert!(problems[0].message.contains(says), "{}", problems[0].message);
    }
    let warned = plan(Path::new("."), json!({"path": "a.txt", "fields": time})).unwrap();
    assert_eq!(warned.warnings.len(), 1);
}

#[test]
fn values_of_fields_that_are_not_declared_are_counted() {
    let fields = json!([{"name": "a", "type": "int"}, {"name": "city", "path": "user.city"}]);
    let json_lines = "{\"a\": 1, \"b\": 2, \"user\": {\"city\": \"x\"}}\n{\"c\": 1, \"d\": 2}\n";
    let folder = folder_with("a.jsonl", json_lines);
    let source = started(folder.path(), json!({"path": "a.jsonl", "fields": fields}));
    batch(&*source, &cut(0));
    assert_eq!(source.counters(), [("ignored", 3)]);
    let folder = folder_with("a.csv", "x,a,y\n1,2,3\n4,5,6\n");
    let source = started(folder.path(), json!({"path": "a.csv", "fields": [{"name": "a", "type": "int"}]}));
    batch(&*source, &cut(0));
    assert_eq!(source.counters(), [("ignored", 4)]);
}
