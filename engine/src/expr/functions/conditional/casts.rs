//! Types that are called like functions: `int('7')` is `CAST('7' AS INT)`.

use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;

use super::super::{Entry, Param, Takes};
use crate::expr::ExprError;
use crate::expr::lower::convert::explicit;
use crate::expr::typed::Typed;
use crate::expr::types::timestamp;

const ONE: Takes = Takes::these(&[Param::Any]);

fn cast(args: &[Typed], to: &DataType) -> Result<Typed, ExprError> {
    match args.first() {
        Some(value) => explicit(value, to, false),
        None => Ok(Typed::literal(ScalarValue::Null)),
    }
}

pub(super) const TINYINT: Entry =
    Entry::form("tinyint", "tinyint(value)", "The value converted to tinyint.", ONE, |_, args, _| {
        cast(&args, &DataType::Int8)
    });

pub(super) const SMALLINT: Entry =
    Entry::form("smallint", "smallint(value)", "The value converted to smallint.", ONE, |_, args, _| {
        cast(&args, &DataType::Int16)
    });

pub(super) const INT: Entry =
    Entry::form("int", "int(value)", "The value converted to int.", ONE, |_, args, _| cast(&args, &DataType::Int32));

pub(super) const BIGINT: Entry =
    Entry::form("bigint", "bigint(value)", "The value converted to bigint.", ONE, |_, args, _| {
        cast(&args, &DataType::Int64)
    });

pub(super) const FLOAT: Entry =
    Entry::form("float", "float(value)", "The value converted to float.", ONE, |_, args, _| {
        cast(&args, &DataType::Float32)
    });

pub(super) const DOUBLE: Entry =
    Entry::form("double", "double(value)", "The value converted to double.", ONE, |_, args, _| {
        cast(&args, &DataType::Float64)
    });

pub(super) const DECIMAL: Entry =
    Entry::form("decimal", "decimal(value)", "The value converted to decimal.", ONE, |_, args, _| {
        cast(&args, &DataType::Decimal128(10, 0))
    });

pub(super) const BOOLEAN: Entry =
    Entry::form("boolean", "boolean(value)", "The value converted to boolean.", ONE, |_, args, _| {
        cast(&args, &DataType::Boolean)
    });

pub(super) const STRING: Entry =
    Entry::form("string", "string(value)", "The value converted to string.", ONE, |_, args, _| {
        cast(&args, &DataType::Utf8View)
    });

pub(super) const BINARY: Entry =
    Entry::form("binary", "binary(value)", "The value converted to binary.", ONE, |_, args, _| {
        cast(&args, &DataType::Binary)
    });

pub(super) const DATE: Entry = Entry::form("date", "date(value)", "The value converted to date.", ONE, |_, args, _| {
    cast(&args, &DataType::Date32)
});

pub(super) const TIMESTAMP: Entry =
    Entry::form("timestamp", "timestamp(value)", "The value converted to timestamp.", ONE, |_, args, _| {
        cast(&args, &timestamp())
    });
