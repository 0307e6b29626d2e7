//! Times as texts by a pattern, and texts as times: `date_format`, `to_date`, `to_timestamp`, `unix_timestamp`,
//! `from_unixtime`.

use arrow::datatypes::{Date32Type, TimestampMicrosecondType};

use super::calendar::{MICROS_PER_DAY, MICROS_PER_SECOND};
use super::kernel::{date, timestamp};
use super::pattern::Patterns;
use crate::expr::functions::prelude::*;
use crate::expr::lower::Lowering;
use crate::expr::lower::Site;
use crate::expr::lower::convert::explicit;
use crate::expr::types;

const PLAIN: &str = "yyyy-MM-dd HH:mm:ss";
const ANY_BY: Takes = Takes::these(&[Param::Any]).or(&[Param::TimePattern]);
const TEXT_BY: Takes = Takes::these(&[Param::Text, Param::TimePattern]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own("date_format", "date_format(timestamp, pattern)", "The time as text: 'yyyy-MM-dd HH:mm', 'EEEE', 'MMM d'.",
        Takes::these(&[Param::Timestamp, Param::TimePattern]), Gives::Text, date_format).total(),
    Entry::form("to_date", "to_date(value[, pattern])", "The date a text says, in a pattern if one is given.", ANY_BY,
        |lowering, args, _| read_as(lowering, args, "date_by", &DataType::Date32, false)),
    Entry::form("try_to_date", "try_to_date(value[, pattern])", "As `to_date`; null where the text says none.", ANY_BY,
        |lowering, args, _| read_as(lowering, args, "try_date_by", &DataType::Date32, true)),
    Entry::form("to_timestamp", "to_timestamp(value[, pattern])", "The time a text says, in a pattern if one is given.", ANY_BY,
        |lowering, args, _| read_as(lowering, args, "timestamp_by", &types::timestamp(), false)),
    Entry::form("try_to_timestamp", "try_to_timestamp(value[, pattern])", "As `to_timestamp`; null where the text says none.", ANY_BY,
        |lowering, args, _| read_as(lowering, args, "try_timestamp_by", &types::timestamp(), true)),
    Entry::own("date_by", "to_date(text, pattern)", "", TEXT_BY, Gives::Date, |args| dates(args, false)).total(),
    Entry::own("try_date_by", "try_to_date(text, pattern)", "", TEXT_BY, Gives::Date, |args| dates(args, true)),
    Entry::own("timestamp_by", "to_timestamp(text, pattern)", "", TEXT_BY, Gives::Timestamp, |args| times(args, false)).total(),
    Entry::own("try_timestamp_by", "try_to_timestamp(text, pattern)", "", TEXT_BY, Gives::Timestamp, |args| times(args, true)),
    Entry::form("unix_timestamp", "unix_timestamp([value[, pattern]])",
        "Whole seconds since 1970-01-01: of the batch's tick, of a time, or of a text in a pattern ('yyyy-MM-dd HH:mm:ss' if none is given).",
        Takes::these(&[]).or(&[Param::Any, Param::TimePattern]), unix_timestamp).also(&["to_unix_timestamp"]),
    Entry::own("from_unixtime", "from_unixtime(seconds[, pattern])", "The time so many seconds after 1970-01-01, as text.",
        Takes::these(&[Param::Long]).or(&[Param::TimePattern]), Gives::Text, from_unixtime).total(),
];

fn date_format(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (times, pattern, mut patterns) =
        (args.numbers::<TimestampMicrosecondType>(0)?, args.text(1)?, Patterns::default());
    texts(args.rows(), |row| {
        let Some((micros, pattern)) = times.get(row).zip(pattern.get(row)) else { return Ok(None) };
        let mut out = String::new();
        patterns.get(pattern)?.write(micros, &mut out);
        Ok(Some(out))
    })
}

/// Without a pattern a conversion; what is no text is converted whatever the pattern.
fn read_as(
    lowering: &mut Lowering<'_>,
    args: Vec<Typed>,
    by: &str,
    to: &DataType,
    is_try: bool,
) -> Result<Typed, ExprError> {
    match args.as_slice() {
        [text, _] if types::is_text(&text.data_type) => lowering.call(by, args),
        [value, ..] => explicit(value, to, is_try),
        [] => Err(ExprError::new("a value is missing")),
    }
}

fn read_each(args: &Args<'_>, is_try: bool) -> Result<impl FnMut(usize) -> Result<Option<i64>, ExprError>, ExprError> {
    let (text, pattern, mut patterns) = (args.text(0)?, args.text(1)?, Patterns::default());
    Ok(move |row| {
        let Some((text, pattern)) = text.get(row).zip(pattern.get(row)) else { return Ok(None) };
        let read = patterns.get(pattern)?.read(text);
        if is_try { Ok(read.ok()) } else { read.map(Some) }
    })
}

fn dates(args: &Args<'_>, is_try: bool) -> Result<ArrayRef, ExprError> {
    let mut read = read_each(args, is_try)?;
    numbers::<Date32Type>(args, |row| read(row)?.map(|micros| date(micros.div_euclid(MICROS_PER_DAY))).transpose())
}

fn times(args: &Args<'_>, is_try: bool) -> Result<ArrayRef, ExprError> {
    let mut read = read_each(args, is_try)?;
    numbers::<TimestampMicrosecondType>(args, &mut read)
}

fn unix_timestamp(lowering: &mut Lowering<'_>, mut args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let time = match args.as_slice() {
        [] => lowering.call("now", Vec::new())?,
        [text, ..] if types::is_text(&text.data_type) => {
            if args.len() == 1 {
                args.push(Typed::text(PLAIN));
            }
            lowering.call("timestamp_by", args)?
        }
        [time, ..] => explicit(time, &types::timestamp(), false)?,
    };
    lowering.call("unix_seconds", vec![time])
}

fn from_unixtime(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (seconds, mut patterns) = (args.numbers::<Int64Type>(0)?, Patterns::default());
    let pattern = (args.len() > 1).then(|| args.text(1)).transpose()?;
    texts(args.rows(), |row| {
        let pattern = pattern.as_ref().map_or(Some(PLAIN), |pattern| pattern.get(row));
        let Some((seconds, pattern)) = seconds.get(row).zip(pattern) else { return Ok(None) };
        let micros = timestamp(seconds.checked_mul(MICROS_PER_SECOND))?;
        let mut out = String::new();
        patterns.get(pattern)?.write(micros, &mut out);
        Ok(Some(out))
    })
}
