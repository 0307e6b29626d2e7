//! What a person may rely on when lines are read, in every format.

use arrow::array::{AsArray, StringViewArray};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::KIND;
use crate::nodes::testing::{
    batch, check_schemas, context, flow, int, lines, names, operator, problems, rows, run, table, text, texts,
};
use crate::plan::Flow;

/// Rows read and reasons of those that were not.
fn parse(params: Value, input: Vec<&'static str>) -> (Vec<String>, Vec<String>) {
    let out = run(&KIND, params, lines(input));
    (table(&out[0]), texts(&out[1], "reason").into_iter().flatten().collect())
}

fn typed(names: &[(&str, &str)]) -> Value {
    names.iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect()
}

const ALL_TYPES: [(&str, &str); 7] = [
    ("s", "string"),
    ("i", "int"),
    ("b", "bigint"),
    ("d", "double"),
    ("o", "boolean"),
    ("t", "timestamp"),
    ("y", "date"),
];

#[test]
fn json_objects_become_typed_rows_and_the_rest_is_rejected_with_its_reason() {
    let params = json!({"fields": typed(&ALL_TYPES)});
    let (rows, reasons) = parse(
        params,
        vec![
            r#"{"s":"x","i":1,"b":9000000000,"d":1.5,"o":true,"t":"2026-01-01T00:00:01+01:00","y":"1969-12-31"}"#,
            r#"{"s":{"a":[1]},"extra":1}"#,
            r#"{"i":3000000000}"#,
            r#"{"i":"1"}"#,
            r#"{"t":5}"#,
            "[1]",
            "oops",
            r#"{"s":null}"#,
        ],
    );
    assert_eq!(
        rows,
        [
            "x | 1 | 9000000000 | 1.5 | true | 2025-12-31T23:00:01Z | 1969-12-31",
            r#"{"a":[1]} | null | null | null | null | null | null"#,
            "null | null | null | null | null | null | null",
        ]
    );
    assert_eq!(reasons.len(), 5);
    for (reason, words) in reasons.iter().zip(["`3000000000` is not an int", "`\"1\"`", "timestamp", "object", "JSON"])
    {
        assert!(reason.contains(words), "{reason}");
    }
}

proptest! {
    /// The nearest double, as Java reads it; one digit off would be another number.
    #[test]
    fn json_numbers_are_read_to_the_last_digit(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let line = StringViewArray::from_iter_values([format!("{{\"d\": {number:e}}}")]);
        let line = batch(vec![("value", std::sync::Arc::new(line))]);
        let out = run(&KIND, json!({"fields": typed(&[("d", "double")])}), line);
        let read = rows(&out[0]).expect("a row").column(0).as_primitive::<arrow::datatypes::Float64Type>().value(0);
        prop_assert_eq!(read.to_bits(), number.to_bits());
    }
}

