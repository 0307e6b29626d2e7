//! Brings arrays to the types that travel on links.
//!
//! Text is `Utf8View`, timestamps are microseconds in UTC, integers are signed (Spark has no others), lists have 32-bit
//! offsets. The same holds inside lists and structs.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use arrow::error::ArrowError;

/// The type of links that stands for this type.
pub fn link_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => DataType::Utf8View,
        DataType::Timestamp(_, _) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Date64 => DataType::Date32,
        DataType::UInt8 => DataType::Int16,
        DataType::UInt16 => DataType::Int32,
        DataType::UInt32 | DataType::UInt64 => DataType::Int64,
        DataType::Float16 => DataType::Float32,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => DataType::List(link_field(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(link_field).collect()),
        DataType::Dictionary(_, values) => link_type(values),
        DataType::RunEndEncoded(_, values) => link_type(values.data_type()),
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Date32
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::Binary
        | DataType::Decimal32(_, _)
        | DataType::Decimal64(_, _)
        | DataType::Decimal128(_, _)
        | DataType::Decimal256(_, _)
        | DataType::Union(_, _)
        | DataType::Map(_, _) => data_type.clone(),
    }
}

fn link_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::new(field.name(), link_type(field.data_type()), field.is_nullable()))
}

/// The array in the type of links that stands for its own. Values that do not fit are errors, never nulls.
pub fn normalise(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    into_type(array, &link_type(array.data_type()))
}

/// The array in this type; the same array where it already is.
pub(super) fn into_type(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == data_type {
        return Ok(Arc::clone(array));
    }
    cast_with_options(array, data_type, &CastOptions { safe: false, ..CastOptions::default() })
}
