//! One JSON object per line.

use std::borrow::Cow;

use serde_json::Value;

use super::cells::{Cell, FieldType, ParsedField};

/// A step of a path into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Reads `user.tags[0].name`, with or without `$.` in front.
pub(super) fn path(text: &str) -> Result<Vec<Step>, String> {
    let wrong = || format!("`{text}` is not a path; write it like `user.name` or `tags[0]`");
    let mut steps = Vec::new();
    let rest = text.strip_prefix("$.").unwrap_or(text);
    for part in rest.split('.') {
        let (key, mut indexes) = part.find('[').map_or((part, ""), |cut| part.split_at(cut));
        if key.is_empty() {
            return Err(wrong());
        }
        steps.push(Step::Key(key.to_owned()));
        while !indexes.is_empty() {
            let (index, after) = indexes.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(wrong)?;
            steps.push(Step::Index(index.parse().map_err(|_| wrong())?));
            indexes = after;
        }
    }
    Ok(steps)
}

/// The cells of one line; `paths` are those of the fields. Tells how many of the object's keys no path goes through.
pub(super) fn read(
    line: &str,
    fields: &[ParsedField],
    paths: &[Vec<Step>],
    cells: &mut Vec<Cell<'_>>,
) -> Result<usize, String> {
    let document: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let Some(object) = document.as_object() else {
        return Err("the line is JSON, but not an object".to_owned());
    };
    for (field, path) in fields.iter().zip(paths) {
        let value = find(&document, path);
        cells.push(match value {
            None | Some(Value::Null) => Cell::Null,
            Some(value) => cell(field, value)?,
        });
    }
    let is_read =
        |key: &String| paths.iter().any(|path| matches!(path.first(), Some(Step::Key(first)) if first == key));
    Ok(object.keys().filter(|key| !is_read(key)).count())
}

fn find<'a>(document: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(document, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

fn cell(field: &ParsedField, value: &Value) -> Result<Cell<'static>, String> {
    let cell = match (field.field_type, value) {
        (FieldType::String, Value::String(text)) => Some(Cell::Text(Cow::Owned(text.clone()))),
        (FieldType::String, other) => Some(Cell::Text(Cow::Owned(other.to_string()))),
        (FieldType::Int, Value::Number(number)) => {
            number.as_i64().and_then(|number| i32::try_from(number).ok()).map(Cell::Int)
        }
        (FieldType::Bigint, Value::Number(number)) => number.as_i64().map(Cell::Bigint),
        (FieldType::Double, Value::Number(number)) => number.as_f64().map(Cell::Double),
        (FieldType::Boolean, Value::Bool(value)) => Some(Cell::Boolean(*value)),
        (FieldType::Timestamp | FieldType::Date, Value::String(text)) => {
            return field.read(Cow::Owned(text.clone()));
        }
        (_, _) => None,
    };
    cell.ok_or_else(|| field.mismatch(&value.to_string()))
}
