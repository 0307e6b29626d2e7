//! What must hold of queries, each checked against an answer worked out by hand, and joins against a naive one.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::nodes::testing::{batch, check_schemas, chunk, context, int, long, names, node, table, text};
use crate::pipeline::Settings;
use crate::plan::Flow;

fn orders() -> RecordBatch {
    batch(vec![
        ("id", int([1, 2, 3, 4, 5])),
        ("customer", text([Some("a"), Some("b"), Some("a"), None, Some("z")])),
        ("amount", long([Some(10), Some(5), Some(7), Some(1), None])),
    ])
}

fn customers() -> RecordBatch {
    batch(vec![("key", text(["a", "b", "c"])), ("city", text([Some("Rome"), Some("Oslo"), None]))])
}

/// Plans a query over the two.
fn planned(query: &str, tables: &[(&str, &RecordBatch)]) -> Result<Planned, Vec<Diagnostic>> {
    let links = [tables.iter().map(|(_, rows)| LinkType::plain(rows.schema())).collect()];
    let input_names = [tables.iter().map(|(name, _)| (*name).to_owned()).collect()];
    let settings = Settings::default();
    node(&KIND, json!({"query": query})).plan(&PlanContext {
        name: "query",
        inputs: &links,
        input_names: &input_names,
        settings: &settings,
        folder: std::path::Path::new("."),
    })
}

/// The answer with its columns' names in front.
fn answer_over(query: &str, tables: &[(&str, &RecordBatch)]) -> Vec<String> {
    let planned = planned(query, tables).unwrap_or_else(|problems| panic!("{query}: {problems:?}"));
    let schemas: Vec<_> = planned.outputs.into_iter().map(|link| link.schema).collect();
    let Stage::Operator(mut operator) = planned.stage else { panic!("an operator") };
    let flows = tables.iter().map(|(_, rows)| {
        // In two chunks, since a batch may have any number.
        let half = rows.num_rows() / 2;
        Flow::Fired(vec![chunk(rows.slice(0, half)), chunk(rows.slice(half, rows.num_rows() - half))])
    });
    let outputs =
        operator.process(vec![flows.collect()], &context()).unwrap_or_else(|error| panic!("{query}: {error}"));
    check_schemas(&outputs, &schemas);
    let mut lines = vec![names(&schemas[0]).join(" | ")];
    lines.extend(table(&outputs[0]));
    lines
}

fn answer(query: &str) -> Vec<String> {
    answer_over(query, &[("orders", &orders()), ("customers", &customers())])
}

fn refusal(query: &str) -> (String, Option<String>) {
    let problems = planned(query, &[("orders", &orders()), ("customers", &customers())]).err();
    let problem = problems.unwrap_or_else(|| panic!("{query} was taken")).remove(0);
    assert_eq!(problem.param.as_deref(), Some("query"));
    (problem.message, problem.at.map(|at| query[at].to_owned()))
}

#[test]
fn columns_are_chosen_computed_named_and_filtered() {
    assert_eq!(
        answer("SELECT ID, upper(customer) AS who, o.amount * 2 twice FROM orders AS o WHERE amount > 4"),
        ["id | who | twice", "1 | A | 20", "2 | B | 10", "3 | A | 14"]
    );
    assert_eq!(answer("SELECT * FROM customers WHERE city IS NULL"), ["key | city", "c | null"]);
    assert_eq!(answer("SELECT c.* FROM Customers c LIMIT 1 OFFSET 1"), ["key | city", "b | Oslo"]);
    assert_eq!(answer("select 'it''s \\\\ \"so\"' as t, 1 + 1 as two"), ["t | two", "it's \\ \"so\" | 2"]);
}

