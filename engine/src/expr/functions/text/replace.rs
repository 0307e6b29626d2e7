//! `replace`, `translate` and `overlay`: other characters in place of some.

use std::borrow::Cow;
use std::collections::HashMap;

use super::chars::{count, slice};
use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "replace",
        "replace(text, search[, replacement])",
        "The text with every occurrence replaced, or left out.",
        Takes::these(&[Param::Text, Param::Text]).or(&[Param::Text]),
        Gives::Text,
        replace,
    )
    .total(),
    Entry::own(
        "translate",
        "translate(text, from, to)",
        "The text with each character of `from` replaced by that at the same place of `to`; those without one are left out.",
        Takes::these(&[Param::Text, Param::Text, Param::Text]),
        Gives::Text,
        translate,
    )
    .total(),
    Entry::own(
        "overlay",
        "overlay(text, replacement, start[, length])",
        "The text with another laid over it from a place on.",
        Takes::these(&[Param::Text, Param::Text, Param::Int]).or(&[Param::Int]),
        Gives::Text,
        overlay,
    )
    .total(),
];

fn replace(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, search) = (args.text(0)?, args.text(1)?);
    let replacement = (args.len() > 2).then(|| args.text(2)).transpose()?;
    texts(args.rows(), |row| {
        let replacement = replacement.as_ref().map_or(Some(""), |replacement| replacement.get(row));
        let (Some(text), Some(search), Some(replacement)) = (text.get(row), search.get(row), replacement) else {
            return Ok(None);
        };
        let is_same = search.is_empty() || !text.contains(search);
        Ok(Some(if is_same { Cow::Borrowed(text) } else { Cow::Owned(text.replace(search, replacement)) }))
    })
}

fn translate(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, from, to) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let constant = match (from.constant(), to.constant()) {
        (Some(Some(from)), Some(Some(to))) => Some(dictionary_of(from, to)),
        _ => None,
    };
    texts(args.rows(), |row| {
        let (Some(text), Some(from), Some(to)) = (text.get(row), from.get(row), to.get(row)) else { return Ok(None) };
        let own;
        let dictionary = match &constant {
            Some(dictionary) => dictionary,
            None => {
                own = dictionary_of(from, to);
                &own
            }
        };
        let translated = text.chars().filter_map(|c| dictionary.get(&c).copied().unwrap_or(Some(c)));
        Ok(Some(translated.collect::<String>()))
    })
}

/// What becomes of each character. Of a character named twice the first place counts; a NUL leaves out, as in Spark.
fn dictionary_of(from: &str, to: &str) -> HashMap<char, Option<char>> {
    let mut to = to.chars();
    let mut all = HashMap::new();
    for c in from.chars() {
        let into = to.next().filter(|into| *into != '\0');
        all.entry(c).or_insert(into);
    }
    all
}

fn overlay(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, replacement, start) = (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?);
    let length = (args.len() > 3).then(|| args.numbers::<Int32Type>(3)).transpose()?;
    texts(args.rows(), |row| {
        let length = length.as_ref().map_or(Some(-1), |length| length.get(row));
        let (Some(text), Some(replacement), Some(start), Some(length)) =
            (text.get(row), replacement.get(row), start.get(row), length)
        else {
            return Ok(None);
        };
        let start = i64::from(start);
        let length = if length >= 0 { length.into() } else { count(replacement) };
        let before = slice(text, 1, start - 1);
        let behind = slice(text, start + length, i32::MAX.into());
        Ok(Some([before, replacement, behind].concat()))
    })
}
