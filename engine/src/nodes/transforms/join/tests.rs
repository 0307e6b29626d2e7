//! Joins against comparing every row with every other.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, StringViewArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::nodes::testing::{batch, check_schemas, chunk, context, context_with, flow, int, names, node, table, text};
use crate::pipeline::Settings;
use crate::plan::{Flow, Operator};

/// Plans a join of these columns.
pub(super) fn plan(params: Value, left: &LinkType, right: &LinkType) -> Result<Planned, Vec<Diagnostic>> {
    let links = [vec![left.clone()], vec![right.clone()]];
    let settings = Settings::default();
    let context = PlanContext {
        name: "join",
        inputs: &links,
        input_names: &[],
        settings: &settings,
        folder: std::path::Path::new("."),
    };
    node(&KIND, params).plan(&context)
}

/// The operator of a join, and its columns.
pub(super) fn join(params: Value, left: &LinkType, right: &LinkType) -> (Box<dyn Operator>, SchemaRef) {
    let planned = plan(params, left, right).unwrap_or_else(|problems| panic!("{problems:?}"));
    let Stage::Operator(operator) = planned.stage else { panic!("an operator") };
    (operator, Arc::clone(&planned.outputs[0].schema))
}

fn links(left: &RecordBatch, right: &RecordBatch) -> (LinkType, LinkType) {
    (LinkType::plain(left.schema()), LinkType::plain(right.schema()))
}

fn joined(params: Value, left: &RecordBatch, right: &RecordBatch) -> Vec<String> {
    let (left_link, right_link) = links(left, right);
    let (mut join, schema) = join(params, &left_link, &right_link);
    let out = join.process(vec![vec![flow(left.clone())], vec![flow(right.clone())]], &context()).unwrap();
    check_schemas(&out, &[schema]);
    table(&out[0])
}

fn refusals(params: Value, left: &RecordBatch, right: &RecordBatch) -> Vec<(String, String)> {
    let (left, right) = links(left, right);
    let Err(problems) = plan(params, &left, &right) else { panic!("it was planned") };
    problems.into_iter().map(|problem| (problem.param.unwrap_or_default(), problem.message)).collect()
}

fn visits() -> RecordBatch {
    batch(vec![("user", text(["ann", "bob", "ann"])), ("page", text(["/a", "/b", "/c"]))])
}

fn users() -> RecordBatch {
    batch(vec![("User", text(["ann", "cid"])), ("city", text(["Oslo", "Rome"]))])
}

#[test]
fn the_example_of_the_documentation_holds() {
    let on = json!([{"left": "user"}]);
    let of = |how: &str| joined(json!({"how": how, "on": on}), &visits(), &users());
    let pairs = ["ann | /a | Oslo", "ann | /c | Oslo"];
    assert_eq!(of("inner"), pairs);
    assert_eq!(of("left"), [pairs[0], "bob | /b | null", pairs[1]]);
    assert_eq!(of("right"), [pairs[0], pairs[1], "cid | null | Rome"]);
    assert_eq!(of("full"), [pairs[0], "bob | /b | null", pairs[1], "cid | null | Rome"]);
    assert_eq!(of("left_semi"), ["ann | /a", "ann | /c"]);
    assert_eq!(of("left_anti"), ["bob | /b"]);
    assert_eq!(of("cogroup"), ["ann | [/a, /c] | [Oslo]", "bob | [/b] | []", "cid | [] | [Rome]"]);
}

#[test]
fn a_condition_alone_compares_every_row_with_every_other() {
    let left = batch(vec![("a", int([1, 5]))]);
    let right = batch(vec![("b", int([3, 9]))]);
    assert_eq!(joined(json!({"condition": "a < b"}), &left, &right), ["1 | 3", "1 | 9", "5 | 9"]);
    assert_eq!(joined(json!({"how": "left", "condition": "a > b"}), &left, &right), ["1 | null", "5 | 3"]);
    assert_eq!(joined(json!({"condition": "true"}), &left, &right).len(), 4);
    assert_eq!(joined(json!({"how": "left_anti", "condition": "a > b"}), &left, &right), ["1"]);
}

