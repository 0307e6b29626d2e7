//! The units `dateadd` and `datediff` count in.

use datafusion_expr::sqlparser::ast::Expr;

use super::add::months_on;
use super::calendar::{Day, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND, parted};
use crate::expr::{ExprError, nearest};

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// So many months.
    Months(i64, &'static str),
    /// So many microseconds.
    Micros(i64, &'static str),
}

const UNITS: [Unit; 10] = [
    Unit::Months(12, "year"),
    Unit::Months(3, "quarter"),
    Unit::Months(1, "month"),
    Unit::Micros(7 * MICROS_PER_DAY, "week"),
    Unit::Micros(MICROS_PER_DAY, "day"),
    Unit::Micros(MICROS_PER_HOUR, "hour"),
    Unit::Micros(MICROS_PER_MINUTE, "minute"),
    Unit::Micros(MICROS_PER_SECOND, "second"),
    Unit::Micros(1_000, "millisecond"),
    Unit::Micros(1, "microsecond"),
];

/// The unit an argument names: a bare word.
pub(super) fn unit_of(written: &Expr) -> Result<Unit, ExprError> {
    let name = match written {
        Expr::Identifier(ident) if ident.quote_style.is_none() => ident.value.to_lowercase(),
        other => {
            return Err(ExprError::new(format!("`{other}` is no unit of time; write DAY or HOUR, without quotes")));
        }
    };
    let name = if name == "dayofyear" { "day" } else { name.as_str() };
    UNITS.into_iter().find(|unit| unit.name() == name).ok_or_else(|| {
        let near = nearest(name, UNITS.iter().map(|unit| unit.name())).unwrap_or("day");
        ExprError::new(format!("`{name}` is no unit of time; did you mean `{near}`?"))
    })
}

impl Unit {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Months(_, name) | Self::Micros(_, name) => name,
        }
    }

    /// The time so many of them on, where it fits.
    pub(super) fn added(self, micros: i64, count: i64) -> Option<i64> {
        match self {
            Self::Months(months, _) => {
                let months = count.checked_mul(months).filter(|months| months.abs() < 10_000_000)?;
                months_on(micros, months)
            }
            Self::Micros(length, _) => micros.checked_add(count.checked_mul(length)?),
        }
    }

    /// How many whole ones lie from a start to an end; negative where it lies before.
    pub(super) fn between(self, start: i64, end: i64) -> i64 {
        match self {
            Self::Months(months, _) => months_between(start, end) / months,
            Self::Micros(length, _) => {
                let whole = (i128::from(end) - i128::from(start)) / i128::from(length);
                i64::try_from(whole).unwrap_or(i64::MAX)
            }
        }
    }
}

/// Whole months: one is full when the day and the time of the day are reached again.
fn months_between(start: i64, end: i64) -> i64 {
    let ((start_day, start_time), (mut end_day, end_time)) = (parted(start), parted(end));
    if end_day > start_day && end_time < start_time {
        end_day -= 1;
    } else if end_day < start_day && end_time > start_time {
        end_day += 1;
    }
    let packed = |days: i64| Day::at(days).months() * 32 + Day::at(days).day;
    (packed(end_day) - packed(start_day)) / 32
}
