//! `sequence`: all numbers, days or times from a start to an end.

use std::sync::Arc;

use arrow::array::ListArray;
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DurationMicrosecondType, IntervalYearMonthType};

use crate::expr::cast::cast_array;
use crate::expr::functions::bounded_length;
use crate::expr::functions::prelude::*;
use crate::expr::functions::time::{MICROS_PER_DAY, months_on};
use crate::expr::lower::convert::{to_type, unify};
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::{self, is_whole, list_of, type_name};

const TWO: Takes = Takes::these(&[Param::Any, Param::Any]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form(
        "sequence",
        "sequence(start, end[, step])",
        "All numbers, dates or times from a start to an end, both included; the step is 1, or a day, or what is given.",
        TWO.or(&[Param::Any]),
        sequence,
    ),
    Entry::own(
        "sequence_of_numbers",
        "sequence(start, end[, step])",
        "",
        TWO.or(&[Param::Any]),
        Gives::By(like),
        of_numbers,
    )
    .total(),
    Entry::own(
        "sequence_of_times",
        "sequence(start, end[, step])",
        "",
        TWO.or(&[Param::Any]),
        Gives::By(like),
        of_times,
    )
    .total(),
];

fn like(args: &[Typed]) -> Result<DataType, ExprError> {
    Ok(list_of(args.first().map_or(DataType::Null, |arg| arg.data_type.clone())))
}

fn sequence(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let (mut bounds, step) = (args, Vec::new());
    let step = if bounds.len() > 2 { bounds.split_off(2) } else { step };
    if bounds.iter().all(|bound| is_whole(&bound.data_type)) {
        bounds.extend(step);
        if !bounds.iter().all(|bound| is_whole(&bound.data_type)) {
            return Err(ExprError::new("the step of a sequence of numbers is a whole number"));
        }
        unify(&mut bounds, "the numbers of a sequence")?;
        return lowering.call("sequence_of_numbers", bounds);
    }
    let is_time = |data_type: &DataType| matches!(data_type, DataType::Date32 | DataType::Timestamp(_, Some(_)));
    if let Some(other) = bounds.iter().find(|bound| !is_time(&bound.data_type)) {
        let name = type_name(&other.data_type);
        return Err(other.refuse(format!(
            "a sequence is of whole numbers, dates or timestamps, this is {name}; convert it with CAST"
        )));
    }
    if let Some(step) =
        step.iter().find(|step| !matches!(step.data_type, DataType::Duration(_) | DataType::Interval(_)))
    {
        return Err(step.refuse("the step of a sequence of times is an interval: `INTERVAL 1 HOUR`"));
    }
    let data_type = unify(&mut bounds, "the times of a sequence")?;
    let mut times: Vec<Typed> = bounds.iter().map(|bound| to_type(bound, &types::timestamp())).collect();
    times.extend(step);
    let typed = lowering.call("sequence_of_times", times)?;
    Ok(to_type(&typed, &list_of(data_type)))
}

/// Lists of the numbers `row` makes; `None` is a null.
fn build(
    args: &Args<'_>,
    mut row: impl FnMut(usize, &mut Vec<i64>) -> Result<bool, ExprError>,
) -> Result<ArrayRef, ExprError> {
    let DataType::List(field) = args.gives() else { return Err(ExprError::new("a sequence is an array")) };
    let (mut numbers, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..args.rows() {
        let before = numbers.len();
        valid.push(row(index, &mut numbers)?);
        lengths.push(numbers.len() - before);
    }
    let nulls = Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0);
    let numbers: ArrayRef = match field.data_type() {
        DataType::Timestamp(_, _) => {
            let times = arrow::array::TimestampMicrosecondArray::from(numbers);
            Arc::new(times.with_data_type(field.data_type().clone()))
        }
        data_type => cast_array(&(Arc::new(arrow::array::Int64Array::from(numbers)) as ArrayRef), data_type, false)?,
    };
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), OffsetBuffer::from_lengths(lengths), numbers, nulls)?))
}

fn wrong_way(start: i64, end: i64, step: i64) -> ExprError {
    ExprError::new(format!(
        "a sequence from {start} to {end} is not reached in steps of {step}; change the step's sign"
    ))
}

fn of_numbers(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let columns = (0..args.len())
        .map(|index| Ok(arrow::compute::cast(&args.array(index)?, &DataType::Int64)?))
        .collect::<Result<Vec<ArrayRef>, ExprError>>()?;
    build(args, |row, numbers| {
        let get = |index: usize| {
            columns
                .get(index)
                .filter(|column| column.is_valid(row))
                .map(|column| column.as_primitive::<Int64Type>().value(row))
        };
        let (Some(start), Some(end)) = (get(0), get(1)) else { return Ok(false) };
        let step = if columns.len() > 2 { get(2) } else { Some(if end >= start { 1 } else { -1 }) };
        let Some(step) = step else { return Ok(false) };
        if start == end {
            numbers.push(start);
            return Ok(true);
        }
        if step == 0 || (end > start) != (step > 0) {
            return Err(wrong_way(start, end, step));
        }
        let count = i64::try_from(start.abs_diff(end) / step.unsigned_abs() + 1).unwrap_or(i64::MAX);
        bounded_length(count)?;
        numbers.extend((0..count).map(|at| start + at * step));
        Ok(true)
    })
}

/// One step of times.
enum Step {
    Micros(i64),
    Months(i32),
}

fn of_times(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let bounds = (0..2)
        .map(|index| args.numbers::<arrow::datatypes::TimestampMicrosecondType>(index))
        .collect::<Result<Vec<_>, _>>()?;
    let step = (args.len() > 2).then(|| args.array(2)).transpose()?;
    build(args, |row, times| {
        let (Some(start), Some(end)) = (bounds[0].get(row), bounds[1].get(row)) else { return Ok(false) };
        let step = match &step {
            None if end >= start => Step::Micros(MICROS_PER_DAY),
            None => Step::Micros(-MICROS_PER_DAY),
            Some(step) if step.is_null(row) => return Ok(false),
            Some(step) => match step.as_primitive_opt::<DurationMicrosecondType>() {
                Some(step) => Step::Micros(step.value(row)),
                None => Step::Months(step.as_primitive::<IntervalYearMonthType>().value(row)),
            },
        };
        let (sign, length) = match step {
            Step::Micros(micros) => (micros.signum(), micros),
            Step::Months(months) => (months.signum().into(), months.into()),
        };
        if start != end && (sign == 0 || (end > start) != (sign > 0)) {
            return Err(wrong_way(start, end, length));
        }
        let mut count = 0;
        loop {
            let next = match step {
                Step::Micros(micros) => micros.checked_mul(count).and_then(|ahead| start.checked_add(ahead)),
                Step::Months(months) => months_on(start, i64::from(months) * count),
            };
            let is_within = |next: &i64| if sign < 0 { *next >= end } else { *next <= end };
            let Some(next) = next.filter(is_within) else { return Ok(true) };
            times.push(next);
            count += 1;
            bounded_length(count)?;
            if start == end {
                return Ok(true);
            }
        }
    })
}