#[test]
fn names_that_clash_are_told_apart() {
    let left = batch(vec![("k", int([1])), ("x", int([2])), ("x_right", int([3]))]);
    let right = batch(vec![("X", int([4])), ("key", int([1])), ("K", int([5])), ("K_right", int([6]))]);
    let (left_link, right_link) = links(&left, &right);
    let on = json!({"on": [{"left": "k", "right": "key"}]});
    let (_, schema) = join(on.clone(), &left_link, &right_link);
    assert_eq!(names(&schema), ["k", "x", "x_right", "X_right_right", "key", "K_right_right", "K_right"]);
    assert_eq!(joined(on, &left, &right), ["1 | 2 | 3 | 4 | 1 | 5 | 6"]);
}

#[test]
fn keys_called_the_same_come_out_once_in_the_wider_type() {
    let left = batch(vec![("n", int([7])), ("id", int([1]))]);
    let right = batch(vec![("ID", crate::nodes::testing::long([1, 2]))]);
    let (left_link, right_link) = links(&left, &right);
    let (_, schema) = join(json!({"how": "full", "on": [{"left": "ID"}]}), &left_link, &right_link);
    assert_eq!(names(&schema), ["id", "n"]);
    assert_eq!(schema.field(0).data_type(), &DataType::Int64);
    assert_eq!(joined(json!({"how": "full", "on": [{"left": "id"}]}), &left, &right), ["1 | 7", "2 | null"]);
}

#[test]
fn lists_of_several_columns_hold_structs_and_of_none_the_keys() {
    let left = batch(vec![("k", text(["a", "a"])), ("x", int([1, 2])), ("y", text(["p", "q"]))]);
    let right = batch(vec![("k", text(["a"]))]);
    let (left_link, right_link) = links(&left, &right);
    let params = json!({"how": "cogroup", "on": [{"left": "k"}]});
    let (_, schema) = join(params.clone(), &left_link, &right_link);
    assert_eq!(names(&schema), ["k", "left", "right"]);
    assert_eq!(joined(params, &left, &right), ["a | [{x: 1, y: p}, {x: 2, y: q}] | [a]"]);
}

#[test]
fn a_side_that_fires_alone_gives_nothing_and_is_counted() {
    for how in ["inner", "full", "left_anti", "cogroup"] {
        let (left, right) = links(&visits(), &users());
        let (mut join, _) = join(json!({"how": how, "on": [{"left": "user"}]}), &left, &right);
        let out = join.process(vec![vec![flow(visits())], vec![Flow::Idle]], &context()).unwrap();
        assert!(!out[0].fired());
        assert_eq!(join.counters(), [("unpaired", 3)]);
        let out = join.process(vec![vec![Flow::Fired(vec![])], vec![Flow::Fired(vec![])]], &context()).unwrap();
        assert!(out[0].fired() && out[0].row_count() == 0);
        assert_eq!(join.counters(), []);
    }
}

#[test]
fn what_cannot_be_joined_says_why_where() {
    let (left, right) = (visits(), batch(vec![("id", int([1])), ("user", text(["a"]))]));
    for (params, param, words) in [
        (json!({}), "on", "add a pair of columns, or enter the condition `true`"),
        (json!({"how": "cogroup"}), "on", "add a pair of columns"),
        (json!({"on": [{"left": "usr"}]}), "on[0].left", "did you mean `user`?"),
        (json!({"on": [{"left": "page"}]}), "on[0].right", "in the right input there is no column `page`"),
        (
            json!({"on": [{"left": "user", "right": "id"}]}),
            "on[0].left",
            "`user` is string, but `id` in the right input is int",
        ),
        (json!({"on": [{"left": "user"}, {"left": "User"}]}), "on[1].left", "compared twice"),
        (json!({"condition": "id"}), "condition", "must be true or false, but it gives int"),
        (json!({"condition": "idd > 1"}), "condition", "did you mean `id`?"),
    ] {
        let found = refusals(params, &left, &right);
        assert!(found[0].0 == param && found[0].1.contains(words), "{found:?}");
    }
}

#[test]
fn a_condition_that_fails_names_the_pair() {
    let left = batch(vec![("k", int([1])), ("a", int([6]))]);
    let right = batch(vec![("k", int([1])), ("b", int([0]))]);
    let (left_link, right_link) = links(&left, &right);
    let params = json!({"on": [{"left": "k"}], "condition": "a div b > 0", "on_error": "stop"});
    let (mut join, _) = join(params, &left_link, &right_link);
    let error = join.process(vec![vec![flow(left)], vec![flow(right)]], &context()).unwrap_err();
    assert!(error.message.contains("division by zero") && error.message.contains("a = 6, b = 0"), "{error}");
}

