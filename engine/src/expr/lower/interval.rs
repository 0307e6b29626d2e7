//! `INTERVAL 1 DAY` and its like: spans of months, or of microseconds, never both.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use datafusion_common::ScalarValue;
use datafusion_expr::sqlparser::ast::{Expr, Interval, UnaryOperator, Value};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::Literal;

use super::Lowering;
use crate::expr::typed::Typed;
use crate::expr::{ExprError, nearest};

/// A span as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Span {
    months: i64,
    micros: i64,
    /// Whether nothing below a day was named.
    is_days: bool,
}

/// A unit with its months or microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Months(i64),
    Micros(i64),
}

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

const UNITS: [(&str, Unit); 9] = [
    ("year", Unit::Months(12)),
    ("month", Unit::Months(1)),
    ("week", Unit::Micros(7 * DAY)),
    ("day", Unit::Micros(DAY)),
    ("hour", Unit::Micros(60 * MINUTE)),
    ("minute", Unit::Micros(MINUTE)),
    ("second", Unit::Micros(1_000_000)),
    ("millisecond", Unit::Micros(1_000)),
    ("microsecond", Unit::Micros(1)),
];

impl Lowering<'_> {
    /// An interval literal.
    pub(super) fn interval(&mut self, interval: &Interval) -> Result<Typed, ExprError> {
        let Some((text, is_negative)) = written(&interval.value) else {
            let message =
                "an interval is written out: `INTERVAL 1 DAY`; one that is computed is `make_dt_interval(days)`";
            return Err(ExprError::new(message));
        };
        let from = interval.leading_field.as_ref().map(|field| field.to_string().to_lowercase());
        let to = interval.last_field.as_ref().map(|field| field.to_string().to_lowercase());
        let mut span = match (from, to) {
            (None, _) => of_words(&text)?,
            (Some(unit), None) => one(&text, &unit)?,
            (Some(from), Some(to)) => of_clock(&text, &from, &to)?,
        };
        if is_negative {
            span = Span { months: -span.months, micros: -span.micros, ..span };
        }
        literal(span)
    }
}

/// The number or text behind the word, and whether a minus stands before it.
fn written(value: &Expr) -> Option<(String, bool)> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => Some((digits.clone(), false)),
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some((text.trim().to_owned(), false)),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
            written(expr).map(|(text, is_negative)| (text, !is_negative))
        }
        _ => None,
    }
}

fn literal(span: Span) -> Result<Typed, ExprError> {
    match (span.months, span.micros) {
        (0, micros) if span.is_days => {
            let value = ScalarValue::DurationMicrosecond(Some(micros));
            Ok(Typed::new(Arc::new(Literal::new_with_metadata(value, Some(days_tag()))), day_time(), false))
        }
        (months, 0) if months != 0 => {
            let months = i32::try_from(months).map_err(|_| ExprError::overflow("interval year to month"))?;
            Ok(Typed::literal(ScalarValue::IntervalYearMonth(Some(months))))
        }
        (0, micros) => Ok(Typed::literal(ScalarValue::DurationMicrosecond(Some(micros)))),
        _ => Err(ExprError::new("an interval is of months or of days, not of both; add the two one after the other")),
    }
}

fn day_time() -> DataType {
    crate::expr::types::day_time()
}

/// What marks an interval of whole days: a date with it stays a date.
const DAYS: &str = "interval day";

fn days_tag() -> datafusion_common::metadata::FieldMetadata {
    BTreeMap::from([(DAYS.to_owned(), String::new())]).into()
}

/// Whether it is a written interval in which nothing below a day is named.
pub(super) fn is_days(value: &Typed) -> bool {
    let Some(literal) = value.expr.downcast_ref::<Literal>() else { return false };
    literal.return_field(&Schema::empty()).is_ok_and(|field| field.metadata().contains_key(DAYS))
}

fn unit_named(name: &str) -> Result<Unit, ExprError> {
    let known = UNITS.iter().find(|(unit, _)| name == *unit || name.strip_suffix('s') == Some(unit));
    known.map(|(_, unit)| *unit).ok_or_else(|| {
        let near = nearest(name, UNITS.iter().map(|(unit, _)| *unit)).unwrap_or("day");
        ExprError::new(format!("`{name}` is no unit of an interval; did you mean `{near}`?"))
    })
}

