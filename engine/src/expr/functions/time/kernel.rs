//! What the functions of dates and times share: results that must fit, and the three ways to work on a column.

use arrow::datatypes::{Date32Type, TimestampMicrosecondType};

use crate::expr::functions::prelude::*;

/// A date, where it fits.
pub(super) fn date(days: i64) -> Result<i32, ExprError> {
    i32::try_from(days).map_err(|_| ExprError::new("the date lies beyond what a date holds"))
}

/// A timestamp, where it fits.
pub(super) fn timestamp(micros: Option<i64>) -> Result<i64, ExprError> {
    micros.ok_or_else(|| ExprError::new("the time lies beyond what a timestamp holds"))
}

/// A part of each date.
pub(super) fn of_dates(args: &Args<'_>, part: impl Fn(i64) -> i64) -> Result<ArrayRef, ExprError> {
    let dates = args.numbers::<Date32Type>(0)?;
    numbers::<Int32Type>(args, |row| Ok(dates.get(row).map(|days| narrow(part(days.into())))))
}

/// A part of each timestamp.
pub(super) fn of_timestamps(args: &Args<'_>, part: impl Fn(i64) -> i64) -> Result<ArrayRef, ExprError> {
    let timestamps = args.numbers::<TimestampMicrosecondType>(0)?;
    numbers::<Int32Type>(args, |row| Ok(timestamps.get(row).map(|micros| narrow(part(micros)))))
}

/// A number of 64 bits from each timestamp.
pub(super) fn longs_of_timestamps(args: &Args<'_>, part: impl Fn(i64) -> i64) -> Result<ArrayRef, ExprError> {
    let timestamps = args.numbers::<TimestampMicrosecondType>(0)?;
    numbers::<Int64Type>(args, |row| Ok(timestamps.get(row).map(&part)))
}

fn narrow(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