#[test]
fn a_pair_on_which_the_condition_fails_is_no_pair_and_is_counted() {
    let left = batch(vec![("k", int([1, 1])), ("a", int([6, 2]))]);
    let right = batch(vec![("k", int([1, 1])), ("b", int([0, 2]))]);
    let (left_link, right_link) = links(&left, &right);
    for (how, expected) in [
        ("inner", vec!["1 | 6 | 2", "1 | 2 | 2"]),
        ("full", vec!["1 | 6 | 2", "1 | 2 | 2", "1 | null | 0"]),
        ("left_semi", vec!["1 | 6", "1 | 2"]),
    ] {
        let params = json!({"how": how, "on": [{"left": "k"}], "condition": "a div b > 0"});
        let (mut join, _) = join(params, &left_link, &right_link);
        let out = join.process(vec![vec![flow(left.clone())], vec![flow(right.clone())]], &context()).unwrap();
        assert_eq!(table(&out[0]), expected, "{how}");
        assert_eq!(join.counters(), [("nulled", 2)], "{how}");
        join.process(vec![vec![flow(left.slice(0, 0))], vec![flow(right.slice(0, 0))]], &context()).unwrap();
        assert_eq!(join.counters(), [], "{how}: counted batch by batch");
    }
}

#[test]
fn a_batch_that_would_explode_is_refused() {
    let rows = batch(vec![("k", int((0..8_000).map(|_| 1)))]);
    let (left, right) = links(&rows, &rows);
    let inputs = || vec![vec![flow(rows.clone())], vec![flow(rows.clone())]];
    let (mut inner, _) = join(json!({"on": [{"left": "k"}]}), &left, &right);
    let error = inner.process(inputs(), &context()).unwrap_err();
    assert!(error.message.contains("64000000 pairs"), "{error}");
    let (mut semi, _) = join(json!({"how": "left_semi", "on": [{"left": "k"}]}), &left, &right);
    assert_eq!(semi.process(inputs(), &context()).unwrap()[0].row_count(), 8_000, "a semi join makes no pairs");
}

/// A row: a key of numbers, a key of text, a value.
type Row = (Option<i32>, Option<&'static str>, Option<i32>);

fn row() -> impl Strategy<Value = Row> {
    let word = prop::sample::select(vec!["x", "a longer word that is no inline view", ""]);
    (prop::option::weighted(0.8, 0..3i32), prop::option::weighted(0.8, word), prop::option::weighted(0.9, -3..3i32))
}

fn left_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("k", DataType::Int32, true),
        Field::new("a", LinkType::TEXT, true),
        Field::new("v", DataType::Int32, true),
    ]))
}

fn right_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("V", DataType::Int32, true),
        Field::new("K", DataType::Int64, true),
        Field::new("b", LinkType::TEXT, true),
    ]))
}

fn left_rows(rows: &[Row]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| row.0).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|row| row.1).collect::<StringViewArray>()),
        Arc::new(rows.iter().map(|row| row.2).collect::<Int32Array>()),
    ];
    RecordBatch::try_new(left_schema(), columns).unwrap()
}

fn right_rows(rows: &[Row]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| row.2).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|row| row.0.map(i64::from)).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.1).collect::<StringViewArray>()),
    ];
    RecordBatch::try_new(right_schema(), columns).unwrap()
}

fn say<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| value.to_string())
}

/// The question of the oracle.
struct Asked<'a> {
    how: &'a str,
    nulls_match: bool,
    is_conditional: bool,
}

