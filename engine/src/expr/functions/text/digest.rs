//! Sums over bytes: `md5`, `sha1`, `sha2`, `crc32`, mostly by the library's functions, which give Spark's results.

use md5::{Digest, Md5};

use crate::expr::functions::prelude::*;

const ONE: Takes = Takes::these(&[Param::TextOrBinary]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own("md5", "md5(text)", "The MD5 sum, in hexadecimal digits.", ONE, Gives::Text, md5).total(),
    Entry::library(
        "sha1",
        "sha1(text)",
        "The SHA-1 sum, in hexadecimal digits.",
        ONE,
        Gives::Text,
        datafusion_spark::function::hash::sha1,
    )
    .also(&["sha"])
    .total(),
    Entry::library(
        "sha2",
        "sha2(text, bits)",
        "The SHA-2 sum of 224, 256, 384 or 512 bits (0 is 256), in hexadecimal digits; null for other sizes.",
        Takes::these(&[Param::TextOrBinary, Param::Int]),
        Gives::Text,
        datafusion_spark::function::hash::sha2,
    ),
    Entry::library(
        "crc32",
        "crc32(text)",
        "The check sum CRC-32.",
        ONE,
        Gives::Long,
        datafusion_spark::function::hash::crc32,
    )
    .total(),
];

fn md5(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let sum = |bytes: &[u8]| super::hex::digits_of(&Md5::digest(bytes)).to_lowercase();
    let array = args.array(0)?;
    if let Some(bytes) = array.as_binary_opt::<i32>() {
        return texts(args.rows(), |row| Ok(bytes.is_valid(row).then(|| sum(bytes.value(row)))));
    }
    let text = args.text(0)?;
    texts(args.rows(), |row| Ok(text.get(row).map(|text| sum(text.as_bytes()))))
}
