//! What must hold of the file sink.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int32Builder, Int64Array, ListArray, ListBuilder,
    StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::nodes::sources::content::WholeFile;
use crate::nodes::sources::rows::FieldParam;
use crate::nodes::testing::io_on;
use crate::pipeline::Settings;
use crate::plan::{BatchContext, Chunk, Fault, Flow, IoContext, LinkType, NodeError, Sink};
use crate::spec::{Timestamp, check_params, with_defaults};

fn plan(folder: &Path, rows: &RecordBatch, value: Value) -> Result<Box<dyn Sink>, Vec<Diagnostic>> {
    let Value::Object(raw) = value else { panic!("an object") };
    assert_eq!(check_params(PARAMS, &raw), []);
    let settings = Settings::default();
    let inputs = [vec![LinkType::plain(rows.schema())]];
    let context = PlanContext { name: "files", inputs: &inputs, input_names: &[], settings: &settings, folder };
    let Stage::Sink(sink) = build(with_defaults(PARAMS, &raw)).unwrap().plan(&context)?.stage else { panic!("a sink") };
    Ok(sink)
}

fn started(folder: &Path, value: Value) -> Result<Box<dyn Sink>, NodeError> {
    let mut sink = plan(folder, &counts(&[]), value).unwrap();
    sink.start(&io())?;
    Ok(sink)
}

fn counts(rows: &[(Option<&str>, i64)]) -> RecordBatch {
    let words: StringViewArray = rows.iter().map(|(word, _)| *word).collect();
    let numbers: Int64Array = rows.iter().map(|(_, count)| Some(*count)).collect();
    RecordBatch::try_from_iter_with_nullable([
        ("word", Arc::new(words) as ArrayRef, true),
        ("count", Arc::new(numbers) as ArrayRef, true),
    ])
    .unwrap()
}

fn lines(rows: &[Option<&str>]) -> RecordBatch {
    let words: StringViewArray = rows.iter().copied().collect();
    RecordBatch::try_new(LinkType::lines().schema, vec![Arc::new(words)]).unwrap()
}

fn io() -> IoContext {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    io_on(runtime.handle(), 1_000)
}

fn context(batch: u64) -> BatchContext {
    BatchContext {
        batch,
        time: Timestamp(1),
        from: Timestamp(0),
        run_start: Timestamp(0),
        seed: 1,
        pool: Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap()),
        watermarks: Vec::new(),
    }
}

fn fired(batches: &[RecordBatch]) -> [Flow; 1] {
    [Flow::Fired(batches.iter().map(|rows| Chunk::new(rows.clone(), Timestamp(0))).collect())]
}

fn write(sink: &mut dyn Sink, batch: u64, rows: &[RecordBatch]) -> Result<(), NodeError> {
    sink.stage(&fired(rows), &context(batch))?;
    sink.publish(batch)
}

/// Names and contents, hidden ones too.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_iter().map(|(name, _)| name).collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn each_batch_becomes_one_file_in_the_chosen_format() {
    let rows = [counts(&[(Some("a, \"b\""), 2)]), counts(&[(None, 1)])];
    for (format, name, content) in [
        ("csv", "part-000000000012.csv", "word,count\n\"a, \"\"b\"\"\",2\n,1\n"),
        ("json_lines", "part-000000000012.jsonl", "{\"word\":\"a, \\\"b\\\"\",\"count\":2}\n{\"count\":1}\n"),
    ] {
        let home = folder();
        let mut sink = started(home.path(), json!({"path": "out", "format": format})).unwrap();
        write(&mut *sink, 12, &rows).unwrap();
        assert_eq!(files(&home.path().join("out")), [(name.to_owned(), content.to_owned())]);
    }
    let home = folder();
    let mut sink = plan(home.path(), &lines(&[]), json!({"path": "out", "format": "text"})).unwrap();
    sink.start(&io()).unwrap();
    write(&mut *sink, 0, &[lines(&[Some("a b"), None, Some("c")])]).unwrap();
    assert_eq!(files(&home.path().join("out"))[0].1, "a b\n\nc\n");
}

