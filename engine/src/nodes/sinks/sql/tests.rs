//! What must hold of the database sink, on SQLite: each batch exactly once, and sentences for what goes wrong.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, ListArray, StringViewArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::sink::Work;
use super::*;
use crate::nodes::testing::{io_on, node};
use crate::pipeline::Settings;
use crate::plan::{BatchContext, Chunk, Fault, Flow, LinkType, NodeError, Sink};
use crate::spec::Timestamp;

pub(super) fn counts(rows: &[(Option<&str>, i64)]) -> RecordBatch {
    let words: StringViewArray = rows.iter().map(|(word, _)| *word).collect();
    let numbers: Int64Array = rows.iter().map(|(_, count)| Some(*count)).collect();
    RecordBatch::try_from_iter_with_nullable([
        ("word", Arc::new(words) as ArrayRef, true),
        ("count", Arc::new(numbers) as ArrayRef, true),
    ])
    .unwrap()
}

pub(super) fn plan(folder: &Path, rows: &RecordBatch, params: Value) -> Result<Box<dyn Sink>, Vec<Diagnostic>> {
    let inputs = [vec![LinkType::plain(rows.schema())]];
    let settings = Settings::default();
    let context = PlanContext { name: "store", inputs: &inputs, input_names: &[], settings: &settings, folder };
    let Stage::Sink(sink) = node(&KIND, params).plan(&context)?.stage else { panic!("a sink") };
    Ok(sink)
}

pub(super) fn context(batch: u64) -> BatchContext {
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

pub(super) fn write(sink: &mut dyn Sink, batch: u64, rows: &RecordBatch) -> Result<(), NodeError> {
    let flow = Flow::Fired(vec![Chunk::new(rows.clone(), Timestamp(0))]);
    sink.stage(&[flow], &context(batch))?;
    sink.publish(batch)
}

fn params(more: &[(&str, Value)]) -> Value {
    let mut params = json!({"path": "out.db", "table": "counts"});
    more.iter().for_each(|(name, value)| params[*name] = value.clone());
    params
}

fn sink(folder: &Path, more: &[(&str, Value)]) -> Box<dyn Sink> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut sink = plan(folder, &counts(&[]), params(more)).unwrap();
    sink.start(&io_on(runtime.handle(), 1_000)).unwrap();
    sink
}

fn upsert() -> [(&'static str, Value); 2] {
    [("mode", json!("upsert")), ("key", json!(["word"]))]
}

/// The table as another program sees it.
fn stored(folder: &Path) -> Vec<(Option<String>, i64)> {
    let connection = Connection::open(folder.join("out.db")).unwrap();
    let mut query = connection.prepare("SELECT word, count FROM counts ORDER BY rowid").unwrap();
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

fn rows(rows: &[(&str, i64)]) -> Vec<(Option<String>, i64)> {
    rows.iter().map(|(word, count)| (Some((*word).to_owned()), *count)).collect()
}

#[test]
fn appended_rows_stand_in_the_table_batch_after_batch() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = sink(folder.path(), &[]);
    write(&mut *sink, 0, &counts(&[(Some("a"), 1), (Some("b"), 2)])).unwrap();
    write(&mut *sink, 1, &counts(&[])).unwrap();
    write(&mut *sink, 2, &counts(&[(Some("a"), 3)])).unwrap();
    assert_eq!(stored(folder.path()), rows(&[("a", 1), ("b", 2), ("a", 3)]));
}

#[test]
fn a_batch_that_is_written_again_changes_nothing_also_after_the_program_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = sink(folder.path(), &[]);
    write(&mut *first, 0, &counts(&[(Some("a"), 1)])).unwrap();
    write(&mut *first, 1, &counts(&[(Some("b"), 2)])).unwrap();
    write(&mut *first, 1, &counts(&[(Some("b"), 2)])).unwrap();
    // The program ends before it has noted that batch 1 is done, and begins with that batch again.
    drop(first);
    let mut again = sink(folder.path(), &[]);
    again.recover().unwrap();
    write(&mut *again, 1, &counts(&[(Some("b"), 2)])).unwrap();
    write(&mut *again, 2, &counts(&[(Some("c"), 3)])).unwrap();
    assert_eq!(stored(folder.path()), rows(&[("a", 1), ("b", 2), ("c", 3)]));
    // A run that begins anew has batches of its own.
    let mut anew = sink(folder.path(), &[]);
    write(&mut *anew, 0, &counts(&[(Some("d"), 4)])).unwrap();
    assert_eq!(stored(folder.path()).len(), 4);
}

