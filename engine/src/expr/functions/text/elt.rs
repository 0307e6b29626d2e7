//! `elt`: one of several texts by its number.

use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[Entry::own(
    "elt",
    "elt(number, text, ...)",
    "The text of this number, counted from 1.",
    Takes::these(&[Param::Int, Param::Text]).more(Param::Text),
    Gives::Text,
    elt,
)];

fn elt(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let number = args.numbers::<Int32Type>(0)?;
    let choices = (1..args.len()).map(|index| args.text(index)).collect::<Result<Vec<_>, _>>()?;
    texts(args.rows(), |row| {
        let Some(number) = number.get(row) else { return Ok(None) };
        let chosen = usize::try_from(number).ok().and_then(|number| choices.get(number.checked_sub(1)?));
        match chosen {
            Some(chosen) => Ok(chosen.get(row)),
            None => Err(ExprError::new(format!("there is no text number {number}, there are {}", choices.len()))),
        }
    })
}
