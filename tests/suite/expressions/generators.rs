//! Expressions that give any number of rows for a row: what the flat map node makes of them. Windows are nodes of their
//! own here, so `window(...)` beside a column is refused.

use arrow::array::{Array, ArrayRef};
use serde_json::Value;
use weir_engine::expr::{Generator, Scope, type_name};
use weir_engine::spec::Timestamp;

use super::cells::cell;
use super::corpus::Corpus;
use super::{Found, Verdict, brief};
use crate::parity::values::same;

pub fn compare(corpus: &Corpus) -> Vec<Found> {
    let found = corpus.entries("generator").iter().map(|entry| {
        let expr = entry["expr"].as_str().unwrap_or_default().to_owned();
        let verdict = verdict(corpus, entry, &expr);
        Found { group: "generators".to_owned(), expr, verdict }
    });
    found.collect()
}

fn verdict(corpus: &Corpus, entry: &Value, source: &str) -> Verdict {
    let generator = match Generator::compile(source, &corpus.table.schema()) {
        Some(Ok(generator)) => generator,
        Some(Err(error)) => return Verdict::Refused(error.message),
        None => return Verdict::Refused("windows are nodes of their own".to_owned()),
    };
    let columns: Vec<Value> = generator
        .columns()
        .iter()
        .map(|column| serde_json::json!([column.name(), type_name(column.data_type())]))
        .collect();
    if entry["columns"] != Value::Array(columns.clone()) {
        return Verdict::Different(format!("Spark gives {}, Weir {}", entry["columns"], Value::Array(columns)));
    }
    let scope = Scope { batch: 0, time: Timestamp(0) };
    let lists = generator.list().evaluate(&corpus.table, &scope);
    let made = lists
        .map_err(|error| error.message)
        .and_then(|lists| generator.unfold(&lists).map_err(|error| error.to_string()));
    match made {
        Ok(made) => rows(entry, &made.columns),
        Err(why) => Verdict::Different(why),
    }
}

fn rows(entry: &Value, columns: &[ArrayRef]) -> Verdict {
    let wanted = entry["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let count = columns.first().map_or(0, Array::len);
    if wanted.len() != count {
        return Verdict::Different(format!("Spark gives {} rows, Weir {count}", wanted.len()));
    }
    for (row, wanted) in wanted.iter().enumerate() {
        for (column, values) in columns.iter().enumerate() {
            match cell(values, row) {
                Ok(found) if same(&wanted[column], &found) => {}
                Ok(found) => {
                    return Verdict::Different(format!(
                        "row {row}: Spark gives {}, Weir {}",
                        brief(wanted),
                        brief(&found)
                    ));
                }
                Err(why) => return Verdict::Different(format!("row {row}: {why}")),
            }
        }
    }
    Verdict::Equal
}
