//! `conv`: a number from one base to another.

use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[Entry::own(
    "conv",
    "conv(number, from, to)",
    "The digits of a number in another base, 2 to 36; a negative base gives a signed result.",
    Takes::these(&[Param::Text, Param::Int, Param::Int]),
    Gives::Text,
    conv,
)];

fn conv(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (number, from, to) = (args.text(0)?, args.numbers::<Int32Type>(1)?, args.numbers::<Int32Type>(2)?);
    texts(args.rows(), |row| match (number.get(row), from.get(row), to.get(row)) {
        (Some(number), Some(from), Some(to)) => convert(number.trim_matches(' '), from, to),
        _ => Ok(None),
    })
}

/// The number is 64 bits wide and unsigned; digits end at the first character that is none.
fn convert(number: &str, from: i32, to: i32) -> Result<Option<String>, ExprError> {
    let is_base = |base: i32| (2..=36).contains(&base);
    if !is_base(from) || !is_base(to.saturating_abs()) || number.is_empty() {
        return Ok(None);
    }
    let (is_negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number),
    };
    let mut value: u64 = 0;
    for digit in digits.chars().map_while(|c| c.to_digit(from.unsigned_abs())) {
        let next = value.checked_mul(from.unsigned_abs().into()).and_then(|value| value.checked_add(digit.into()));
        value = next.ok_or_else(|| ExprError::new(format!("`{number}` has no room in 64 bits")))?;
    }
    // A negative number counts down from the largest; one with more than 63 bits stays at the end.
    if is_negative && to > 0 {
        value = if value > i64::MAX.unsigned_abs() { u64::MAX } else { value.wrapping_neg() };
    }
    let is_negative = if to < 0 && value > i64::MAX.unsigned_abs() {
        value = value.wrapping_neg();
        true
    } else {
        is_negative && to < 0
    };
    let mut digits = Vec::new();
    let base = u64::from(to.unsigned_abs());
    loop {
        let digit = u32::try_from(value % base).unwrap_or(0);
        digits.push(char::from_digit(digit, to.unsigned_abs()).unwrap_or('0').to_ascii_uppercase());
        value /= base;
        if value == 0 {
            break;
        }
    }
    if is_negative {
        digits.push('-');
    }
    Ok(Some(digits.into_iter().rev().collect()))
}
