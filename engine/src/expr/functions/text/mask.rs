//! `mask` and `quote`: texts made safe to show, or to hand on.

use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "mask",
        "mask(text[, upper, lower, digit, other])",
        "The text with its letters and digits replaced: `X`, `x` and `n` where nothing else is given.",
        Takes::these(&[Param::Text]).or(&[Param::Text, Param::Text, Param::Text, Param::Text]),
        Gives::Text,
        mask,
    )
    .total(),
    Entry::own(
        "quote",
        "quote(text)",
        "The text in single quotes, those in it escaped.",
        Takes::these(&[Param::Text]),
        Gives::Text,
        quote,
    )
    .total(),
];

/// A replacement that is null leaves its characters as they are.
fn mask(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    let given = (1..args.len()).map(|index| args.text(index)).collect::<Result<Vec<_>, _>>()?;
    let defaults = [Some('X'), Some('x'), Some('n'), None];
    texts(args.rows(), |row| {
        let Some(text) = text.get(row) else { return Ok(None) };
        let mut with = defaults;
        for (with, given) in with.iter_mut().zip(&given) {
            *with = match given.get(row) {
                None => None,
                Some(given) => match (given.chars().next(), given.chars().nth(1)) {
                    (Some(c), None) => Some(c),
                    _ => return Err(ExprError::new("what masks a character is one character")),
                },
            };
        }
        let [upper, lower, digit, other] = with;
        let masked = text.chars().map(|c| {
            let with = if c.is_uppercase() {
                upper
            } else if c.is_lowercase() {
                lower
            } else if c.is_ascii_digit() {
                digit
            } else {
                other
            };
            with.unwrap_or(c)
        });
        Ok(Some(masked.collect::<String>()))
    })
}

fn quote(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| Ok(text.get(row).map(|text| format!("'{}'", text.replace('\'', "\\'")))))
}
