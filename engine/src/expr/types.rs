//! Spark's types: what they are called, which type two of them have in common, what a decimal's arithmetic gives, and
//! which conversions happen by themselves (ANSI mode).
//!
//! Spark's types are Arrow's on links, one to one: `void` is Null, `string` `Utf8View`, `timestamp` microseconds in UTC,
//! `timestamp_ntz` microseconds without a zone, an interval of days a Duration, one of months a `YearMonth` interval.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, IntervalUnit, TimeUnit};

/// The most digits a decimal has.
pub(super) const MAX_PRECISION: u8 = 38;
/// Digits behind the point that survive when a result would have too many digits.
const MIN_ADJUSTED_SCALE: i32 = 6;

/// The timestamp of links.
pub(super) fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A timestamp without a zone.
pub(super) fn timestamp_ntz() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
}

/// An interval of days, hours, minutes and seconds.
pub(super) fn day_time() -> DataType {
    DataType::Duration(TimeUnit::Microsecond)
}

/// An interval of years and months.
pub(super) fn year_month() -> DataType {
    DataType::Interval(IntervalUnit::YearMonth)
}

/// A list of these.
pub(super) fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

/// A map.
pub(super) fn map_of(key: DataType, value: DataType) -> DataType {
    let fields = vec![Field::new("key", key, false), Field::new("value", value, true)];
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(fields.into()), false)), false)
}

/// The types of a map's keys and values.
pub(super) fn map_parts(data_type: &DataType) -> Option<(&FieldRef, &FieldRef)> {
    let DataType::Map(entries, _) = data_type else { return None };
    let DataType::Struct(fields) = entries.data_type() else { return None };
    match fields.as_ref() {
        [key, value] => Some((key, value)),
        _ => None,
    }
}

/// Spark's name of a type.
pub fn type_name(data_type: &DataType) -> String {
    let word = match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string",
        DataType::Boolean => "boolean",
        DataType::Int8 => "tinyint",
        DataType::Int16 | DataType::UInt8 => "smallint",
        DataType::Int32 | DataType::UInt16 => "int",
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => "bigint",
        DataType::Float16 | DataType::Float32 => "float",
        DataType::Float64 => "double",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(_, Some(_)) => "timestamp",
        DataType::Timestamp(_, None) => "timestamp_ntz",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Duration(_) => "interval day to second",
        DataType::Interval(IntervalUnit::YearMonth) => "interval year to month",
        DataType::Interval(_) => "interval",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "binary",
        DataType::Null => "void",
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => return format!("decimal({precision},{scale})"),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => return format!("array<{}>", type_name(item.data_type())),
        DataType::Struct(fields) => {
            let field = |field: &FieldRef| format!("{}:{}", field.name(), type_name(field.data_type()));
            return format!("struct<{}>", fields.iter().map(field).collect::<Vec<_>>().join(","));
        }
        DataType::Map(_, _) => {
            return map_parts(data_type).map_or_else(
                || "map".to_owned(),
                |(key, value)| format!("map<{},{}>", type_name(key.data_type()), type_name(value.data_type())),
            );
        }
        DataType::Dictionary(_, values) => return type_name(values),
        DataType::RunEndEncoded(_, values) => return type_name(values.data_type()),
        DataType::Union(_, _) => "variant",
    };
    word.to_owned()
}

/// Whether it is a whole number.
pub(super) fn is_whole(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64)
}

/// Whether it is a number.
pub(super) fn is_number(data_type: &DataType) -> bool {
    is_whole(data_type) || is_fraction(data_type) || matches!(data_type, DataType::Decimal128(_, _))
}

/// Whether it is a float or a double.
pub(super) fn is_fraction(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Float32 | DataType::Float64)
}

/// Whether it is text.
pub(super) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8View | DataType::Utf8 | DataType::LargeUtf8)
}

