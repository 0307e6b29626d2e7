//! Values as text, as Spark's cast to string writes them.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DecimalType, DurationMicrosecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalYearMonthType, TimestampMicrosecondType,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, Datelike, NaiveDate, Timelike};

use crate::expr::ExprError;

/// The texts of all values.
pub(in crate::expr) fn shown(array: &ArrayRef) -> Result<ArrayRef, ExprError> {
    let mut builder = StringViewBuilder::with_capacity(array.len());
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
        } else {
            text.clear();
            write_value(&mut text, array, row)?;
            builder.append_value(&text);
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn write_value(out: &mut String, array: &ArrayRef, row: usize) -> Result<(), ExprError> {
    if array.is_null(row) {
        out.push_str("null");
        return Ok(());
    }
    let written = match array.data_type() {
        DataType::Boolean => write!(out, "{}", array.as_boolean().value(row)),
        DataType::Int8 => write!(out, "{}", array.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => write!(out, "{}", array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => write!(out, "{}", array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => write!(out, "{}", array.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => write!(out, "{}", float_text(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => write!(out, "{}", double_text(array.as_primitive::<Float64Type>().value(row))),
        DataType::Decimal128(precision, scale) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            write!(out, "{}", Decimal128Type::format_decimal(value, *precision, *scale))
        }
        DataType::Date32 => write!(out, "{}", date_text(array.as_primitive::<Date32Type>().value(row))),
        DataType::Timestamp(_, _) => {
            write!(out, "{}", timestamp_text(array.as_primitive::<TimestampMicrosecondType>().value(row)))
        }
        DataType::Utf8View => write!(out, "{}", array.as_string_view().value(row)),
        DataType::Binary => write!(out, "{}", String::from_utf8_lossy(array.as_binary::<i32>().value(row))),
        DataType::Duration(_) => {
            write!(out, "{}", day_time_text(array.as_primitive::<DurationMicrosecondType>().value(row)))
        }
        DataType::Interval(arrow::datatypes::IntervalUnit::YearMonth) => {
            let months = array.as_primitive::<IntervalYearMonthType>().value(row);
            let sign = if months < 0 { "-" } else { "" };
            let months = months.unsigned_abs();
            write!(out, "INTERVAL '{sign}{}-{}' YEAR TO MONTH", months / 12, months % 12)
        }
        DataType::List(_) => return write_list(out, &array.as_list::<i32>().value(row)),
        DataType::Map(_, _) => return write_map(out, &array.as_map().value(row)),
        DataType::Struct(_) => {
            let columns = array.as_struct().columns();
            return write_all(out, '{', '}', columns.len(), |out, index| write_value(out, &columns[index], row));
        }
        _ => {
            let formatter = ArrayFormatter::try_new(array.as_ref(), &FormatOptions::default())?;
            write!(out, "{}", formatter.value(row))
        }
    };
    written.map_err(|_| ExprError::new("a value could not be written"))
}

fn write_all(
    out: &mut String,
    open: char,
    close: char,
    count: usize,
    mut one: impl FnMut(&mut String, usize) -> Result<(), ExprError>,
) -> Result<(), ExprError> {
    out.push(open);
    for index in 0..count {
        if index > 0 {
            out.push_str(", ");
        }
        one(out, index)?;
    }
    out.push(close);
    Ok(())
}

fn write_list(out: &mut String, items: &ArrayRef) -> Result<(), ExprError> {
    write_all(out, '[', ']', items.len(), |out, index| write_value(out, items, index))
}

fn write_map(out: &mut String, entries: &arrow::array::StructArray) -> Result<(), ExprError> {
    let (keys, values) = (entries.column(0), entries.column(1));
    write_all(out, '{', '}', entries.len(), |out, index| {
        write_value(out, keys, index)?;
        out.push_str(" -> ");
        write_value(out, values, index)
    })
}

/// A double as Java writes it: the shortest digits that are it, with an exponent outside of [0.001, 10^7).
pub(in crate::expr) fn double_text(value: f64) -> String {
    java(format!("{value:e}"), value.is_finite(), value.abs())
}

fn float_text(value: f32) -> String {
    java(format!("{value:e}"), value.is_finite(), f64::from(value.abs()))
}

/// `scientific` is `1.5e-3`, as Rust writes it.
fn java(scientific: String, is_finite: bool, size: f64) -> String {
    if !is_finite {
        return scientific.replace("inf", "Infinity");
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let digits = digits.replace('.', "");
    if size != 0.0 && !(1e-3..1e7).contains(&size) {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        return format!("{sign}{first}.{rest}E{exponent}");
    }
    match usize::try_from(exponent) {
        Ok(exponent) => {
            let whole = exponent + 1;
            let padded = format!("{digits:0<whole$}");
            let (whole, rest) = padded.split_at(whole);
            format!("{sign}{whole}.{}", if rest.is_empty() { "0" } else { rest })
        }
        Err(_) => {
            let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
            format!("{sign}0.{zeros}{digits}")
        }
    }
}

fn year_text(year: i32) -> String {
    match year {
        0..=9999 => format!("{year:04}"),
        10_000.. => format!("+{year}"),
        _ => format!("-{:04}", year.unsigned_abs()),
    }
}

fn date_text(days: i32) -> String {
    let date = NaiveDate::from_epoch_days(days);
    date.map_or_else(
        || days.to_string(),
        |date| format!("{}-{:02}-{:02}", year_text(date.year()), date.month(), date.day()),
    )
}

fn timestamp_text(micros: i64) -> String {
    let Some(time) = DateTime::from_timestamp_micros(micros) else { return micros.to_string() };
    let date = time.date_naive();
    let mut text = format!(
        "{}-{:02}-{:02} {:02}:{:02}:{:02}",
        year_text(date.year()),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    );
    let behind = time.timestamp_subsec_micros();
    if behind > 0 {
        text.push('.');
        text.push_str(format!("{behind:06}").trim_end_matches('0'));
    }
    text
}

/// An interval of whole days is told in days, any other down to seconds.
fn day_time_text(micros: i64) -> String {
    const PER_DAY: u64 = 86_400_000_000;
    let sign = if micros < 0 { "-" } else { "" };
    let size = micros.unsigned_abs();
    let (days, rest) = (size / PER_DAY, size % PER_DAY);
    if rest == 0 {
        return format!("INTERVAL '{sign}{days}' DAY");
    }
    let (seconds, behind) = (rest / 1_000_000, rest % 1_000_000);
    let mut text = format!("{sign}{days} {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if behind > 0 {
        text.push('.');
        text.push_str(format!("{behind:06}").trim_end_matches('0'));
    }
    format!("INTERVAL '{text}' DAY TO SECOND")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e7, "1.0E7"),
            (1_234_567.0, "1234567.0"),
            (0.001, "0.001"),
            (0.000_1, "1.0E-4"),
            (-1.25e-7, "-1.25E-7"),
            (12_345.678_9, "12345.6789"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
            (100.0, "100.0"),
        ] {
            assert_eq!(double_text(value), text);
        }
    }
}
