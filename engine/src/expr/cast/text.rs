//! From text: what Spark reads as a number, a truth, a date, a time.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryBuilder, BooleanBuilder, Decimal128Builder, PrimitiveBuilder,
    StringViewArray, StringViewBuilder,
};
use arrow::compute::cast as arrow_cast;
use arrow::datatypes::{
    DataType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use chrono::{Datelike, NaiveDate};

use super::{Mode, does_not_fit, no_such_value};
use crate::expr::ExprError;
use crate::expr::arithmetic::rescale;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Texts read as values of a type.
pub(super) fn parsed(texts: &StringViewArray, to: &DataType, mode: Mode) -> Result<ArrayRef, ExprError> {
    match to {
        DataType::Int8 => primitive::<Int8Type>(texts, to, mode, whole),
        DataType::Int16 => primitive::<Int16Type>(texts, to, mode, whole),
        DataType::Int32 => primitive::<Int32Type>(texts, to, mode, whole),
        DataType::Int64 => primitive::<Int64Type>(texts, to, mode, whole),
        DataType::Float32 => primitive::<Float32Type>(texts, to, mode, fraction),
        DataType::Float64 => primitive::<Float64Type>(texts, to, mode, fraction),
        DataType::Date32 => primitive::<Date32Type>(texts, to, mode, date_of_text),
        DataType::Timestamp(_, zone) => {
            let zoned = zone.is_some();
            primitive::<TimestampMicrosecondType>(texts, to, mode, |text| timestamp_of_text(text, zoned))
        }
        DataType::Decimal128(precision, scale) => decimals(texts, (*precision, *scale), mode),
        DataType::Boolean => booleans(texts, mode),
        DataType::Binary => {
            let mut builder = BinaryBuilder::new();
            texts.iter().for_each(|text| builder.append_option(text.map(str::as_bytes)));
            Ok(Arc::new(builder.finish()))
        }
        other => Err(no_such_value("a text", other)),
    }
}

fn primitive<T: ArrowPrimitiveType>(
    texts: &StringViewArray,
    to: &DataType,
    mode: Mode,
    read: impl Fn(&str) -> Option<T::Native>,
) -> Result<ArrayRef, ExprError> {
    let mut builder = PrimitiveBuilder::<T>::with_capacity(texts.len());
    for text in texts {
        builder.append_option(match text {
            Some(text) => mode.settle(read(trimmed(text)).ok_or_else(|| no_such_value(text, to)))?,
            None => None,
        });
    }
    Ok(Arc::new(builder.finish().with_data_type(to.clone())))
}

/// Without white space and control characters around, as Spark's `trimAll`.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ' || c == '\u{7f}')
}

fn whole<N: std::str::FromStr>(text: &str) -> Option<N> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

fn fraction<N: std::str::FromStr>(text: &str) -> Option<N> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "nan" | "inf" | "+inf" | "-inf" | "infinity" | "+infinity" | "-infinity" => return lower.parse().ok(),
        _ => {}
    }
    let number = lower.strip_suffix(['d', 'f']).unwrap_or(&lower);
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-'));
    if is_plain { number.parse().ok() } else { None }
}

fn decimals(texts: &StringViewArray, to: (u8, i8), mode: Mode) -> Result<ArrayRef, ExprError> {
    let target = DataType::Decimal128(to.0, to.1);
    let mut builder = Decimal128Builder::with_capacity(texts.len());
    for text in texts {
        builder.append_option(match text {
            Some(text) => mode.settle(match decimal_of_text(trimmed(text), to.0, to.1) {
                Ok(Some(value)) => Ok(value),
                Ok(None) => Err(does_not_fit(trimmed(text), &target)),
                Err(()) => Err(no_such_value(text, &target)),
            })?,
            None => None,
        });
    }
    Ok(Arc::new(builder.finish().with_precision_and_scale(to.0, to.1)?))
}

/// `12.5`, `-1e3`: as the unscaled value of a decimal of this precision and scale, rounded half up. `Ok(None)` where it has too many digits,
/// an error where it is no number.
pub(crate) fn decimal_of_text(text: &str, precision: u8, scale: i8) -> Result<Option<i128>, ()> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| ())?),
        None => (text, 0),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, behind].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(());
    }
    let from = i32::try_from(behind.len()).map_err(|_| ())?.saturating_sub(exponent);
    // More digits than a decimal has, far behind the point: they only round.
    let kept = digits.trim_start_matches('0');
    let excess = i32::try_from(kept.len()).map_err(|_| ())? - 38;
    let (kept, from) = match usize::try_from(excess) {
        Ok(excess) if excess > 0 => (&kept[..kept.len() - excess], from - i32::try_from(excess).map_err(|_| ())?),
        _ => (kept, from),
    };
    let value: i128 = if kept.is_empty() { 0 } else { kept.parse().map_err(|_| ())? };
    if value == 0 || from > 120 {
        return Ok(Some(0));
    }
    match i8::try_from(from) {
        Ok(from) => Ok(rescale(sign * value, from, precision, scale)),
        Err(_) => Ok(None),
    }
}

fn booleans(texts: &StringViewArray, mode: Mode) -> Result<ArrayRef, ExprError> {
    let mut builder = BooleanBuilder::with_capacity(texts.len());
    for text in texts {
        builder.append_option(match text {
            Some(text) => mode.settle(match trimmed(text).to_ascii_lowercase().as_str() {
                "t" | "true" | "y" | "yes" | "1" => Ok(true),
                "f" | "false" | "n" | "no" | "0" => Ok(false),
                _ => Err(no_such_value(text, &DataType::Boolean)),
            })?,
            None => None,
        });
    }
    Ok(Arc::new(builder.finish()))
}

