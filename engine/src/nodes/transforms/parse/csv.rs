//! One line of delimited text: fields by position, quotes doubled inside quotes.

use std::borrow::Cow;

use super::cells::{Cell, FieldType, ParsedField};

/// The cells of one line. An empty field is null, an empty field in quotes is an empty text.
pub(super) fn read<'a>(
    line: &'a str,
    delimiter: char,
    fields: &[ParsedField],
    cells: &mut Vec<Cell<'a>>,
) -> Result<(), String> {
    let values = split(line, delimiter)?;
    if values.len() != fields.len() {
        return Err(format!("the line has {} values, but {} fields are declared", values.len(), fields.len()));
    }
    for (field, (value, is_quoted)) in fields.iter().zip(values) {
        let is_absent = value.is_empty() && !(is_quoted && field.field_type == FieldType::String);
        cells.push(if is_absent { Cell::Null } else { field.read(value)? });
    }
    Ok(())
}

/// The values of a line, and whether each stood in quotes.
fn split(line: &str, delimiter: char) -> Result<Vec<(Cow<'_, str>, bool)>, String> {
    let mut values = Vec::new();
    let mut rest = line;
    loop {
        let (value, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let (value, after) = unquote(quoted)?;
            ((value, true), after)
        } else {
            let end = rest.find(delimiter).unwrap_or(rest.len());
            ((Cow::Borrowed(&rest[..end]), false), &rest[end..])
        };
        values.push(value);
        if after.is_empty() {
            return Ok(values);
        }
        rest = after.strip_prefix(delimiter).ok_or_else(|| {
            format!("value {} goes on behind its closing quote; a quote inside quotes is doubled", values.len())
        })?;
    }
}

/// The text up to the closing quote, and what follows it.
fn unquote(quoted: &str) -> Result<(Cow<'_, str>, &str), String> {
    let mut text = Cow::Borrowed("");
    let mut rest = quoted;
    loop {
        let end = rest.find('"').ok_or("a quote is opened but never closed")?;
        let part = &rest[..end];
        let after = &rest[end + 1..];
        let is_doubled = after.starts_with('"');
        let part = if is_doubled { &rest[..=end] } else { part };
        if text.is_empty() {
            text = Cow::Borrowed(part);
        } else {
            text.to_mut().push_str(part);
        }
        if !is_doubled {
            return Ok((text, after));
        }
        rest = &after[1..];
    }
}
