//! `trunc`, `date_trunc` and `last_day`: the beginning, or the end, of the span a time lies in.

use arrow::datatypes::{Date32Type, TimestampMicrosecondType};

use super::calendar::{
    Day, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND, days_in_month, joined, parted,
};
use super::kernel::{date, timestamp};
use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "trunc",
        "trunc(date, unit)",
        "The first day of its 'YEAR', 'QUARTER', 'MONTH' or 'WEEK'; null for other units.",
        Takes::these(&[Param::Date, Param::Text]),
        Gives::Date,
        trunc,
    ),
    Entry::own(
        "date_trunc",
        "date_trunc(unit, timestamp)",
        "The beginning of its 'YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND' or 'MICROSECOND'; null for other units.",
        Takes::these(&[Param::Text, Param::Timestamp]),
        Gives::Timestamp,
        date_trunc,
    ),
    Entry::own(
        "last_day",
        "last_day(date)",
        "The last day of its month.",
        Takes::these(&[Param::Date]),
        Gives::Date,
        last_day,
    )
    .total(),
];

/// A span of the calendar, or of the clock with its microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Clock(i64),
}

impl Unit {
    fn of_dates(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "YEAR" | "YYYY" | "YY" => Self::Year,
            "QUARTER" => Self::Quarter,
            "MONTH" | "MM" | "MON" => Self::Month,
            "WEEK" => Self::Week,
            _ => return None,
        })
    }

    fn of_timestamps(name: &str) -> Option<Self> {
        Self::of_dates(name).or(match name.to_ascii_uppercase().as_str() {
            "DAY" | "DD" => Some(Self::Clock(MICROS_PER_DAY)),
            "HOUR" => Some(Self::Clock(MICROS_PER_HOUR)),
            "MINUTE" => Some(Self::Clock(MICROS_PER_MINUTE)),
            "SECOND" => Some(Self::Clock(MICROS_PER_SECOND)),
            "MILLISECOND" => Some(Self::Clock(1_000)),
            "MICROSECOND" => Some(Self::Clock(1)),
            _ => None,
        })
    }

    fn first_day(self, days: i64) -> i64 {
        let day = Day::at(days);
        match self {
            Self::Year => Day { month: 1, day: 1, ..day }.number(),
            Self::Quarter => Day { month: day.quarter() * 3 - 2, day: 1, ..day }.number(),
            Self::Month => Day { day: 1, ..day }.number(),
            Self::Week => days - day.weekday(),
            Self::Clock(_) => days,
        }
    }
}

fn trunc(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (dates, unit) = (args.numbers::<Date32Type>(0)?, args.text(1)?);
    numbers::<Date32Type>(args, |row| {
        let Some((days, unit)) = dates.get(row).zip(unit.get(row).and_then(Unit::of_dates)) else { return Ok(None) };
        date(unit.first_day(days.into())).map(Some)
    })
}

fn date_trunc(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (unit, timestamps) = (args.text(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
    let constant = unit.constant().map(|unit| unit.and_then(Unit::of_timestamps));
    numbers::<TimestampMicrosecondType>(args, |row| {
        let unit = constant.unwrap_or_else(|| unit.get(row).and_then(Unit::of_timestamps));
        let Some((micros, unit)) = timestamps.get(row).zip(unit) else { return Ok(None) };
        let begins = match unit {
            Unit::Clock(length) => micros.checked_sub(micros.rem_euclid(length)),
            unit => joined(unit.first_day(parted(micros).0), 0),
        };
        timestamp(begins).map(Some)
    })
}

fn last_day(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let dates = args.numbers::<Date32Type>(0)?;
    numbers::<Date32Type>(args, |row| {
        let last = |days: i32| {
            let day = Day::at(days.into());
            date(Day { day: days_in_month(day.year, day.month), ..day }.number())
        };
        dates.get(row).map(last).transpose()
    })
}
