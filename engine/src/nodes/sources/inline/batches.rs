//! Reads the typed JSON as rows, with the place of everything that does not fit.
//!
//! serde reads the values; their places come from a second walk over the same text, which by then is known to be
//! valid JSON, so the walk need only know brackets, commas and strings.

use std::ops::Range;

use arrow::record_batch::RecordBatch;
use serde_json::Value;

use crate::nodes::sources::rows::{Cell, FieldParam, RowBuilder};
use crate::spec::Diagnostic;

/// Problems reported at once: a wrong type usually repeats in every row.
const MAX_PROBLEMS: usize = 20;

/// All rows, and where each batch ends among them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Batches {
    /// The rows of all batches.
    pub(super) rows: RecordBatch,
    /// Per batch, one past its last row.
    pub(super) ends: Vec<usize>,
}

/// Reads the batches, or says what is wrong where.
pub(super) fn parse(fields: &[FieldParam], text: &str) -> Result<Batches, Vec<Diagnostic>> {
    let value: Value = serde_json::from_str(text).map_err(|error| vec![syntax_problem(text, &error)])?;
    let whole = 0..text.len();
    let Value::Array(batches) = &value else {
        return Err(vec![at(whole, "this must be a list of batches, like [[\"a b\", \"a\"], [], [\"c\"]]")]);
    };
    let mut builder = RowBuilder::new(fields);
    let (mut ends, mut problems) = (Vec::with_capacity(batches.len()), Vec::new());
    for (batch, place) in batches.iter().zip(elements(text, &whole)) {
        let Value::Array(rows) = batch else {
            problems.push(at(place, "a batch must be a list of rows; put it in brackets: [ ... ]"));
            continue;
        };
        for (row, place) in rows.iter().zip(elements(text, &place)) {
            match read_row(fields, row, text, place) {
                Ok(cells) => builder.push(cells),
                Err(problem) => problems.push(problem),
            }
        }
        ends.push(builder.row_count());
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
    }
    if problems.is_empty() {
        let rows = builder.finish().map_err(|error| vec![Diagnostic::error(error.to_string())])?;
        return Ok(Batches { rows, ends });
    }
    problems.truncate(MAX_PROBLEMS);
    Err(problems)
}

fn read_row<'a>(
    fields: &[FieldParam],
    row: &'a Value,
    text: &str,
    place: Range<usize>,
) -> Result<Vec<Cell<'a>>, Diagnostic> {
    let misfit = |field: &FieldParam, place: &Range<usize>, wrong: &str| {
        at(place.clone(), format!("{wrong}, the type of the field `{}`; change the value or the type", field.name))
    };
    match row {
        Value::Array(cells) => {
            if cells.len() != fields.len() {
                return Err(at(place, format!("this row has {} for {}", values(cells.len()), named(fields))));
            }
            let places = elements(text, &place);
            let read = |((field, cell), place): ((&FieldParam, &'a Value), Range<usize>)| {
                Cell::from_json(field.kind, cell).map_err(|wrong| misfit(field, &place, &wrong))
            };
            fields.iter().zip(cells).zip(places).map(read).collect()
        }
        Value::Object(cells) => {
            let is_field = |name: &String| fields.iter().any(|field| field.name == *name);
            if let Some(name) = cells.keys().find(|name| !is_field(name)) {
                return Err(at(place, format!("`{name}` is not among the fields; declare it or remove it")));
            }
            let read = |field: &FieldParam| match cells.get(&field.name) {
                Some(cell) => Cell::from_json(field.kind, cell).map_err(|wrong| misfit(field, &place, &wrong)),
                None => Ok(Cell::Null),
            };
            fields.iter().map(read).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => match fields {
            [field] => {
                Cell::from_json(field.kind, row).map(|cell| vec![cell]).map_err(|wrong| misfit(field, &place, &wrong))
            }
            _ => Err(at(place, format!("this row has one value for {}; write it as a list", named(fields)))),
        },
    }
}

fn values(count: usize) -> String {
    if count == 1 { "one value".to_owned() } else { format!("{count} values") }
}

fn named(fields: &[FieldParam]) -> String {
    let names: Vec<_> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
    let names = names.join(", ");
    if fields.len() == 1 { format!("the field {names}") } else { format!("the fields {names}") }
}

fn at(place: Range<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(message).at(place)
}

/// serde gives line and column (of bytes, from 1); the place is that byte, or the end.
fn syntax_problem(text: &str, error: &serde_json::Error) -> Diagnostic {
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut start = (line_start + error.column().saturating_sub(1)).min(text.len().saturating_sub(1));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    at(start..start + width, format!("this is not valid JSON: {error}; write it like [[\"a b\", \"a\"], [], [\"c\"]]"))
}

/// The places of the elements of the list at `place`, in text that is valid JSON.
fn elements(text: &str, place: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let mut commas = Vec::new();
    for (offset, byte) in text.bytes().enumerate().take(place.end).skip(place.start) {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth == 1 {
                    commas.push(offset);
                }
            }
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    commas.push(offset);
                }
            }
            b',' if depth == 1 => commas.push(offset),
            _ => {}
        }
    }
    let ranges: Vec<_> = commas
        .windows(2)
        .filter_map(|pair| {
            let (start, end) = (pair.first()? + 1, *pair.get(1)?);
            let inner = text.get(start..end)?;
            let lead = inner.len() - inner.trim_start().len();
            Some(start + lead..start + lead + inner.trim().len())
        })
        .collect();
    ranges.into_iter()
}
