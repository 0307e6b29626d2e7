//! Lines read by a regular expression with named groups.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::cells::{Cell, FieldType, ParsedField};
use crate::nodes::transforms::refusal::regex_sentence;
use crate::spec::Diagnostic;

/// Compiles a pattern; it needs at least one named group.
pub(super) fn compile(pattern: &str) -> Result<Regex, Diagnostic> {
    let wrong = |message: String| Diagnostic::error(message).param("pattern");
    let regex =
        RegexBuilder::new(pattern).size_limit(1 << 20).build().map_err(|error| wrong(regex_sentence(&error)))?;
    if regex.capture_names().flatten().next().is_none() {
        return Err(wrong("the pattern has no named group; mark each column like `(?<ip>\\S+)`".to_owned()));
    }
    Ok(regex)
}

/// All named groups as text: what holds while no fields are declared.
pub(super) fn all_groups(regex: &Regex) -> Vec<ParsedField> {
    let names = regex.capture_names().flatten();
    names.map(|name| ParsedField { name: name.to_owned(), field_type: FieldType::String }).collect()
}

/// The cells of one line; a group that took no part in the match is null.
pub(super) fn read<'a>(
    line: &'a str,
    regex: &Regex,
    fields: &[ParsedField],
    cells: &mut Vec<Cell<'a>>,
) -> Result<(), String> {
    let found = regex.captures(line).ok_or("the line does not match the pattern")?;
    for field in fields {
        cells.push(match found.name(&field.name) {
            None => Cell::Null,
            Some(part) => field.read(Cow::Borrowed(part.as_str()))?,
        });
    }
    Ok(())
}
