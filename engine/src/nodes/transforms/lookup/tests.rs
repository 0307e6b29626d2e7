//! What must hold of looking rows up in a file.

use std::fs;
use std::path::Path;

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::nodes::testing::{batch, check_schemas, chunk, context, context_with, long, names, node, table, text};
use crate::pipeline::Settings;
use crate::plan::{BatchContext, Fault, Flow, Operator, StateFate};
use crate::spec::Span;

const NAMES: &str = "key,name\na,Alpha\nb,Beta\nb,Bravo\n中文,Chinese\n,Nobody\nunused,Unused\n";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("names.csv"), NAMES).unwrap();
    folder
}

fn params(more: Value) -> Value {
    let mut params =
        json!({"path": "names.csv", "fields": [{"name": "key"}, {"name": "name"}], "on": [{"left": "key"}]});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params
}

fn plan(folder: &Path, params: Value, input: &RecordBatch) -> Result<Planned, Vec<Diagnostic>> {
    let links = [vec![LinkType::plain(input.schema())]];
    let settings = Settings::default();
    node(&KIND, params).plan(&PlanContext {
        name: "lookup",
        inputs: &links,
        input_names: &[],
        settings: &settings,
        folder,
    })
}

fn lookup(folder: &Path, params: Value, input: &RecordBatch) -> Box<dyn Operator> {
    let planned = plan(folder, params, input).unwrap_or_else(|problems| panic!("{problems:?}"));
    let Stage::Operator(operator) = planned.stage else { panic!("an operator") };
    operator
}

fn at_second(second: i64) -> BatchContext {
    let base = context();
    let time = base.run_start.plus(Span::from_secs(second));
    BatchContext { time, from: time.minus(Span::from_secs(1)), ..base }
}

fn look_up(lookup: &mut dyn Operator, rows: &RecordBatch, second: i64) -> Vec<String> {
    let out = lookup.process(vec![vec![Flow::Fired(vec![chunk(rows.clone())])]], &at_second(second)).unwrap();
    assert!(out[0].fired());
    table(&out[0])
}

fn once(params: Value, rows: &RecordBatch) -> Vec<String> {
    let folder = folder();
    look_up(&mut *lookup(folder.path(), params, rows), rows, 1)
}