#[test]
fn nothing_is_visible_before_it_is_published_and_publishing_twice_is_once() {
    let home = folder();
    let out = home.path().join("out");
    let mut sink = started(home.path(), json!({"path": "out"})).unwrap();
    sink.stage(&fired(&[counts(&[(Some("first"), 1)])]), &context(3)).unwrap();
    assert_eq!(names(&out), [".part-000000000003.csv.tmp"]);
    sink.stage(&fired(&[counts(&[(Some("again"), 2)])]), &context(3)).unwrap();
    sink.publish(3).unwrap();
    sink.publish(3).unwrap();
    assert_eq!(files(&out), [("part-000000000003.csv".to_owned(), "word,count\nagain,2\n".to_owned())]);
}

#[test]
fn empty_batches_write_nothing_unless_asked_for() {
    let home = folder();
    let mut sink = started(home.path(), json!({"path": "a"})).unwrap();
    write(&mut *sink, 0, &[]).unwrap();
    write(&mut *sink, 1, &[counts(&[])]).unwrap();
    assert!(names(&home.path().join("a")).is_empty());
    let mut sink = started(home.path(), json!({"path": "b", "empty_files": true})).unwrap();
    write(&mut *sink, 0, &[]).unwrap();
    sink.stage(&[Flow::Idle], &context(1)).unwrap();
    sink.publish(1).unwrap();
    let expected = [("part-000000000000.csv".to_owned(), "word,count\n".to_owned())];
    assert_eq!(files(&home.path().join("b")), expected, "a batch that did not fire is no empty batch");
}

#[test]
fn files_of_an_earlier_run_are_refused_appended_to_or_replaced() {
    let home = folder();
    let out = home.path().join("out");
    let row = [counts(&[(Some("a"), 1)])];
    let mut first = started(home.path(), json!({"path": "out"})).unwrap();
    write(&mut *first, 0, &row).unwrap();
    write(&mut *first, 4, &row).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();

    let refused = started(home.path(), json!({"path": "out"})).err().unwrap();
    assert_eq!(refused.fault, Fault::Environment);
    assert!(refused.message.contains("choose to append or to replace"), "{refused}");

    let mut appending = started(home.path(), json!({"path": "out", "if_exists": "append"})).unwrap();
    write(&mut *appending, 0, &row).unwrap();
    let expected = ["notes.txt", "part-000000000000.csv", "part-000000000004.csv", "part-000000000005.csv"];
    assert_eq!(names(&out), expected);

    let mut replacing = started(home.path(), json!({"path": "out", "if_exists": "replace"})).unwrap();
    assert_eq!(names(&out), ["notes.txt"]);
    write(&mut *replacing, 1, &row).unwrap();
    assert_eq!(names(&out), ["notes.txt", "part-000000000001.csv"]);
}

#[test]
fn a_changed_setting_goes_on_among_the_own_files() {
    let home = folder();
    let row = [counts(&[(Some("a"), 1)])];
    let mut old = started(home.path(), json!({"path": "out"})).unwrap();
    write(&mut *old, 0, &row).unwrap();
    let mut new = plan(home.path(), &counts(&[]), json!({"path": "out", "format": "json_lines"})).unwrap();
    new.take_over(old);
    new.start(&io()).unwrap();
    write(&mut *new, 1, &row).unwrap();
    assert_eq!(names(&home.path().join("out")), ["part-000000000000.csv", "part-000000000001.jsonl"]);
}

#[test]
fn what_an_interrupted_run_left_is_removed() {
    let home = folder();
    let mut sink = started(home.path(), json!({"path": "out"})).unwrap();
    sink.stage(&fired(&[counts(&[(Some("a"), 1)])]), &context(0)).unwrap();
    drop(sink);
    let mut next = started(home.path(), json!({"path": "out"})).unwrap();
    assert!(names(&home.path().join("out")).is_empty());
    next.stage(&fired(&[counts(&[(Some("a"), 1)])]), &context(0)).unwrap();
    next.recover().unwrap();
    next.publish(0).unwrap();
    assert!(names(&home.path().join("out")).is_empty());
}

