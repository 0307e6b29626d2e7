//! Arithmetic with dates, timestamps and intervals.
//!
//! A date with a number moves by days. With an interval of whole days, or of months, it stays a date; with any other it
//! becomes a timestamp, as in Spark.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{
    DataType, DurationMicrosecondType, Float64Type, Int64Type, IntervalYearMonthType, TimestampMicrosecondType,
};
use datafusion_expr::sqlparser::ast::BinaryOperator;

use super::interval::is_days;
use super::{Lowering, convert};
use crate::expr::ExprError;
use crate::expr::args::{Args, numbers};
use crate::expr::call::Call;
use crate::expr::functions::months_on;
use crate::expr::typed::Typed;
use crate::expr::types::{self, is_number, is_whole};

/// What a side is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Date,
    Timestamp,
    /// An interval of microseconds.
    Span,
    /// An interval of months.
    Months,
    Whole,
    Fraction,
    Other,
}

fn side(data_type: &DataType) -> Side {
    match data_type {
        DataType::Date32 => Side::Date,
        DataType::Timestamp(_, _) => Side::Timestamp,
        DataType::Duration(_) => Side::Span,
        DataType::Interval(_) => Side::Months,
        other if is_whole(other) => Side::Whole,
        other if is_number(other) => Side::Fraction,
        _ => Side::Other,
    }
}

impl Lowering<'_> {
    /// What an operator gives where one of its sides is a date, a timestamp or an interval; `None` where neither is, or
    /// where it is a comparison, which all types share.
    pub(super) fn temporal(
        &mut self,
        left: &Typed,
        op: &BinaryOperator,
        right: &Typed,
    ) -> Result<Option<Typed>, ExprError> {
        let sides = (side(&left.data_type), side(&right.data_type));
        let sign = match op {
            BinaryOperator::Plus => 1,
            BinaryOperator::Minus => -1,
            BinaryOperator::Multiply | BinaryOperator::Divide => return scale(left, op, right, sides),
            _ => return Ok(None),
        };
        let is_plus = sign == 1;
        Ok(Some(match sides {
            (Side::Date, Side::Whole) => {
                let name = if is_plus { "add_days" } else { "date_sub" };
                self.call(name, vec![left.clone(), right.clone()])?
            }
            (Side::Whole, Side::Date) if is_plus => self.call("add_days", vec![right.clone(), left.clone()])?,
            (Side::Date | Side::Timestamp, Side::Span) => self.moved(left, right, sign)?,
            (Side::Span, Side::Date | Side::Timestamp) if is_plus => self.moved(right, left, sign)?,
            (Side::Date | Side::Timestamp, Side::Months) => months_moved(left, right, sign),
            (Side::Months, Side::Date | Side::Timestamp) if is_plus => months_moved(right, left, sign),
            (Side::Date, Side::Date) if !is_plus => {
                return Err(left.refuse("the days between two dates are `datediff(end, start)`"));
            }
            (Side::Timestamp, Side::Timestamp | Side::Date) | (Side::Date, Side::Timestamp) if !is_plus => {
                let sides = [left, right].map(|side| convert::to_type(side, &types::timestamp()));
                let kernel = |args: &Args<'_>| {
                    let (left, right) =
                        (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<TimestampMicrosecondType>(1)?);
                    numbers::<DurationMicrosecondType>(args, |row| {
                        both(left.get(row), right.get(row), i64::checked_sub)
                    })
                };
                call("time_between", &sides, types::day_time(), kernel)
            }
            (Side::Span, Side::Span) => {
                call("span_sum", &[left.clone(), right.clone()], types::day_time(), move |args| {
                    let (left, right) =
                        (args.numbers::<DurationMicrosecondType>(0)?, args.numbers::<DurationMicrosecondType>(1)?);
                    let sum = if is_plus { i64::checked_add } else { i64::checked_sub };
                    numbers::<DurationMicrosecondType>(args, |row| both(left.get(row), right.get(row), sum))
                })
            }
            (Side::Months, Side::Months) => {
                call("months_sum", &[left.clone(), right.clone()], types::year_month(), move |args| {
                    let (left, right) =
                        (args.numbers::<IntervalYearMonthType>(0)?, args.numbers::<IntervalYearMonthType>(1)?);
                    let sum = if is_plus { i32::checked_add } else { i32::checked_sub };
                    numbers::<IntervalYearMonthType>(args, |row| both(left.get(row), right.get(row), sum))
                })
            }
            _ => return Ok(None),
        }))
    }

    /// A time some microseconds on.
    #[expect(clippy::unnecessary_wraps, reason = "the other operations can fail")]
    fn moved(&mut self, time: &Typed, span: &Typed, sign: i64) -> Result<Typed, ExprError> {
        if time.data_type == DataType::Date32 && is_days(span) {
            let timestamp = convert::to_type(time, &types::timestamp());
            return Ok(convert::to_type(&shifted(&timestamp, span, sign), &DataType::Date32));
        }
        Ok(shifted(&convert::to_type(time, &types::timestamp()), span, sign))
    }
}

