//! How alike texts are, and codes for their sound: `levenshtein`, `soundex`, `luhn_check`.

use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "levenshtein",
        "levenshtein(a, b[, most])",
        "How many characters have to be inserted, left out or replaced to make one of the other; -1 where it is more than the most.",
        Takes::these(&[Param::Text, Param::Text]).or(&[Param::Int]),
        Gives::Int,
        levenshtein,
    )
    .total(),
    Entry::library("soundex", "soundex(text)", "A letter and three digits for the sound of an English word.",
        Takes::these(&[Param::Text]), Gives::Text, datafusion_spark::function::string::soundex).total(),
    Entry::library("luhn_check", "luhn_check(digits)", "Whether the digits pass the check of card numbers.",
        Takes::these(&[Param::Text]), Gives::Boolean, datafusion_spark::function::string::luhn_check).total(),
];

fn levenshtein(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (a, b) = (args.text(0)?, args.text(1)?);
    let most = (args.len() > 2).then(|| args.numbers::<Int32Type>(2)).transpose()?;
    numbers::<Int32Type>(args, |row| {
        let most = most.as_ref().map_or(Some(i32::MAX), |most| most.get(row));
        let (Some(a), Some(b), Some(most)) = (a.get(row), b.get(row), most) else { return Ok(None) };
        let distance = distance(a, b);
        Ok(Some(if distance > most { -1 } else { distance }))
    })
}

/// The rows of the usual table, one after the other.
fn distance(a: &str, b: &str) -> i32 {
    let b: Vec<char> = b.chars().collect();
    let mut last: Vec<i32> = (0..).take(b.len() + 1).collect();
    for c in a.chars() {
        let mut corner = last[0];
        last[0] += 1;
        for (at, other) in b.iter().enumerate() {
            let replaced = corner + i32::from(c != *other);
            corner = last[at + 1];
            last[at + 1] = replaced.min(corner + 1).min(last[at] + 1);
        }
    }
    last.last().copied().unwrap_or(0)
}
