//! Dates some days or months on: `date_add`, `date_sub`, `add_months`, `next_day`, `dateadd(unit, n, time)`.

use std::sync::Arc;

use arrow::datatypes::{Date32Type, TimestampMicrosecondType};

use super::calendar::{Day, joined, parted, weekday};
use super::kernel::{date, timestamp};
use super::unit::{Unit, unit_of};
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types;

const DAYS: Takes = Takes::these(&[Param::Date, Param::Int]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::written("date_add", "date_add(date, days)", "The date so many days on; with a unit, as `dateadd`.",
        Takes::these(&[Param::Any, Param::Any]).or(&[Param::Any]), added),
    Entry::written("dateadd", "dateadd(unit, count, timestamp)",
        "The time so many units on: YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND or MICROSECOND, written without quotes.",
        Takes::these(&[Param::Any, Param::Any]).or(&[Param::Any]), added).also(&["timestampadd"]),
    Entry::own("add_days", "date_add(date, days)", "", DAYS, Gives::Date, add_days).total(),
    Entry::own("date_sub", "date_sub(date, days)", "The date so many days before.", DAYS, Gives::Date, subtract_days).total(),
    Entry::own("add_months", "add_months(date, months)",
        "The same day so many months on; the last of the month where it has no such day.", DAYS, Gives::Date, add_months).total(),
    Entry::own("next_day", "next_day(date, weekday)", "The first day after the date that is this day of the week: 'MON', 'Tuesday'.",
        Takes::these(&[Param::Date, Param::Text]), Gives::Date, next_day).total(),
];

fn added(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Result<Typed, ExprError> {
    match site.args {
        [days, count] => {
            let args = vec![lowering.lower(days)?, lowering.lower(count)?];
            lowering.call("add_days", args)
        }
        [unit, count, time] => {
            let unit = unit_of(unit)?;
            let args = vec![lowering.lower(count)?, lowering.lower(time)?];
            let args = lowering.accepted(&[Param::Long, Param::Timestamp], args)?;
            let nullable = args.iter().any(|arg| arg.nullable);
            let kernel = Arc::new(move |args: &Args<'_>| add_units(args, unit));
            Ok(Call::typed(format!("dateadd_{}", unit.name()), &args, types::timestamp(), nullable, kernel))
        }
        _ => Err(ExprError::new(format!("`{}` takes a unit, a count and a time", site.name))),
    }
}

fn add_units(args: &Args<'_>, unit: Unit) -> Result<ArrayRef, ExprError> {
    let (count, times) = (args.numbers::<Int64Type>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
    numbers::<TimestampMicrosecondType>(args, |row| {
        let Some((count, micros)) = count.get(row).zip(times.get(row)) else { return Ok(None) };
        timestamp(unit.added(micros, count)).map(Some)
    })
}

fn by_days(args: &Args<'_>, sign: i64) -> Result<ArrayRef, ExprError> {
    let (dates, count) = (args.numbers::<Date32Type>(0)?, args.numbers::<Int32Type>(1)?);
    numbers::<Date32Type>(args, |row| {
        let Some((days, count)) = dates.get(row).zip(count.get(row)) else { return Ok(None) };
        date(i64::from(days) + sign * i64::from(count)).map(Some)
    })
}

fn add_days(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    by_days(args, 1)
}

fn subtract_days(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    by_days(args, -1)
}

fn add_months(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (dates, count) = (args.numbers::<Date32Type>(0)?, args.numbers::<Int32Type>(1)?);
    numbers::<Date32Type>(args, |row| {
        let Some((days, count)) = dates.get(row).zip(count.get(row)) else { return Ok(None) };
        date(Day::at(days.into()).plus_months(count.into()).number()).map(Some)
    })
}

/// A timestamp so many months on, at the same time of the day.
pub(in crate::expr) fn months_on(micros: i64, months: i64) -> Option<i64> {
    let (days, time) = parted(micros);
    joined(Day::at(days).plus_months(months).number(), time)
}

fn next_day(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (dates, name) = (args.numbers::<Date32Type>(0)?, args.text(1)?);
    numbers::<Date32Type>(args, |row| {
        let Some((days, name)) = dates.get(row).zip(name.get(row)) else { return Ok(None) };
        let Some(wanted) = weekday_named(name) else {
            return Err(ExprError::new(format!("`{name}` is no day of the week; write 'MON' or 'Monday'")));
        };
        let days = i64::from(days);
        date(days + 1 + (wanted - weekday(days) - 1).rem_euclid(7)).map(Some)
    })
}

fn weekday_named(name: &str) -> Option<i64> {
    let names = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
    let name = name.to_ascii_uppercase();
    let is_it = |full: &str| full == name || name.len() <= 3 && name.len() >= 2 && full.starts_with(&name);
    names.iter().position(|full| is_it(full)).and_then(|at| i64::try_from(at).ok())
}