#[test]
fn groups_have_aggregates_in_every_clause() {
    assert_eq!(
        answer(
            "SELECT customer, count(*) AS n, sum(amount) + 1 AS more FROM orders
             GROUP BY customer HAVING count(*) < 9 AND max(amount) IS NOT NULL ORDER BY sum(amount) DESC, customer"
        ),
        ["customer | n | more", "a | 2 | 18", "b | 1 | 6", "null | 1 | 2"]
    );
    assert_eq!(answer("SELECT count(*), COUNT(amount) FROM orders"), ["count(*) | COUNT(amount)", "5 | 4"]);
    assert_eq!(answer("SELECT count(DISTINCT customer) n FROM orders"), ["n", "3"]);
    assert_eq!(
        answer("SELECT amount % 2 AS odd, count(1) c FROM orders WHERE amount > 0 GROUP BY odd ORDER BY 2 DESC"),
        ["odd | c", "1 | 3", "0 | 1"]
    );
    assert_eq!(
        answer("SELECT length(customer) + 1 AS l FROM orders WHERE id < 3 GROUP BY length(customer)"),
        ["l", "2"]
    );
    assert_eq!(answer("SELECT count(*) AS n FROM orders WHERE id > 99"), ["n", "0"], "no rows are a row of zero");
}

#[test]
fn aggregates_of_two_expressions_and_of_a_percentage_stand_in_queries() {
    assert_eq!(
        answer(
            "SELECT regr_count(amount, id) AS n, round(regr_slope(amount, id), 2) AS slope, percentile(amount, 0.5) AS p,
             percentile_approx(amount, 0.99) AS most, mode(customer) AS who FROM orders"
        ),
        ["n | slope | p | most | who", "4 | -2.5 | 6.0 | 10 | a"]
    );
    for (query, says, at) in [
        ("SELECT corr(amount) FROM orders", "computed of two expressions", "corr"),
        ("SELECT percentile(amount) FROM orders", "say which part lies below", "percentile"),
        ("SELECT percentile(amount, 95) FROM orders", "one number from 0 to 1", "95"),
        ("SELECT sum(amount, id) FROM orders", "takes one expression", "id"),
        ("SELECT corr(amount, id, 1) FROM orders", "takes two arguments", "id"),
    ] {
        let (message, place) = refusal(query);
        assert!(message.contains(says), "{query}: {message}");
        assert!(place.as_deref().is_some_and(|place| place.contains(at)), "{query}: {message}: {place:?}");
    }
}

#[test]
fn joins_meet_by_condition_or_by_name() {
    assert_eq!(
        answer("SELECT o.id, c.city FROM orders o JOIN customers c ON o.customer = c.key AND o.amount > 5"),
        ["id | city", "1 | Rome", "3 | Rome"]
    );
    assert_eq!(
        answer("SELECT id, city FROM orders LEFT JOIN customers ON key = customer ORDER BY id"),
        ["id | city", "1 | Rome", "2 | Oslo", "3 | Rome", "4 | null", "5 | null"]
    );
    assert_eq!(
        answer("SELECT key, count(id) n FROM orders RIGHT JOIN customers ON key = customer GROUP BY key ORDER BY key"),
        ["key | n", "a | 2", "b | 1", "c | 0"]
    );
    assert_eq!(answer("SELECT key FROM customers LEFT ANTI JOIN orders ON customer = key"), ["key", "c"]);
    assert_eq!(
        answer(
            "SELECT x.key, other.city FROM customers x FULL JOIN (SELECT 'b' AS key, 'Bern' AS city) other USING (key)"
        ),
        ["key | city", "a | null", "b | Bern", "c | null"]
    );
    assert_eq!(answer("SELECT count(*) n FROM orders, customers"), ["n", "15"]);
    assert_eq!(
        answer("SELECT a.id, b.id AS more FROM orders a JOIN orders b ON a.id + 3 < b.id"),
        ["id | more", "1 | 5"]
    );
}

#[test]
fn queries_stand_within_queries() {
    assert_eq!(
        answer(
            "WITH big AS (SELECT * FROM orders WHERE amount > 5), sums AS (SELECT sum(amount) AS s FROM big)
             SELECT s FROM sums UNION ALL SELECT amount FROM big ORDER BY s DESC"
        ),
        ["s", "17", "10", "7"]
    );
    assert_eq!(
        answer("SELECT avg(n) AS mean FROM (SELECT count(*) AS n FROM orders GROUP BY customer) AS per"),
        ["mean", "1.25"]
    );
    assert_eq!(
        answer("SELECT customer FROM orders UNION SELECT key FROM customers ORDER BY 1"),
        ["customer", "null", "a", "b", "c", "z"]
    );
    assert_eq!(answer("SELECT DISTINCT city FROM orders JOIN customers ON key = customer"), ["city", "Rome", "Oslo"]);
}

