//! Expressions over many rows: each call becomes a line of a group node, what is computed from the results a map node.
//!
//! The translation is by text: it knows how Spark writes a call, and which function of the node stands for it.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::expr::type_name;
use weir_engine::plan::{Flow, LinkType};

use super::cells::cell;
use super::corpus::Corpus;
use super::{Found, Verdict, brief};
use crate::fuzz::checks::{plan, run};
use crate::parity::values::same;

/// How a call is written with the node and a map behind it: Spark's name (with `distinct`), how many arguments it has,
/// the node's function, its argument, and the expression over the result. `{0}` and `{1}` are the arguments, `{}` is the
/// result.
const FORMS: &[(&str, usize, &str, &str, &str)] = &[
    ("mean", 1, "avg", "{0}", "{}"),
    ("stddev_samp", 1, "stddev", "{0}", "{}"),
    ("var_samp", 1, "variance", "{0}", "{}"),
    ("var_pop", 1, "variance_pop", "{0}", "{}"),
    ("array_agg", 1, "collect_list", "{0}", "{}"),
    ("collect_set", 1, "collect_list", "{0}", "array_distinct({})"),
    ("every", 1, "min", "{0}", "{}"),
    ("some", 1, "max", "{0}", "{}"),
    ("bool_or", 1, "max", "{0}", "{}"),
    ("count_if", 1, "count", "if({0}, 1, NULL)", "{}"),
    ("count", 2, "count", BOTH, "{}"),
    ("regr_count", 2, "count", BOTH, "{}"),
    ("count distinct", 1, "count_distinct", "{0}", "{}"),
    ("count distinct", 2, "count_distinct", "if({0} IS NOT NULL AND {1} IS NOT NULL, struct({0}, {1}), NULL)", "{}"),
    (
        "sum distinct",
        1,
        "collect_list",
        "{0}",
        "aggregate(array_distinct({}), CAST(NULL AS BIGINT), (x, y) -> coalesce(x, 0L) + y)",
    ),
    ("any_value", 2, "collect_list", "{0}", "try_element_at({}, 1)"),
    ("last", 2, "collect_list", "{0}", "try_element_at({}, -1)"),
    ("listagg", 2, "collect_list", "{0}", "if(size({}) = 0, NULL, array_join({}, {1}))"),
    ("bit_and", 1, "collect_list", "{0}", "aggregate({}, CAST(NULL AS INT), (x, y) -> if(x IS NULL, y, x & y))"),
    ("bit_or", 1, "collect_list", "{0}", "aggregate({}, CAST(NULL AS INT), (x, y) -> if(x IS NULL, y, x | y))"),
    ("bit_xor", 1, "collect_list", "{0}", "aggregate({}, CAST(NULL AS INT), (x, y) -> if(x IS NULL, y, x ^ y))"),
    ("min_by", 2, "collect_list", "if({1} IS NULL, NULL, struct({1}, {0}))", "array_min({}).{0}"),
    ("max_by", 2, "collect_list", "if({1} IS NULL, NULL, struct({1}, {0}))", "array_max({}).{0}"),
];

/// Those of two values, which the node takes as they are.
const PAIRS: &[&str] =
    &["corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_intercept", "regr_r2", "regr_slope"];

const BOTH: &str = "if({0} IS NOT NULL AND {1} IS NOT NULL, 1, NULL)";

/// Forms that are no plain call: what is written, the node's function and percentages, its argument, the expression
/// over the results.
const SPECIAL: &[(&str, &str, &[f64], &str, &str)] = &[
    ("count(NULL)", "count", &[0.0], "CAST(NULL AS INT)", "a0"),
    ("first_value(n) IGNORE NULLS", "collect_list", &[0.0], "n", "try_element_at(a0, 1)"),
    ("percentile_cont(0.5) WITHIN GROUP (ORDER BY n)", "percentile", &[50.0], "n", "a0"),
    ("percentile_disc(0.5) WITHIN GROUP (ORDER BY n)", "percentile_disc", &[50.0], "n", "a0"),
    ("percentile_approx(n, 0.5)", "percentile_approx", &[50.0], "n", "a0"),
    ("percentile(n, array(0.25, 0.75))", "percentile", &[25.0, 75.0], "n", "if(a0 IS NULL, NULL, array(a0, a1))"),
    (
        "string_agg(DISTINCT CAST(n AS STRING), ',') WITHIN GROUP (ORDER BY CAST(n AS STRING))",
        "collect_list",
        &[0.0],
        "CAST(n AS STRING)",
        "if(size(a0) = 0, NULL, array_join(sort_array(array_distinct(a0)), ','))",
    ),
];

