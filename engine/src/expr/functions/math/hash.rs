//! `hash` and `xxhash64`: the numbers Spark partitions by, equal bit for bit.
//!
//! A row's hash runs through its values: each value is hashed with the hash so far as seed, the first with 42. Nulls
//! leave it as it is, lists and structures run through their parts.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};

use super::super::{Entry, Gives, Param, Takes};
use super::{murmur, xxh};
use crate::expr::ExprError;
use crate::expr::args::Args;
use crate::expr::types::type_name;

const VALUES: Takes = Takes::these(&[Param::Any]).more(Param::Any);
const SEED: i64 = 42;

pub(super) const HASH: Entry = Entry::own(
    "hash",
    "hash(value, ...)",
    "A hash of the values: Spark's Murmur3 with the seed 42.",
    VALUES,
    Gives::Int,
    |args| {
        let hashes = hashes(args, &murmur::HASHER)?;
        #[expect(clippy::cast_possible_truncation, reason = "the hash has 32 bits")]
        let hashes: Int32Array = hashes.into_iter().map(|hash| hash as i32).collect();
        Ok(Arc::new(hashes) as ArrayRef)
    },
)
.total();

pub(super) const XXHASH64: Entry = Entry::own(
    "xxhash64",
    "xxhash64(value, ...)",
    "A hash of the values: Spark's xxHash with the seed 42.",
    VALUES,
    Gives::Long,
    |args| Ok(Arc::new(Int64Array::from(hashes(args, &xxh::HASHER)?)) as ArrayRef),
)
.total();

/// How one kind of hash takes the three shapes values come in.
pub(super) struct Hasher {
    pub int: fn(i32, i64) -> i64,
    pub long: fn(i64, i64) -> i64,
    pub bytes: fn(&[u8], i64) -> i64,
}

fn hashes(args: &Args<'_>, hasher: &Hasher) -> Result<Vec<i64>, ExprError> {
    let mut hashes = vec![SEED; args.rows()];
    for index in 0..args.len() {
        let array = args.array(index)?;
        for (row, hash) in hashes.iter_mut().enumerate() {
            *hash = hash_value(hasher, &array, row, *hash)?;
        }
    }
    Ok(hashes)
}

fn hash_value(hasher: &Hasher, array: &ArrayRef, row: usize, seed: i64) -> Result<i64, ExprError> {
    if array.is_null(row) || array.data_type().is_null() {
        return Ok(seed);
    }
    Ok(match array.data_type() {
        DataType::Boolean => (hasher.int)(i32::from(array.as_boolean().value(row)), seed),
        DataType::Int8 => (hasher.int)(array.as_primitive::<Int8Type>().value(row).into(), seed),
        DataType::Int16 => (hasher.int)(array.as_primitive::<Int16Type>().value(row).into(), seed),
        DataType::Int32 => (hasher.int)(array.as_primitive::<Int32Type>().value(row), seed),
        DataType::Int64 => (hasher.long)(array.as_primitive::<Int64Type>().value(row), seed),
        DataType::Date32 => (hasher.int)(array.as_primitive::<Date32Type>().value(row), seed),
        DataType::Timestamp(_, _) => (hasher.long)(array.as_primitive::<TimestampMicrosecondType>().value(row), seed),
        DataType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            let value = if value.is_nan() { f32::NAN } else { value + 0.0 };
            (hasher.int)(value.to_bits().cast_signed(), seed)
        }
        DataType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
            (hasher.long)(value.to_bits().cast_signed(), seed)
        }
        DataType::Decimal128(precision, _) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            match i64::try_from(value) {
                Ok(long) if *precision <= 18 => (hasher.long)(long, seed),
                _ => (hasher.bytes)(&shortest_bytes(value), seed),
            }
        }
        DataType::Utf8View => (hasher.bytes)(array.as_string_view().value(row).as_bytes(), seed),
        DataType::Binary => (hasher.bytes)(array.as_binary::<i32>().value(row), seed),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let mut hash = seed;
            for item in 0..items.len() {
                hash = hash_value(hasher, &items, item, hash)?;
            }
            hash
        }
        DataType::Struct(_) => {
            let mut hash = seed;
            for column in array.as_struct().columns() {
                hash = hash_value(hasher, column, row, hash)?;
            }
            hash
        }
        other => return Err(ExprError::new(format!("{} has no hash; hash its parts", type_name(other)))),
    })
}

/// The two's complement of a number, most significant byte first, without needless bytes.
fn shortest_bytes(value: i128) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let sign: u8 = if value < 0 { 0xff } else { 0 };
    let is_needless = |pair: &[u8]| pair[0] == sign && (pair[1] ^ sign) < 0x80;
    let start = bytes.windows(2).take_while(|pair| is_needless(pair)).count();
    bytes[start..].to_vec()
}
