//! Choosing values, nulls, and types.

mod casts;
mod choose;
mod extremes;
mod nulls;
mod type_of;

use super::Entry;

/// All of them, by file.
pub(super) const ENTRIES: &[&[Entry]] = &[&[
    choose::IF,
    choose::NULLIF,
    choose::NULLIFZERO,
    choose::NVL2,
    nulls::COALESCE,
    nulls::NVL,
    nulls::ZEROIFNULL,
    nulls::ISNULL,
    nulls::ISNOTNULL,
    nulls::ISNAN,
    nulls::NANVL,
    nulls::EQUAL_NULL,
    extremes::GREATEST,
    extremes::LEAST,
    type_of::ENTRY,
    casts::TINYINT,
    casts::SMALLINT,
    casts::INT,
    casts::BIGINT,
    casts::FLOAT,
    casts::DOUBLE,
    casts::DECIMAL,
    casts::BOOLEAN,
    casts::STRING,
    casts::BINARY,
    casts::DATE,
    casts::TIMESTAMP,
]];