/// A call as the node takes it.
struct Call {
    function: String,
    argument: Option<String>,
    second: Option<String>,
    percent: f64,
}

pub fn compare(corpus: &Corpus) -> Vec<Found> {
    let found = corpus.entries("aggregate").iter().map(|entry| {
        let expr = entry["expr"].as_str().unwrap_or_default().to_owned();
        let verdict = verdict(corpus, entry, &expr);
        Found { group: "aggregates".to_owned(), expr, verdict }
    });
    found.collect()
}

fn verdict(corpus: &Corpus, entry: &Value, expr: &str) -> Verdict {
    let Some((calls, rest)) = translate(expr) else {
        return Verdict::Refused("the group node has no parameter for this form".to_owned());
    };
    let none = corpus.table.slice(0, 0);
    for (place, rows, by) in [("all", &corpus.table, false), ("empty", &none, false), ("by_b", &corpus.table, true)] {
        let found = match evaluate(&calls, &rest, rows, by) {
            Ok(found) => found,
            Err(message) => return Verdict::Refused(message),
        };
        if let Some(why) = difference(entry, place, &found) {
            return Verdict::Different(format!("{place}: {why}"));
        }
    }
    Verdict::Equal
}

/// The result's type and rows; none where the node failed on the rows.
struct Evaluated {
    kind: String,
    rows: Option<Vec<Value>>,
}

fn evaluate(calls: &[Call], rest: &str, rows: &RecordBatch, by: bool) -> Result<Evaluated, String> {
    let aggregates: Vec<Value> = calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            let mut line = Map::new();
            line.insert("function".to_owned(), json!(call.function));
            line.insert("name".to_owned(), json!(format!("a{index}")));
            if let Some(argument) = &call.argument {
                line.insert("argument".to_owned(), json!(argument));
            }
            if let Some(second) = &call.second {
                line.insert("second".to_owned(), json!(second));
            }
            if call.function.starts_with("percentile") {
                line.insert("percent".to_owned(), json!(call.percent));
            }
            Value::Object(line)
        })
        .collect();
    let (kind, params) = if by {
        ("group", json!({"by": ["b"], "aggregates": aggregates}))
    } else {
        ("aggregate", json!({"aggregates": aggregates}))
    };
    let refused = |problems: Vec<weir_engine::spec::Diagnostic>| {
        problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
    };
    let planned = plan(kind, &params, LinkType::plain(rows.schema())).map_err(refused)?;
    let link = planned.outputs[0].clone();
    let batches = batches(run(planned, vec![rows.clone()]));
    let columns = json!([{"name": "value", "expression": rest}]);
    let mapped = plan("map", &json!({"columns": columns}), link).map_err(refused)?;
    let schema = Arc::clone(&mapped.outputs[0].schema);
    let kind = type_name(schema.field(schema.fields().len() - 1).data_type());
    let Some(batches) = batches else { return Ok(Evaluated { kind, rows: None }) };
    let batches = self::batches(run(mapped, batches)).unwrap_or_default();
    let mut found = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let value = cell(batch.column(batch.num_columns() - 1), row)?;
            found.push(if by { json!([cell(batch.column(0), row)?, value]) } else { value });
        }
    }
    found.sort_by_key(|row| match &row[0] {
        Value::Bool(truth) => 1 + u8::from(*truth),
        _ => 0,
    });
    Ok(Evaluated { kind, rows: Some(found) })
}

/// What came out of the first port; `None` where the node failed.
fn batches(outputs: Vec<Flow>) -> Option<Vec<RecordBatch>> {
    match outputs.into_iter().next()? {
        Flow::Fired(chunks) => Some(chunks.into_iter().map(|chunk| chunk.rows).collect()),
        Flow::Idle => Some(Vec::new()),
    }
}

fn difference(entry: &Value, place: &str, found: &Evaluated) -> Option<String> {
    if let Some(kind) = entry["type"].as_str()
        && kind != found.kind
    {
        return Some(format!("Spark gives {kind}, Weir {}", found.kind));
    }
    let wanted = &entry[place];
    let fails = wanted.get("error").is_some();
    let wanted = match wanted.get("value") {
        Some(value) => json!([value]),
        None => wanted.clone(),
    };
    match &found.rows {
        None if fails => None,
        None => Some(format!("Spark gives {}, Weir fails", brief(&wanted))),
        Some(rows) => {
            let rows = Value::Array(rows.clone());
            let is_same = !fails && same(&wanted, &rows);
            (!is_same).then(|| format!("Spark gives {}, Weir {}", brief(&wanted), brief(&rows)))
        }
    }
}