#[test]
fn rows_are_sorted_by_what_comes_out_or_by_what_went_in() {
    assert_eq!(answer("SELECT id FROM orders ORDER BY amount"), ["id", "5", "4", "2", "3", "1"]);
    assert_eq!(answer("SELECT id FROM orders ORDER BY amount DESC LIMIT 2"), ["id", "1", "3"]);
    assert_eq!(answer("SELECT id AS n FROM orders ORDER BY -n LIMIT 1"), ["n", "5"]);
    assert_eq!(answer("SELECT amount FROM orders ORDER BY amount NULLS LAST LIMIT 1"), ["amount", "1"]);
}

#[test]
fn what_cannot_be_answered_is_refused_in_its_place() {
    for (query, part, place) in [
        ("SELECT wrod FROM orders", "no column `wrod`", Some("wrod")),
        ("SELECT o.citi FROM customers o", "did you mean `city`?", Some("citi")),
        ("SELECT id FROM oders", "no input is called `oders`; did you mean `orders`?", Some("oders")),
        ("SELECT upper(amount, 1) FROM orders", "", None),
        ("SELECT id FROM orders WHERE amount", "a condition is true or false", Some("amount")),
        ("SELECT id, count(*) FROM orders", "neither grouped by nor aggregated", Some("id")),
        ("SELECT id FROM orders WHERE count(*) > 1", "use HAVING", None),
        ("SELECT sum(count(*)) FROM orders", "a query of its own", None),
        ("SELECT row_number() OVER (ORDER BY id) FROM orders", "OVER is not supported", None),
        ("SELECT id FROM orders WHERE id IN (SELECT 1)", "not supported", None),
        ("SELECT a.id, b.id FROM orders a JOIN orders b USING (customer)", "two columns are called `id`", None),
        ("SELECT id FROM orders a JOIN orders b ON a.id = b.id", "write `a.id`", Some("id")),
        ("SELECT 1 FROM orders JOIN orders ON true", "two tables are called `orders`", None),
        ("DELETE FROM orders", "", None),
        ("SELECT id FROM orders; SELECT 1", "one SELECT", Some("SELECT")),
        ("SELECT id FROM orders EXCEPT SELECT 1", "EXCEPT is not supported", None),
        ("SELECT id FROM orders ORDER BY 7", "no column number 7", Some("7")),
        ("SELECT * FROM explode(orders)", "a Flat map before", None),
        ("", "a query is missing", None),
        ("SELECT", "", None),
    ] {
        let query_or_blank = if query.is_empty() { " " } else { query };
        let (message, at) = if query.is_empty() {
            let problems = crate::spec::check_params(KIND.params, &crate::spec::Params::new());
            assert!(problems[0].message.contains("is missing"));
            continue;
        } else {
            refusal(query_or_blank)
        };
        assert!(message.contains(part) && message.len() > 10, "{query}: {message}");
        if let Some(place) = place {
            assert_eq!(at.as_deref(), Some(place), "{query}: {message}");
        }
    }
}

#[test]
fn an_input_that_did_not_fire_is_an_empty_table_and_none_at_all_is_no_answer() {
    let query = "SELECT key, count(id) AS n FROM customers LEFT JOIN orders ON customer = key GROUP BY key";
    let planned = planned(query, &[("orders", &orders()), ("customers", &customers())]).ok().unwrap();
    let Stage::Operator(mut operator) = planned.stage else { panic!("an operator") };
    let fired = Flow::Fired(vec![chunk(customers())]);
    let out = operator.process(vec![vec![Flow::Idle, fired]], &context()).unwrap();
    assert_eq!(table(&out[0]), ["a | 0", "b | 0", "c | 0"]);
    assert!(!operator.process(vec![vec![Flow::Idle, Flow::Idle]], &context()).unwrap()[0].fired());
}

