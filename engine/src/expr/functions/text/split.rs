//! `split` at a regular expression, and `split_part` at a text.

use crate::expr::functions::prelude::*;
use crate::expr::java_regex::Patterns;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "split",
        "split(text, pattern[, limit])",
        "The pieces of the text between the matches of a regular expression; with a limit above 0 at most so many.",
        Takes::these(&[Param::Text, Param::Regex]).or(&[Param::Int]),
        Gives::By(list_of_texts),
        split,
    )
    .total(),
    Entry::own(
        "split_part",
        "split_part(text, delimiter, number)",
        "The piece of this number, counted from 1, or from the end where it is negative; empty where there is none.",
        Takes::these(&[Param::Text, Param::Text, Param::Int]),
        Gives::Text,
        split_part,
    )
    .total(),
];

fn list_of_texts(_args: &[Typed]) -> Result<DataType, ExprError> {
    Ok(crate::expr::types::list_of(DataType::Utf8View))
}

fn split(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, pattern, mut patterns) = (args.text(0)?, args.text(1)?, Patterns::default());
    let limit = (args.len() > 2).then(|| args.numbers::<Int32Type>(2)).transpose()?;
    super::pieces::lists(args.rows(), |row, pieces| {
        let limit = limit.as_ref().map_or(Some(-1), |limit| limit.get(row));
        let (Some(text), Some(pattern), Some(limit)) = (text.get(row), pattern.get(row), limit) else {
            return Ok(false);
        };
        let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let mut push = |piece: &str| pieces.append_value(piece);
        if pattern.is_empty() && !text.is_empty() {
            into_characters(text, limit, &mut push);
        } else {
            patterns.get(pattern)?.pieces(text, limit)?.into_iter().for_each(&mut push);
        }
        Ok(true)
    })
}

/// An empty pattern cuts between all characters.
fn into_characters(text: &str, limit: usize, mut push: impl FnMut(&str)) {
    for (index, (at, c)) in text.char_indices().enumerate() {
        if index + 1 == limit {
            push(text.get(at..).unwrap_or_default());
            return;
        }
        push(text.get(at..at + c.len_utf8()).unwrap_or_default());
    }
}

fn split_part(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, delimiter, number) = (args.text(0)?, args.text(1)?, args.numbers::<Int32Type>(2)?);
    texts(args.rows(), |row| {
        let (Some(text), Some(delimiter), Some(number)) = (text.get(row), delimiter.get(row), number.get(row)) else {
            return Ok(None);
        };
        let Some(skip) = usize::try_from(number.unsigned_abs()).ok().and_then(|number| number.checked_sub(1)) else {
            return Err(ExprError::new(
                "pieces are counted from 1, or from -1 at the end; there is none with the number 0",
            ));
        };
        // An empty delimiter cuts nothing.
        let piece = match (delimiter.is_empty(), number > 0) {
            (true, _) => (skip == 0).then_some(text),
            (false, true) => text.split(delimiter).nth(skip),
            // From the left also when counted from the right: delimiters may overlap.
            (false, false) => {
                let count = text.split(delimiter).count();
                count.checked_sub(skip + 1).and_then(|index| text.split(delimiter).nth(index))
            }
        };
        Ok(Some(piece.unwrap_or_default()))
    })
}
