//! `dayname` and `monthname`: the first three letters of the English names.

use arrow::datatypes::Date32Type;

use super::calendar::MICROS_PER_DAY;
use super::pattern::Pattern;
use crate::expr::functions::prelude::*;

const DATE: Takes = Takes::these(&[Param::Date]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "dayname",
        "dayname(date)",
        "The day of the week in three letters: Mon, Tue.",
        DATE,
        Gives::Text,
        |args| named(args, "E"),
    )
    .total(),
    Entry::own("monthname", "monthname(date)", "The month in three letters: Jan, Feb.", DATE, Gives::Text, |args| {
        named(args, "MMM")
    })
    .total(),
];

fn named(args: &Args<'_>, pattern: &str) -> Result<ArrayRef, ExprError> {
    let (dates, pattern) = (args.numbers::<Date32Type>(0)?, Pattern::new(pattern)?);
    texts(args.rows(), |row| {
        Ok(dates.get(row).map(|days| {
            let mut out = String::new();
            pattern.write(i64::from(days).saturating_mul(MICROS_PER_DAY), &mut out);
            out
        }))
    })
}
