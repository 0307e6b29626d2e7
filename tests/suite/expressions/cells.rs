//! Values as the corpus writes them. Dates are computed here by the rule of the Gregorian calendar, so that the check
//! shares no code with what it checks.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType, TimestampMicrosecondType,
};
use serde_json::{Map, Value, json};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A cell as the corpus writes it.
pub fn cell(column: &ArrayRef, row: usize) -> Result<Value, String> {
    if column.is_null(row) || column.data_type().is_null() {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        DataType::Utf8View => json!(column.as_string_view().value(row)),
        DataType::Boolean => json!(column.as_boolean().value(row)),
        DataType::Int8 => json!(column.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => json!(column.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => json!(column.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => double(f64::from(column.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            json!(decimal(column.as_primitive::<Decimal128Type>().value(row), scale.unsigned_abs().into()))
        }
        DataType::Date32 => json!(date(column.as_primitive::<Date32Type>().value(row).into())),
        DataType::Timestamp(_, zone) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            json!(format!("{}{}", time(micros), if zone.is_some() { "Z" } else { "" }))
        }
        DataType::Binary => {
            json!(hex(column.as_binary::<i32>().value(row)))
        }
        DataType::Duration(_) => json!(day_time(column.as_primitive::<DurationMicrosecondType>().value(row))),
        DataType::Interval(IntervalUnit::YearMonth) => {
            let months = column.as_primitive::<IntervalYearMonthType>().value(row);
            let sign = if months < 0 { "-" } else { "" };
            json!(format!("INTERVAL '{sign}{}-{}' YEAR TO MONTH", months.abs() / 12, months.abs() % 12))
        }
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            Value::Array((0..items.len()).map(|item| cell(&items, item)).collect::<Result<_, _>>()?)
        }
        DataType::Struct(fields) => {
            let parts = column.as_struct();
            let mut object = Map::new();
            for (field, part) in fields.iter().zip(parts.columns()) {
                object.insert(field.name().clone(), cell(part, row)?);
            }
            Value::Object(object)
        }
        DataType::Map(_, _) => {
            let entries = column.as_map().value(row);
            let mut pairs = Vec::new();
            for entry in 0..entries.len() {
                pairs.push(json!([cell(entries.column(0), entry)?, cell(entries.column(1), entry)?]));
            }
            pairs.sort_by_key(|pair| pair[0].as_str().map_or_else(|| pair[0].to_string(), str::to_owned));
            Value::Array(pairs)
        }
        other => return Err(format!("the corpus has no values of type {other}")),
    })
}

fn double(value: f64) -> Value {
    if value.is_nan() {
        json!("NaN")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(value)
    }
}

fn decimal(unscaled: i128, scale: usize) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, behind) = digits.split_at(digits.len() - scale);
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{behind}") }
}

/// Year, month and day of a day since the epoch.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

fn date(days: i64) -> String {
    let (year, month, day) = civil(days);
    let year = match year {
        0..=9_999 => format!("{year:04}"),
        10_000.. => format!("+{year}"),
        _ => format!("-{:04}", -year),
    };
    format!("{year}-{month:02}-{day:02}")
}

fn time(micros: i64) -> String {
    let (days, rest) = (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY));
    let (seconds, behind) = (rest / 1_000_000, rest % 1_000_000);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let behind = if behind > 0 { format!(".{behind:06}") } else { String::new() };
    format!("{}T{clock}{behind}", date(days))
}

fn day_time(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let size = micros.unsigned_abs();
    let (days, rest) = (size / 86_400_000_000, size % 86_400_000_000);
    let (seconds, behind) = (rest / 1_000_000, rest % 1_000_000);
    let behind = if behind > 0 { format!(".{behind:06}").trim_end_matches('0').to_owned() } else { String::new() };
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("INTERVAL '{sign}{days} {clock}{behind}' DAY TO SECOND")
}

/// Days since the epoch of `2024-01-15`.
pub fn days_of(text: &str) -> i32 {
    let parts: Vec<i64> = text.split('-').map(|part| part.parse().expect("digits")).collect();
    let (year, month, day) = (parts[0] - i64::from(parts[1] <= 2), parts[1], parts[2]);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    i32::try_from(days).expect("a date")
}

/// Microseconds since the epoch of `2024-01-15T10:30:45.123456Z`.
pub fn micros_of(text: &str) -> i64 {
    let (date, clock) = text.trim_end_matches('Z').split_once('T').expect("a date and a time");
    let (clock, behind) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<i64> = clock.split(':').map(|part| part.parse().expect("digits")).collect();
    let behind: i64 = format!("{behind:0<6}").parse().expect("digits");
    i64::from(days_of(date)) * MICROS_PER_DAY + ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1_000_000 + behind
}

#[test]
fn days_and_times_are_read_and_written_alike() {
    for text in ["1970-01-01", "2024-02-29", "1900-03-01", "9999-12-31", "0001-01-01"] {
        assert_eq!(date(days_of(text).into()), text);
    }
    assert_eq!(days_of("1970-01-02"), 1);
    assert_eq!(days_of("1969-12-31"), -1);
    for text in ["2024-01-15T10:30:45.123456Z", "1969-12-31T23:59:59Z"] {
        assert_eq!(format!("{}Z", time(micros_of(text))), text);
    }
    assert_eq!(decimal(-5, 2), "-0.05");
}

/// Binary values are upper-case hexadecimal text.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}
