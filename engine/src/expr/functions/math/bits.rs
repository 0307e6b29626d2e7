//! Shifting and reading bits. A shift counts modulo the width, as in Java.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Int8Type, Int32Type, Int64Type};

use super::super::{Entry, Gives, Param, Takes};
use crate::expr::ExprError;
use crate::expr::args::{Args, numbers};
use crate::expr::lower::convert::to_type;
use crate::expr::typed::Typed;

const SHIFT: Takes = Takes::these(&[Param::Whole, Param::Int]);

/// A bigint stays one, what is narrower is an int.
fn width(args: &[Typed]) -> Result<DataType, ExprError> {
    let is_long = args.first().is_some_and(|arg| arg.data_type == DataType::Int64);
    Ok(if is_long { DataType::Int64 } else { DataType::Int32 })
}

const fn shift(
    name: &'static str,
    form: &'static str,
    doc: &'static str,
    kernel: fn(&Args<'_>) -> Result<ArrayRef, ExprError>,
) -> Entry {
    Entry::own(name, form, doc, SHIFT, Gives::By(width), kernel).total()
}

pub(super) const SHIFTLEFT: Entry =
    shift("shiftleft", "shiftleft(n, bits)", "The number shifted to the left.", |args| {
        shifted(args, i32::wrapping_shl, i64::wrapping_shl)
    });
pub(super) const SHIFTRIGHT: Entry =
    shift("shiftright", "shiftright(n, bits)", "The number shifted to the right, keeping its sign.", |args| {
        shifted(args, i32::wrapping_shr, i64::wrapping_shr)
    });
pub(super) const SHIFTRIGHTUNSIGNED: Entry = shift(
    "shiftrightunsigned",
    "shiftrightunsigned(n, bits)",
    "The number shifted to the right, with zeros coming in.",
    |args| {
        shifted(
            args,
            |n, by| n.cast_unsigned().wrapping_shr(by).cast_signed(),
            |n, by| n.cast_unsigned().wrapping_shr(by).cast_signed(),
        )
    },
);

fn shifted(args: &Args<'_>, int: fn(i32, u32) -> i32, long: fn(i64, u32) -> i64) -> Result<ArrayRef, ExprError> {
    let by = args.numbers::<Int32Type>(1)?;
    if *args.gives() == DataType::Int64 {
        let values = args.numbers::<Int64Type>(0)?;
        return numbers::<Int64Type>(args, |row| {
            Ok(values.get(row).zip(by.get(row)).map(|(n, by)| long(n, by.cast_unsigned())))
        });
    }
    let values = arrow::compute::cast(&args.array(0)?, &DataType::Int32)?;
    let values = arrow::array::AsArray::as_primitive::<Int32Type>(&values).clone();
    let value = |row| arrow::array::Array::is_valid(&values, row).then(|| values.value(row));
    numbers::<Int32Type>(args, |row| Ok(value(row).zip(by.get(row)).map(|(n, by)| int(n, by.cast_unsigned()))))
}

pub(super) const BIT_GET: Entry = Entry::form(
    "bit_get",
    "bit_get(n, position)",
    "The bit at a position, counted from the right and from 0.",
    Takes::these(&[Param::Whole, Param::Int]),
    |_, mut args, _| {
        let bits = args.first().and_then(|arg| arg.data_type.primitive_width()).unwrap_or(8) * 8;
        if let Some(value) = args.first_mut() {
            *value = to_type(value, &DataType::Int64);
        }
        let kernel = std::sync::Arc::new(move |args: &Args<'_>| bit(args, bits));
        Ok(crate::expr::call::Call::typed(format!("bit_get_{bits}"), &args, DataType::Int8, true, kernel))
    },
)
.also(&["getbit"]);

fn bit(args: &Args<'_>, bits: usize) -> Result<ArrayRef, ExprError> {
    let (values, positions) = (args.numbers::<Int64Type>(0)?, args.numbers::<Int32Type>(1)?);
    numbers::<Int8Type>(args, |row| {
        let Some((value, position)) = values.get(row).zip(positions.get(row)) else { return Ok(None) };
        match u32::try_from(position) {
            Ok(at) if usize::try_from(at).is_ok_and(|at| at < bits) => Ok(Some(i8::from((value >> at) & 1 == 1))),
            _ => Err(ExprError::new(format!("there is no bit {position}; the number has {bits} bits, counted from 0"))),
        }
    })
}

pub(super) const BIT_COUNT: Entry = Entry::own(
    "bit_count",
    "bit_count(n)",
    "How many bits of the number are set.",
    Takes::these(&[Param::Long]),
    Gives::Int,
    |args| {
        let values = args.numbers::<Int64Type>(0)?;
        numbers::<Int32Type>(args, |row| Ok(values.get(row).map(|n| n.count_ones().cast_signed())))
    },
)
.total();
