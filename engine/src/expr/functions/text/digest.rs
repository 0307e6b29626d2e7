//! Sums over bytes: `sha1`, `sha2`, `crc32`, by the library's functions, which give Spark's results.

use crate::expr::functions::prelude::*;

const ONE: Takes = Takes::these(&[Param::TextOrBinary]);

pub(super) const ENTRIES: &[Entry] = &[
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
