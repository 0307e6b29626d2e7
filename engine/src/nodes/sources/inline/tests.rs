//! What must hold of typed rows.

use std::path::Path;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use serde_json::{Value, json};

use super::*;
use crate::pipeline::Settings;
use crate::plan::{Cut, Source, rows_of};
use crate::spec::{Timestamp, check_params, with_defaults};

fn params(value: Value) -> Params {
    let Value::Object(raw) = value else { panic!("an object") };
    assert_eq!(check_params(PARAMS, &raw), []);
    with_defaults(PARAMS, &raw)
}

fn plan(value: Value) -> Result<(LinkType, Box<dyn Source>), Vec<Diagnostic>> {
    let settings = Settings::default();
    let context =
        PlanContext { name: "rows", inputs: &[], input_names: &[], settings: &settings, folder: Path::new(".") };
    let mut planned = build(params(value)).unwrap().plan(&context)?;
    let Stage::Source(source) = planned.stage else { panic!("a source") };
    Ok((planned.outputs.remove(0), source))
}

fn cut(batch: u64, max_rows: u64) -> Cut {
    let from = Timestamp(i64::try_from(batch).unwrap() * 1_000_000);
    Cut { batch, from, until: Timestamp(from.0 + 1_000_000), max_rows }
}

/// The text column of the next `count` batches.
fn texts(source: &dyn Source, count: u64, max_rows: u64) -> Vec<Vec<String>> {
    (0..count)
        .map(|batch| {
            let range = source.plan_range(&cut(batch, max_rows)).unwrap();
            let chunks = source.read(&range).unwrap();
            assert_eq!(rows_of(&chunks), range.to - range.from);
            assert!(chunks.iter().all(|chunk| chunk.arrived == range.since));
            chunks
                .iter()
                .flat_map(|chunk| chunk.rows.column(0).as_string_view().iter().flatten().map(str::to_owned))
                .collect()
        })
        .collect()
}

#[test]
fn each_entry_is_one_batch_and_an_empty_one_an_empty_batch() {
    let (link, source) = plan(json!({"batches": r#"[["a b", "a"], [], ["c"]]"#})).unwrap();
    assert_eq!(link, LinkType::lines());
    assert!(source.is_bounded() && !source.is_live());
    assert_eq!(texts(&*source, 2, 100), [vec!["a b", "a"], vec![]]);
    assert!(!source.is_done());
    assert_eq!(texts(&*source, 2, 100), [vec!["c"], vec![]]);
    assert!(source.is_done());
}

#[test]
fn with_repeat_it_begins_again_and_never_ends() {
    let (_, source) = plan(json!({"batches": r#"[["a"], ["b", "c"]]"#, "repeat": true})).unwrap();
    assert_eq!(texts(&*source, 5, 100), [vec!["a"], vec!["b", "c"], vec!["a"], vec!["b", "c"], vec!["a"]]);
    assert!(!source.is_done() && !source.is_bounded());
}

#[test]
fn a_batch_that_may_not_take_all_leaves_the_rest_for_the_next() {
    let (_, source) = plan(json!({"batches": r#"[["a", "b", "c"], ["d"]]"#})).unwrap();
    assert_eq!(texts(&*source, 3, 2), [vec!["a", "b"], vec!["c"], vec!["d"]]);
}

#[test]
fn a_range_reads_the_same_rows_again() {
    let (_, source) = plan(json!({"batches": r#"[["a"], ["b", "c"]]"#, "repeat": true})).unwrap();
    let ranges: Vec<_> = (0..5).map(|batch| source.plan_range(&cut(batch, 9)).unwrap()).collect();
    let read = |range| source.read(range).unwrap().into_iter().map(|chunk| chunk.rows).collect::<Vec<_>>();
    let once: Vec<_> = ranges.iter().map(read).collect();
    let again: Vec<_> = ranges.iter().map(read).collect();
    assert_eq!(once, again);
}

#[test]
fn rows_may_be_lists_objects_or_single_values() {
    let fields = json!([{"name": "word", "type": "string"}, {"name": "count", "type": "bigint"}]);
    let batches = r#"[[["a", 2], {"count": 1, "word": "b"}, {"word": "c"}, [null, 4]]]"#;
    let (_, source) = plan(json!({"fields": fields, "batches": batches})).unwrap();
    let range = source.plan_range(&cut(0, 9)).unwrap();
    let rows = source.read(&range).unwrap().remove(0).rows;
    let words: Vec<_> = rows.column(0).as_string_view().iter().collect();
    let counts: Vec<_> = rows.column(1).as_primitive::<Int64Type>().iter().collect();
    assert_eq!(words, [Some("a"), Some("b"), Some("c"), None]);
    assert_eq!(counts, [Some(2), Some(1), None, Some(4)]);
}

#[test]
fn everything_wrong_is_said_at_its_place() {
    let fields = json!([{"name": "word", "type": "string"}, {"name": "count", "type": "bigint"}]);
    for (batches, marked, says) in [
        (r#"[[["a", 2]], [["b", "x, ]\"y"]]]"#, r#""x, ]\"y""#, "is no bigint"),
        (r#"[[["a"]]]"#, r#"["a"]"#, "this row has one value for the fields `word`, `count`"),
        (r#"[["a"]]"#, r#""a""#, "write it as a list"),
        ("[ 7 ]", "7", "a batch must be a list of rows"),
        (r#"{"a": 1}"#, r#"{"a": 1}"#, "must be a list of batches"),
        (r#"[[{"word": "a", "n": 1}]]"#, r#"{"word": "a", "n": 1}"#, "`n` is not among the fields"),
        (r#"[[["ä", 2],]]"#, "]", "not valid JSON"),
        ("[[", "[", "not valid JSON"),
    ] {
        let problems = plan(json!({"fields": fields, "batches": batches})).err().unwrap();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].param.as_deref(), Some("batches"));
        assert_eq!(&batches[problems[0].at.clone().unwrap()], marked, "{batches}");
        assert!(problems[0].message.contains(says), "{}", problems[0].message);
    }
}

#[test]
fn all_problems_come_at_once() {
    let problems = plan(json!({"fields": [{"name": "n", "type": "int"}], "batches": r#"[["a", 1], [true]]"#}));
    assert_eq!(problems.err().unwrap().len(), 2);
}

#[test]
fn edited_rows_hold_from_the_batch_of_the_same_number_on() {
    let (_, old) = plan(json!({"batches": r#"[["a"], ["b"], ["c"]]"#})).unwrap();
    assert_eq!(texts(&*old, 2, 9), [["a"], ["b"]]);
    let (_, new) = plan(json!({"batches": r#"[["x"], ["y", "y"], ["z"]]"#})).unwrap();
    new.take_over(&*old);
    assert_eq!(texts(&*new, 1, 9), [["z"]]);
    assert!(new.is_done());
}
