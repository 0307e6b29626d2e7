//! Texts of a wanted length: `lpad`, `rpad`, `repeat`, `space`.

use super::chars::{check_length, count, slice};
use crate::expr::functions::prelude::*;

const PAD: Takes = Takes::these(&[Param::Text, Param::Int]).or(&[Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "lpad",
        "lpad(text, length[, with])",
        "The text filled up on the left, or cut to the length.",
        PAD,
        Gives::Text,
        lpad,
    )
    .total(),
    Entry::own(
        "rpad",
        "rpad(text, length[, with])",
        "The text filled up on the right, or cut to the length.",
        PAD,
        Gives::Text,
        rpad,
    )
    .total(),
    Entry::own(
        "repeat",
        "repeat(text, times)",
        "The text so many times.",
        Takes::these(&[Param::Text, Param::Int]),
        Gives::Text,
        repeat,
    )
    .total(),
    Entry::own("space", "space(count)", "So many blanks.", Takes::these(&[Param::Int]), Gives::Text, space).total(),
];

fn pad(args: &Args<'_>, on_left: bool) -> Result<ArrayRef, ExprError> {
    let (text, length) = (args.text(0)?, args.numbers::<Int32Type>(1)?);
    let with = (args.len() > 2).then(|| args.text(2)).transpose()?;
    texts(args.rows(), |row| {
        let with = with.as_ref().map_or(Some(" "), |with| with.get(row));
        let (Some(text), Some(length), Some(with)) = (text.get(row), length.get(row), with) else { return Ok(None) };
        let length = i64::from(length.max(0));
        let missing = length - count(text);
        if missing <= 0 || with.is_empty() {
            return Ok(Some(slice(text, 1, length).to_owned()));
        }
        check_length(length)?;
        let filling = with.chars().cycle().take(usize::try_from(missing).unwrap_or(0));
        let filling: String = filling.collect();
        Ok(Some(if on_left { filling + text } else { format!("{text}{filling}") }))
    })
}

fn lpad(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    pad(args, true)
}

fn rpad(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    pad(args, false)
}

fn repeat(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, times) = (args.text(0)?, args.numbers::<Int32Type>(1)?);
    texts(args.rows(), |row| {
        let Some((text, times)) = text.get(row).zip(times.get(row)) else { return Ok(None) };
        let times = times.max(0);
        check_length(count(text).saturating_mul(times.into()))?;
        Ok(Some(text.repeat(usize::try_from(times).unwrap_or(0))))
    })
}

fn space(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let count = args.numbers::<Int32Type>(0)?;
    texts(args.rows(), |row| {
        let Some(count) = count.get(row) else { return Ok(None) };
        check_length(count.into())?;
        Ok(Some(" ".repeat(usize::try_from(count).unwrap_or(0))))
    })
}
