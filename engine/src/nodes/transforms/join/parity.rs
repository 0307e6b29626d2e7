//! Recorded behaviour of Spark's DStream joins: what must come out of the same batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringViewArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use serde_json::{Value, json};

use super::tests::join;
use crate::nodes::gather;
use crate::nodes::testing::{context, rows as rows_of_flow, table};
use crate::plan::{BatchContext, Chunk, Flow, LinkType, Operator};
use crate::spec::{Span, Timestamp};
use crate::window::WindowSpec;

type Left = (Option<&'static str>, i64);
type Right = (Option<&'static str>, Option<&'static str>);

/// The left input of all recorded joins, batch by batch.
const LEFT: [&[Left]; 8] = [
    &[(Some("a"), 1), (Some("b"), 2)],
    &[(Some("a"), 3), (Some("a"), 4)],
    &[],
    &[(Some("中文"), 5), (Some("c"), -6)],
    &[(Some("x"), 7)],
    &[],
    &[(None, 8), (Some("n"), 9)],
    &[(Some("\u{e9}"), 10)],
];

/// The right input.
const RIGHT: [&[Right]; 8] = [
    &[(Some("a"), Some("A")), (Some("c"), Some("C"))],
    &[(Some("a"), Some("A1")), (Some("a"), Some("A2")), (Some("b"), Some("B"))],
    &[(Some("a"), Some("alone"))],
    &[(Some("中文"), Some("🙂")), (Some("d"), None)],
    &[],
    &[],
    &[(None, Some("null key")), (Some("n"), None)],
    &[(Some("e\u{301}"), Some("decomposed"))],
];

fn left_link() -> LinkType {
    let fields = vec![Field::new("key", LinkType::TEXT, true), Field::new("l", DataType::Int64, true)];
    LinkType::plain(Arc::new(Schema::new(fields)))
}

fn right_link() -> LinkType {
    let fields = vec![Field::new("key", LinkType::TEXT, true), Field::new("r", LinkType::TEXT, true)];
    LinkType::plain(Arc::new(Schema::new(fields)))
}

fn left_batch(rows: &[Left]) -> RecordBatch {
    let keys: StringViewArray = rows.iter().map(|row| row.0).collect();
    let values: Int64Array = rows.iter().map(|row| Some(row.1)).collect();
    RecordBatch::try_new(left_link().schema, vec![Arc::new(keys) as ArrayRef, Arc::new(values)]).unwrap()
}

fn right_batch(rows: &[Right]) -> RecordBatch {
    let keys: StringViewArray = rows.iter().map(|row| row.0).collect();
    let values: StringViewArray = rows.iter().map(|row| row.1).collect();
    RecordBatch::try_new(right_link().schema, vec![Arc::new(keys) as ArrayRef, Arc::new(values)]).unwrap()
}

fn windowed(link: LinkType, length: i64, slide: i64) -> LinkType {
    let secs = Span::from_secs;
    let window = WindowSpec { length: secs(length), slide: secs(slide), retain: secs(length) };
    LinkType { window: Some(window.into()), ..link }
}

/// Runs all batches; per batch the rows without the windows' columns, sorted, or `None` where nothing fired.
fn run(params: Value, left: &LinkType, right: &LinkType) -> Vec<Option<Vec<String>>> {
    let (left, mut left_gather) = gather(left).unwrap();
    let (right, mut right_gather) = gather(right).unwrap();
    let (mut joined, _) = join(params, &left, &right);
    let mut out = Vec::new();
    for (second, (left, right)) in (0..).zip(LEFT.into_iter().zip(RIGHT)) {
        let run_start = Timestamp::VIRTUAL_START;
        let from = run_start.plus(Span::from_secs(second));
        let time = from.plus(Span::from_secs(1));
        let context = BatchContext { batch: second.unsigned_abs(), from, time, run_start, ..context() };
        let step = |gather: &mut dyn Operator, rows: RecordBatch| {
            let chunks = if rows.num_rows() == 0 { Vec::new() } else { vec![Chunk::new(rows, from)] };
            gather.process(vec![vec![Flow::Fired(chunks)]], &context).unwrap()
        };
        let left = step(&mut *left_gather, left_batch(left));
        let right = step(&mut *right_gather, right_batch(right));
        let flows = joined.process(vec![left, right], &context).unwrap();
        out.push(flows[0].fired().then(|| bare(&flows[0])));
    }
    out
}

fn bare(flow: &Flow) -> Vec<String> {
    let Some(rows) = rows_of_flow(flow) else { return Vec::new() };
    let schema = rows.schema();
    let columns: Vec<usize> =
        (0..rows.num_columns()).filter(|at| !schema.field(*at).name().starts_with("window_")).collect();
    let rows = rows.project(&columns).unwrap();
    let mut lines = table(&Flow::Fired(vec![Chunk::new(rows, Timestamp::VIRTUAL_START)]));
    lines.sort();
    lines
}

fn expect(out: Vec<Option<Vec<String>>>, expected: &[Option<&[&str]>]) {
    assert_eq!(out.len(), expected.len());
    for (second, (batch, expected)) in out.into_iter().zip(expected).enumerate() {
        let expected = expected.map(|lines| {
            let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            lines.sort();
            lines
        });
        assert_eq!(batch, expected, "batch {second}");
    }
}

fn on_key(how: &str) -> Value {
    json!({"how": how, "on": [{"left": "key"}], "null_keys": "equal"})
}

#[test]
fn inner_join() {
    let out = run(on_key("inner"), &left_link(), &right_link());
    let pairs: &[&str] = &["a | 3 | A1", "a | 3 | A2", "a | 4 | A1", "a | 4 | A2"];
    expect(out, &[
        Some(&["a | 1 | A"]),
        Some(pairs),
        Some(&[]),
        Some(&["中文 | 5 | 🙂"]),
        Some(&[]),
        Some(&[]),
        Some(&["null | 8 | null key", "n | 9 | null"]),
        Some(&[]),
    ]);
}

#[test]
fn right_outer_join() {
    let out = run(on_key("right"), &left_link(), &right_link());
    expect(out, &[
        Some(&["a | 1 | A", "c | null | C"]),
        Some(&["a | 3 | A1", "a | 3 | A2", "a | 4 | A1", "a | 4 | A2", "b | null | B"]),
        Some(&["a | null | alone"]),
        Some(&["d | null | null", "中文 | 5 | 🙂"]),
        Some(&[]),
        Some(&[]),
        Some(&["null | 8 | null key", "n | 9 | null"]),
        Some(&["e\u{301} | null | decomposed"]),
    ]);
}

#[test]
fn cogrouped() {
    let out = run(on_key("cogroup"), &left_link(), &right_link());
    expect(out, &[
        Some(&["a | [1] | [A]", "b | [2] | []", "c | [] | [C]"]),
        Some(&["a | [3, 4] | [A1, A2]", "b | [] | [B]"]),
        Some(&["a | [] | [alone]"]),
        Some(&["c | [-6] | []", "d | [] | [null]", "中文 | [5] | [🙂]"]),
        Some(&["x | [7] | []"]),
        Some(&[]),
        Some(&["null | [8] | [null key]", "n | [9] | [null]"]),
        Some(&["e\u{301} | [] | [decomposed]", "\u{e9} | [10] | []"]),
    ]);
}

#[test]
fn windowed_join() {
    let out = run(on_key("inner"), &windowed(left_link(), 3, 1), &right_link());
    let second: &[&str] =
        &["a | 1 | A1", "a | 1 | A2", "a | 3 | A1", "a | 3 | A2", "a | 4 | A1", "a | 4 | A2", "b | 2 | B"];
    expect(out, &[
        Some(&["a | 1 | A"]),
        Some(second),
        Some(&["a | 1 | alone", "a | 3 | alone", "a | 4 | alone"]),
        Some(&["中文 | 5 | 🙂"]),
        Some(&[]),
        Some(&[]),
        Some(&["null | 8 | null key", "n | 9 | null"]),
        Some(&[]),
    ]);
}

#[test]
fn windowed_join_both() {
    let out = run(on_key("full"), &windowed(left_link(), 2, 2), &windowed(right_link(), 4, 2));
    let second: &[&str] = &[
        "a | 1 | A", "a | 1 | A1", "a | 1 | A2", "a | 3 | A", "a | 3 | A1", "a | 3 | A2", "a | 4 | A", "a | 4 | A1",
        "a | 4 | A2", "b | 2 | B", "c | null | C",
    ];
    let fourth: &[&str] = &[
        "a | null | A", "a | null | A1", "a | null | A2", "a | null | alone", "b | null | B", "c | -6 | C",
        "d | null | null", "中文 | 5 | 🙂",
    ];
    let sixth: &[&str] = &["a | null | alone", "d | null | null", "x | 7 | null", "中文 | null | 🙂"];
    let eighth: &[&str] =
        &["null | 8 | null key", "e\u{301} | null | decomposed", "n | 9 | null", "\u{e9} | 10 | null"];
    expect(out, &[None, Some(second), None, Some(fourth), None, Some(sixth), None, Some(eighth)]);
}

#[test]
fn windows_of_both_sides_meet_in_columns_of_their_own() {
    let (left, _) = gather(&windowed(left_link(), 2, 2)).unwrap();
    let (right, _) = gather(&windowed(right_link(), 4, 2)).unwrap();
    for how in ["inner", "full"] {
        let (_, schema) = join_of(how, &left, &right);
        assert_eq!(crate::nodes::testing::names(&schema), ["window_start", "window_end", "key", "l", "r"]);
    }
    let (_, schema) = join_of("cogroup", &left, &right);
    assert_eq!(crate::nodes::testing::names(&schema), ["window_start", "window_end", "key", "l", "r"]);
    let by_hand = json!({"on": [{"left": "window_end"}, {"left": "key"}]});
    let (_, schema) = join(by_hand, &left, &right);
    let named = ["window_end", "key", "window_start", "l", "window_start_right", "r"];
    assert_eq!(crate::nodes::testing::names(&schema), named);
}

#[test]
fn windows_that_fire_in_one_batch_meet_only_those_that_end_with_them() {
    let half = |link: LinkType, length| {
        let window = WindowSpec {
            length: Span::from_millis(length), slide: Span::from_millis(500), retain: Span::from_secs(2),
        };
        LinkType { window: Some(window.into()), ..link }
    };
    let (left, mut left_gather) = gather(&half(left_link(), 500)).unwrap();
    let (right, mut right_gather) = gather(&half(right_link(), 1_000)).unwrap();
    let start = Timestamp::VIRTUAL_START;
    let at = |millis| start.plus(Span::from_millis(millis));
    let lefts = vec![Chunk::new(left_batch(&LEFT[0][..1]), at(100)), Chunk::new(left_batch(&LEFT[1][..1]), at(700))];
    let rights = vec![Chunk::new(right_batch(&RIGHT[0][..1]), at(600))];
    let left_flows = left_gather.process(vec![vec![Flow::Fired(lefts)]], &context()).unwrap();
    let right_flows = right_gather.process(vec![vec![Flow::Fired(rights)]], &context()).unwrap();
    let [full, cogrouped] = ["full", "cogroup"].map(|how| {
        let (mut joined, _) = join_of(how, &left, &right);
        table(&joined.process(vec![left_flows.clone(), right_flows.clone()], &context()).unwrap()[0])
    });
    let (whole, late) = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500Z");
    assert_eq!(full, [
        format!("{whole} | {late} | a | 1 | null"),
        format!("{whole} | 2026-01-01T00:00:01Z | a | 3 | A"),
    ]);
    assert_eq!(cogrouped, [
        format!("{whole} | {late} | a | [1] | []"),
        format!("{whole} | 2026-01-01T00:00:01Z | a | [3] | [A]"),
    ]);
}

fn join_of(how: &str, left: &LinkType, right: &LinkType) -> (Box<dyn Operator>, arrow::datatypes::SchemaRef) {
    join(on_key(how), left, right)
}

/// `transform_with_subtract`: what the right batch lacks.
#[test]
fn transform_with_subtract() {
    let schema = LinkType::lines();
    let lines = |words: &[&'static str]| crate::nodes::testing::lines(words.iter().map(|word| Some(*word)));
    let params = json!({"how": "left_anti", "on": [{"left": "value"}], "null_keys": "equal"});
    let (mut anti, _) = join(params, &schema, &schema);
    let cases: [(&[&str], &[&str], &[&str]); 6] = [
        (&["a", "b", "b"], &["b"], &["a"]),
        (&["c"], &[], &["c"]),
        (&[], &["c"], &[]),
        (&["中文", "\u{e9}"], &["\u{e9}"], &["中文"]),
        (&["x"], &["x", "x"], &[]),
        (&["🙂", "🙂"], &["e\u{301}"], &["🙂", "🙂"]),
    ];
    for (left, right, expected) in cases {
        let inputs = vec![vec![crate::nodes::testing::flow(lines(left))], vec![crate::nodes::testing::flow(lines(right))]];
        assert_eq!(table(&anti.process(inputs, &context()).unwrap()[0]), expected);
    }
}