/// Whether it is one value rather than a list, a map or a structure.
pub(super) fn is_atomic(data_type: &DataType) -> bool {
    !matches!(data_type, DataType::List(_) | DataType::Map(_, _) | DataType::Struct(_) | DataType::Null)
}

/// The decimal that holds every value of a whole type; of a float the one Spark takes for it.
pub(super) fn as_decimal(data_type: &DataType) -> Option<(u8, i8)> {
    match data_type {
        DataType::Int8 => Some((3, 0)),
        DataType::Int16 => Some((5, 0)),
        DataType::Int32 => Some((10, 0)),
        DataType::Int64 => Some((20, 0)),
        DataType::Float32 => Some((14, 7)),
        DataType::Float64 => Some((30, 15)),
        DataType::Decimal128(precision, scale) => Some((*precision, *scale)),
        _ => None,
    }
}

/// The type both can be converted to without loss, as `CASE`, `coalesce` and comparisons need it.
pub(super) fn common(left: &DataType, right: &DataType) -> Option<DataType> {
    if left == right {
        return Some(left.clone());
    }
    match (left, right) {
        (DataType::Null, other) | (other, DataType::Null) => Some(other.clone()),
        (left, right) if is_number(left) && is_number(right) => Some(common_number(left, right)),
        (left, right) if is_text(left) && is_atomic(right) => Some(promoted_text(right)),
        (left, right) if is_text(right) && is_atomic(left) => Some(promoted_text(left)),
        (DataType::Date32, DataType::Timestamp(_, _)) => Some(right.clone()),
        (DataType::Timestamp(_, _), DataType::Date32) => Some(left.clone()),
        (DataType::Timestamp(_, _), DataType::Timestamp(_, _)) => Some(timestamp()),
        (DataType::List(left), DataType::List(right)) => Some(list_of(common(left.data_type(), right.data_type())?)),
        (DataType::Map(_, _), DataType::Map(_, _)) => {
            let (left, right) = (map_parts(left)?, map_parts(right)?);
            let key = common(left.0.data_type(), right.0.data_type())?;
            Some(map_of(key, common(left.1.data_type(), right.1.data_type())?))
        }
        (DataType::Struct(left), DataType::Struct(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right);
            let fields = pairs.map(|(left, right)| {
                let data_type = common(left.data_type(), right.data_type())?;
                left.name().eq_ignore_ascii_case(right.name()).then(|| Field::new(left.name(), data_type, true))
            });
            Some(DataType::Struct(fields.collect::<Option<Vec<_>>>()?.into()))
        }
        _ => None,
    }
}

fn common_number(left: &DataType, right: &DataType) -> DataType {
    if let (false, false) = (is_fraction(left), is_fraction(right)) {
        if let (true, true) = (is_whole(left), is_whole(right)) {
            return if left.primitive_width() >= right.primitive_width() { left.clone() } else { right.clone() };
        }
        let (Some(left), Some(right)) = (as_decimal(left), as_decimal(right)) else { return DataType::Float64 };
        return common_decimal(left, right);
    }
    DataType::Float64
}

/// The decimal that holds the values of both.
fn common_decimal(left: (u8, i8), right: (u8, i8)) -> DataType {
    let scale = i32::from(left.1.max(right.1));
    let whole = (i32::from(left.0) - i32::from(left.1)).max(i32::from(right.0) - i32::from(right.1));
    bounded(whole + scale, scale)
}

/// What a text becomes beside another type.
fn promoted_text(other: &DataType) -> DataType {
    if is_whole(other) {
        DataType::Int64
    } else if is_number(other) {
        DataType::Float64
    } else {
        other.clone()
    }
}

/// The common type of many; `Null` where all are.
pub(super) fn common_of<'a>(types: impl IntoIterator<Item = &'a DataType>) -> Option<DataType> {
    // Texts come last: which type they take depends on the others together.
    let (texts, others): (Vec<_>, Vec<_>) = types.into_iter().partition(|data_type| is_text(data_type));
    others.into_iter().chain(texts).try_fold(DataType::Null, |found, next| common(&found, next))
}