/// The calls in an expression, and the expression with `a0`, `a1` in their places.
fn translate(expr: &str) -> Option<(Vec<Call>, String)> {
    if let Some((_, function, percents, argument, rest)) = SPECIAL.iter().find(|(written, ..)| *written == expr) {
        let call = |percent: &f64| Call {
            function: (*function).to_owned(),
            argument: Some((*argument).to_owned()),
            second: None,
            percent: *percent,
        };
        return Some((percents.iter().map(call).collect(), (*rest).to_owned()));
    }
    let (mut calls, mut rest, mut at) = (Vec::new(), String::new(), 0);
    while at < expr.len() {
        let text = &expr[at..];
        let word = text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
        if word == 0 {
            let next = text.chars().next()?;
            rest.push(next);
            at += next.len_utf8();
        } else if text[word..].starts_with('(') && is_aggregate(&text[..word]) {
            let close = at + word + closing(&text[word..])?;
            let inner = &expr[at + word + 1..close];
            let (filter, end) = filter(expr, close + 1)?;
            let (call, result) = call(&text[..word], inner, filter)?;
            rest.push_str(&result.replace("{}", &format!("a{}", calls.len())));
            calls.push(call);
            at = end;
        } else {
            rest.push_str(&text[..word]);
            at += word;
        }
    }
    let is_left_over = ["WITHIN GROUP", "IGNORE NULLS"].iter().any(|words| rest.contains(words));
    (!calls.is_empty() && !is_left_over).then_some((calls, rest))
}

fn is_aggregate(name: &str) -> bool {
    const OTHERS: [&str; 5] = ["sort_array", "if", "length", "array", "abs"];
    !OTHERS.contains(&name)
}

/// Where the parenthesis that opens here closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

/// The condition of a `FILTER (WHERE ...)` that stands here, and where it ends.
fn filter(expr: &str, at: usize) -> Option<(Option<&str>, usize)> {
    let Some(rest) = expr[at..].strip_prefix(" FILTER ") else { return Some((None, at)) };
    let end = closing(rest)?;
    Some((Some(rest[..end].strip_prefix("(WHERE ")?), at + " FILTER ".len() + end + 1))
}

/// A call as the node takes it, and the expression over its result `{}`.
fn call(name: &str, inner: &str, filter: Option<&str>) -> Option<(Call, String)> {
    let (name, inner) = match inner.strip_prefix("DISTINCT ") {
        Some(inner) => (format!("{name} distinct"), inner),
        None => (name.to_owned(), inner),
    };
    let args = arguments(inner);
    let form = FORMS.iter().find(|(spark, count, ..)| *spark == name && *count == args.len());
    let fill = |template: &str| {
        args.iter().enumerate().fold(template.to_owned(), |text, (at, arg)| text.replace(&format!("{{{at}}}"), arg))
    };
    if let ([first, second], true, None) = (args.as_slice(), PAIRS.contains(&name.as_str()), filter) {
        let (argument, second) = (Some((*first).to_owned()), Some((*second).to_owned()));
        return Some((Call { function: name, argument, second, percent: 0.0 }, "{}".to_owned()));
    }
    let (function, argument, result) = match form {
        Some((_, _, function, argument, result)) => ((*function).to_owned(), fill(argument), fill(result)),
        None if args.len() == 1 && !name.contains(' ') => (name, inner.to_owned(), "{}".to_owned()),
        None => return None,
    };
    let argument = match (argument.as_str(), filter) {
        ("*", None) => None,
        ("*", Some(condition)) => Some(format!("if({condition}, 1, NULL)")),
        (_, None) => Some(argument),
        (_, Some(condition)) => Some(format!("if({condition}, {argument}, NULL)")),
    };
    Some((Call { function, argument, second: None, percent: 0.0 }, result))
}

/// The arguments between commas outside of parentheses.
fn arguments(inner: &str) -> Vec<&str> {
    let (mut depth, mut start, mut args) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if c == ',' && depth == 0 {
            args.push(inner[start..at].trim());
            start = at + 1;
        }
    }
    args.push(inner[start..].trim());
    args
}
