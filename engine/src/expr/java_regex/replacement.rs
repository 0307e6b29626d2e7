//! What replaces a match: text with `$1` and `${name}`, as Java's `appendReplacement` reads it.

use regex::Captures;

use super::pattern::Pattern;
use crate::expr::ExprError;

/// A replacement, read for one pattern.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::expr) struct Replacement {
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// Reads it. A `$` names a group of the pattern, a backslash takes what follows as it is.
    pub(in crate::expr) fn new(text: &str, pattern: &Pattern) -> Result<Self, ExprError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => literal.push(chars.next().ok_or_else(|| {
                    ExprError::new("the replacement ends with a `\\`; write `\\\\` for the backslash itself")
                })?),
                '$' => {
                    if !literal.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Group(group(&mut chars, pattern)?));
                }
                c => literal.push(c),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts })
    }

    /// Writes what replaces a match; a group that took no part is nothing.
    pub(in crate::expr) fn write(&self, captures: &Captures<'_>, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(group) => out.push_str(captures.get(*group).map_or("", |found| found.as_str())),
            }
        }
    }
}

/// The group after a `$`: further digits belong to the number as long as there is such a group.
fn group(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, pattern: &Pattern) -> Result<usize, ExprError> {
    let no_group = |name: &str| {
        ExprError::new(format!(
            "the replacement names the group `{name}`, which the pattern does not have; write `\\$` for the sign itself"
        ))
    };
    match chars.next() {
        Some('{') => {
            let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
            pattern.group_named(&name).ok_or_else(|| no_group(&name))
        }
        Some(digit) if digit.is_ascii_digit() => {
            let mut number = digit.to_digit(10).unwrap_or(0) as usize;
            if number > pattern.groups() {
                return Err(no_group(&number.to_string()));
            }
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                let longer = number * 10 + digit as usize;
                if longer > pattern.groups() {
                    break;
                }
                number = longer;
                chars.next();
            }
            Ok(number)
        }
        _ => Err(ExprError::new("a `$` in a replacement names a group, such as `$1`; write `\\$` for the sign itself")),
    }
}
