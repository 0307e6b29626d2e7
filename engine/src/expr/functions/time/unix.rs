//! Times as numbers since 1970-01-01, and back.

use std::sync::Arc;

use arrow::array::{PrimitiveArray, TimestampMicrosecondArray};
use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, TimestampMicrosecondType};

use super::calendar::MICROS_PER_SECOND;
use super::kernel::{longs_of_timestamps, timestamp};
use crate::expr::functions::prelude::*;

const TIMESTAMP: Takes = Takes::these(&[Param::Timestamp]);
const LONG: Takes = Takes::these(&[Param::Long]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "unix_seconds",
        "unix_seconds(timestamp)",
        "Whole seconds since 1970-01-01.",
        TIMESTAMP,
        Gives::Long,
        |args| longs_of_timestamps(args, |micros| micros.div_euclid(MICROS_PER_SECOND)),
    )
    .total(),
    Entry::own(
        "unix_millis",
        "unix_millis(timestamp)",
        "Whole milliseconds since 1970-01-01.",
        TIMESTAMP,
        Gives::Long,
        |args| longs_of_timestamps(args, |micros| micros.div_euclid(1_000)),
    )
    .total(),
    Entry::own(
        "unix_micros",
        "unix_micros(timestamp)",
        "Microseconds since 1970-01-01.",
        TIMESTAMP,
        Gives::Long,
        |args| longs_of_timestamps(args, |micros| micros),
    )
    .total(),
    Entry::own(
        "unix_date",
        "unix_date(date)",
        "Days since 1970-01-01.",
        Takes::these(&[Param::Date]),
        Gives::Int,
        unix_date,
    )
    .total(),
    Entry::own(
        "date_from_unix_date",
        "date_from_unix_date(days)",
        "The date so many days after 1970-01-01.",
        Takes::these(&[Param::Int]),
        Gives::Date,
        date_from_unix_date,
    )
    .total(),
    Entry::own(
        "timestamp_seconds",
        "timestamp_seconds(seconds)",
        "The time so many seconds after 1970-01-01.",
        Takes::these(&[Param::Number]),
        Gives::Timestamp,
        timestamp_seconds,
    ),
    Entry::own(
        "timestamp_millis",
        "timestamp_millis(milliseconds)",
        "The time so many milliseconds after 1970-01-01.",
        LONG,
        Gives::Timestamp,
        |args| scaled(args, 1_000),
    )
    .total(),
    Entry::own(
        "timestamp_micros",
        "timestamp_micros(microseconds)",
        "The time so many microseconds after 1970-01-01.",
        LONG,
        Gives::Timestamp,
        |args| scaled(args, 1),
    )
    .total(),
];

fn unix_date(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let dates = args.numbers::<Date32Type>(0)?;
    numbers::<Int32Type>(args, |row| Ok(dates.get(row)))
}

fn date_from_unix_date(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let days = args.numbers::<Int32Type>(0)?;
    numbers::<Date32Type>(args, |row| Ok(days.get(row)))
}

fn scaled(args: &Args<'_>, factor: i64) -> Result<ArrayRef, ExprError> {
    let numbers_given = args.numbers::<Int64Type>(0)?;
    numbers::<TimestampMicrosecondType>(args, |row| {
        numbers_given.get(row).map(|number| timestamp(number.checked_mul(factor))).transpose()
    })
}

/// Fractions count to the microsecond; of decimals, digits behind it are refused.
fn timestamp_seconds(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let array = args.array(0)?;
    let times: TimestampMicrosecondArray = match array.data_type() {
        DataType::Decimal128(_, scale) => {
            let scale = u32::from(scale.unsigned_abs());
            let micros = |value: i128| {
                let scaled = value.checked_mul(1_000_000);
                let divisor = 10_i128.pow(scale);
                match scaled {
                    Some(scaled) if scaled % divisor != 0 => Err(ExprError::new(
                        "a timestamp has no digits behind its microseconds; round the seconds to 6 places",
                    )),
                    scaled => timestamp(scaled.and_then(|scaled| i64::try_from(scaled / divisor).ok())),
                }
            };
            array
                .as_primitive::<Decimal128Type>()
                .iter()
                .map(|value| value.map(micros).transpose())
                .collect::<Result<_, _>>()?
        }
        DataType::Float32 | DataType::Float64 => {
            let seconds = arrow::compute::cast(&array, &DataType::Float64)?;
            seconds
                .as_primitive::<Float64Type>()
                .iter()
                .map(|seconds| seconds.filter(|seconds| seconds.is_finite()).map(whole))
                .collect()
        }
        _ => {
            let seconds = arrow::compute::cast(&array, &DataType::Int64)?;
            let seconds = seconds.as_primitive::<Int64Type>().iter();
            seconds
                .map(|seconds| seconds.map(|seconds| timestamp(seconds.checked_mul(MICROS_PER_SECOND))).transpose())
                .collect::<Result<_, _>>()?
        }
    };
    let times: PrimitiveArray<TimestampMicrosecondType> = times.with_data_type(args.gives().clone());
    Ok(Arc::new(times))
}

#[expect(clippy::cast_possible_truncation, reason = "Spark cuts a double that is too large to the nearest long")]
fn whole(seconds: f64) -> i64 {
    (seconds * 1e6) as i64
}
