//! Characters and their numbers: `ascii`, `chr`.

use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "ascii",
        "ascii(text)",
        "The number (Unicode) of the first character; 0 where there is none.",
        Takes::these(&[Param::Text]),
        Gives::Int,
        ascii,
    )
    .total(),
    Entry::own(
        "chr",
        "chr(number)",
        "The character of a number, of which the lowest eight bits count; nothing where it is negative.",
        Takes::these(&[Param::Long]),
        Gives::Text,
        chr,
    )
    .also(&["char"])
    .total(),
];

fn ascii(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    let number = |text: &str| text.chars().next().map_or(0, |c| i32::try_from(u32::from(c)).unwrap_or(0));
    numbers::<Int32Type>(args, |row| Ok(text.get(row).map(number)))
}

fn chr(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let number = args.numbers::<Int64Type>(0)?;
    let character = |number: i64| match u8::try_from(number & 0xFF) {
        Ok(byte) if number >= 0 => char::from(byte).to_string(),
        Ok(_) | Err(_) => String::new(),
    };
    texts(args.rows(), |row| Ok(number.get(row).map(character)))
}
