//! `substring`, `left` and `right`: a part of a text by places in characters.

use super::chars::slice;
use crate::expr::functions::prelude::*;

const TAKES: Takes = Takes::these(&[Param::Text, Param::Int]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "substring",
        "substring(text, start[, length])",
        "The characters from a place on, counted from 1, or from the end where it is negative.",
        TAKES.or(&[Param::Int]),
        Gives::Text,
        substring,
    )
    .also(&["substr", "mid"])
    .total(),
    Entry::own("left", "left(text, count)", "The first characters.", TAKES, Gives::Text, left).total(),
    Entry::own("right", "right(text, count)", "The last characters.", TAKES, Gives::Text, right).total(),
];

fn substring(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let start = args.numbers::<Int32Type>(1)?;
    let length = (args.len() > 2).then(|| args.numbers::<Int32Type>(2)).transpose()?;
    cut(args, |row| {
        let length = match &length {
            Some(length) => length.get(row)?,
            None => i32::MAX,
        };
        Some((start.get(row)?.into(), length.into()))
    })
}

fn left(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let length = args.numbers::<Int32Type>(1)?;
    cut(args, |row| Some((1, length.get(row)?.into())))
}

fn right(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let length = args.numbers::<Int32Type>(1)?;
    cut(args, |row| {
        let length = i64::from(length.get(row)?);
        Some(if length <= 0 { (1, 0) } else { (-length, i32::MAX.into()) })
    })
}

/// The part of each text that `place` names: its start and its length.
fn cut(args: &Args<'_>, place: impl Fn(usize) -> Option<(i64, i64)>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| {
        Ok(text.get(row).zip(place(row)).map(|(text, (start, length))| slice(text, start, length)))
    })
}