fn events(rows: &[(Option<&'static str>, Option<i64>)]) -> RecordBatch {
    let schema = arrow::datatypes::Schema::new(vec![
        arrow::datatypes::Field::new("key", LinkType::TEXT, true),
        arrow::datatypes::Field::new("value", arrow::datatypes::DataType::Int64, true),
    ]);
    let columns = vec![text(rows.iter().map(|row| row.0)), long(rows.iter().map(|row| row.1))];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

#[test]
fn the_example_of_the_documentation_holds() {
    let rows = events(&[(Some("a"), Some(1)), (Some("b"), Some(2)), (Some("c"), Some(3))]);
    let found = ["a | 1 | Alpha", "b | 2 | Beta", "b | 2 | Bravo"];
    assert_eq!(once(params(json!({})), &rows), found);
    assert_eq!(once(params(json!({"how": "left"})), &rows), [&found[..], &["c | 3 | null"]].concat());
    assert_eq!(once(params(json!({"how": "left_semi"})), &rows), ["a | 1", "b | 2"]);
    assert_eq!(once(params(json!({"how": "left_anti"})), &rows), ["c | 3"]);
}

/// `dstream/stream_static_join` of the recorded behaviour.
#[test]
fn each_batch_meets_the_same_small_table() {
    let batches: [&[(&str, i64)]; 10] = [
        &[("a", 1), ("b", 2), ("a", 3)],
        &[("b", -5), ("中文", 7)],
        &[],
        &[("a", 10), ("\u{e9}", 0), ("🙂", -1)],
        &[("a", -4), ("b", 4), ("c", 100)],
        &[],
        &[],
        &[("中文", -7), ("c", 1), ("c", 1)],
        &[("a", 2)],
        &[("", 9), ("b", 9_007_199_254_740_993)],
    ];
    let expected: [&[&str]; 10] = [
        &["a | 1 | Alpha", "b | 2 | Beta", "b | 2 | Bravo", "a | 3 | Alpha"],
        &["b | -5 | Beta", "b | -5 | Bravo", "中文 | 7 | Chinese"],
        &[],
        &["a | 10 | Alpha"],
        &["a | -4 | Alpha", "b | 4 | Beta", "b | 4 | Bravo"],
        &[],
        &[],
        &["中文 | -7 | Chinese"],
        &["a | 2 | Alpha"],
        &["b | 9007199254740993 | Beta", "b | 9007199254740993 | Bravo"],
    ];
    let folder = folder();
    let mut lookup = lookup(folder.path(), params(json!({})), &events(&[]));
    for (rows, expected) in batches.iter().zip(expected) {
        let rows: Vec<_> = rows.iter().map(|(key, value)| (Some(*key), Some(*value))).collect();
        assert_eq!(look_up(&mut *lookup, &events(&rows), 1), expected);
    }
}

/// `structured/static_join_*` of the recorded behaviour: null keys do not match.
#[test]
fn rows_meet_the_file_as_in_a_stream_static_join() {
    let batches: [&[(Option<&str>, Option<i64>)]; 7] = [
        &[(Some("a"), Some(1)), (Some("b"), Some(2)), (Some("a"), Some(3))],
        &[(Some("b"), Some(-5)), (Some("中文"), Some(7))],
        &[],
        &[(Some("a"), Some(10)), (Some("\u{e9}"), Some(0)), (None, Some(4))],
        &[(Some("a"), Some(-4)), (None, Some(1)), (Some("🙂"), None)],
        &[(Some("b"), None), (Some(""), Some(9))],
        &[(Some("a"), Some(0))],
    ];
    let inner: [&[&str]; 7] = [
        &["a | 1 | Alpha", "b | 2 | Beta", "b | 2 | Bravo", "a | 3 | Alpha"],
        &["b | -5 | Beta", "b | -5 | Bravo", "中文 | 7 | Chinese"],
        &[],
        &["a | 10 | Alpha"],
        &["a | -4 | Alpha"],
        &["b | null | Beta", "b | null | Bravo"],
        &["a | 0 | Alpha"],
    ];
    let left: [&[&str]; 7] = [
        inner[0],
        inner[1],
        &[],
        &["a | 10 | Alpha", "\u{e9} | 0 | null", "null | 4 | null"],
        &["a | -4 | Alpha", "null | 1 | null", "🙂 | null | null"],
        &["b | null | Beta", "b | null | Bravo", " | 9 | null"],
        inner[6],
    ];
    let semi: [&[&str]; 7] = [
        &["a | 1", "b | 2", "a | 3"],
        &["b | -5", "中文 | 7"],
        &[],
        &["a | 10"],
        &["a | -4"],
        &["b | null"],
        &["a | 0"],
    ];
    let folder = folder();
    for (how, expected) in [("inner", inner), ("left", left), ("left_semi", semi)] {
        let mut lookup = lookup(folder.path(), params(json!({"how": how})), &events(&[]));
        for (rows, expected) in batches.iter().zip(expected) {
            assert_eq!(look_up(&mut *lookup, &events(rows), 1), expected, "{how}");
        }
    }
}

#[test]
fn null_keys_match_only_if_that_is_chosen() {
    let rows = events(&[(None, Some(1))]);
    assert_eq!(once(params(json!({})), &rows), [""; 0]);
    assert_eq!(once(params(json!({"null_keys": "equal"})), &rows), ["null | 1 | Nobody"]);
}

#[test]
fn json_lines_are_read_by_their_paths_and_columns_that_clash_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("prices.jsonl"), "{\"id\": 7, \"price\": {\"net\": 2.5}}\nno json\n").unwrap();
    let params = json!({
        "path": "prices.jsonl", "on": [{"left": "key", "right": "id"}],
        "fields": [{"name": "id", "type": "bigint"}, {"name": "value", "type": "double", "path": "price.net"}],
    });
    let rows = batch(vec![("key", crate::nodes::testing::int([7])), ("value", long([1]))]);
    let planned = plan(folder.path(), params.clone(), &rows).unwrap();
    assert_eq!(names(&planned.outputs[0].schema), ["key", "value", "id", "value_right"]);
    let mut lookup = lookup(folder.path(), params, &rows);
    assert_eq!(look_up(&mut *lookup, &rows, 1), ["7 | 1 | 7 | 2.5"]);
    assert_eq!(lookup.counters(), [("unreadable_rows", 1)]);
    assert_eq!(lookup.state_size().rows, 1);
}

#[test]
fn a_file_that_is_missing_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let rows = events(&[(Some("a"), Some(1))]);
    let mut lookup = lookup(folder.path(), params(json!({})), &rows);
    let inputs = || vec![vec![Flow::Fired(vec![chunk(rows.clone())])]];
    let error = lookup.process(inputs(), &at_second(1)).unwrap_err();
    assert_eq!(error.fault, Fault::Environment);
    assert!(error.message.contains("does not exist; put it there"), "{error}");
    fs::write(folder.path().join("names.csv"), NAMES).unwrap();
    assert_eq!(look_up(&mut *lookup, &rows, 2), ["a | 1 | Alpha"]);
}