#[test]
fn a_row_that_fails_is_named() {
    let planned = planned("SELECT 10 div (id - 3) AS x FROM orders", &[("orders", &orders())]).ok().unwrap();
    let Stage::Operator(mut operator) = planned.stage else { panic!("an operator") };
    let error = operator.process(vec![vec![Flow::Fired(vec![chunk(orders())])]], &context()).unwrap_err();
    assert!(error.message.contains("division by zero") && error.message.contains("id = 3"), "{error}");
}

/// A table of two small columns, so that much is equal.
fn small(rows: &[(Option<i32>, i32)]) -> RecordBatch {
    let column = |values: Vec<Option<i32>>| int(values);
    let columns: [(&str, ArrayRef, bool); 2] = [
        ("k", column(rows.iter().map(|row| row.0).collect()), true),
        ("v", column(rows.iter().map(|row| Some(row.1)).collect()), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn some_rows() -> impl Strategy<Value = Vec<(Option<i32>, i32)>> {
    prop::collection::vec((prop::option::weighted(0.8, 0..3), 0..4), 0..9)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_kind_of_join_gives_what_nested_loops_give(left in some_rows(), right in some_rows()) {
        for kind in ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"] {
            let is_pair = |l: &(Option<i32>, i32), r: &(Option<i32>, i32)| l.0.is_some() && l.0 == r.0 && l.1 <= r.1;
            let show = |value: Option<i32>| value.map_or("null".to_owned(), |value| value.to_string());
            let side = |row: Option<&(Option<i32>, i32)>| format!("{} | {}", show(row.and_then(|row| row.0)), show(row.map(|row| row.1)));
            let mut expected = Vec::new();
            let with_right = !kind.contains("SEMI") && !kind.contains("ANTI");
            for l in &left {
                let partners: Vec<_> = right.iter().filter(|r| is_pair(l, r)).collect();
                if with_right {
                    expected.extend(partners.iter().map(|r| format!("{} | {}", side(Some(l)), side(Some(r)))));
                    if partners.is_empty() && (kind.starts_with("LEFT") || kind.starts_with("FULL")) {
                        expected.push(format!("{} | {}", side(Some(l)), side(None)));
                    }
                } else if partners.is_empty() == kind.contains("ANTI") {
                    expected.push(side(Some(l)));
                }
            }
            if kind.starts_with("RIGHT") || kind.starts_with("FULL") {
                let alone = right.iter().filter(|r| !left.iter().any(|l| is_pair(l, r)));
                expected.extend(alone.map(|r| format!("{} | {}", side(None), side(Some(r)))));
            }
            let columns = if with_right { "l.k, l.v, r.k AS rk, r.v AS rv" } else { "l.k, l.v" };
            let query = format!("SELECT {columns} FROM l {kind} r ON l.k = r.k AND l.v <= r.v");
            let mut found = answer_over(&query, &[("l", &small(&left)), ("r", &small(&right))]).split_off(1);
            found.sort();
            expected.sort();
            prop_assert_eq!(found, expected, "{}", kind);
        }
    }

    #[test]
    fn no_text_makes_it_panic(words in prop::collection::vec(prop::sample::select(vec![
        "SELECT", "FROM", "orders", "customers", "WHERE", "GROUP BY", "ORDER BY", "HAVING", "JOIN", "LEFT", "ON", "USING",
        "(", ")", ",", "*", "id", "amount", "o.id", "count(*)", "sum(", "1", "'x'", "AS", "o", "UNION", "ALL", "WITH",
        "LIMIT", "=", "AND", "DISTINCT", "`", "--", "->", "OVER",
    ]), 0..24)) {
        let query = words.join(" ");
        if query.trim().is_empty() {
            return Ok(());
        }
        match planned(&query, &[("orders", &orders()), ("customers", &customers())]) {
            Ok(planned) => {
                let Stage::Operator(mut operator) = planned.stage else { panic!("an operator") };
                let flows = vec![Flow::Fired(vec![chunk(orders())]), Flow::Fired(vec![chunk(customers())])];
                if let Ok(outputs) = operator.process(vec![flows], &context()) {
                    check_schemas(&outputs, &[Arc::clone(&planned.outputs[0].schema)]);
                }
            }
            Err(problems) => prop_assert!(problems.iter().all(|problem| !problem.message.is_empty())),
        }
    }
}
