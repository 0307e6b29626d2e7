//! Conversions between types, as Spark makes them in ANSI mode: what does not fit is an error, with `try_cast` null.

mod nested;
mod numbers;
mod shown;
mod text;
mod times;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::compute::cast as arrow_cast;
use arrow::datatypes::DataType;

use super::ExprError;
use super::types::{self, is_number, is_text, is_whole, map_parts, type_name};

pub(super) use shown::{double_text, shown};
pub(crate) use text::decimal_of_text;

/// What becomes of a value that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// An error.
    Ansi,
    /// Null.
    Try,
}

impl Mode {
    /// What a value became, or what is made of its failure.
    fn settle<T>(self, value: Result<T, ExprError>) -> Result<Option<T>, ExprError> {
        match (value, self) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(error), Self::Ansi) => Err(error),
            (Err(_), Self::Try) => Ok(None),
        }
    }
}

/// Whether values of one type can be converted to the other at all.
pub(super) fn can_cast(from: &DataType, to: &DataType) -> bool {
    if from == to || *from == DataType::Null {
        return true;
    }
    let is_timestamp = |data_type: &DataType| matches!(data_type, DataType::Timestamp(_, _));
    match (from, to) {
        (_, to) if is_text(to) => true,
        (from, to) if is_text(from) => {
            is_number(to) || is_timestamp(to) || matches!(to, DataType::Boolean | DataType::Date32 | DataType::Binary)
        }
        (from, to) if is_number(from) && is_number(to) => true,
        (from, DataType::Boolean) | (DataType::Boolean, from) => is_number(from),
        (DataType::Timestamp(_, Some(_)), to) if is_number(to) => true,
        (from, DataType::Timestamp(_, Some(_))) if is_number(from) => true,
        (DataType::Date32, to) => is_timestamp(to),
        (DataType::Timestamp(_, _), DataType::Date32) => true,
        (from, to) if is_timestamp(from) && is_timestamp(to) => true,
        (DataType::List(from), DataType::List(to)) => can_cast(from.data_type(), to.data_type()),
        (DataType::Map(_, _), DataType::Map(_, _)) => match (map_parts(from), map_parts(to)) {
            (Some(from), Some(to)) => {
                can_cast(from.0.data_type(), to.0.data_type()) && can_cast(from.1.data_type(), to.1.data_type())
            }
            _ => false,
        },
        (DataType::Struct(from), DataType::Struct(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| can_cast(from.data_type(), to.data_type()))
        }
        _ => false,
    }
}

/// The array in another type.
pub(super) fn cast_array(array: &ArrayRef, to: &DataType, is_try: bool) -> Result<ArrayRef, ExprError> {
    cast_mode(array, to, if is_try { Mode::Try } else { Mode::Ansi })
}

fn cast_mode(array: &ArrayRef, to: &DataType, mode: Mode) -> Result<ArrayRef, ExprError> {
    let from = array.data_type().clone();
    if from == *to {
        return Ok(Arc::clone(array));
    }
    if from.is_null() || array.null_count() == array.len() {
        return Ok(new_null_array(to, array.len()));
    }
    match (&from, to) {
        (from, to) if is_text(from) && is_text(to) => Ok(arrow_cast(array, to)?),
        (from, to) if is_text(to) => match from {
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => text::of_bytes(array),
            _ => shown(array),
        },
        (from, to) if is_text(from) => {
            let views = arrow_cast(array, &DataType::Utf8View)?;
            text::parsed(views.as_string_view(), to, mode)
        }
        (from, to) if is_number(from) && is_number(to) => numbers::converted(array, to, mode),
        (from, DataType::Boolean) if is_number(from) => numbers::truths(array),
        (DataType::Boolean, to) if is_number(to) => numbers::of_truths(array.as_boolean(), to),
        (DataType::Timestamp(_, Some(_)), to) if is_number(to) => times::seconds(array, to, mode),
        (from, DataType::Timestamp(_, Some(_))) if is_number(from) => times::of_seconds(array, mode),
        (DataType::Date32, DataType::Timestamp(_, _)) => Ok(times::of_dates(array, to)),
        (DataType::Timestamp(_, _), DataType::Date32) => Ok(times::dates(array)),
        (DataType::List(_), DataType::List(_)) => nested::list(array, to, mode),
        (DataType::Map(_, _), DataType::Map(_, _)) => nested::map(array, to, mode),
        (DataType::Struct(_), DataType::Struct(_)) => nested::structure(array, to, mode),
        // What is left differs in its representation only: another unit, zone or width.
        _ => Ok(arrow_cast(array, to)?),
    }
}

/// A value that its type cannot hold.
fn does_not_fit(value: impl std::fmt::Display, to: &DataType) -> ExprError {
    let what = format!("{value} does not fit {}", type_name(to));
    ExprError::advising(what, "use `try_cast` to get null instead, or a wider type")
}

/// A text that says nothing of this type.
fn no_such_value(text: &str, to: &DataType) -> ExprError {
    let what = format!("'{}' is no {}", super::shorten(text), type_name(to));
    ExprError::advising(what, "use `try_cast` to get null instead")
}

/// Whether every value of one number type is one of the other.
fn is_wider(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (from, to) if is_whole(from) && is_whole(to) => from.primitive_width() <= to.primitive_width(),
        (from, to) if types::is_fraction(to) => !matches!(from, DataType::Decimal128(_, _)),
        _ => false,
    }
}