#[test]
fn what_fails_in_the_middle_of_a_batch_leaves_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let other = Connection::open(folder.path().join("out.db")).unwrap();
    other.execute_batch("CREATE TABLE counts (word TEXT, count BIGINT CHECK (count < 10))").unwrap();
    let mut sink = sink(folder.path(), &[]);
    let error = write(&mut *sink, 0, &counts(&[(Some("a"), 1), (Some("b"), 99)])).unwrap_err();
    assert_eq!(error.fault, Fault::Data, "waiting does not help: {error}");
    assert!(error.message.starts_with("the table refuses a row of this batch: CHECK constraint failed"), "{error}");
    assert!(stored(folder.path()).is_empty());
    write(&mut *sink, 1, &counts(&[(Some("c"), 1)])).unwrap();
    assert_eq!(stored(folder.path()), rows(&[("c", 1)]));
}

#[test]
fn upserted_rows_replace_those_with_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = sink(folder.path(), &upsert());
    write(&mut *sink, 0, &counts(&[(Some("a"), 1), (Some("b"), 1), (Some("a"), 2)])).unwrap();
    write(&mut *sink, 1, &counts(&[(None, 9), (Some("b"), 5), (Some("c"), 6)])).unwrap();
    assert_eq!(sink.counters(), [("null_keys", 1)]);
    let mut found = stored(folder.path());
    found.sort();
    assert_eq!(found, rows(&[("a", 2), ("b", 5), ("c", 6)]));
}

#[test]
fn a_shorter_run_replaces_what_a_longer_one_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let mut long = sink(folder.path(), &upsert());
    for number in 0..20 {
        write(&mut *long, number, &counts(&[(Some("a"), 100), (Some("b"), 100)])).unwrap();
    }
    drop(long);
    let mut short = sink(folder.path(), &upsert());
    write(&mut *short, 0, &counts(&[(Some("a"), 1)])).unwrap();
    write(&mut *short, 0, &counts(&[(Some("a"), 7)])).unwrap();
    let mut found = stored(folder.path());
    found.sort();
    assert_eq!(found, rows(&[("a", 1), ("b", 100)]), "its batch 0 is written, and once");
}

#[test]
fn a_locked_database_holds_the_batch_until_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = sink(folder.path(), &[]);
    write(&mut *sink, 0, &counts(&[(Some("a"), 1)])).unwrap();
    let other = Connection::open(folder.path().join("out.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = write(&mut *sink, 1, &counts(&[(Some("b"), 2)])).unwrap_err();
    assert_eq!(error.fault, Fault::Environment);
    assert!(error.message.contains("is locked by another program"), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    write(&mut *sink, 1, &counts(&[(Some("b"), 2)])).unwrap();
    assert_eq!(stored(folder.path()), rows(&[("a", 1), ("b", 2)]));
}

#[test]
fn what_cannot_be_written_says_what_to_do_and_waits() {
    let folder = tempfile::tempdir().unwrap();
    let waits = |path: &str, more: &[(&str, Value)], part: &str| {
        let mut more = more.to_vec();
        more.push(("path", json!(path)));
        let error = write(&mut *sink(folder.path(), &more), 0, &counts(&[(Some("a"), 1)])).unwrap_err();
        assert_eq!(error.fault, Fault::Environment, "{error}");
        assert!(error.message.contains(part), "{error}");
    };
    waits("missing/out.db", &[], "make the folder around it");
    std::fs::write(folder.path().join("text.db"), "this is no database, however long the text of it may be").unwrap();
    waits("text.db", &[], "is no SQLite database");
    waits("new.db", &[("create", json!(false))], "there is no table `counts`; make it");
    let make = |name: &str, sql: &str| Connection::open(folder.path().join(name)).unwrap().execute_batch(sql).unwrap();
    make("narrow.db", "CREATE TABLE counts (word TEXT)");
    waits("narrow.db", &[], "has no column `count`; it has `word`");
    make("loose.db", "CREATE TABLE counts (word TEXT, count BIGINT)");
    waits("loose.db", &upsert(), "no unique index on the key");
}

#[test]
fn a_full_database_holds_the_batch() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Sqlite::new(folder.path().join("out.db"));
    let table = Table::new("counts", &[], true, &counts(&[]).schema()).unwrap();
    let run = store.run("w", false).unwrap();
    let wide = "x".repeat(4_000);
    let many: Vec<_> = (0..100).map(|n| (Some(wide.as_str()), n)).collect();
    let few = [counts(&[(Some("a"), 1)])];
    store.write(&Work { table: &table, writer: "w", run, batch: 0, rows: &few }).unwrap();
    store.limit_pages(10);
    let rows = [counts(&many)];
    let error = store.write(&Work { table: &table, writer: "w", run, batch: 1, rows: &rows }).unwrap_err();
    assert_eq!(error.fault, Fault::Environment);
    assert!(error.message.contains("the disk is full; free some space"), "{error}");
    assert_eq!(stored(folder.path()).len(), 1);
}

#[test]
fn every_type_has_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None])]);
    let rows = RecordBatch::try_from_iter([
        ("ok", Arc::new(BooleanArray::from(vec![true])) as ArrayRef),
        ("x", Arc::new(Float64Array::from(vec![1.5])) as ArrayRef),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![1_500_000]).with_timezone("UTC")) as ArrayRef),
        ("day", Arc::new(Date32Array::from(vec![10])) as ArrayRef),
        ("price", Arc::new(Decimal128Array::from(vec![120]).with_precision_and_scale(10, 2).unwrap()) as ArrayRef),
        ("Select \"it\"", Arc::new(StringViewArray::from(vec!["it's\0"])) as ArrayRef),
        ("list", Arc::new(list) as ArrayRef),
    ])
    .unwrap();
    let mut sink = plan(folder.path(), &rows, json!({"path": "out.db", "table": "odd \"table\""})).unwrap();
    write(&mut *sink, 0, &rows).unwrap();
    let connection = Connection::open(folder.path().join("out.db")).unwrap();
    let types: String = connection
        .query_row("SELECT group_concat(type) FROM pragma_table_info('odd \"table\"')", [], |row| row.get(0))
        .unwrap();
    assert_eq!(types, "BOOLEAN,DOUBLE,TEXT,TEXT,TEXT,TEXT,TEXT");
    let query = "SELECT concat_ws('|', ok, x, at, day, price, list), \"Select \"\"it\"\"\", unixepoch(at) FROM \"odd \"\"table\"\"\"";
    let (line, text, seconds): (String, String, i64) =
        connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    assert_eq!(line, "1|1.5|1970-01-01T00:00:01.500Z|1970-01-11|1.20|[1,null]");
    assert_eq!((text.as_str(), seconds), ("it's\0", 1), "SQLite's own functions read the times");
}

