//! Dates and times from their parts: `make_date`, `make_timestamp`, `make_dt_interval`, `make_ym_interval`.

use arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMicrosecondType, IntervalYearMonthType, TimestampMicrosecondType,
};

use super::calendar::{Day, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, joined};
use super::kernel::{date, timestamp};
use super::zone::Zone;
use crate::expr::cast::cast_array;
use crate::expr::functions::prelude::*;
use crate::expr::types;

const INT: Param = Param::Int;
const DATE: Takes = Takes::these(&[INT, INT, INT]);
const TIMESTAMP: Takes = Takes::these(&[INT, INT, INT, INT, INT, Param::Number]).or(&[Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "make_date",
        "make_date(year, month, day)",
        "The date of a year, month and day.",
        DATE,
        Gives::Date,
        |args| make_date(args, false),
    )
    .total(),
    Entry::own(
        "make_timestamp",
        "make_timestamp(year, month, day, hour, minute, second[, zone])",
        "The time of its parts, in UTC or the zone given; seconds may have a fraction.",
        TIMESTAMP,
        Gives::Timestamp,
        |args| make_timestamp(args, false),
    )
    .total(),
    Entry::own(
        "try_make_timestamp",
        "try_make_timestamp(year, month, day, hour, minute, second[, zone])",
        "As `make_timestamp`; null where there is no such time.",
        TIMESTAMP,
        Gives::Timestamp,
        |args| make_timestamp(args, true),
    ),
    Entry::own(
        "make_dt_interval",
        "make_dt_interval([days[, hours[, minutes[, seconds]]]])",
        "A span of days, hours, minutes and seconds.",
        Takes::these(&[]).or(&[INT, INT, INT, Param::Number]),
        Gives::By(day_time),
        make_dt_interval,
    )
    .total(),
    Entry::own(
        "make_ym_interval",
        "make_ym_interval([years[, months]])",
        "A span of years and months.",
        Takes::these(&[]).or(&[INT, INT]),
        Gives::By(year_month),
        make_ym_interval,
    )
    .total(),
];

fn day_time(_args: &[Typed]) -> Result<DataType, ExprError> {
    Ok(types::day_time())
}

fn year_month(_args: &[Typed]) -> Result<DataType, ExprError> {
    Ok(types::year_month())
}

fn make_date(args: &Args<'_>, is_try: bool) -> Result<ArrayRef, ExprError> {
    let (year, month, day) =
        (args.numbers::<Int32Type>(0)?, args.numbers::<Int32Type>(1)?, args.numbers::<Int32Type>(2)?);
    numbers::<Date32Type>(args, |row| {
        let (Some(year), Some(month), Some(day)) = (year.get(row), month.get(row), day.get(row)) else {
            return Ok(None);
        };
        match Day::new(year.into(), month.into(), day.into()) {
            Some(day) => date(day.number()).map(Some),
            None if is_try => Ok(None),
            None => Err(ExprError::new(format!("there is no day {year}-{month:02}-{day:02}"))),
        }
    })
}

/// Seconds in microseconds.
fn micros_of(args: &Args<'_>, index: usize) -> Result<impl Fn(usize) -> Option<i64>, ExprError> {
    let array = cast_array(&args.array(index)?, &DataType::Decimal128(18, 6), false)?;
    let array = array.as_primitive::<Decimal128Type>().clone();
    Ok(move |row| if array.is_null(row) { None } else { i64::try_from(array.value(row)).ok() })
}

fn make_timestamp(args: &Args<'_>, is_try: bool) -> Result<ArrayRef, ExprError> {
    let parts = (0..5).map(|index| args.numbers::<Int32Type>(index)).collect::<Result<Vec<_>, _>>()?;
    let seconds = micros_of(args, 5)?;
    let zone = (args.len() > 6).then(|| args.text(6)).transpose()?;
    numbers::<TimestampMicrosecondType>(args, |row| {
        let given: Option<Vec<i64>> = parts.iter().map(|part| part.get(row).map(i64::from)).collect();
        let zone = zone.as_ref().map_or(Some(None), |zone| zone.get(row).map(Some));
        let (Some(given), Some(seconds), Some(zone)) = (given, seconds(row), zone) else { return Ok(None) };
        let made = clock(&given, seconds).and_then(|local| match zone {
            Some(zone) => timestamp(Zone::named(zone)?.to_utc(local)),
            None => Ok(local),
        });
        if is_try { Ok(made.ok()) } else { made.map(Some) }
    })
}

fn clock(given: &[i64], micros: i64) -> Result<i64, ExprError> {
    let [year, month, day, hour, minute] = given else {
        return Err(ExprError::new("a time has five parts and its seconds"));
    };
    let refused = || {
        ExprError::new(format!("there is no time {year}-{month:02}-{day:02} {hour:02}:{minute:02} with these seconds"))
    };
    let day = Day::new(*year, *month, *day).ok_or_else(refused)?;
    // A full 60 is the next minute.
    let is_second = (0..MICROS_PER_MINUTE + 1).contains(&micros);
    if !(0..24).contains(hour) || !(0..60).contains(minute) || !is_second {
        return Err(refused());
    }
    timestamp(joined(day.number(), hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + micros))
}

fn make_dt_interval(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let lengths = [MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE];
    let parts = (0..args.len().min(3)).map(|index| args.numbers::<Int32Type>(index)).collect::<Result<Vec<_>, _>>()?;
    let seconds = (args.len() > 3).then(|| micros_of(args, 3)).transpose()?;
    numbers::<DurationMicrosecondType>(args, |row| {
        let Some(mut total) = seconds.as_ref().map_or(Some(0), |seconds| seconds(row)).map(i128::from) else {
            return Ok(None);
        };
        for (part, length) in parts.iter().zip(lengths) {
            let Some(part) = part.get(row) else { return Ok(None) };
            total += i128::from(part) * i128::from(length);
        }
        i64::try_from(total).map(Some).map_err(|_| ExprError::overflow("interval day to second"))
    })
}

fn make_ym_interval(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let parts = (0..args.len()).map(|index| args.numbers::<Int32Type>(index)).collect::<Result<Vec<_>, _>>()?;
    numbers::<IntervalYearMonthType>(args, |row| {
        let mut total = 0_i64;
        for (part, length) in parts.iter().zip([12, 1]) {
            let Some(part) = part.get(row) else { return Ok(None) };
            total += i64::from(part) * length;
        }
        i32::try_from(total).map(Some).map_err(|_| ExprError::overflow("interval year to month"))
    })
}
