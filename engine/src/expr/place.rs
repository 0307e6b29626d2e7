//! From the parser's lines and columns to byte ranges of the source.

use std::ops::Range;

use datafusion_expr::sqlparser::tokenizer::{Location, Span};

/// The byte offset of a location; `None` for the empty one.
pub(super) fn offset(source: &str, location: Location) -> Option<usize> {
    if location.line == 0 || location.column == 0 {
        return None;
    }
    let (mut line, mut column) = (1, 1);
    for (at, ch) in source.char_indices() {
        if line == location.line && column == location.column {
            return Some(at);
        }
        if ch == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    Some(source.len())
}

/// The bytes of a span.
pub(super) fn range(source: &str, span: Span) -> Option<Range<usize>> {
    let start = offset(source, span.start)?;
    let end = offset(source, span.end)?;
    (start <= end).then_some(start..end)
}

/// Splits ` at Line: 1, Column: 5` off a parser's message.
pub(super) fn split_message(message: &str) -> (&str, Option<Location>) {
    let Some(cut) = message.rfind(" at Line: ") else { return (message, None) };
    let numbers = message[cut + " at Line: ".len()..].split_once(", Column: ");
    let location = numbers
        .and_then(|(line, column)| Some(Location { line: line.parse().ok()?, column: column.trim().parse().ok()? }));
    match location {
        Some(location) => (&message[..cut], Some(location)),
        None => (message, None),
    }
}

/// The token that starts at a location, for underlining: a word, a number, or one character.
pub(super) fn token_at(source: &str, location: Location) -> Option<Range<usize>> {
    let start = offset(source, location)?;
    let rest = &source[start..];
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let len = if word == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { word };
    Some(start..start + len)
}
