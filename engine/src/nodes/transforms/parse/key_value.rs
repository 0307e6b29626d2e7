//! Pairs like `level=info path="/a b" took=12`, separated by blanks.

use std::borrow::Cow;

use super::cells::{Cell, ParsedField};

/// The cells of one line: fields by key. Of a key that stands twice the last value counts; keys that are no fields are
/// ignored, and told how many.
pub(super) fn read<'a>(line: &'a str, fields: &[ParsedField], cells: &mut Vec<Cell<'a>>) -> Result<usize, String> {
    let (first, mut ignored) = (cells.len(), 0);
    cells.resize(first + fields.len(), Cell::Null);
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let Some(after) = after.strip_prefix('=') else {
            return Err(format!("`{key}` is not followed by `=`; pairs are written key=value"));
        };
        if key.is_empty() {
            return Err("a key is missing before `=`".to_owned());
        }
        let (value, after) = value(key, after)?;
        if let Some(index) = fields.iter().position(|field| field.name == key) {
            let is_absent = matches!(value, Cow::Borrowed(""));
            cells[first + index] = if is_absent { Cell::Null } else { fields[index].read(value)? };
        } else {
            ignored += 1;
        }
        rest = after.trim_start();
    }
    Ok(ignored)
}

/// The value at the start of the text, and what follows it. In quotes, a backslash takes the next character literally.
fn value<'a>(key: &str, text: &'a str) -> Result<(Cow<'a, str>, &'a str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Ok((Cow::Borrowed(&text[..end]), &text[end..]));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((Cow::Owned(value), &quoted[at + 1..])),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    Err(format!("the quote behind `{key}=` is never closed"))
}