#[test]
fn a_file_that_changed_is_read_again_when_it_is_time() {
    let folder = folder();
    let path = folder.path().join("names.csv");
    let rows = events(&[(Some("a"), Some(1))]);
    let mut reloading = lookup(folder.path(), params(json!({"reload": "10s"})), &rows);
    let mut fixed = lookup(folder.path(), params(json!({})), &rows);
    for lookup in [&mut reloading, &mut fixed] {
        assert_eq!(look_up(&mut **lookup, &rows, 1), ["a | 1 | Alpha"]);
    }
    fs::write(&path, "key,name\na,Another\n").unwrap();
    assert_eq!(look_up(&mut *reloading, &rows, 10), ["a | 1 | Alpha"], "not yet");
    assert_eq!(look_up(&mut *reloading, &rows, 11), ["a | 1 | Another"]);
    assert_eq!(look_up(&mut *fixed, &rows, 11), ["a | 1 | Alpha"], "never");
    fs::remove_file(&path).unwrap();
    assert_eq!(look_up(&mut *reloading, &rows, 21), ["a | 1 | Another"], "what was read before stays");
    assert_eq!(reloading.counters(), [("failed_reloads", 1)]);
    look_up(&mut *reloading, &rows, 22);
    assert_eq!(reloading.counters(), []);
    fs::write(&path, "key,name\na,Back\n").unwrap();
    assert_eq!(look_up(&mut *reloading, &rows, 31), ["a | 1 | Back"]);
}

#[test]
fn an_edit_of_the_keys_needs_no_file() {
    let folder = folder();
    let rows = events(&[(Some("Beta"), Some(1))]);
    let mut old = lookup(folder.path(), params(json!({})), &rows);
    assert_eq!(look_up(&mut *old, &rows, 1), [""; 0]);
    fs::remove_file(folder.path().join("names.csv")).unwrap();
    let mut new = lookup(folder.path(), params(json!({"on": [{"left": "key", "right": "name"}]})), &rows);
    assert_eq!(new.take_over(old), StateFate::Kept);
    assert_eq!(look_up(&mut *new, &rows, 2), ["Beta | 1 | b | Beta"]);
}

