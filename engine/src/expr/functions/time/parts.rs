//! Parts of dates and timestamps: `year`, `month`, `hour`, ... and `extract`, `date_part`.

use std::sync::Arc;

use arrow::array::Decimal128Array;
use arrow::datatypes::TimestampMicrosecondType;

use super::calendar::{Day, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND, parted};
use super::kernel::{of_dates, of_timestamps};
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};
use crate::expr::nearest;

const DATE: Takes = Takes::these(&[Param::Date]);
const TIMESTAMP: Takes = Takes::these(&[Param::Timestamp]);

const fn of_date(
    name: &'static str,
    form: &'static str,
    doc: &'static str,
    kernel: fn(&Args<'_>) -> Result<ArrayRef, ExprError>,
) -> Entry {
    Entry::own(name, form, doc, DATE, Gives::Int, kernel).total()
}

pub(super) const ENTRIES: &[Entry] = &[
    of_date("year", "year(date)", "The year.", |args| of_dates(args, |days| Day::at(days).year)),
    of_date("quarter", "quarter(date)", "The quarter, 1 to 4.", |args| of_dates(args, |days| Day::at(days).quarter())),
    of_date("month", "month(date)", "The month, 1 to 12.", |args| of_dates(args, |days| Day::at(days).month)),
    of_date(
        "weekofyear",
        "weekofyear(date)",
        "The week of ISO 8601: it begins on Monday, and the first has four days at least.",
        |args| of_dates(args, |days| Day::at(days).week().1),
    ),
    of_date("day", "day(date)", "The day of the month.", |args| of_dates(args, |days| Day::at(days).day))
        .also(&["dayofmonth"]),
    of_date("dayofyear", "dayofyear(date)", "The day of the year, from 1.", |args| {
        of_dates(args, |days| Day::at(days).of_year())
    }),
    of_date("dayofweek", "dayofweek(date)", "The day of the week, 1 for Sunday to 7 for Saturday.", |args| {
        of_dates(args, |days| day_of_week(Day::at(days)))
    }),
    of_date("weekday", "weekday(date)", "The day of the week, 0 for Monday to 6 for Sunday.", |args| {
        of_dates(args, |days| Day::at(days).weekday())
    }),
    Entry::own("hour", "hour(timestamp)", "The hour, 0 to 23.", TIMESTAMP, Gives::Int, |args| {
        of_timestamps(args, hour)
    })
    .total(),
    Entry::own("minute", "minute(timestamp)", "The minute.", TIMESTAMP, Gives::Int, |args| of_timestamps(args, minute))
        .total(),
    Entry::own("second", "second(timestamp)", "The second, without its fraction.", TIMESTAMP, Gives::Int, |args| {
        of_timestamps(args, second)
    })
    .total(),
    Entry::form(
        "date_part",
        "date_part(part, timestamp)",
        "A part of a date or timestamp: 'year', 'month', 'week', 'dow', 'hour', 'second' and the like.",
        Takes::these(&[Param::Text, Param::Any]),
        date_part,
    )
    .also(&["datepart"]),
    Entry::own(
        "second_with_fraction",
        "extract(SECOND FROM timestamp)",
        "",
        TIMESTAMP,
        Gives::By(second_type),
        seconds,
    )
    .total(),
    of_date("year_of_week", "extract(YEAROFWEEK FROM date)", "", |args| of_dates(args, |days| Day::at(days).week().0)),
    of_date("iso_day_of_week", "extract(DOW_ISO FROM date)", "", |args| {
        of_dates(args, |days| Day::at(days).weekday() + 1)
    }),
];

fn day_of_week(day: Day) -> i64 {
    (day.weekday() + 1) % 7 + 1
}

fn hour(micros: i64) -> i64 {
    parted(micros).1 / MICROS_PER_HOUR
}

fn minute(micros: i64) -> i64 {
    parted(micros).1 / MICROS_PER_MINUTE % 60
}

fn second(micros: i64) -> i64 {
    parted(micros).1 / MICROS_PER_SECOND % 60
}

fn second_type(_args: &[Typed]) -> Result<DataType, ExprError> {
    Ok(DataType::Decimal128(8, 6))
}

fn seconds(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let timestamps = args.numbers::<TimestampMicrosecondType>(0)?;
    let of = |row| timestamps.get(row).map(|micros| i128::from(micros.rem_euclid(MICROS_PER_MINUTE)));
    let seconds: Decimal128Array = (0..args.rows()).map(of).collect();
    Ok(Arc::new(seconds.with_data_type(DataType::Decimal128(8, 6))))
}

/// What the parts are called, and the functions that give them.
const PARTS: &[(&[&str], &str)] = &[
    (&["year", "y", "years", "yr", "yrs"], "year"),
    (&["yearofweek"], "year_of_week"),
    (&["quarter", "qtr"], "quarter"),
    (&["month", "mon", "mons", "months"], "month"),
    (&["week", "w", "weeks"], "weekofyear"),
    (&["day", "d", "days"], "day"),
    (&["dayofweek", "dow"], "dayofweek"),
    (&["dayofweek_iso", "dow_iso"], "iso_day_of_week"),
    (&["doy"], "dayofyear"),
    (&["hour", "h", "hours", "hr", "hrs"], "hour"),
    (&["minute", "m", "min", "mins", "minutes"], "minute"),
    (&["second", "s", "sec", "seconds", "secs"], "second_with_fraction"),
];

fn date_part(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let [part, value] = <[Typed; 2]>::try_from(args).map_err(|_| ExprError::new("a part is taken of one value"))?;
    let Some(name) = part.constant_text().map(str::to_lowercase) else {
        return Err(part.refuse("which part is meant must be written as a text: 'year'"));
    };
    let Some((_, function)) = PARTS.iter().find(|(names, _)| names.contains(&name.as_str())) else {
        let all = PARTS.iter().flat_map(|(names, _)| names.iter().copied());
        let near = nearest(&name, all).unwrap_or("second");
        return Err(part.refuse(format!("there is no part `{name}` of a time; did you mean `{near}`?")));
    };
    if matches!(value.data_type, DataType::Duration(_) | DataType::Interval(_)) {
        return Err(value.refuse("parts of intervals are not taken; add the interval to a date first"));
    }
    lowering.call(function, vec![value])
}
