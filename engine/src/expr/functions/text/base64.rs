//! `base64` and `unbase64`, `encode` and `decode`: bytes and texts.

use std::sync::Arc;

use arrow::array::BinaryBuilder;

use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "base64",
        "base64(binary)",
        "The bytes in base 64.",
        Takes::these(&[Param::Binary]),
        Gives::Text,
        base64,
    )
    .total(),
    Entry::own(
        "unbase64",
        "unbase64(text)",
        "The bytes that digits in base 64 stand for.",
        Takes::these(&[Param::Text]),
        Gives::Binary,
        unbase64,
    )
    .total(),
    Entry::own(
        "encode",
        "encode(text, charset)",
        "The bytes of a text in UTF-8, UTF-16BE, UTF-16LE, ISO-8859-1 or US-ASCII.",
        Takes::these(&[Param::Text, Param::Text]),
        Gives::Binary,
        encode,
    )
    .total(),
    Entry::own(
        "decode",
        "decode(binary, charset)",
        "The text that bytes are in UTF-8, UTF-16BE, UTF-16LE, ISO-8859-1 or US-ASCII.",
        Takes::these(&[Param::Binary, Param::Text]),
        Gives::Text,
        decode,
    )
    .total(),
];

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let bytes = args.array(0)?;
    let bytes = bytes.as_binary::<i32>();
    texts(args.rows(), |row| Ok(bytes.is_valid(row).then(|| written(bytes.value(row)))))
}

fn written(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0u32, |word, at| word << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let digit = DIGITS.get((word >> (18 - 6 * at) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn unbase64(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    let mut builder = BinaryBuilder::new();
    for row in 0..args.rows() {
        builder.append_option(text.get(row).map(read).transpose()?);
    }
    Ok(Arc::new(builder.finish()))
}

/// Line ends and blanks between digits are passed over; anything else is refused.
fn read(text: &str) -> Result<Vec<u8>, ExprError> {
    let refused = || ExprError::new(format!("`{}` is not written in base 64", crate::expr::shorten(text)));
    let (mut word, mut bits, mut out) = (0u32, 0u32, Vec::with_capacity(text.len() / 4 * 3));
    let digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let mut padding = 0;
    let mut count = 0;
    for byte in digits {
        count += 1;
        if byte == b'=' {
            padding += 1;
            continue;
        }
        let value = DIGITS.iter().position(|digit| *digit == byte).filter(|_| padding == 0).ok_or_else(refused)?;
        word = (word << 6 | u32::try_from(value).unwrap_or(0)) & 0xFF_FFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(word >> bits & 0xFF).unwrap_or(0));
        }
    }
    let is_whole = bits < 6 && (padding == 0 || count % 4 == 0 && padding <= 2);
    if is_whole { Ok(out) } else { Err(refused()) }
}

/// How characters are written as bytes.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Utf16Be,
    Utf16Le,
    Latin1,
    Ascii,
}

impl Charset {
    fn named(name: &str) -> Result<Self, ExprError> {
        match name.to_ascii_uppercase().as_str() {
            "UTF-8" => Ok(Self::Utf8),
            "UTF-16BE" => Ok(Self::Utf16Be),
            "UTF-16LE" => Ok(Self::Utf16Le),
            "ISO-8859-1" => Ok(Self::Latin1),
            "US-ASCII" => Ok(Self::Ascii),
            _ => Err(ExprError::new(format!(
                "there is no charset `{name}`; choose UTF-8, UTF-16BE, UTF-16LE, ISO-8859-1 or US-ASCII"
            ))),
        }
    }

    fn encode(self, text: &str) -> Result<Vec<u8>, ExprError> {
        let narrow = |last: u32| {
            let byte = |c: char| u8::try_from(u32::from(c)).ok().filter(|byte| u32::from(*byte) <= last);
            text.chars()
                .map(|c| byte(c).ok_or_else(|| ExprError::new(format!("`{c}` is not in this charset"))))
                .collect()
        };
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf16Be => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Self::Utf16Le => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Latin1 => narrow(0xFF),
            Self::Ascii => narrow(0x7F),
        }
    }

    fn decode(self, bytes: &[u8]) -> Result<String, ExprError> {
        let refused = || ExprError::new("the bytes are no text in this charset");
        let wide = |unit: fn([u8; 2]) -> u16| {
            let (pairs, []) = bytes.as_chunks::<2>() else { return Err(refused()) };
            char::decode_utf16(pairs.iter().copied().map(unit)).collect::<Result<String, _>>().map_err(|_| refused())
        };
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| refused()),
            Self::Utf16Be => wide(u16::from_be_bytes),
            Self::Utf16Le => wide(u16::from_le_bytes),
            Self::Latin1 => Ok(bytes.iter().copied().map(char::from).collect()),
            Self::Ascii if bytes.is_ascii() => Ok(bytes.iter().copied().map(char::from).collect()),
            Self::Ascii => Err(refused()),
        }
    }
}

fn encode(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, charset) = (args.text(0)?, args.text(1)?);
    let mut builder = BinaryBuilder::new();
    for row in 0..args.rows() {
        let pair = text.get(row).zip(charset.get(row));
        builder.append_option(pair.map(|(text, charset)| Charset::named(charset)?.encode(text)).transpose()?);
    }
    Ok(Arc::new(builder.finish()))
}

fn decode(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (bytes, charset) = (args.array(0)?, args.text(1)?);
    let bytes = bytes.as_binary::<i32>();
    texts(args.rows(), |row| match charset.get(row) {
        Some(charset) if bytes.is_valid(row) => Charset::named(charset)?.decode(bytes.value(row)).map(Some),
        Some(_) | None => Ok(None),
    })
}
