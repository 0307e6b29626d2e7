//! Arithmetic of decimals: exact, rounded half up to the result's scale, an error where the result has too many digits.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Decimal128Builder};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type, i256};

use super::Arithmetic;
use crate::expr::ExprError;
use crate::expr::args::{Args, numbers};
use crate::expr::types::{self, type_name};

/// The type of the result of two decimals, each by its precision and scale.
pub(super) fn result_type(op: Arithmetic, left: (u8, i8), right: (u8, i8)) -> DataType {
    let (p1, s1, p2, s2) = (i32::from(left.0), i32::from(left.1), i32::from(right.0), i32::from(right.1));
    match op {
        Arithmetic::Add | Arithmetic::Subtract => {
            let scale = s1.max(s2);
            types::adjusted((p1 - s1).max(p2 - s2) + scale + 1, scale)
        }
        Arithmetic::Multiply => types::adjusted(p1 + p2 + 1, s1 + s2),
        Arithmetic::Divide => {
            let scale = 6.max(s1 + p2 + 1);
            types::adjusted(p1 - s1 + s2 + scale, scale)
        }
        Arithmetic::Remainder | Arithmetic::PositiveRemainder => {
            let scale = s1.max(s2);
            types::adjusted((p1 - s1).min(p2 - s2) + scale, scale)
        }
        Arithmetic::WholeDivide => DataType::Int64,
    }
}

/// What computes it, for sides of these scales.
pub(super) fn kernel(
    op: Arithmetic,
    s1: i8,
    s2: i8,
    result: DataType,
    is_try: bool,
) -> impl Fn(&Args<'_>) -> Result<ArrayRef, ExprError> + Send + Sync {
    move |args| {
        let (left, right) = (args.numbers::<Decimal128Type>(0)?, args.numbers::<Decimal128Type>(1)?);
        let pair = |row| left.get(row).zip(right.get(row));
        let tolerated = |value: Result<i128, ExprError>| match value {
            Ok(value) => Ok(Some(value)),
            Err(_) if is_try => Ok(None),
            Err(error) => Err(error),
        };
        let DataType::Decimal128(precision, scale) = result else {
            return numbers::<Int64Type>(args, |row| {
                let Some((left, right)) = pair(row) else { return Ok(None) };
                let whole = tolerated(compute(op, (left, s1), (right, s2), (38, 0)))?;
                let long = whole.map(|whole| i64::try_from(whole).map_err(|_| ExprError::overflow("bigint")));
                long.transpose()
            });
        };
        let mut builder = Decimal128Builder::with_capacity(args.rows());
        for row in 0..args.rows() {
            let value = match pair(row) {
                Some((left, right)) => tolerated(compute(op, (left, s1), (right, s2), (precision, scale)))?,
                None => None,
            };
            builder.append_option(value);
        }
        Ok(Arc::new(builder.finish().with_precision_and_scale(precision, scale)?))
    }
}

