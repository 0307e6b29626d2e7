//! Where a text stands in another: `instr`, `locate`, `contains`, `startswith`, `endswith`, `find_in_set`.

use super::chars::{byte_of, count, int};
use crate::expr::functions::prelude::*;

const TWO: Takes = Takes::these(&[Param::Text, Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "instr",
        "instr(text, part)",
        "The place of the first occurrence, counted in characters from 1; 0 where there is none.",
        TWO,
        Gives::Int,
        instr,
    )
    .total(),
    Entry::own(
        "locate",
        "locate(part, text[, start])",
        "The place of the first occurrence at or behind the start; 0 where there is none.",
        TWO.or(&[Param::Int]),
        Gives::Int,
        locate,
    )
    .also(&["position", "charindex"])
    .total(),
    Entry::own(
        "contains",
        "contains(text, part)",
        "Whether the part stands in the text.",
        TWO,
        Gives::Boolean,
        contains,
    )
    .total(),
    Entry::own(
        "startswith",
        "startswith(text, part)",
        "Whether the text begins with it.",
        TWO,
        Gives::Boolean,
        startswith,
    )
    .total(),
    Entry::own("endswith", "endswith(text, part)", "Whether the text ends with it.", TWO, Gives::Boolean, endswith)
        .total(),
    Entry::own(
        "find_in_set",
        "find_in_set(text, list)",
        "The place of a text in a list with commas, from 1; 0 where it is not in it or holds a comma.",
        TWO,
        Gives::Int,
        find_in_set,
    )
    .total(),
];

/// The place, from 1, at or behind a place from 1.
fn place(text: &str, part: &str, start: i32) -> i32 {
    if start < 1 {
        return 0;
    }
    if part.is_empty() {
        return 1;
    }
    let from = byte_of(text, usize::try_from(start - 1).unwrap_or(0));
    match text.get(from..).and_then(|rest| rest.find(part)) {
        Some(at) => int(count(text.get(..from + at).unwrap_or_default()) + 1),
        None => 0,
    }
}

fn instr(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, part) = (args.text(0)?, args.text(1)?);
    numbers::<Int32Type>(args, |row| Ok(text.get(row).zip(part.get(row)).map(|(text, part)| place(text, part, 1))))
}

fn locate(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (part, text) = (args.text(0)?, args.text(1)?);
    let start = (args.len() > 2).then(|| args.numbers::<Int32Type>(2)).transpose()?;
    numbers::<Int32Type>(args, |row| {
        // A start that is null finds nothing, whatever the texts are.
        let Some(start) = start.as_ref().map_or(Some(1), |start| start.get(row)) else { return Ok(Some(0)) };
        Ok(text.get(row).zip(part.get(row)).map(|(text, part)| place(text, part, start)))
    })
}

fn test(args: &Args<'_>, holds: fn(&str, &str) -> bool) -> Result<ArrayRef, ExprError> {
    let (text, part) = (args.text(0)?, args.text(1)?);
    booleans(args.rows(), |row| Ok(text.get(row).zip(part.get(row)).map(|(text, part)| holds(text, part))))
}

fn contains(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, part) = (args.text(0)?, args.text(1)?);
    if let Some(Some(part)) = part.constant() {
        let finder = memchr::memmem::Finder::new(part);
        return booleans(args.rows(), |row| Ok(text.get(row).map(|text| finder.find(text.as_bytes()).is_some())));
    }
    test(args, |text, part| text.contains(part))
}

fn startswith(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    test(args, |text, part| text.starts_with(part))
}

fn endswith(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    test(args, |text, part| text.ends_with(part))
}

fn find_in_set(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, list) = (args.text(0)?, args.text(1)?);
    numbers::<Int32Type>(args, |row| {
        let Some((text, list)) = text.get(row).zip(list.get(row)) else { return Ok(None) };
        if text.contains(',') {
            return Ok(Some(0));
        }
        let at = list.split(',').position(|item| item == text);
        Ok(Some(at.map_or(0, |at| i32::try_from(at + 1).unwrap_or(i32::MAX))))
    })
}
