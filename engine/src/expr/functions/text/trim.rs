//! `trim` and its kin: blanks, or the characters given, off the ends.

use crate::expr::functions::prelude::*;

const ONE: Takes = Takes::these(&[Param::Text]);
const TWO: Takes = Takes::these(&[Param::Text, Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own("trim", "trim(text)", "The text without blanks at its ends.", ONE, Gives::Text, trim).total(),
    Entry::own(
        "btrim",
        "btrim(text[, characters])",
        "The text without these characters, or blanks, at its ends.",
        ONE.or(&[Param::Text]),
        Gives::Text,
        btrim,
    )
    .total(),
    Entry::own("ltrim", "ltrim(text)", "The text without blanks at its beginning.", ONE, Gives::Text, ltrim).total(),
    Entry::own("rtrim", "rtrim(text)", "The text without blanks at its end.", ONE, Gives::Text, rtrim).total(),
    // What `trim(BOTH 'x' FROM text)` stands for: the characters come first.
    Entry::own("trim_of", "trim(BOTH characters FROM text)", "", TWO, Gives::Text, trim_of).total(),
    Entry::own("ltrim_of", "trim(LEADING characters FROM text)", "", TWO, Gives::Text, ltrim_of).total(),
    Entry::own("rtrim_of", "trim(TRAILING characters FROM text)", "", TWO, Gives::Text, rtrim_of).total(),
];

fn blanks(args: &Args<'_>, cut: fn(&str) -> &str) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| Ok(text.get(row).map(cut)))
}

fn these(args: &Args<'_>, text: usize, from_start: bool, from_end: bool) -> Result<ArrayRef, ExprError> {
    let (text, characters) = (args.text(text)?, args.text(1 - text)?);
    texts(args.rows(), |row| {
        let Some((mut text, characters)) = text.get(row).zip(characters.get(row)) else { return Ok(None) };
        let is_one = |c: char| characters.contains(c);
        if from_start {
            text = text.trim_start_matches(is_one);
        }
        if from_end {
            text = text.trim_end_matches(is_one);
        }
        Ok(Some(text))
    })
}

fn trim(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    blanks(args, |text| text.trim_matches(' '))
}

fn ltrim(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    blanks(args, |text| text.trim_start_matches(' '))
}

fn rtrim(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    blanks(args, |text| text.trim_end_matches(' '))
}

fn btrim(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    if args.len() > 1 { these(args, 0, true, true) } else { trim(args) }
}

fn trim_of(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    these(args, 1, true, true)
}

fn ltrim_of(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    these(args, 1, true, false)
}

fn rtrim_of(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    these(args, 1, false, true)
}