#[test]
fn where_it_cannot_write_it_says_why_and_what_to_do() {
    let home = folder();
    fs::write(home.path().join("taken"), "").unwrap();
    for (path, says) in [
        ("missing/out", "missing does not exist; make it or choose another"),
        ("taken", "is a file, not a folder"),
        ("taken/out", "a part of that path is a file"),
    ] {
        let error = started(home.path(), json!({"path": path})).err().unwrap();
        assert_eq!(error.fault, Fault::Environment);
        assert!(error.message.contains(says), "{error}");
    }
    let mut sink = started(home.path(), json!({"path": "out"})).unwrap();
    fs::remove_dir_all(home.path().join("out")).unwrap();
    let error = write(&mut *sink, 0, &[counts(&[(Some("a"), 1)])]).unwrap_err();
    assert!(error.message.contains("does not exist"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_called_a_full_disk() {
    let home = folder();
    let target = home.path().join("out");
    fs::create_dir(&target).unwrap();
    std::os::unix::fs::symlink("/dev/full", target.join(".part-000000000000.csv.tmp")).unwrap();
    let mut sink = plan(home.path(), &counts(&[]), json!({"path": "out", "if_exists": "append"})).unwrap();
    // Not started: starting would remove the stand-in for a full disk as a leftover.
    let error = sink.stage(&fired(&[counts(&[(Some("a"), 1)])]), &context(0)).unwrap_err();
    assert!(error.message.contains("the disk is full; free some space"), "{error}");
}

#[test]
fn columns_that_a_format_cannot_hold_are_refused_while_wiring() {
    let home = folder();
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)])]);
    let nested = RecordBatch::try_from_iter([("items", Arc::new(lists) as ArrayRef)]).unwrap();
    for (rows, format, says) in [
        (&nested, "csv", "no place for the column `items`"),
        (&nested, "text", "exactly one column of type string"),
        (&counts(&[]), "text", "the input has `word`, `count`"),
    ] {
        let problems = plan(home.path(), rows, json!({"path": "out", "format": format})).err().unwrap();
        assert_eq!(problems[0].param.as_deref(), Some("format"));
        assert!(problems[0].message.contains(says), "{}", problems[0].message);
    }
    assert!(plan(home.path(), &nested, json!({"path": "out", "format": "json_lines"})).is_ok());
}

#[test]
fn csv_is_written_in_the_dialect_that_is_asked_for() {
    let rows = [counts(&[(Some("a;'b'"), 2), (None, 1), (Some(""), 0), (Some("NA"), 3), (Some("x\ny"), 4)])];
    let written = |more: Value| {
        let home = folder();
        let mut params = json!({"path": "out", "format": "csv"});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut sink = started(home.path(), params).unwrap();
        write(&mut *sink, 0, &rows)?;
        Ok::<_, NodeError>(files(&home.path().join("out"))[0].1.clone())
    };
    assert_eq!(written(json!({})).unwrap(), "word,count\na;'b',2\n,1\n\"\",0\nNA,3\n\"x\ny\",4\n");
    let dialect = json!({"header": false, "delimiter": ";", "quote": "'", "escape": "\\", "null_text": "NA"});
    assert_eq!(written(dialect).unwrap(), "'a;\\'b\\'';2\nNA;1\n'';0\n'NA';3\n'x\ny';4\n");
    let error = written(json!({"quote": "none"})).unwrap_err();
    assert_eq!(error.fault, Fault::Data, "waiting does not help");
    assert!(error.message.contains("the column `word` holds the delimiter or a line break"), "{error}");
    for (more, param) in [
        (json!({"delimiter": ",,"}), "delimiter"),
        (json!({"quote": ","}), "quote"),
        (json!({"null_text": "N,A"}), "null_text"),
    ] {
        let mut params = json!({"path": "out"});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let problems = plan(Path::new("."), &counts(&[]), params).err().unwrap();
        assert_eq!(problems[0].param.as_deref(), Some(param));
    }
}

type Line = (Option<String>, Option<i64>, Option<f64>, Option<i64>, Option<i32>, Option<i64>, Option<Vec<Option<i32>>>);