#[test]
fn what_cannot_be_looked_up_says_why_where() {
    let folder = folder();
    let rows = events(&[]);
    for (more, param, words) in [
        (json!({"on": []}), "on", "add a pair of columns"),
        (json!({"path": "names.dat"}), "format", "choose a format"),
        (json!({"on": [{"left": "value", "right": "name"}]}), "on[0].left", "`name` in the file is string"),
        (json!({"on": [{"left": "value"}]}), "on[0].right", "in the file there is no column `value`"),
        (json!({"delimiter": "ab"}), "delimiter", "enter one character"),
        (json!({"path": "names.db"}), "table", "enter the name of one"),
    ] {
        let Err(found) = plan(folder.path(), params(more), &rows) else { panic!("{words}: planned") };
        assert!(found[0].param.as_deref() == Some(param) && found[0].message.contains(words), "{found:?}");
    }
}

#[test]
fn keys_that_the_file_lacks_are_not_remembered_for_ever() {
    let folder = folder();
    let rows = batch(vec![("key", text(["a"])), ("value", long([1]))]);
    let mut lookup = lookup(folder.path(), params(json!({})), &rows);
    look_up(&mut *lookup, &rows, 1);
    let mut largest = 0;
    for round in 0..40i64 {
        let keys: arrow::array::StringViewArray =
            (0..10_000).map(|n| Some(format!("a stranger {}", round * 10_000 + n))).collect();
        let rows = batch(vec![("key", Arc::new(keys)), ("value", long(0..10_000))]);
        assert_eq!(look_up(&mut *lookup, &rows, 1), [""; 0]);
        largest = largest.max(lookup.state_size().bytes);
    }
    assert!(largest < 16 << 20, "{largest} bytes");
    assert_eq!(look_up(&mut *lookup, &rows, 1), ["a | 1 | Alpha"]);
}

proptest! {
    #[test]
    fn neither_cuts_nor_threads_change_what_is_found(
        rows in prop::collection::vec((prop::option::of(0usize..5), 0i64..9), 0..30),
        cut in 1usize..8,
        threads in prop::sample::select(vec![1usize, 2, 8]),
        how in prop::sample::select(vec!["inner", "left", "left_semi", "left_anti"]),
    ) {
        let words = ["a", "b", "中文", "unused", "stranger"];
        let rows: Vec<_> = rows.into_iter().map(|(word, n)| (word.map(|at| words[at]), Some(n))).collect();
        let folder = folder();
        let mut lookup = lookup(folder.path(), params(json!({"how": how})), &events(&[]));
        let chunks = rows.chunks(cut).map(|rows| chunk(events(rows))).collect();
        let out = lookup.process(vec![vec![Flow::Fired(chunks)]], &context_with(threads)).unwrap();
        let schema = plan(folder.path(), params(json!({"how": how})), &events(&[])).unwrap().outputs.remove(0).schema;
        check_schemas(&out, &[schema]);
        let mut expected = Vec::new();
        for (word, n) in &rows {
            let ours = format!("{} | {}", word.unwrap_or("null"), n.unwrap());
            let table = [("a", "Alpha"), ("b", "Beta"), ("b", "Bravo"), ("中文", "Chinese"), ("unused", "Unused")];
            let found: Vec<_> = table.iter().filter(|(key, _)| Some(*key) == *word).collect();
            match how {
                "left_semi" if !found.is_empty() => expected.push(ours),
                "left_anti" if found.is_empty() => expected.push(ours),
                "inner" | "left" => {
                    expected.extend(found.iter().map(|(_, name)| format!("{ours} | {name}")));
                    if found.is_empty() && how == "left" {
                        expected.push(format!("{ours} | null"));
                    }
                }
                _ => {}
            }
        }
        prop_assert_eq!(table(&out[0]), expected);
    }
}

