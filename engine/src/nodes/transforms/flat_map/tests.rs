//! What a person sees of splitting and unfolding.

use std::sync::Arc;

use arrow::array::{Int32Builder, ListBuilder, RecordBatch};
use serde_json::json;

use super::KIND;
use crate::nodes::testing::{
    batch, check_schemas, context, flow, int, lines, names, operator, problems, run, table, text, texts, try_run,
};

fn words(params: serde_json::Value, rows: RecordBatch) -> Vec<String> {
    texts(&run(&KIND, params, rows)[0], "word").into_iter().flatten().collect()
}

#[test]
fn lines_fall_into_words() {
    assert_eq!(words(json!({}), lines(["to be", "or"])), ["to", "be", "or"]);
}

#[test]
fn empty_pieces_are_kept_unless_told_otherwise() {
    let input = || lines([Some(" a  b "), Some(""), None, Some("  ")]);
    assert_eq!(words(json!({}), input()), ["", "a", "", "b", "", "", "", "", ""]);
    assert_eq!(words(json!({"drop": "trailing"}), input()), ["", "a", "", "b", ""]);
    assert_eq!(words(json!({"drop": "all"}), input()), ["a", "b"]);
}

#[test]
fn a_separator_may_be_a_pattern() {
    let params = json!({"separator": "[,;]\\s*", "pattern": "regex"});
    assert_eq!(words(params, lines(["a, b;c"])), ["a", "b", "c"]);
    let params = json!({"separator": "[,;]", "pattern": "plain"});
    assert_eq!(words(params, lines(["a[,;]b,c"])), ["a", "b,c"]);
}

#[test]
fn other_columns_are_repeated_when_kept() {
    let rows = batch(vec![("id", int([1, 2])), ("Line", text(["a b", "c"])), ("tag", text([Some("x"), None]))]);
    let params = json!({"column": "line", "keep": true, "as": "piece"});
    let out = run(&KIND, params.clone(), rows.clone());
    assert_eq!(table(&out[0]), ["1 | x | a", "1 | x | b", "2 | null | c"]);
    assert_eq!(names(&operator(&KIND, params, &[rows.schema()]).1[0]), ["id", "tag", "piece"]);
}

#[test]
fn lists_unfold_into_their_items() {
    let mut lists = ListBuilder::new(Int32Builder::new());
    lists.append_value([Some(1), None]);
    lists.append_null();
    lists.append_value([]);
    lists.append_value([Some(4)]);
    let rows = batch(vec![("id", int([1, 2, 3, 4])), ("list", Arc::new(lists.finish()))]);
    let params = json!({"mode": "explode", "column": "list", "as": "item", "keep": true});
    assert_eq!(table(&run(&KIND, params.clone(), rows.clone())[0]), ["1 | 1", "1 | null", "4 | 4"]);
    assert_eq!(table(&run(&KIND, params, rows.slice(2, 2))[0]), ["4 | 4"]);
}

#[test]
fn what_cannot_be_split_is_refused_with_advice() {
    let rows = batch(vec![("n", int([1])), ("word", text(["x"])), ("value", text(["x"]))]);
    let schema = rows.schema();
    for (params, param, words) in [
        (json!({"column": "n"}), "column", "cast it to a string"),
        (json!({"column": "wrod"}), "column", "did you mean `word`?"),
        (json!({"keep": true}), "as", "already has a column `word`"),
        (json!({"mode": "explode"}), "column", "split the text instead"),
        (json!({"pattern": "regex", "separator": "("}), "separator", "regular expression"),
    ] {
        let found = problems(&KIND, params, &schema);
        assert_eq!(found[0].param.as_deref(), Some(param));
        assert!(found[0].message.contains(words), "{found:?}");
    }
}

#[test]
fn what_is_split_or_unfolded_may_be_computed_on_the_way() {
    assert_eq!(words(json!({"column": "lower(value)"}), lines(["To BE"])), ["to", "be"]);
    let rows = batch(vec![("a word", text(["x y"])), ("id", int([1]))]);
    let params = json!({"column": "A Word", "keep": true});
    assert_eq!(table(&run(&KIND, params, rows.clone())[0]), ["1 | x", "1 | y"]);
    let params = json!({"column": "upper(`a word`)", "keep": true});
    assert_eq!(table(&run(&KIND, params, rows.clone())[0]), ["x y | 1 | X", "x y | 1 | Y"]);
    let params = json!({"mode": "explode", "column": "array(id, id + 1)", "as": "n"});
    assert_eq!(table(&run(&KIND, params, rows)[0]), ["1", "2"]);
}

#[test]
fn a_row_whose_expression_fails_is_rejected_null_or_the_end() {
    let rows = || lines([Some("1 2"), Some("x"), None]);
    let params = |on_error: &str| json!({"column": "repeat(value, CAST(left(value, 1) AS INT))", "on_error": on_error});
    let out = run(&KIND, params("reject"), rows());
    assert_eq!(table(&out[0]), ["1", "2"]);
    assert!(table(&out[1])[0].starts_with("x | ") && table(&out[1])[0].contains(" in word: repeat("));
    let (mut flat, schemas) = operator(&KIND, params("null"), &[rows().schema()]);
    let out = flat.process(vec![vec![flow(rows())]], &context()).unwrap();
    check_schemas(&out, &schemas);
    assert_eq!((table(&out[0]).len(), out[1].row_count()), (2, 0));
    assert_eq!(flat.counters(), [("rejected", 0), ("nulled", 1)]);
    assert!(try_run(&KIND, params("stop"), rows()).unwrap_err().message.ends_with("value = x"));
}

#[test]
fn generators_give_several_columns() {
    let rows = || batch(vec![("id", int([1, 2, 3])), ("line", text([Some("a b"), Some(""), None]))]);
    let params = |column: &str, names: &str| json!({"mode": "explode", "column": column, "as": names, "keep": true});
    let out = |column: &str, names: &str| table(&run(&KIND, params(column, names), rows())[0]);
    assert_eq!(out("posexplode(split(line, ' '))", "pos, w"), ["1 | a b | 0 | a", "1 | a b | 1 | b", "2 |  | 0 | "]);
    assert_eq!(
        out("explode_outer(split(line, ' '))", "w"),
        ["1 | a b | a", "1 | a b | b", "2 |  | ", "3 | null | null"]
    );
    assert_eq!(
        out("posexplode_outer(filter(split(line, ' '), x -> x > 'a'))", "pos, w"),
        ["1 | a b | 0 | b", "2 |  | null | null", "3 | null | null | null"]
    );
    assert_eq!(out("stack(2, id, 'x', -id)", "n, s")[..2], ["1 | a b | 1 | x", "1 | a b | -1 | null"]);
    assert_eq!(out("explode(map('k', id))", "key, value")[0], "1 | a b | k | 1");
    assert_eq!(
        out("inline(array(struct(id, line), NULL))", "a, b")[..2],
        ["1 | a b | 1 | a b", "1 | a b | null | null"]
    );
    let found = problems(&KIND, params("posexplode(split(line, ' '))", "word"), &rows().schema());
    assert!(found[0].message.contains("`pos, col`") && found[0].param.as_deref() == Some("as"), "{found:?}");
    let found = problems(&KIND, params("explode(split(lnie, ' '))", "word"), &rows().schema());
    assert!(found[0].message.contains("did you mean `line`?"), "{found:?}");
    let found = problems(&KIND, params("explode(id)", "word"), &rows().schema());
    assert!(found[0].message.contains("takes an array or a map"), "{found:?}");
}