#[test]
fn an_edit_in_the_same_place_goes_on_with_its_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = sink(folder.path(), &[]);
    write(&mut *old, 0, &counts(&[(Some("a"), 1)])).unwrap();
    let mut edited = sink(folder.path(), &[("create", json!(false))]);
    edited.take_over(old);
    write(&mut *edited, 0, &counts(&[(Some("a"), 1)])).unwrap();
    write(&mut *edited, 1, &counts(&[(Some("b"), 1)])).unwrap();
    assert_eq!(stored(folder.path()), rows(&[("a", 1), ("b", 1)]));
}

#[test]
fn what_makes_no_table_is_told_while_editing() {
    let told = |more: &[(&str, Value)]| {
        let problems = plan(Path::new("."), &counts(&[]), params(more)).err().unwrap();
        problems.iter().map(|problem| (problem.param.clone().unwrap(), problem.message.clone())).collect::<Vec<_>>()
    };
    assert_eq!(told(&[("table", json!("weir_batches"))])[0].0, "table");
    let found = told(&[("mode", json!("upsert")), ("key", json!(["wrod"]))]);
    assert!(found[0].0 == "key[0]" && found[0].1.contains("did you mean `word`?"), "{found:?}");
    assert_eq!(told(&[("mode", json!("upsert")), ("key", json!([]))])[0].0, "key");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn the_table_is_what_the_batches_say_however_often_each_is_written(
        batches in prop::collection::vec((prop::collection::vec((prop::option::of(0u8..4), 0i64..9), 0..6), 1usize..3), 1..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = sink(folder.path(), &upsert());
        let mut expected = std::collections::BTreeMap::new();
        for (number, (batch, times)) in (0u64..).zip(&batches) {
            let words: Vec<_> = batch.iter().map(|(word, count)| (word.map(|word| word.to_string()), *count)).collect();
            let rows: Vec<_> = words.iter().map(|(word, count)| (word.as_deref(), *count)).collect();
            for time in 0..*times {
                if time > 0 {
                    sink.recover().unwrap();
                }
                write(&mut *sink, number, &counts(&rows)).unwrap();
            }
            expected.extend(words.into_iter().filter_map(|(word, count)| Some((word?, count))));
        }
        let found = if expected.is_empty() && !folder.path().join("out.db").exists() { Vec::new() } else {
            let connection = Connection::open(folder.path().join("out.db")).unwrap();
            let there: bool = connection.query_row("SELECT count(*) FROM pragma_table_info('counts')", [], |row| row.get(0)).unwrap();
            if there { stored(folder.path()) } else { Vec::new() }
        };
        let mut found: Vec<_> = found.into_iter().map(|(word, count)| (word.unwrap(), count)).collect();
        found.sort();
        prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }
}
