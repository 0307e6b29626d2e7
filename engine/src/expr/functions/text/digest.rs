//! Sums over bytes: `md5`, `sha1`, `sha2`, `crc32`.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::bytes::{Bytes, texts_of};
use super::hex::digits_of;
use crate::expr::functions::prelude::*;

const ONE: Takes = Takes::these(&[Param::TextOrBinary]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own("md5", "md5(text)", "The MD5 sum, in hexadecimal digits.", ONE, Gives::Text, |args| {
        texts_of(args, sum::<Md5>)
    })
    .total(),
    Entry::own("sha1", "sha1(text)", "The SHA-1 sum, in hexadecimal digits.", ONE, Gives::Text, |args| {
        texts_of(args, sum::<Sha1>)
    })
    .also(&["sha"])
    .total(),
    Entry::own(
        "sha2",
        "sha2(text, bits)",
        "The SHA-2 sum of 224, 256, 384 or 512 bits (0 is 256), in hexadecimal digits; null for other sizes.",
        Takes::these(&[Param::TextOrBinary, Param::Int]),
        Gives::Text,
        sha2,
    ),
    Entry::own("crc32", "crc32(text)", "The check sum CRC-32.", ONE, Gives::Long, crc32).total(),
];

fn sum<D: Digest>(bytes: &[u8]) -> String {
    digits_of(&D::digest(bytes)).to_lowercase()
}

fn sha2(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (bytes, bits) = (Bytes::of(args, 0)?, args.numbers::<Int32Type>(1)?);
    texts(args.rows(), |row| {
        let (Some(bytes), Some(bits)) = (bytes.get(row), bits.get(row)) else { return Ok(None) };
        Ok(match bits {
            224 => Some(sum::<Sha224>(bytes)),
            0 | 256 => Some(sum::<Sha256>(bytes)),
            384 => Some(sum::<Sha384>(bytes)),
            512 => Some(sum::<Sha512>(bytes)),
            _ => None,
        })
    })
}

fn crc32(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let bytes = Bytes::of(args, 0)?;
    numbers::<Int64Type>(args, |row| Ok(bytes.get(row).map(|bytes| crc32fast::hash(bytes).into())))
}