/// One pair of values, each with its scale, to a precision and scale.
fn compute(op: Arithmetic, left: (i128, i8), right: (i128, i8), to: (u8, i8)) -> Result<i128, ExprError> {
    let (a, b) = (i256::from_i128(left.0), i256::from_i128(right.0));
    let common = left.1.max(right.1);
    let overflow = || ExprError::overflow(&type_name(&DataType::Decimal128(to.0, to.1)));
    let at_common = || {
        let left = a.checked_mul(power(common - left.1)?)?;
        Some((left, b.checked_mul(power(common - right.1)?)?))
    };
    let is_division = !matches!(op, Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply);
    if is_division && right.0 == 0 {
        return Err(ExprError::division_by_zero());
    }
    let (exact, scale) = match op {
        Arithmetic::Add => (at_common().and_then(|(a, b)| a.checked_add(b)), common),
        Arithmetic::Subtract => (at_common().and_then(|(a, b)| a.checked_sub(b)), common),
        Arithmetic::Multiply => (a.checked_mul(b), left.1 + right.1),
        Arithmetic::Remainder => (at_common().and_then(|(a, b)| a.checked_rem(b)), common),
        Arithmetic::PositiveRemainder => (
            at_common().and_then(|(a, b)| {
                let rest = a.checked_rem(b)?;
                if rest < i256::ZERO { rest.checked_add(b)?.checked_rem(b) } else { Some(rest) }
            }),
            common,
        ),
        Arithmetic::WholeDivide => (at_common().and_then(|(a, b)| a.checked_div(b)), 0),
        Arithmetic::Divide => {
            let shift = i16::from(to.1) - i16::from(left.1) + i16::from(right.1);
            let (a, b) = match i8::try_from(shift) {
                Ok(shift) if shift >= 0 => (power(shift).and_then(|power| a.checked_mul(power)), Some(b)),
                Ok(shift) => (Some(a), power(-shift).and_then(|power| b.checked_mul(power))),
                Err(_) => (None, None),
            };
            (a.zip(b).and_then(|(a, b)| divide_half_up(a, b)), to.1)
        }
    };
    let exact = exact.ok_or_else(overflow)?;
    let rounded = if scale > to.1 {
        power(scale - to.1).and_then(|power| divide_half_up(exact, power))
    } else {
        power(to.1 - scale).and_then(|power| exact.checked_mul(power))
    };
    let value = rounded.and_then(i256::to_i128).ok_or_else(overflow)?;
    if fits(value, to.0) { Ok(value) } else { Err(overflow()) }
}

fn power(exponent: i8) -> Option<i256> {
    i256::from_i128(10).checked_pow(u32::try_from(exponent).ok()?)
}

fn divide_half_up(a: i256, b: i256) -> Option<i256> {
    let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
    let doubled = rest.checked_abs()?.checked_mul(i256::from_i128(2))?;
    if doubled < b.checked_abs()? {
        return Some(quotient);
    }
    let is_negative = (a < i256::ZERO) != (b < i256::ZERO);
    quotient.checked_add(i256::from_i128(if is_negative { -1 } else { 1 }))
}

/// Whether a value has no more digits than this.
fn fits(value: i128, precision: u8) -> bool {
    10_i128.checked_pow(u32::from(precision)).is_none_or(|limit| value.unsigned_abs() < limit.unsigned_abs())
}

/// `value / 10^digits`, rounded half up, away from zero.
pub(in crate::expr) fn round_half_up(value: i128, digits: u32) -> i128 {
    let Some(power) = 10_i128.checked_pow(digits) else { return 0 };
    let (quotient, rest) = (value / power, value % power);
    if rest.unsigned_abs() * 2 >= power.unsigned_abs() { quotient + value.signum() } else { quotient }
}

/// A decimal value from one scale to a precision and scale; `None` where it has too many digits.
pub(in crate::expr) fn rescale(value: i128, from: i8, precision: u8, scale: i8) -> Option<i128> {
    let digits = u32::from(from.abs_diff(scale));
    let value =
        if scale >= from { value.checked_mul(10_i128.checked_pow(digits)?)? } else { round_half_up(value, digits) };
    fits(value, precision).then_some(value)
}

/// The negated values.
pub(in crate::expr) fn negated(array: &dyn Array) -> ArrayRef {
    let negated: Decimal128Array = array.as_primitive::<Decimal128Type>().unary(|value| -value);
    Arc::new(negated.with_data_type(array.data_type().clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_rounded_half_away_from_zero() {
        assert_eq!(round_half_up(25, 1), 3);
        assert_eq!(round_half_up(-25, 1), -3);
        assert_eq!(round_half_up(24, 1), 2);
        assert_eq!(compute(Arithmetic::Divide, (10, 1), (3, 0), (7, 6)).unwrap(), 333_333);
        assert_eq!(compute(Arithmetic::Remainder, (-5, 2), (2, 0), (3, 2)).unwrap(), -5);
        assert!(compute(Arithmetic::Divide, (1, 0), (0, 0), (7, 6)).is_err());
    }

    #[test]
    fn too_many_digits_are_an_error() {
        assert!(compute(Arithmetic::Add, (99, 0), (1, 0), (2, 0)).is_err());
        assert_eq!(rescale(12_345_678, 3, 5, 2), None);
        assert_eq!(rescale(12_345, 3, 5, 2), Some(1_235));
    }
}