fn any_line() -> impl Strategy<Value = Line> {
    let text = prop_oneof!["[a-c\",;'|\\\\\t NA]{0,6}", "[\u{e4}\u{4e2d}#]{0,3}"];
    let list = prop::collection::vec(prop::option::of(any::<i32>()), 0..4);
    (
        prop::option::of(text),
        prop::option::of(any::<i64>()),
        // Such as every reader of numbers takes to the last bit.
        prop::option::of(prop_oneof![(-1_000_000i32..1_000_000).prop_map(|n| f64::from(n) / 64.0), Just(-0.0)]),
        prop::option::of(-99_999_999_999i64..99_999_999_999),
        prop::option::of(-300_000i32..900_000),
        prop::option::of(-9_000_000_000_000_000i64..90_000_000_000_000_000),
        prop::option::of(list),
    )
}

/// The lines as columns; the list only where the format has a place for it.
fn columns_of(lines: &[Line], with_lists: bool) -> RecordBatch {
    let mut lists = ListBuilder::new(Int32Builder::new());
    lines.iter().for_each(|line| lists.append_option(line.6.clone()));
    let decimals: Decimal128Array = lines.iter().map(|line| line.3.map(i128::from)).collect();
    let times: TimestampMicrosecondArray = lines.iter().map(|line| line.5).collect();
    let mut columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("t", Arc::new(lines.iter().map(|line| line.0.as_deref()).collect::<StringViewArray>()), true),
        ("n", Arc::new(lines.iter().map(|line| line.1).collect::<Int64Array>()), true),
        ("x", Arc::new(lines.iter().map(|line| line.2).collect::<Float64Array>()), true),
        ("money", Arc::new(decimals.with_precision_and_scale(20, 4).unwrap()), true),
        ("day", Arc::new(lines.iter().map(|line| line.4).collect::<Date32Array>()), true),
        ("at", Arc::new(times.with_timezone("UTC")), true),
    ];
    if with_lists {
        columns.push(("list", Arc::new(lists.finish()), true));
    }
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn declared(with_lists: bool) -> Vec<FieldParam> {
    let mut fields = json!([
        {"name": "t", "type": "string"}, {"name": "n", "type": "bigint"}, {"name": "x", "type": "double"},
        {"name": "money", "type": "decimal", "precision": 20, "scale": 4}, {"name": "day", "type": "date"},
        {"name": "at", "type": "timestamp"}, {"name": "list", "type": "array", "items": "int"}
    ]);
    if !with_lists {
        fields.as_array_mut().unwrap().pop();
    }
    serde_json::from_value(fields).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn what_is_written_is_read_back_value_by_value(
        lines in prop::collection::vec(any_line(), 1..12),
        format in prop::sample::select(vec!["csv", "csv", "json_lines", "parquet", "arrow"]),
        (header, delimiter, quote) in (any::<bool>(), prop::sample::select(vec![",", ";", "\\t", "|"]), prop::sample::select(vec!["\"", "'"])),
        (escape, null_text) in (prop::sample::select(vec!["", "\\"]), prop::sample::select(vec!["", "NA", "null"])),
    ) {
        let with_lists = format != "csv";
        let rows = columns_of(&lines, with_lists);
        let home = folder();
        let params = json!({
            "path": "out", "format": format, "header": header, "delimiter": delimiter, "quote": quote,
            "escape": escape, "null_text": null_text
        });
        let mut sink = plan(home.path(), &rows, params).unwrap();
        sink.start(&io()).unwrap();
        write(&mut *sink, 0, std::slice::from_ref(&rows)).unwrap();
        let path = fs::read_dir(home.path().join("out")).unwrap().next().unwrap().unwrap().path();
        let fields = declared(with_lists);
        let options = CsvOptions { header, delimiter, quote, escape, null_text, comment: "none" };
        let file = match format {
            "csv" => WholeFile::csv(path, fields, options.dialect(&mut Vec::new())),
            "json_lines" => WholeFile::json_lines(path, fields),
            "parquet" => WholeFile::parquet(path, fields),
            _ => WholeFile::arrow(path, fields),
        };
        let read = file.read().unwrap();
        prop_assert_eq!(read.rejected, 0);
        prop_assert_eq!(read.rows, rows);
    }
}