fn call(
    name: &str,
    args: &[Typed],
    gives: DataType,
    kernel: impl Fn(&Args<'_>) -> Result<ArrayRef, ExprError> + Send + Sync + 'static,
) -> Typed {
    let nullable = args.iter().any(|arg| arg.nullable);
    Call::typed(format!("{name}_{gives}"), args, gives, nullable, Arc::new(kernel))
}

fn both<T: Copy>(left: Option<T>, right: Option<T>, op: impl Fn(T, T) -> Option<T>) -> Result<Option<T>, ExprError> {
    let Some((left, right)) = left.zip(right) else { return Ok(None) };
    op(left, right).map(Some).ok_or_else(|| ExprError::overflow("an interval or timestamp"))
}

fn shifted(time: &Typed, span: &Typed, sign: i64) -> Typed {
    let name = if sign > 0 { "time_add" } else { "time_subtract" };
    call(name, &[time.clone(), span.clone()], types::timestamp(), move |args| {
        let (time, span) = (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<DurationMicrosecondType>(1)?);
        let op = if sign > 0 { i64::checked_add } else { i64::checked_sub };
        numbers::<TimestampMicrosecondType>(args, |row| both(time.get(row), span.get(row), op))
    })
}

/// A time some months on, at the same time of the day; a date stays one.
fn months_moved(time: &Typed, months: &Typed, sign: i64) -> Typed {
    let name = if sign > 0 { "months_add" } else { "months_subtract" };
    let timestamp = convert::to_type(time, &types::timestamp());
    let moved = call(name, &[timestamp, months.clone()], types::timestamp(), move |args| {
        let (time, months) = (args.numbers::<TimestampMicrosecondType>(0)?, args.numbers::<IntervalYearMonthType>(1)?);
        numbers::<TimestampMicrosecondType>(args, |row| {
            let Some((time, months)) = time.get(row).zip(months.get(row)) else { return Ok(None) };
            months_on(time, sign * i64::from(months)).map(Some).ok_or_else(|| ExprError::overflow("a timestamp"))
        })
    });
    convert::to_type(&moved, &time.data_type)
}

/// What a value becomes on a row.
type Scaling = Box<dyn Fn(i64, usize) -> Result<Option<i64>, ExprError>>;

/// An interval so many times, or its so-manieth part; halves go away from zero.
#[expect(clippy::unnecessary_wraps, reason = "the other operations can fail")]
fn scale(left: &Typed, op: &BinaryOperator, right: &Typed, sides: (Side, Side)) -> Result<Option<Typed>, ExprError> {
    let is_times = matches!(op, BinaryOperator::Multiply);
    let (interval, number) = match sides {
        (Side::Span | Side::Months, Side::Whole | Side::Fraction) => (left, right),
        (Side::Whole | Side::Fraction, Side::Span | Side::Months) if is_times => (right, left),
        _ => return Ok(None),
    };
    let is_whole = is_whole(&number.data_type);
    let number = convert::to_type(number, if is_whole { &DataType::Int64 } else { &DataType::Float64 });
    let name = format!("interval_{}_{is_whole}", if is_times { "times" } else { "part" });
    let factor = move |args: &Args<'_>| -> Result<Scaling, ExprError> {
        if is_whole {
            let number = args.numbers::<Int64Type>(1)?;
            return Ok(Box::new(move |value, row| {
                number.get(row).map(|number| by_whole(value, number, is_times)).transpose()
            }));
        }
        let number = args.numbers::<Float64Type>(1)?;
        Ok(Box::new(move |value, row| number.get(row).map(|number| by_fraction(value, number, is_times)).transpose()))
    };
    let gives = interval.data_type.clone();
    Ok(Some(call(&name, &[interval.clone(), number], gives, move |args| {
        let factor = factor(args)?;
        if matches!(args.gives(), DataType::Duration(_)) {
            let span = args.numbers::<DurationMicrosecondType>(0)?;
            return numbers::<DurationMicrosecondType>(args, |row| {
                span.get(row).map_or(Ok(None), |span| factor(span, row))
            });
        }
        let months = args.numbers::<IntervalYearMonthType>(0)?;
        numbers::<IntervalYearMonthType>(args, |row| {
            let Some(months) = months.get(row) else { return Ok(None) };
            let scaled = factor(months.into(), row)?;
            scaled.map(|months| i32::try_from(months).map_err(|_| too_large())).transpose()
        })
    })))
}

fn too_large() -> ExprError {
    ExprError::overflow("an interval")
}

fn by_whole(value: i64, number: i64, is_times: bool) -> Result<i64, ExprError> {
    if is_times {
        return value.checked_mul(number).ok_or_else(too_large);
    }
    if number == 0 {
        return Err(ExprError::division_by_zero());
    }
    let (value, number) = (i128::from(value), i128::from(number));
    let (whole, rest) = (value / number, value % number);
    let away = if rest.abs() * 2 < number.abs() {
        0
    } else if (value < 0) == (number < 0) {
        1
    } else {
        -1
    };
    i64::try_from(whole).ok().and_then(|whole| whole.checked_add(away)).ok_or_else(too_large)
}

#[expect(clippy::cast_possible_truncation, reason = "the bounds were checked")]
fn by_fraction(value: i64, number: f64, is_times: bool) -> Result<i64, ExprError> {
    if !is_times && number == 0.0 {
        return Err(ExprError::division_by_zero());
    }
    let scaled = if is_times { value as f64 * number } else { value as f64 / number };
    let rounded = scaled.round();
    if rounded.abs() < 9.2e18 { Ok(rounded as i64) } else { Err(too_large()) }
}