impl Asked<'_> {
    fn keys_match(&self, left: &Row, right: &Row) -> bool {
        let has_null = left.0.is_none() || left.1.is_none();
        left.0 == right.0 && left.1 == right.1 && (self.nulls_match || !has_null)
    }

    fn matches(&self, left: &Row, right: &Row) -> bool {
        let holds = match (left.2, right.2) {
            (Some(ours), Some(theirs)) => ours <= theirs,
            _ => false,
        };
        self.keys_match(left, right) && (!self.is_conditional || holds)
    }

    fn answer(&self, left: &[Row], right: &[Row]) -> Vec<String> {
        match self.how {
            "cogroup" => self.cogroup(left, right),
            "left_semi" | "left_anti" => {
                let wanted = self.how == "left_semi";
                let kept = left.iter().filter(|row| right.iter().any(|other| self.matches(row, other)) == wanted);
                kept.map(|row| format!("{} | {} | {}", say(row.0), say(row.1), say(row.2))).collect()
            }
            how => {
                let mut lines = Vec::new();
                for row in left {
                    let partners: Vec<_> = right.iter().filter(|other| self.matches(row, other)).collect();
                    let ours = format!("{} | {} | {}", say(row.0), say(row.1), say(row.2));
                    for other in &partners {
                        lines.push(format!("{ours} | {} | {}", say(other.2), say(other.1)));
                    }
                    if partners.is_empty() && ["left", "full"].contains(&how) {
                        lines.push(format!("{ours} | null | null"));
                    }
                }
                if ["right", "full"].contains(&how) {
                    let alone = right.iter().filter(|other| !left.iter().any(|row| self.matches(row, other)));
                    lines.extend(
                        alone.map(|other| {
                            format!("{} | null | null | {} | {}", say(other.0), say(other.2), say(other.1))
                        }),
                    );
                }
                lines
            }
        }
    }

    fn cogroup(&self, left: &[Row], right: &[Row]) -> Vec<String> {
        let mut groups: Vec<(Row, [Vec<String>; 2])> = Vec::new();
        for (side, rows) in [left, right].into_iter().enumerate() {
            for row in rows {
                let is_same = |(first, lists): &(Row, [Vec<String>; 2])| {
                    let has_null = row.0.is_none() || row.1.is_none();
                    let may_meet = self.nulls_match || !has_null || lists[1 - side].is_empty();
                    first.0 == row.0 && first.1 == row.1 && may_meet
                };
                let at = groups.iter().position(is_same).unwrap_or_else(|| {
                    groups.push((*row, [Vec::new(), Vec::new()]));
                    groups.len() - 1
                });
                groups[at].1[side].push(say(row.2));
            }
        }
        let line = |(row, [left, right]): &(Row, [Vec<String>; 2])| {
            format!("{} | {} | [{}] | [{}]", say(row.0), say(row.1), left.join(", "), right.join(", "))
        };
        groups.iter().map(line).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_join_equals_comparing_every_row_with_every_other(
        left in prop::collection::vec(row(), 0..14),
        right in prop::collection::vec(row(), 0..14),
        how in prop::sample::select(vec!["inner", "left", "right", "full", "left_semi", "left_anti", "cogroup"]),
        nulls_match: bool,
        wants_condition: bool,
        cuts in (1usize..6, 1usize..6),
        threads in prop::sample::select(vec![1usize, 2, 8]),
    ) {
        let is_conditional = wants_condition && how != "cogroup";
        let mut params = json!({
            "how": how,
            "on": [{"left": "k"}, {"left": "a", "right": "b"}],
            "null_keys": if nulls_match { "equal" } else { "never" },
        });
        if is_conditional {
            params["condition"] = json!("v <= v_right");
        }
        let (mut join, schema) =
            join(params, &LinkType::plain(left_schema()), &LinkType::plain(right_schema()));
        let left_chunks = left.chunks(cuts.0).map(|rows| chunk(left_rows(rows))).collect();
        let right_chunks = right.chunks(cuts.1).map(|rows| chunk(right_rows(rows))).collect();
        let inputs = vec![vec![Flow::Fired(left_chunks)], vec![Flow::Fired(right_chunks)]];
        let out = join.process(inputs, &context_with(threads)).unwrap();
        check_schemas(&out, &[schema]);
        let expected = Asked { how, nulls_match, is_conditional }.answer(&left, &right);
        prop_assert_eq!(table(&out[0]), expected);
    }
}

#[test]
fn large_batches_give_the_same_rows_on_any_number_of_threads() {
    let left = batch(vec![("k", int((0..60_000).map(|n| n % 30_000))), ("l", int(0..60_000))]);
    let right = batch(vec![("k", int((0..50_000).map(|n| n % 25_000))), ("r", int(0..50_000))]);
    let (left_link, right_link) = links(&left, &right);
    let run = |threads| {
        let params = json!({"how": "full", "on": [{"left": "k"}], "condition": "l % 3 <> r % 3"});
        let (mut join, _) = join(params, &left_link, &right_link);
        let inputs = vec![vec![flow(left.clone())], vec![flow(right.clone())]];
        let out = join.process(inputs, &context_with(threads)).unwrap();
        let sizes: Vec<_> = out[0].chunks().iter().map(|chunk| chunk.rows.num_rows()).collect();
        (sizes, crate::nodes::testing::rows(&out[0]).unwrap())
    };
    let (sizes, rows) = run(1);
    assert!(sizes.len() > 2, "{sizes:?}");
    for threads in [2, 8] {
        assert_eq!(run(threads), (sizes.clone(), rows.clone()));
    }
}