#[test]
fn json_fields_may_lie_deeper() {
    let params = json!({"fields": [
        {"name": "who", "path": "user.name"}, {"name": "first", "path": "$.tags[0].id", "type": "int"},
    ]});
    let (rows, _) = parse(params, vec![r#"{"user":{"name":"ann"},"tags":[{"id":7}]}"#, r#"{"user":1,"tags":[]}"#]);
    assert_eq!(rows, ["ann | 7", "null | null"]);
}

#[test]
fn csv_values_stand_at_their_place() {
    let params = json!({"format": "csv", "fields": typed(&[("a", "string"), ("n", "int"), ("c", "string")])});
    let (rows, reasons) = parse(
        params,
        vec![r#"x,1,"a ""quoted"", one""#, r#""", 2 ,"#, "only,2", "a,b,c", r#""open,1,2"#, r#""x"y,1,2"#],
    );
    assert_eq!(rows, [r#"x | 1 | a "quoted", one"#, " | 2 | null"]);
    for (reason, words) in reasons.iter().zip(["2 values, but 3", "field `n`", "never closed", "closing quote"]) {
        assert!(reason.contains(words), "{reason}");
    }
    let params = json!({"format": "csv", "delimiter": "\\t", "fields": typed(&[("a", "string"), ("b", "string")])});
    assert_eq!(parse(params, vec!["x,y\tz"]).0, ["x,y | z"]);
}

#[test]
fn pairs_are_read_by_key() {
    let params = json!({"format": "key_value", "fields": typed(&[("level", "string"), ("took", "double")])});
    let (rows, reasons) = parse(
        params,
        vec![
            r#"level=info msg="a \"b\" c" took=1.5"#,
            r#"level="two words""#,
            "took=fast",
            "level",
            r#"level="open"#,
            "",
        ],
    );
    assert_eq!(rows, ["info | 1.5", "two words | null", "null | null"]);
    for (reason, words) in reasons.iter().zip(["`fast` is not a number", "key=value", "never closed"]) {
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn patterns_give_their_named_groups() {
    let pattern = r"^(?<level>\w+)(?: (?<n>\S+))?$";
    let (rows, reasons) =
        parse(json!({"format": "regex", "pattern": pattern}), vec!["info 12", "warn", "no match here"]);
    assert_eq!(rows, ["info | 12", "warn | null"]);
    assert_eq!(reasons, ["the line does not match the pattern"]);
    let params = json!({"format": "regex", "pattern": pattern, "fields": typed(&[("n", "int")])});
    let (rows, reasons) = parse(params, vec!["info 12", "info x"]);
    assert_eq!(rows, ["12"]);
    assert!(reasons[0].contains("field `n`: `x`"));
}

#[test]
fn access_logs_are_read_in_both_formats() {
    let (rows, reasons) = parse(
        json!({"format": "access_log"}),
        vec![
            r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326"#,
            r#"::1 - - [10/Oct/2000:13:55:36 +0000] "POST /x?q=a b HTTP/1.1" 404 - "http://e/" "A \"B\"""#,
            r#"1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "-" 408 0 "-" "-""#,
            r#"1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "\x16\x03" 400 0 "-" "-""#,
            r#"1.2.3.4 - - [yesterday] "GET / HTTP/1.0" 200 1"#,
            r#"1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" ok 1"#,
            "nonsense",
            "",
        ],
    );
    assert_eq!(
        rows,
        [
            "127.0.0.1 | null | frank | 2000-10-10T20:55:36Z | GET | /a.gif | HTTP/1.0 | 200 | 2326 | null | null",
            "::1 | null | null | 2000-10-10T13:55:36Z | POST | /x?q=a b | HTTP/1.1 | 404 | null | http://e/ | A \"B\"",
            "1.2.3.4 | null | null | 2000-10-10T13:55:36Z | null | null | null | 408 | 0 | null | null",
        ]
    );
    assert_eq!(reasons.len(), 5);
    for (reason, words) in reasons.iter().zip(["request", "`yesterday`", "status `ok`", "ends before", "ends before"]) {
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn a_rejected_line_tells_how_many_lines_came_before_it_since_the_run_began() {
    let params = || json!({"format": "json", "fields": [{"name": "n", "type": "int"}]});
    let (mut parse, _) = operator(&KIND, params(), &[lines(["x"]).schema()]);
    let feed = |parse: &mut Box<dyn crate::plan::Operator>, chunks: Vec<RecordBatch>| {
        let chunks = chunks.into_iter().map(crate::nodes::testing::chunk).collect();
        let out = parse.process(vec![vec![Flow::Fired(chunks)]], &context()).unwrap();
        let rows = rows(&out[1]);
        rows.map_or(Vec::new(), |rows| rows.column(1).as_primitive::<Int64Type>().values().to_vec())
    };
    assert_eq!(feed(&mut parse, vec![lines(["{}", "oops"]), lines(["oops", "{}"])]), [1, 2]);
    assert_eq!(feed(&mut parse, vec![lines(["{}"])]), [] as [i64; 0]);
    let (mut edited, _) = operator(&KIND, params(), &[lines(["x"]).schema()]);
    edited.take_over(parse);
    assert_eq!(feed(&mut edited, vec![lines(["oops"])]), [5], "also after an edit");
}

#[test]
fn rejected_lines_are_handed_on_whole_and_counted_per_batch() {
    let params = json!({"fields": typed(&[("s", "string")])});
    let rows = lines([Some("oops"), Some("{}"), None]);
    let (mut parse, schemas) = operator(&KIND, params, &[rows.schema()]);
    let out = parse.process(vec![vec![flow(rows)]], &context()).unwrap();
    check_schemas(&out, &schemas);
    assert_eq!(texts(&out[1], "value"), [Some("oops".to_owned()), None]);
    assert_eq!(parse.counters(), [("rejected", 2), ("ignored", 0)]);
    let idle = parse.process(vec![vec![Flow::Idle]], &context()).unwrap();
    assert!(!idle[0].fired() && !idle[1].fired());
    assert_eq!(parse.counters(), [("rejected", 0), ("ignored", 0)]);
}

#[test]
fn values_of_fields_that_are_not_declared_are_ignored_and_counted() {
    let counted = |params: Value, line: &'static str| {
        let rows = lines([line]);
        let (mut parse, _) = operator(&KIND, params, &[rows.schema()]);
        parse.process(vec![vec![flow(rows)]], &context()).unwrap();
        parse.counters()[1]
    };
    let fields = json!([{"name": "a", "type": "int"}, {"name": "who", "path": "user.name"}]);
    let line = r#"{"a": 1, "b": 2, "user": {"name": "x", "age": 3}, "c": null}"#;
    assert_eq!(counted(json!({"fields": fields}), line), ("ignored", 2));
    let params = json!({"format": "key_value", "fields": typed(&[("a", "int")])});
    assert_eq!(counted(params, "a=1 b=2 c=3"), ("ignored", 2));
}

#[test]
fn input_columns_may_be_kept_in_front() {
    let rows = batch(vec![("id", int([1, 2, 3])), ("value", text(["a=1", "oops", "a=3"]))]);
    let params = json!({"format": "key_value", "keep_input": true, "fields": typed(&[("a", "int")])});
    assert_eq!(table(&run(&KIND, params.clone(), rows.clone())[0]), ["1 | a=1 | 1", "3 | a=3 | 3"]);
    assert_eq!(names(&operator(&KIND, params, &[rows.schema()]).1[0]), ["id", "value", "a"]);
}

#[test]
fn what_cannot_be_planned_is_told_at_its_place() {
    let schema = batch(vec![("value", text(["x"])), ("n", int([1]))]).schema();
    for (params, place, words) in [
        (json!({}), "fields", "no fields are declared"),
        (json!({"fields": typed(&[("a", "int"), ("A", "int")])}), "fields[1].name", "already a field"),
        (json!({"fields": [{"name": "a", "path": "x..y"}]}), "fields[0].path", "is not a path"),
        (json!({"column": "n", "fields": typed(&[("a", "int")])}), "column", "must be text"),
        (json!({"column": "valeu", "fields": typed(&[("a", "int")])}), "column", "did you mean `value`?"),
        (json!({"format": "csv", "delimiter": ";;", "fields": typed(&[("a", "int")])}), "delimiter", "one character"),
        (json!({"format": "regex", "pattern": "a("}), "pattern", "regular expression"),
        (json!({"format": "regex", "pattern": "a"}), "pattern", "no named group"),
        (
            json!({"format": "regex", "pattern": "(?<a>.)", "fields": typed(&[("b", "int")])}),
            "fields[0].name",
            "group `b`",
        ),
        (json!({"keep_input": true, "fields": typed(&[("N", "int")])}), "keep_input", "already has a column `N`"),
    ] {
        let found = problems(&KIND, params, &schema);
        assert_eq!(found[0].param.as_deref(), Some(place), "{found:?}");
        assert!(found[0].message.contains(words), "{found:?}");
    }
}

proptest! {
    #[test]
    fn every_line_is_either_read_or_rejected(line in "(\\PC{0,40}|[a-z0-9=\", \\[\\]{}:\\\\/-]{0,60})", format in 0usize..5) {
        let fields = typed(&ALL_TYPES);
        let params = match format {
            0 => json!({"fields": fields}),
            1 => json!({"format": "csv", "fields": fields}),
            2 => json!({"format": "key_value", "fields": fields}),
            3 => json!({"format": "regex", "pattern": "(?<s>[a-z]+)(?<i>\\d+)?", "fields": typed(&[("s", "string"), ("i", "int")])}),
            _ => json!({"format": "access_log"}),
        };
        let rows = lines([Some(&*line.leak())]);
        let out = run(&KIND, params, rows);
        prop_assert_eq!(out[0].row_count() + out[1].row_count(), 1);
    }
}
