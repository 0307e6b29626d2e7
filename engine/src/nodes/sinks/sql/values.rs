//! The values of rows as databases take them: whole numbers, fractions, text and bytes.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Float64Array, Int64Array, StringViewArray, StringViewBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::nodes::json_text::json_text;

/// A column.
pub(super) enum Values {
    /// Whole numbers, and truth as 0 and 1.
    Whole(Int64Array),
    /// Fractions.
    Fraction(Float64Array),
    /// Text, and all that is written as text.
    Text(StringViewArray),
    /// Bytes.
    Bytes(BinaryArray),
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// None.
    Null,
    /// A whole number.
    Whole(i64),
    /// A fraction.
    Fraction(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// The columns of these rows.
pub(super) fn columns(rows: &RecordBatch) -> Result<Vec<Values>, ArrowError> {
    rows.columns().iter().map(Values::of).collect()
}

impl Values {
    fn of(column: &ArrayRef) -> Result<Self, ArrowError> {
        let data_type = column.data_type();
        Ok(if *data_type == DataType::Boolean || data_type.is_integer() {
            Self::Whole(cast(column, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
        } else if data_type.is_floating() {
            Self::Fraction(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
        } else if data_type.is_binary() {
            Self::Bytes(cast(column, &DataType::Binary)?.as_binary::<i32>().clone())
        } else if data_type.is_nested() {
            Self::Text(json_text(column)?.as_string_view().clone())
        } else if let Some(text) = column.as_string_view_opt() {
            Self::Text(text.clone())
        } else {
            Self::Text(written(column)?.as_string_view().clone())
        })
    }

    /// The value of a row.
    pub(super) fn get(&self, row: usize) -> Value<'_> {
        match self {
            Self::Whole(column) if column.is_valid(row) => Value::Whole(column.value(row)),
            Self::Fraction(column) if column.is_valid(row) => Value::Fraction(column.value(row)),
            Self::Text(column) if column.is_valid(row) => Value::Text(column.value(row)),
            Self::Bytes(column) if column.is_valid(row) => Value::Bytes(column.value(row)),
            Self::Whole(_) | Self::Fraction(_) | Self::Text(_) | Self::Bytes(_) => Value::Null,
        }
    }
}

/// Values as they look in CSV files: `2026-01-01T00:00:00Z`, `1.20`.
fn written(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let mut out = StringViewBuilder::new();
    for row in 0..column.len() {
        if column.is_null(row) {
            out.append_null();
        } else {
            out.append_value(formatter.value(row).try_to_string()?);
        }
    }
    Ok(Arc::new(out.finish()))
}

impl Value<'_> {
    /// Writes it as a literal that PostgreSQL reads as the column's own type. Tells how often text had to be repaired:
    /// there the character 0 has no place in it.
    pub(super) fn write_literal(self, out: &mut String) -> u64 {
        match self {
            Self::Null => out.push_str("NULL"),
            Self::Whole(number) => {
                let _ = write!(out, "'{number}'");
            }
            Self::Fraction(number) if number.is_infinite() => {
                out.push_str(if number > 0.0 { "'Infinity'" } else { "'-Infinity'" });
            }
            Self::Fraction(number) => {
                let _ = write!(out, "'{number}'");
            }
            Self::Bytes(bytes) => {
                out.push_str("'\\x");
                for byte in bytes {
                    let _ = write!(out, "{byte:02x}");
                }
                out.push('\'');
            }
            Self::Text(text) => {
                out.push('\'');
                for c in text.chars() {
                    match c {
                        '\'' => out.push_str("''"),
                        '\0' => out.push('\u{FFFD}'),
                        other => out.push(other),
                    }
                }
                out.push('\'');
                return u64::from(text.contains('\0'));
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hold_whatever_is_in_them() {
        for (value, literal, repaired) in [
            (Value::Text("it's \\n"), "'it''s \\n'", 0),
            (Value::Text("a\0b"), "'a\u{FFFD}b'", 1),
            (Value::Whole(i64::MIN), "'-9223372036854775808'", 0),
            (Value::Fraction(f64::NAN), "'NaN'", 0),
            (Value::Fraction(f64::NEG_INFINITY), "'-Infinity'", 0),
            (Value::Bytes(&[0, 255]), "'\\x00ff'", 0),
            (Value::Null, "NULL", 0),
        ] {
            let mut out = String::new();
            assert_eq!((value.write_literal(&mut out), out.as_str()), (repaired, literal));
        }
    }
}
