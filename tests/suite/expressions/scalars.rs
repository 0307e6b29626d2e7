//! Expressions that give one value per row.

use serde_json::Value;
use weir_engine::expr::{Attempt, Expression, Scope};
use weir_engine::spec::Timestamp;

use super::cells::cell;
use super::corpus::Corpus;
use super::{Found, Verdict, brief};
use crate::parity::values::same;

/// What Spark has for a row.
enum Wanted<'a> {
    Value(&'a Value),
    Failure,
}

pub fn compare(corpus: &Corpus) -> Vec<Found> {
    let found = corpus.entries("scalar").iter().map(|entry| {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        Found { group: text("group"), expr: text("expr"), verdict: verdict(corpus, entry) }
    });
    found.collect()
}

fn verdict(corpus: &Corpus, entry: &Value) -> Verdict {
    let source = entry["expr"].as_str().expect("an expression");
    // Rows of nulls alone are spared where a constant pattern cannot be read.
    let fails = |row: &Value| row.get("error").is_some() || row["value"].is_null();
    let rows = entry.get("rows").and_then(Value::as_array);
    let fails_as_a_whole = entry.get("error").is_some() && rows.is_none_or(|rows| rows.iter().all(fails));
    let expression = match Expression::compile(source, &corpus.table.schema()) {
        Ok(expression) => expression,
        // What fails on every row may as well be refused beforehand.
        Err(_) if fails_as_a_whole => return Verdict::Equal,
        Err(error) => return Verdict::Refused(error.message),
    };
    if let Some(kind) = entry["type"].as_str()
        && kind != expression.type_name()
    {
        return Verdict::Different(format!("Spark gives {kind}, Weir {}", expression.type_name()));
    }
    let scope = Scope { batch: 0, time: Timestamp(0) };
    let attempt = match expression.attempt(&corpus.table, &scope) {
        Ok(attempt) => attempt,
        Err(error) => return Verdict::Different(format!("it cannot be evaluated: {error}")),
    };
    let wanted = wanted(entry, corpus.table.num_rows());
    let differing = wanted.iter().enumerate().find_map(|(row, wanted)| difference(&attempt, row, wanted));
    differing.map_or(Verdict::Equal, Verdict::Different)
}

fn wanted(entry: &Value, rows: usize) -> Vec<Wanted<'_>> {
    if let Some(values) = entry["values"].as_array() {
        return values.iter().map(Wanted::Value).collect();
    }
    if let Some(rows) = entry["rows"].as_array() {
        return rows.iter().map(|row| row.get("value").map_or(Wanted::Failure, Wanted::Value)).collect();
    }
    (0..rows).map(|_| Wanted::Failure).collect()
}

fn difference(attempt: &Attempt, row: usize, wanted: &Wanted<'_>) -> Option<String> {
    let failure = attempt.failures.iter().find(|failure| failure.row == row);
    match (wanted, failure) {
        (Wanted::Failure, Some(_)) => None,
        (Wanted::Failure, None) => Some(format!(
            "row {row}: Spark fails, Weir gives {}",
            cell(&attempt.values, row).map_or_else(|why| why, |value| brief(&value))
        )),
        (Wanted::Value(value), Some(failure)) => {
            Some(format!("row {row}: Spark gives {}, Weir fails: {}", brief(value), failure.error))
        }
        (Wanted::Value(value), None) => match cell(&attempt.values, row) {
            Ok(found) if same(value, &found) => None,
            Ok(found) => Some(format!("row {row}: Spark gives {}, Weir {}", brief(value), brief(&found))),
            Err(why) => Some(format!("row {row}: {why}")),
        },
    }
}
