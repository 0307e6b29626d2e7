//! Between numbers, dates and timestamps. A number is so many seconds since the epoch.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, PrimitiveArray, PrimitiveBuilder};
use arrow::compute::cast as arrow_cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int64Type, TimestampMicrosecondType,
};

use super::{Mode, cast_mode, does_not_fit};
use crate::expr::ExprError;
use crate::expr::arithmetic::rescale;
use crate::expr::types::{timestamp, type_name};

const MICROS: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS;

/// Timestamps as seconds: whole numbers lose the fraction, downwards.
pub(super) fn seconds(array: &ArrayRef, to: &DataType, mode: Mode) -> Result<ArrayRef, ExprError> {
    let micros = array.as_primitive::<TimestampMicrosecondType>();
    match to {
        DataType::Float32 | DataType::Float64 => {
            #[expect(clippy::cast_precision_loss, reason = "a double is asked for")]
            let seconds: PrimitiveArray<Float64Type> = micros.unary(|micros| micros as f64 / MICROS as f64);
            cast_mode(&(Arc::new(seconds) as ArrayRef), to, mode)
        }
        DataType::Decimal128(_, _) => {
            let seconds: PrimitiveArray<Decimal128Type> = micros.unary(i128::from);
            let seconds: ArrayRef = Arc::new(seconds.with_precision_and_scale(20, 6)?);
            cast_mode(&seconds, to, mode)
        }
        _ => {
            let seconds: PrimitiveArray<Int64Type> = micros.unary(|micros| micros.div_euclid(MICROS));
            cast_mode(&(Arc::new(seconds) as ArrayRef), to, mode)
        }
    }
}

/// Seconds as timestamps; whole seconds beyond the range stop at its end, as in Spark.
pub(super) fn of_seconds(array: &ArrayRef, mode: Mode) -> Result<ArrayRef, ExprError> {
    let mut builder = PrimitiveBuilder::<TimestampMicrosecondType>::with_capacity(array.len());
    match array.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let seconds = if let Some(floats) = array.as_primitive_opt::<Float32Type>() {
                Arc::new(floats.unary::<_, Float64Type>(f64::from)) as ArrayRef
            } else {
                Arc::clone(array)
            };
            for value in seconds.as_primitive::<Float64Type>() {
                builder.append_option(match value {
                    Some(value) => mode.settle(micros_of(value))?,
                    None => None,
                });
            }
        }
        DataType::Decimal128(_, scale) => {
            for value in array.as_primitive::<Decimal128Type>() {
                let power = |value: i128| rescale_down(value, *scale).and_then(|micros| i64::try_from(micros).ok());
                builder.append_option(match value {
                    Some(value) => {
                        mode.settle(power(value).ok_or_else(|| ExprError::overflow(&type_name(&timestamp()))))?
                    }
                    None => None,
                });
            }
        }
        _ => {
            let longs = arrow_cast(array, &DataType::Int64)?;
            for value in longs.as_primitive::<Int64Type>() {
                builder.append_option(value.map(|seconds| seconds.saturating_mul(MICROS)));
            }
        }
    }
    Ok(Arc::new(builder.finish().with_data_type(timestamp())))
}

/// A decimal's microseconds; what is behind them is cut off.
fn rescale_down(value: i128, scale: i8) -> Option<i128> {
    if scale <= 6 {
        return rescale(value, scale, 38, 6);
    }
    Some(value / 10_i128.checked_pow(u32::from(scale.abs_diff(6)))?)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the range is checked")]
fn micros_of(seconds: f64) -> Result<i64, ExprError> {
    let micros = seconds * MICROS as f64;
    if micros.is_finite() && micros.abs() <= i64::MAX as f64 {
        Ok(micros as i64)
    } else {
        Err(does_not_fit(super::double_text(seconds), &timestamp()))
    }
}

/// The start of days.
pub(super) fn of_dates(array: &ArrayRef, to: &DataType) -> ArrayRef {
    let starts: PrimitiveArray<TimestampMicrosecondType> =
        array.as_primitive::<Date32Type>().unary(|days| i64::from(days).saturating_mul(MICROS_PER_DAY));
    Arc::new(starts.with_data_type(to.clone()))
}

/// The days of timestamps.
pub(super) fn dates(array: &ArrayRef) -> ArrayRef {
    let day = |micros: i64| i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap_or(i32::MAX);
    let days: PrimitiveArray<Date32Type> = array.as_primitive::<TimestampMicrosecondType>().unary(day);
    Arc::new(days)
}