/// `1` of a unit. Only seconds have a fraction.
fn one(number: &str, unit: &str) -> Result<Span, ExprError> {
    let refused = || ExprError::new(format!("`{number}` is no number of {unit}s"));
    let name = unit;
    let unit = unit_named(unit)?;
    let large = || ExprError::overflow("an interval");
    Ok(match unit {
        Unit::Months(months) => {
            let count: i64 = number.parse().map_err(|_| refused())?;
            Span { months: count.checked_mul(months).ok_or_else(large)?, ..Span::default() }
        }
        Unit::Micros(1_000_000) => Span { micros: seconds(number).ok_or_else(refused)?, ..Span::default() },
        Unit::Micros(micros) => {
            let count: i64 = number.parse().map_err(|_| refused())?;
            let micros = count.checked_mul(micros).ok_or_else(large)?;
            Span { micros, is_days: name.starts_with("day"), ..Span::default() }
        }
    })
}

fn seconds(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = whole.bytes().chain(behind.bytes()).all(|byte| byte.is_ascii_digit()) && !whole.is_empty();
    if !is_number || behind.len() > 6 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let behind: i64 = format!("{behind:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(behind)?.checked_mul(sign)
}

/// `'1 day 2 hours'`.
fn of_words(text: &str) -> Result<Span, ExprError> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.trim_start_matches("interval ").split_whitespace().collect();
    if words.is_empty() || !words.len().is_multiple_of(2) {
        return Err(ExprError::new(format!("'{text}' is no interval; write numbers with units: '1 day 2 hours'")));
    }
    let mut total = Span { is_days: true, ..Span::default() };
    for pair in words.chunks_exact(2) {
        let span = one(pair[0], pair[1])?;
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or_else(|| ExprError::overflow("an interval"));
        total = Span {
            months: sum(total.months, span.months)?,
            micros: sum(total.micros, span.micros)?,
            is_days: total.is_days && span.is_days,
        };
    }
    Ok(total)
}

/// `'1-2' YEAR TO MONTH` and `'1 02:03:04.5' DAY TO SECOND`.
fn of_clock(text: &str, from: &str, to: &str) -> Result<Span, ExprError> {
    let refused = || ExprError::new(format!("'{text}' is no interval of {from} to {to}"));
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let number = |part: &str| part.parse::<i64>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let (from, to) = (from.trim_end_matches('s'), to.trim_end_matches('s'));
    if (from, to) == ("year", "month") {
        let (years, months) = digits.split_once('-').ok_or_else(refused)?;
        let (years, months) = number(years).zip(number(months).filter(|months| *months < 12)).ok_or_else(refused)?;
        return Ok(Span { months: sign * (years * 12 + months), ..Span::default() });
    }
    let order = ["day", "hour", "minute", "second"];
    let place = |unit: &str| order.iter().position(|known| *known == unit).ok_or_else(refused);
    let (first, last) = (place(from)?, place(to)?);
    let parts: Vec<&str> = digits.split([' ', ':']).collect();
    if last <= first || parts.len() != last - first + 1 || first == 0 && !digits.contains(' ') {
        return Err(refused());
    }
    let mut total = 0_i64;
    for (index, (part, unit)) in parts.iter().zip(&order[first..=last]).enumerate() {
        let micros = match *unit {
            "second" => {
                seconds(part).filter(|micros| (0..MINUTE).contains(micros) || index == 0).ok_or_else(refused)?
            }
            unit => {
                let most = match unit {
                    "hour" => 23,
                    _ => 59,
                };
                let count = number(part).filter(|count| index == 0 || *count <= most).ok_or_else(refused)?;
                let Unit::Micros(length) = unit_named(unit)? else { return Err(refused()) };
                count.checked_mul(length).ok_or_else(refused)?
            }
        };
        total = total.checked_add(micros).ok_or_else(refused)?;
    }
    Ok(Span { micros: sign * total, ..Span::default() })
}
