//! How long a text is: in characters, bytes or bits.

use arrow::array::BinaryArray;

use super::chars::{count, int};
use crate::expr::functions::prelude::*;

const ONE: Takes = Takes::these(&[Param::TextOrBinary]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "length",
        "length(text)",
        "How many characters it has; of binary, how many bytes.",
        ONE,
        Gives::Int,
        length,
    )
    .also(&["len", "char_length", "character_length"])
    .total(),
    Entry::own("octet_length", "octet_length(text)", "How many bytes it has in UTF-8.", ONE, Gives::Int, octets)
        .total(),
    Entry::own("bit_length", "bit_length(text)", "How many bits it has in UTF-8.", ONE, Gives::Int, bits).total(),
];

fn measure(args: &Args<'_>, text_length: fn(&str) -> i64, scale: i64) -> Result<ArrayRef, ExprError> {
    let array = args.array(0)?;
    if let Some(bytes) = array.as_any().downcast_ref::<BinaryArray>() {
        let length = |row: usize| i64::from(bytes.value_length(row)) * scale;
        return numbers::<Int32Type>(args, |row| Ok(bytes.is_valid(row).then(|| int(length(row)))));
    }
    let text = args.text(0)?;
    numbers::<Int32Type>(args, |row| Ok(text.get(row).map(|text| int(text_length(text) * scale))))
}

fn bytes(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

fn length(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    measure(args, count, 1)
}

fn octets(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    measure(args, bytes, 1)
}

fn bits(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    measure(args, bytes, 8)
}
