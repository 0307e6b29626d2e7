//! One value read as the type its column declares, or the reason why it is none.

use std::borrow::Cow;

use arrow::compute::kernels::cast_utils::string_to_datetime;
use chrono::{NaiveDate, Utc};
use serde_json::Value;

use super::FieldType;
use crate::expr::decimal_of_text;

/// A value of one of the declarable types.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::nodes) enum Cell<'a> {
    /// No value.
    Null,
    /// Text.
    Text(Cow<'a, str>),
    /// An `int`.
    Int(i32),
    /// A `bigint`.
    Bigint(i64),
    /// A `double`.
    Double(f64),
    /// A `boolean`.
    Boolean(bool),
    /// A `timestamp`, in microseconds since the epoch.
    Timestamp(i64),
    /// A `date`, in days since the epoch.
    Date(i32),
    /// A `decimal`, without its point.
    Decimal(i128),
    /// An `array`.
    List(Vec<Self>),
}

impl<'a> Cell<'a> {
    /// Reads text. Spaces around anything but a string do not count.
    pub(in crate::nodes) fn from_text(kind: FieldType, text: &'a str) -> Result<Self, String> {
        let trimmed = text.trim();
        let cell = match kind {
            FieldType::String => Some(Self::Text(Cow::Borrowed(text))),
            FieldType::Int => trimmed.parse().ok().map(Self::Int),
            FieldType::Bigint => trimmed.parse().ok().map(Self::Bigint),
            FieldType::Double => trimmed.parse().ok().map(Self::Double),
            FieldType::Boolean => boolean(trimmed),
            FieldType::Timestamp => timestamp(trimmed),
            FieldType::Date => date(trimmed),
            FieldType::Decimal(precision, scale) => decimal(trimmed, precision, scale),
            FieldType::Array(_) => None,
        };
        cell.ok_or_else(|| format!("`{}` is no {}", shorten(text), kind.name()))
    }

    /// Reads a JSON value. A string column takes any value, as JSON text where it is no string.
    pub(in crate::nodes) fn from_json(kind: FieldType, value: &'a Value) -> Result<Self, String> {
        if value.is_null() {
            return Ok(Self::Null);
        }
        let cell = match kind {
            FieldType::String => Some(Self::Text(match value.as_str() {
                Some(text) => Cow::Borrowed(text),
                None => Cow::Owned(value.to_string()),
            })),
            FieldType::Int => value.as_i64().and_then(|number| i32::try_from(number).ok()).map(Self::Int),
            FieldType::Bigint => value.as_i64().map(Self::Bigint),
            FieldType::Double => value.as_f64().map(Self::Double),
            FieldType::Boolean => value.as_bool().map(Self::Boolean),
            FieldType::Timestamp => value.as_str().and_then(timestamp),
            FieldType::Date => value.as_str().and_then(date),
            // A number is held as a double; one of more digits is written as text.
            FieldType::Decimal(precision, scale) => match value {
                Value::Number(number) => decimal(&number.to_string(), precision, scale),
                Value::String(text) => decimal(text.trim(), precision, scale),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            },
            FieldType::Array(items) => match value {
                Value::Array(values) => {
                    let cells = values.iter().map(|value| Self::from_json(*items, value));
                    Some(Self::List(cells.collect::<Result<_, _>>()?))
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
            },
        };
        cell.ok_or_else(|| format!("`{}` is no {}", shorten(&value.to_string()), kind.name()))
    }
}

fn boolean<'a>(text: &str) -> Option<Cell<'a>> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") {
        Some(Cell::Boolean(true))
    } else if is("false") {
        Some(Cell::Boolean(false))
    } else {
        None
    }
}

fn timestamp<'a>(text: &str) -> Option<Cell<'a>> {
    string_to_datetime(&Utc, text).ok().map(|time| Cell::Timestamp(time.timestamp_micros()))
}

fn date<'a>(text: &str) -> Option<Cell<'a>> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok().map(Cell::Date)
}

fn decimal<'a>(text: &str, precision: u8, scale: i8) -> Option<Cell<'a>> {
    decimal_of_text(text, precision, scale).ok().flatten().map(Cell::Decimal)
}

/// What a sentence shows of a value.
fn shorten(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}...", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_read_as_the_declared_type() {
        for (kind, text, cell) in [
            (FieldType::String, " x ", Cell::Text(" x ".into())),
            (FieldType::Int, " 7", Cell::Int(7)),
            (FieldType::Bigint, "-9000000000", Cell::Bigint(-9_000_000_000)),
            (FieldType::Double, "1e3", Cell::Double(1000.0)),
            (FieldType::Boolean, "TRUE", Cell::Boolean(true)),
            (FieldType::Timestamp, "1970-01-01T00:00:01.5Z", Cell::Timestamp(1_500_000)),
            (FieldType::Timestamp, "1970-01-01 01:00:00+01:00", Cell::Timestamp(0)),
            (FieldType::Date, "1970-01-11", Cell::Date(10)),
            (FieldType::Decimal(10, 2), " -12.345", Cell::Decimal(-1_235)),
            (FieldType::Decimal(10, 2), "1e3", Cell::Decimal(100_000)),
        ] {
            assert_eq!(Cell::from_text(kind, text), Ok(cell), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_says_so() {
        for (kind, text) in [
            (FieldType::Int, "9000000000"),
            (FieldType::Bigint, "1.5"),
            (FieldType::Boolean, "yes"),
            (FieldType::Timestamp, "noon"),
            (FieldType::Date, "2026-02-30"),
            (FieldType::Decimal(4, 2), "100"),
            (FieldType::Decimal(4, 2), "1,5"),
            (FieldType::Array(&FieldType::Int), "[1]"),
        ] {
            let error = Cell::from_text(kind, text).unwrap_err();
            assert_eq!(error, format!("`{text}` is no {}", kind.name()));
        }
        assert!(Cell::from_json(FieldType::Bigint, &json!("7")).is_err(), "a JSON string is no number");
    }

    #[test]
    fn json_fits_strings_always_and_null_fits_everything() {
        assert_eq!(Cell::from_json(FieldType::String, &json!({"a": [1]})), Ok(Cell::Text(r#"{"a":[1]}"#.into())));
        assert_eq!(Cell::from_json(FieldType::Date, &json!(null)), Ok(Cell::Null));
        assert_eq!(Cell::from_json(FieldType::Double, &json!(2)), Ok(Cell::Double(2.0)));
        for money in [json!(12.3), json!("12.30"), json!(12.299_999)] {
            assert_eq!(Cell::from_json(FieldType::Decimal(10, 2), &money), Ok(Cell::Decimal(1_230)), "{money}");
        }
        let days = FieldType::Array(&FieldType::Date);
        let list = Cell::List(vec![Cell::Date(10), Cell::Null]);
        assert_eq!(Cell::from_json(days, &json!(["1970-01-11", null])), Ok(list));
        let wrong = Cell::from_json(days, &json!(["1970-01-11", 7])).unwrap_err();
        assert_eq!(wrong, "`7` is no date", "the item is named");
        assert!(Cell::from_json(days, &json!("1970-01-11")).unwrap_err().ends_with("is no array<date>"));
    }
}
