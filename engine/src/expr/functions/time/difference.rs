//! How far dates and times lie apart: `datediff`, `timestampdiff`, `months_between`.

use std::sync::Arc;

use arrow::datatypes::{Date32Type, Float64Type, TimestampMicrosecondType};

use super::calendar::{Day, MICROS_PER_SECOND, days_in_month, parted};
use super::unit::{Unit, unit_of};
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::written(
        "datediff",
        "datediff(end, start)",
        "The days from a start to an end; with a unit first, as `timestampdiff`.",
        Takes::these(&[Param::Any, Param::Any]).or(&[Param::Any]),
        between,
    )
    .also(&["date_diff"]),
    Entry::written(
        "timestampdiff",
        "timestampdiff(unit, start, end)",
        "How many whole units lie between two times: YEAR, MONTH, DAY, HOUR, SECOND and the like, written without quotes.",
        Takes::these(&[Param::Any, Param::Any, Param::Any]),
        between,
    ),
    Entry::own("days_between", "datediff(end, start)", "", Takes::these(&[Param::Date, Param::Date]), Gives::Int, days)
        .total(),
    Entry::own(
        "months_between",
        "months_between(end, start[, rounded])",
        "The months between two times, with a fraction of 31 days, rounded to 8 places unless told not to.",
        Takes::these(&[Param::Timestamp, Param::Timestamp]).or(&[Param::Boolean]),
        Gives::Double,
        months,
    )
    .total(),
];

fn between(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Result<Typed, ExprError> {
    match site.args {
        [end, start] => {
            let args = vec![lowering.lower(end)?, lowering.lower(start)?];
            lowering.call("days_between", args)
        }
        [unit, start, end] => {
            let unit = unit_of(unit)?;
            let args = vec![lowering.lower(start)?, lowering.lower(end)?];
            let args = lowering.accepted(&[Param::Timestamp, Param::Timestamp], args)?;
            let nullable = args.iter().any(|arg| arg.nullable);
            let kernel = Arc::new(move |args: &Args<'_>| units(args, unit));
            Ok(Call::typed(format!("datediff_{}", unit.name()), &args, DataType::Int64, nullable, kernel))
        }
        _ => Err(ExprError::new(format!("`{}` takes a unit, a start and an end", site.name))),
    }
}

fn units(args: &Args<'_>, unit: Unit) -> Result<ArrayRef, ExprError> {
    let (start, end) = (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
    numbers::<Int64Type>(args, |row| Ok(start.get(row).zip(end.get(row)).map(|(start, end)| unit.between(start, end))))
}

fn days(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (end, start) = (args.numbers::<Date32Type>(0)?, args.numbers::<Date32Type>(1)?);
    numbers::<Int32Type>(args, |row| {
        let Some((end, start)) = end.get(row).zip(start.get(row)) else { return Ok(None) };
        let days = end.checked_sub(start).ok_or_else(|| ExprError::overflow("int"))?;
        Ok(Some(days))
    })
}

fn months(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (end, start) = (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
    let rounded = (args.len() > 2).then(|| args.booleans(2)).transpose()?;
    numbers::<Float64Type>(args, |row| {
        let rounded = rounded.as_ref().map_or(Some(true), |rounded| rounded.get(row));
        let (Some(end), Some(start), Some(rounded)) = (end.get(row), start.get(row), rounded) else { return Ok(None) };
        Ok(Some(months_apart(end, start, rounded)))
    })
}

/// Whole where the days of the month are the same or both the last; else the days between count as 31 to a month.
fn months_apart(end: i64, start: i64, rounded: bool) -> f64 {
    let ((end_day, end_time), (start_day, start_time)) = (parted(end), parted(start));
    let (end_day, start_day) = (Day::at(end_day), Day::at(start_day));
    let months = (end_day.months() - start_day.months()) as f64;
    let is_last = |day: Day| day.day == days_in_month(day.year, day.month);
    if end_day.day == start_day.day || is_last(end_day) && is_last(start_day) {
        return months;
    }
    let seconds =
        (end_day.day - start_day.day) * 86_400 + end_time / MICROS_PER_SECOND - start_time / MICROS_PER_SECOND;
    let apart = months + seconds as f64 / (31.0 * 86_400.0);
    if rounded { (apart * 1e8 + 0.5).floor() / 1e8 } else { apart }
}