#[test]
fn a_table_in_a_database_is_looked_up_and_read_again_when_it_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TABLE people (key TEXT, \"full name\" TEXT, born DATE, vip BOOLEAN, n INT);
             INSERT INTO people VALUES ('a', 'Alpha', '1970-01-02', 1, 7), ('b', 'Beta', 'soon', 0, 8), (NULL, 'c', NULL, 0, 9)",
        )
        .unwrap();
    let more = json!({"path": "names.db", "table": "people", "reload": "1s", "fields": [
        {"name": "key"}, {"name": "name", "path": "full name"}, {"name": "born", "type": "date"},
        {"name": "vip", "type": "boolean"}, {"name": "n", "type": "bigint"}
    ]});
    let rows = events(&[(Some("a"), Some(1)), (Some("b"), Some(2))]);
    let mut lookup = lookup(folder.path(), params(more), &rows);
    assert_eq!(look_up(&mut *lookup, &rows, 1), ["a | 1 | Alpha | 1970-01-02 | true | 7"]);
    assert_eq!(lookup.counters(), [("unreadable_rows", 1)]);
    other
        .execute_batch("UPDATE people SET born = '1970-01-03' WHERE key = 'b'; INSERT INTO people SELECT * FROM people")
        .unwrap();
    assert_eq!(look_up(&mut *lookup, &rows, 3).len(), 4);

    let fields: Vec<_> = crate::nodes::infer(
        KIND.id,
        "fields",
        json!({"path": "names.db", "table": "people"}).as_object().unwrap(),
        folder.path(),
    )
    .unwrap()
    .iter()
    .map(|row| row["type"].as_str().unwrap().to_owned())
    .collect();
    assert_eq!(fields, ["string", "string", "date", "boolean", "bigint"]);
    for (more, part) in [
        (json!({"path": "none.db", "table": "people"}), "does not exist"),
        (json!({"path": "names.db", "table": "persons"}), "has no table `persons`"),
        (json!({"path": "names.db", "table": "people"}), "has no column `name`; it has `key`, `full name`"),
    ] {
        let mut wrong = self::lookup(folder.path(), params(more), &rows);
        let error = wrong.process(vec![vec![Flow::Fired(vec![chunk(rows.clone())])]], &at_second(1)).unwrap_err();
        assert!(error.fault == Fault::Environment && error.message.contains(part), "{error}");
    }
}

#[test]
fn a_changed_file_is_read_beside_the_batches() {
    let folder = folder();
    let rows = events(&[(Some("a"), Some(1))]);
    let path = folder.path().join("names.csv");
    let mut old = lookup(folder.path(), params(json!({})), &rows);
    look_up(&mut *old, &rows, 1);
    fs::write(&path, "key,name\na,Another\n").unwrap();
    // A person asks for it by another edition.
    let mut asked = lookup(folder.path(), params(json!({"edition": 1})), &rows);
    asked.take_over(old);
    let operator: &mut dyn std::any::Any = &mut *asked;
    operator.downcast_mut::<LookupOperator>().unwrap().patience = std::time::Duration::ZERO;
    let seen: Vec<String> = (2..1_000_000)
        .map(|second| {
            std::thread::yield_now();
            look_up(&mut *asked, &rows, second).concat()
        })
        .take_while(|found| found != "a | 1 | Another")
        .collect();
    assert!(seen.len() < 999_000 && seen.iter().all(|found| found == "a | 1 | Alpha"), "batches go on meanwhile");
}

#[test]
fn parquet_is_looked_up_as_well() {
    let folder = folder();
    let names = batch(vec![("key", text(["a", "b"])), ("name", text(["Alpha", "Beta"]))]);
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), names.schema(), None).unwrap();
    writer.write(&names).unwrap();
    fs::write(folder.path().join("names.parquet"), writer.into_inner().unwrap()).unwrap();
    let rows = events(&[(Some("b"), Some(1))]);
    let mut lookup = lookup(folder.path(), params(json!({"path": "names.parquet"})), &rows);
    assert_eq!(look_up(&mut *lookup, &rows, 1), ["b | 1 | Beta"]);
}