/// Bytes as text; what is no UTF-8 is replaced.
pub(super) fn of_bytes(array: &ArrayRef) -> Result<ArrayRef, ExprError> {
    let bytes = arrow_cast(array, &DataType::Binary)?;
    let mut builder = StringViewBuilder::with_capacity(bytes.len());
    for value in bytes.as_binary::<i32>() {
        builder.append_option(value.map(String::from_utf8_lossy));
    }
    Ok(Arc::new(builder.finish()))
}

/// Days since the epoch of `2024`, `2024-1`, `2024-01-15`, and of a date with a time behind it.
pub(in crate::expr) fn date_of_text(text: &str) -> Option<i32> {
    let text = trimmed(text);
    let (date, _) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    day(date)
}

fn day(date: &str) -> Option<i32> {
    let (sign, digits) = match date.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, date.strip_prefix('+').unwrap_or(date)),
    };
    let mut parts = digits.split('-');
    let year = parts.next().filter(|year| (4..=7).contains(&year.len()))?;
    let mut part = |most: usize| match parts.next() {
        None => Some(1),
        Some(text) => counted(text, most),
    };
    let (month, day) = (part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    let year = i32::try_from(counted(year, 7)?).ok()?;
    let date = NaiveDate::from_ymd_opt(sign * year, month, day)?;
    Some(date.num_days_from_ce() - EPOCH_FROM_CE)
}

/// The epoch, in days of the common era.
const EPOCH_FROM_CE: i32 = 719_163;

fn counted(digits: &str, most: usize) -> Option<u32> {
    let is_plain = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { digits.parse().ok() } else { None }
}

/// Microseconds since the epoch of `2024-01-15 10:30:45.5+02:00` and its shorter forms; `zoned` says whether a zone
/// behind the time counts. What is behind the sixth digit of a second is cut off.
pub(in crate::expr) fn timestamp_of_text(text: &str, zoned: bool) -> Option<i64> {
    let text = trimmed(text);
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let start = i64::from(day(date)?).checked_mul(MICROS_PER_DAY)?;
    if time.is_empty() {
        return (!text.ends_with(['T', ' '])).then_some(start);
    }
    let zone_at = time.find(|c: char| c == 'Z' || c == '+' || c == '-' || c.is_ascii_alphabetic() || c == ' ');
    let (time, zone) = zone_at.map_or((time, ""), |at| time.split_at(at));
    let offset = if zone.is_empty() { 0 } else { offset_micros(zone.trim())? };
    let within = micros_of_time(time)?;
    start.checked_add(within)?.checked_sub(if zoned { offset } else { 0 })
}

fn micros_of_time(time: &str) -> Option<i64> {
    let (clock, behind) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = clock.split(':');
    let mut part = |limit: u32| match parts.next() {
        None => Some(0),
        Some(text) => counted(text, 2).filter(|value| *value < limit),
    };
    let (hour, minute, second) = (part(24)?, part(60)?, part(60)?);
    let is_plain = behind.bytes().all(|byte| byte.is_ascii_digit()) && behind.len() <= 9;
    if parts.next().is_some() || !is_plain || (time.contains('.') && clock.split(':').count() < 3) {
        return None;
    }
    let digits: String = behind.chars().chain("000000".chars()).take(6).collect();
    let micros: i64 = digits.parse().ok()?;
    Some(((i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second)) * 1_000_000 + micros)
}

/// `Z`, `UTC`, `GMT+2`, `+02:00`, `-8`. Names of regions need their tables and are not read.
fn offset_micros(zone: &str) -> Option<i64> {
    let rest = ["UTC", "GMT", "UT", "Z"].iter().find_map(|name| zone.strip_prefix(name)).unwrap_or(zone);
    if rest.is_empty() {
        return Some(0);
    }
    let (sign, rest) = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (None, Some(rest)) => (-1, rest),
        (None, None) => return None,
    };
    let mut parts = rest.split(':');
    let mut part = |limit: u32| match parts.next() {
        None => Some(0),
        Some(text) => counted(text, 2).filter(|value| *value < limit),
    };
    let (hours, minutes, seconds) = (part(19)?, part(60)?, part(60)?);
    let total = (i64::from(hours) * 60 + i64::from(minutes)) * 60 + i64::from(seconds);
    parts.next().is_none().then_some(sign * total * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_in_all_their_lengths() {
        assert_eq!(date_of_text("1970-1-2"), Some(1));
        assert_eq!(date_of_text("1970"), Some(0));
        assert_eq!(date_of_text("2023-02-29"), None);
        assert_eq!(timestamp_of_text("1970-01-01 00:00:01.1234567", true), Some(1_123_456));
        assert_eq!(timestamp_of_text("1970-01-01T02:00:00+02:00", true), Some(0));
        assert_eq!(timestamp_of_text("1970-01-01T02:00:00+02:00", false), Some(7_200_000_000));
        assert_eq!(timestamp_of_text("1970-01-01 25:00:00", true), None);
    }

    #[test]
    fn decimals_are_rounded_or_refused() {
        assert_eq!(decimal_of_text("12.345", 5, 2), Ok(Some(1_235)));
        assert_eq!(decimal_of_text("-1e2", 5, 2), Ok(Some(-10_000)));
        assert_eq!(decimal_of_text("12345", 5, 2), Ok(None));
        assert_eq!(decimal_of_text("abc", 5, 2), Err(()));
        assert_eq!(decimal_of_text("", 5, 2), Err(()));
        assert_eq!(decimal_of_text("1e-300", 5, 2), Ok(Some(0)));
        assert_eq!(decimal_of_text("0.00000000000000000000000000000000000000000000001", 5, 2), Ok(Some(0)));
    }
}
