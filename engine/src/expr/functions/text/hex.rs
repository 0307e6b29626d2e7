//! `hex`, `unhex`, `bin`: numbers and bytes in other digits.

use std::fmt::Write;

use arrow::array::BinaryBuilder;

use super::bytes::texts_of;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form(
        "hex",
        "hex(value)",
        "A whole number, or the bytes of a text or of binary, in hexadecimal digits.",
        Takes::these(&[Param::Any]),
        hex,
    ),
    Entry::own("hex_number", "hex(number)", "", Takes::these(&[Param::Long]), Gives::Text, hex_number).total(),
    Entry::own("hex_bytes", "hex(text)", "", Takes::these(&[Param::TextOrBinary]), Gives::Text, hex_bytes).total(),
    Entry::own(
        "unhex",
        "unhex(text)",
        "The bytes that hexadecimal digits stand for; null where it holds other characters.",
        Takes::these(&[Param::Text]),
        Gives::Binary,
        unhex,
    ),
    Entry::own("bin", "bin(number)", "The number in binary digits.", Takes::these(&[Param::Long]), Gives::Text, bin)
        .total(),
];

fn hex(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let is_number = args.iter().any(|arg| types::is_number(&arg.data_type));
    lowering.call(if is_number { "hex_number" } else { "hex_bytes" }, args)
}

fn hex_number(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let number = args.numbers::<Int64Type>(0)?;
    texts(args.rows(), |row| Ok(number.get(row).map(|number| format!("{number:X}"))))
}

fn hex_bytes(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    texts_of(args, digits_of)
}

/// Bytes in hexadecimal digits.
pub(super) fn digits_of(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(out, "{byte:02X}");
    }
    out
}

fn unhex(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    let mut builder = BinaryBuilder::new();
    for row in 0..args.rows() {
        builder.append_option(text.get(row).and_then(bytes_of));
    }
    Ok(std::sync::Arc::new(builder.finish()))
}

/// An odd number of digits begins with half a byte.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let (first, pairs) = digits.split_at(digits.len() % 2);
    let pairs = pairs.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit));
    Some(first.iter().copied().chain(pairs).collect())
}

fn bin(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let number = args.numbers::<Int64Type>(0)?;
    texts(args.rows(), |row| Ok(number.get(row).map(|number| format!("{number:b}"))))
}
