//! `regexp_replace`: other text in place of every match.

use std::borrow::Cow;

use crate::expr::functions::prelude::*;
use crate::expr::java_regex::{Patterns, Replacement};

pub(super) const ENTRIES: &[Entry] = &[Entry::own(
    "regexp_replace",
    "regexp_replace(text, pattern, replacement[, start])",
    "The text with every match replaced; `$1` in the replacement is what the first group holds.",
    Takes::these(&[Param::Text, Param::Regex, Param::Text]).or(&[Param::Int]),
    Gives::Text,
    regexp_replace,
)
.total()];

fn regexp_replace(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, pattern, replacement) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let start = (args.len() > 3).then(|| args.numbers::<Int32Type>(3)).transpose()?;
    let mut patterns = Patterns::default();
    let mut last: Option<(String, String, Replacement)> = None;
    texts(args.rows(), |row| {
        let start = start.as_ref().map_or(Some(1), |start| start.get(row));
        let (Some(text), Some(java), Some(with), Some(start)) =
            (text.get(row), pattern.get(row), replacement.get(row), start)
        else {
            return Ok(None);
        };
        let Some(from) = place(text, start)? else { return Ok(Some(Cow::Borrowed(text))) };
        let (before, searched) = text.split_at(from);
        let pattern = patterns.get(java)?;
        let mut found = pattern.all_groups(searched)?.peekable();
        if found.peek().is_none() {
            return Ok(Some(Cow::Borrowed(text)));
        }
        if !matches!(&last, Some((of, source, _)) if of == java && source == with) {
            last = Some((java.to_owned(), with.to_owned(), Replacement::new(with, &pattern)?));
        }
        let Some((_, _, replacement)) = &last else { return Ok(None) };
        let mut out = String::from(before);
        let mut at = 0;
        for captures in found {
            let Some(whole) = captures.get(0) else { continue };
            out.push_str(searched.get(at..whole.start()).unwrap_or_default());
            replacement.write(&captures, &mut out);
            at = whole.end();
        }
        out.push_str(searched.get(at..).unwrap_or_default());
        Ok(Some(Cow::Owned(out)))
    })
}

/// The byte at which the search begins, `None` behind the text's end. Java counts in units of UTF-16.
fn place(text: &str, start: i32) -> Result<Option<usize>, ExprError> {
    let Some(mut units) = usize::try_from(start).ok().and_then(|start| start.checked_sub(1)) else {
        return Err(ExprError::new(format!("the start of a search is a place from 1 on, not {start}")));
    };
    if units == 0 {
        return Ok(Some(0));
    }
    for (at, c) in text.char_indices() {
        if units == 0 {
            return Ok(Some(at));
        }
        let Some(left) = units.checked_sub(c.len_utf16()) else {
            return Err(ExprError::new(
                "the start of the search lies within a character outside of Unicode's first plane",
            ));
        };
        units = left;
    }
    Ok(None)
}