/// A decimal's type, cut to what a decimal can have.
pub(super) fn bounded(precision: i32, scale: i32) -> DataType {
    let precision = precision.clamp(1, i32::from(MAX_PRECISION));
    decimal(precision, scale.clamp(0, precision))
}

/// A decimal's type; where it has too many digits, those behind the point give way down to six.
pub(super) fn adjusted(precision: i32, scale: i32) -> DataType {
    let most = i32::from(MAX_PRECISION);
    if precision <= most {
        return decimal(precision, scale);
    }
    let whole = precision - scale;
    decimal(most, (most - whole).max(scale.min(MIN_ADJUSTED_SCALE)))
}

fn decimal(precision: i32, scale: i32) -> DataType {
    DataType::Decimal128(u8::try_from(precision).unwrap_or(MAX_PRECISION), i8::try_from(scale).unwrap_or(0))
}

/// Whether a value of one type becomes the other without being asked, as an argument does.
pub(super) fn converts_silently(from: &DataType, to: &DataType) -> bool {
    if from == to || *from == DataType::Null {
        return true;
    }
    match (from, to) {
        (from, to) if is_number(from) && is_number(to) => {
            common(from, to).is_some_and(|wide| wide == *to || is_fraction(to))
        }
        (from, to) if is_text(from) => is_atomic(to),
        (from, to) if is_text(to) => is_atomic(from),
        (DataType::Date32 | DataType::Timestamp(_, _), DataType::Timestamp(_, _))
        | (DataType::Timestamp(_, _), DataType::Date32) => true,
        (DataType::List(from), DataType::List(to)) => converts_silently(from.data_type(), to.data_type()),
        (DataType::Map(_, _), DataType::Map(_, _)) => match (map_parts(from), map_parts(to)) {
            (Some(from), Some(to)) => {
                converts_silently(from.0.data_type(), to.0.data_type())
                    && converts_silently(from.1.data_type(), to.1.data_type())
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_called_as_spark_calls_them() {
        for (data_type, name) in [
            (DataType::Utf8View, "string"),
            (timestamp(), "timestamp"),
            (timestamp_ntz(), "timestamp_ntz"),
            (DataType::Int64, "bigint"),
            (DataType::Decimal128(10, 2), "decimal(10,2)"),
            (list_of(DataType::Float64), "array<double>"),
            (map_of(DataType::Utf8View, DataType::Int32), "map<string,int>"),
        ] {
            assert_eq!(type_name(&data_type), name);
        }
    }

    #[test]
    fn the_common_type_is_sparks() {
        let decimal = DataType::Decimal128;
        for (left, right, both) in [
            (DataType::Int32, DataType::Int64, Some(DataType::Int64)),
            (DataType::Int32, DataType::Float32, Some(DataType::Float64)),
            (DataType::Int32, decimal(2, 1), Some(decimal(11, 1))),
            (decimal(10, 2), decimal(12, 5), Some(decimal(13, 5))),
            (DataType::Utf8View, DataType::Int32, Some(DataType::Int64)),
            (DataType::Utf8View, DataType::Date32, Some(DataType::Date32)),
            (DataType::Boolean, DataType::Int32, None),
            (DataType::Null, DataType::Date32, Some(DataType::Date32)),
            (list_of(DataType::Int32), list_of(DataType::Int64), Some(list_of(DataType::Int64))),
        ] {
            assert_eq!(common(&left, &right), both, "{left} {right}");
            assert_eq!(common(&right, &left), both, "{right} {left}");
        }
    }

    #[test]
    fn too_many_digits_give_way_behind_the_point() {
        assert_eq!(adjusted(77, 30), DataType::Decimal128(38, 6));
        assert_eq!(adjusted(40, 4), DataType::Decimal128(38, 4));
        assert_eq!(adjusted(21, 4), DataType::Decimal128(21, 4));
    }
}
