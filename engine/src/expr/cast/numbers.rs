//! From number to number.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Decimal128Builder, PrimitiveArray, PrimitiveBuilder,
};
use arrow::compute::{CastOptions, cast as arrow_cast, cast_with_options};
use arrow::datatypes::{
    DataType, Decimal128Type, DecimalType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};

use super::{Mode, does_not_fit, is_wider};
use crate::expr::ExprError;
use crate::expr::arithmetic::rescale;

/// Numbers in another type of number.
pub(super) fn converted(array: &ArrayRef, to: &DataType, mode: Mode) -> Result<ArrayRef, ExprError> {
    if is_wider(array.data_type(), to) {
        return Ok(arrow_cast(array, to)?);
    }
    match to {
        DataType::Int8 => whole::<Int8Type>(array, mode),
        DataType::Int16 => whole::<Int16Type>(array, mode),
        DataType::Int32 => whole::<Int32Type>(array, mode),
        DataType::Int64 => whole::<Int64Type>(array, mode),
        DataType::Decimal128(precision, scale) => decimal(array, (*precision, *scale), mode),
        _ => fraction(array, to),
    }
}

/// Whole numbers: fractions lose what is behind the point.
fn whole<T: ArrowPrimitiveType>(array: &ArrayRef, mode: Mode) -> Result<ArrayRef, ExprError>
where
    T::Native: TryFrom<i128>,
{
    let mut builder = PrimitiveBuilder::<T>::with_capacity(array.len());
    let narrow = |value: i128| T::Native::try_from(value).map_err(|_| does_not_fit(value, &T::DATA_TYPE));
    match array.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let doubles = arrow_cast(array, &DataType::Float64)?;
            for value in doubles.as_primitive::<Float64Type>() {
                builder.append_option(match value {
                    Some(value) => mode.settle(truncated(value, &T::DATA_TYPE).and_then(narrow))?,
                    None => None,
                });
            }
        }
        DataType::Decimal128(_, scale) => {
            let power = 10_i128.pow(u32::from(scale.unsigned_abs()));
            for value in array.as_primitive::<Decimal128Type>() {
                builder.append_option(match value {
                    Some(value) => mode.settle(narrow(value / power))?,
                    None => None,
                });
            }
        }
        _ => {
            let longs = arrow_cast(array, &DataType::Int64)?;
            for value in longs.as_primitive::<Int64Type>() {
                builder.append_option(match value {
                    Some(value) => mode.settle(narrow(value.into()))?,
                    None => None,
                });
            }
        }
    }
    Ok(Arc::new(builder.finish()))
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn truncated(value: f64, to: &DataType) -> Result<i128, ExprError> {
    if value.is_finite() && value.abs() < 1e38 {
        Ok(value.trunc() as i128)
    } else {
        Err(does_not_fit(super::double_text(value), to))
    }
}

fn decimal(array: &ArrayRef, to: (u8, i8), mode: Mode) -> Result<ArrayRef, ExprError> {
    let (precision, scale) = to;
    let target = DataType::Decimal128(precision, scale);
    let mut builder = Decimal128Builder::with_capacity(array.len());
    match array.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let doubles = arrow_cast(array, &DataType::Float64)?;
            for value in doubles.as_primitive::<Float64Type>() {
                // What is no number has no decimal: null, also in ANSI mode, as Spark has it.
                builder.append_option(match value.filter(|value| value.is_finite()) {
                    Some(value) => {
                        let fitting = decimal_of_double(value, precision, scale);
                        mode.settle(fitting.ok_or_else(|| does_not_fit(super::double_text(value), &target)))?
                    }
                    None => None,
                });
            }
        }
        DataType::Decimal128(_, from) => {
            for value in array.as_primitive::<Decimal128Type>() {
                builder.append_option(match value {
                    Some(value) => {
                        let fitting = rescale(value, *from, precision, scale);
                        mode.settle(
                            fitting
                                .ok_or_else(|| does_not_fit(Decimal128Type::format_decimal(value, 38, *from), &target)),
                        )?
                    }
                    None => None,
                });
            }
        }
        _ => {
            let longs = arrow_cast(array, &DataType::Int64)?;
            for value in longs.as_primitive::<Int64Type>() {
                builder.append_option(match value {
                    Some(value) => {
                        let fitting = rescale(value.into(), 0, precision, scale);
                        mode.settle(fitting.ok_or_else(|| does_not_fit(value, &target)))?
                    }
                    None => None,
                });
            }
        }
    }
    Ok(Arc::new(builder.finish().with_precision_and_scale(precision, scale)?))
}

/// A double as a decimal, by its shortest digits, as Java's `BigDecimal.valueOf` takes it.
pub(in crate::expr) fn decimal_of_double(value: f64, precision: u8, scale: i8) -> Option<i128> {
    super::text::decimal_of_text(&format!("{value:e}"), precision, scale).ok()?
}

/// Floats and doubles.
fn fraction(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ExprError> {
    if let DataType::Decimal128(_, scale) = array.data_type() {
        // Through text, so that the nearest double is found whatever the digits.
        let parse = |value: i128| Decimal128Type::format_decimal(value, 38, *scale).parse::<f64>().unwrap_or(f64::NAN);
        let doubles: PrimitiveArray<Float64Type> = array.as_primitive::<Decimal128Type>().unary(parse);
        return Ok(arrow_cast(&doubles, to)?);
    }
    if *to == DataType::Float32 && *array.data_type() == DataType::Float64 {
        #[expect(clippy::cast_possible_truncation, reason = "the nearest float is what is asked for")]
        let floats: PrimitiveArray<Float32Type> = array.as_primitive::<Float64Type>().unary(|value| value as f32);
        return Ok(Arc::new(floats));
    }
    Ok(cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })?)
}

/// Whether numbers are not zero.
pub(super) fn truths(array: &ArrayRef) -> Result<ArrayRef, ExprError> {
    if let DataType::Decimal128(_, _) = array.data_type() {
        let truths: BooleanArray =
            array.as_primitive::<Decimal128Type>().iter().map(|value| value.map(|value| value != 0)).collect();
        return Ok(Arc::new(truths));
    }
    let doubles = arrow_cast(array, &DataType::Float64)?;
    let is_true = |value: Option<f64>| value.map(|value| value != 0.0);
    Ok(Arc::new(doubles.as_primitive::<Float64Type>().iter().map(is_true).collect::<BooleanArray>()))
}

/// 1 for true, 0 for false.
pub(super) fn of_truths(array: &BooleanArray, to: &DataType) -> Result<ArrayRef, ExprError> {
    let numbers = arrow_cast(array, &DataType::Int32)?;
    converted(&numbers, to, Mode::Ansi)
}
