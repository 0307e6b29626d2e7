//! One value of a column as JSON: the same writing as in the recorded behaviour of Spark.
//!
//! Whole numbers keep all 64 bits, decimals are texts with all their digits, what is no number is the text `NaN`,
//! `Infinity` or `-Infinity`, timestamps are ISO-8601 in UTC, binary is hexadecimal, maps are lists of pairs.

use serde_json::Value;
use weir_engine::arrow::array::{Array, AsArray};
use weir_engine::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use weir_engine::arrow::temporal_conversions::{date32_to_datetime, timestamp_us_to_datetime};
use weir_engine::arrow::util::display::{ArrayFormatter, FormatOptions};

/// The value in one row of a column.
pub(super) fn to_json(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Int8 => column.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => column.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => column.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float32 => double(column.as_primitive::<Float32Type>().value(row).into()),
        DataType::Float64 => double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).into(),
        DataType::Utf8View => column.as_string_view().value(row).into(),
        DataType::Binary => hex(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => hex(column.as_binary::<i64>().value(row)),
        DataType::BinaryView => hex(column.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => hex(column.as_fixed_size_binary().value(row)),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row).into(),
        DataType::Decimal256(..) => column.as_primitive::<Decimal256Type>().value_as_string(row).into(),
        DataType::Date32 => date(column.as_primitive::<Date32Type>().value(row)),
        DataType::Timestamp(unit, zone) => timestamp(micros(column, *unit, row), zone.is_some()),
        DataType::List(_) => list(column.as_list::<i32>().value(row).as_ref()),
        DataType::LargeList(_) => list(column.as_list::<i64>().value(row).as_ref()),
        DataType::FixedSizeList(..) => list(column.as_fixed_size_list().value(row).as_ref()),
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns();
            let cells = fields.iter().zip(columns).map(|(field, cells)| (field.name().clone(), to_json(cells, row)));
            Value::Object(cells.collect())
        }
        DataType::Map(..) => map(&column.as_map().value(row)),
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            dictionary.normalized_keys().get(row).map_or(Value::Null, |key| to_json(dictionary.values(), *key))
        }
        DataType::Float16
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::Union(..)
        | DataType::RunEndEncoded(..) => text_of(column, row),
    }
}

/// A value as a person reads it in a table: text bare, everything else as JSON, nothing that moves the cursor.
pub(super) fn to_text(column: &dyn Array, row: usize) -> String {
    let text = match to_json(column, row) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    if text.chars().any(char::is_control) {
        text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
    } else {
        text
    }
}

fn double(value: f64) -> Value {
    match serde_json::Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

fn hex(bytes: &[u8]) -> Value {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
    }
    text.into()
}

fn date(days: i32) -> Value {
    date32_to_datetime(days).map_or(Value::Null, |date| date.format("%Y-%m-%d").to_string().into())
}

fn micros(column: &dyn Array, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Second => column.as_primitive::<TimestampSecondType>().value(row).saturating_mul(1_000_000),
        TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().value(row).saturating_mul(1_000),
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => column.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1_000),
    }
}

/// Six fraction digits, only where they are not zero; `Z` only for points in time.
fn timestamp(micros: i64, has_zone: bool) -> Value {
    let Some(time) = timestamp_us_to_datetime(micros) else { return Value::Null };
    let seconds = time.format("%Y-%m-%dT%H:%M:%S");
    let zone = if has_zone { "Z" } else { "" };
    match micros.rem_euclid(1_000_000) {
        0 => format!("{seconds}{zone}").into(),
        fraction => format!("{seconds}.{fraction:06}{zone}").into(),
    }
}

fn list(items: &dyn Array) -> Value {
    (0..items.len()).map(|row| to_json(items, row)).collect()
}

/// Pairs sorted by key.
fn map(entries: &weir_engine::arrow::array::StructArray) -> Value {
    let [keys, values] = entries.columns() else { return Value::Null };
    let mut pairs: Vec<_> = (0..entries.len()).map(|row| (to_json(keys, row), to_json(values, row))).collect();
    pairs.sort_by(|(left, _), (right, _)| match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        (None, _) | (_, None) => left.as_str().cmp(&right.as_str()),
    });
    pairs.into_iter().map(|(key, value)| Value::Array(vec![key, value])).collect()
}

fn text_of(column: &dyn Array, row: usize) -> Value {
    let options = FormatOptions::default();
    ArrayFormatter::try_new(column, &options)
        .ok()
        .and_then(|formatter| formatter.value(row).try_to_string().ok())
        .map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use weir_engine::arrow::array::{
        ArrayRef, Decimal128Array, Float64Array, Int64Array, ListArray, StringViewArray, TimestampMicrosecondArray,
    };

    use super::*;

    fn all(column: &dyn Array) -> Vec<Value> {
        (0..column.len()).map(|row| to_json(column, row)).collect()
    }

    #[test]
    fn numbers_keep_what_they_are() {
        assert_eq!(all(&Int64Array::from(vec![Some(i64::MAX), None])), [json!(i64::MAX), Value::Null]);
        let doubles = Float64Array::from(vec![1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        assert_eq!(all(&doubles), [json!(1.5), json!("NaN"), json!("Infinity"), json!("-Infinity")]);
        assert_eq!(to_json(&Float64Array::from(vec![-0.0]), 0).to_string(), "-0.0");
        let decimals = Decimal128Array::from(vec![250]).with_precision_and_scale(10, 2).unwrap();
        assert_eq!(all(&decimals), [json!("2.50")]);
    }

    #[test]
    fn timestamps_show_a_fraction_only_where_there_is_one() {
        let times = TimestampMicrosecondArray::from(vec![1_767_225_601_000_000, 1_767_225_601_250_000]);
        assert_eq!(
            all(&times.clone().with_timezone("UTC")),
            [json!("2026-01-01T00:00:01Z"), json!("2026-01-01T00:00:01.250000Z")]
        );
        assert_eq!(to_json(&times, 0), json!("2026-01-01T00:00:01"));
    }

    #[test]
    fn lists_are_lists() {
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(vec![Some(vec![Some(1), None])]);
        assert_eq!(all(&lists), [json!([1, null])]);
    }

    #[test]
    fn text_in_a_table_cannot_move_the_cursor() {
        let column: ArrayRef = Arc::new(StringViewArray::from(vec!["a\nb\u{1b}[2J"]));
        assert_eq!(to_text(&column, 0), "a\\nb\\u{1b}[2J");
    }
}
