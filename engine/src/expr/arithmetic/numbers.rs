//! Arithmetic of whole numbers, floats and doubles.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::compute::kernels::numeric;
use arrow::compute::{binary, try_binary, unary};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};

use super::Arithmetic;
use crate::expr::ExprError;
use crate::expr::args::{Args, numbers};
use crate::expr::call::Kernel;
use crate::expr::types::type_name;

/// What computes `op` on two columns of this type.
pub(super) fn kernel(op: Arithmetic, operands: &DataType, is_try: bool) -> Result<Kernel, ExprError> {
    Ok(match operands {
        DataType::Int8 => of::<Int8Type>(op, is_try),
        DataType::Int16 => of::<Int16Type>(op, is_try),
        DataType::Int32 => of::<Int32Type>(op, is_try),
        DataType::Int64 => of::<Int64Type>(op, is_try),
        DataType::Float32 => of::<Float32Type>(op, is_try),
        DataType::Float64 => of::<Float64Type>(op, is_try),
        other => return Err(ExprError::new(format!("`{}` does not work on {}", op.sign(), type_name(other)))),
    })
}

fn of<T: ArrowPrimitiveType>(op: Arithmetic, is_try: bool) -> Kernel
where
    T::Native: ArrowNativeTypeOp,
{
    if is_try {
        return Arc::new(move |args| {
            let (left, right) = (args.numbers::<T>(0)?, args.numbers::<T>(1)?);
            let value =
                |row| left.get(row).zip(right.get(row)).and_then(|(left, right)| one::<T>(op, left, right).ok());
            numbers::<T>(args, |row| Ok(value(row)))
        });
    }
    Arc::new(move |args| all::<T>(op, args))
}

/// All rows at once.
fn all<T: ArrowPrimitiveType>(op: Arithmetic, args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let sides = (args.datum(0)?, args.datum(1)?);
    let quick = match op {
        Arithmetic::Add => numeric::add(sides.0.as_ref(), sides.1.as_ref()),
        Arithmetic::Subtract => numeric::sub(sides.0.as_ref(), sides.1.as_ref()),
        Arithmetic::Multiply => numeric::mul(sides.0.as_ref(), sides.1.as_ref()),
        Arithmetic::Divide | Arithmetic::Remainder | Arithmetic::WholeDivide | Arithmetic::PositiveRemainder => {
            return divided::<T>(op, args);
        }
    };
    quick.map_err(|_| ExprError::overflow(&type_name(&T::DATA_TYPE)))
}

/// Operations with a divisor. Where no divisor is zero and the numbers are fractions nothing can fail.
fn divided<T: ArrowPrimitiveType>(op: Arithmetic, args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    if op == Arithmetic::Divide
        && let Some(quotient) = by_constant::<T>(args)?
    {
        return Ok(quotient);
    }
    let (left, right) = (args.array(0)?, args.array(1)?);
    let (left, right): (&PrimitiveArray<T>, &PrimitiveArray<T>) = (left.as_primitive(), right.as_primitive());
    let has_zero = right.values().iter().any(is_zero);
    if !has_zero && op == Arithmetic::Divide {
        let quotient: PrimitiveArray<T> = binary(left, right, ArrowNativeTypeOp::div_wrapping)?;
        return Ok(Arc::new(quotient));
    }
    if right.null_count() == 0 && left.null_count() == 0 {
        // `try_binary` needs an arrow error; ours is found again by running the failing pair once more.
        let failed = std::cell::Cell::new(None);
        let result = try_binary::<_, _, _, T>(left, right, |left, right| {
            one::<T>(op, left, right).map_err(|error| {
                failed.set(Some(error));
                arrow::error::ArrowError::DivideByZero
            })
        });
        return match (result, failed.into_inner()) {
            (_, Some(error)) => Err(error),
            (result, None) => Ok(Arc::new(result?)),
        };
    }
    numbers::<T>(args, |row| match (left.is_valid(row), right.is_valid(row)) {
        (true, true) => one::<T>(op, left.value(row), right.value(row)).map(Some),
        _ => Ok(None),
    })
}

/// A column of fractions by a constant that is not zero.
fn by_constant<T: ArrowPrimitiveType>(args: &Args<'_>) -> Result<Option<ArrayRef>, ExprError> {
    let (left, right) = (args.shortest(0)?, args.shortest(1)?);
    let (column, divisor) = (left.array().as_primitive::<T>(), right.array().as_primitive::<T>());
    let is_usable = right.is_single() && !left.is_single() && divisor.null_count() == 0;
    let Some(&divisor) = divisor.values().first().filter(|divisor| is_usable && !is_zero(*divisor)) else {
        return Ok(None);
    };
    Ok(Some(Arc::new(unary::<T, _, T>(column, |value| value.div_wrapping(divisor)))))
}

fn is_zero<N: ArrowNativeTypeOp>(divisor: &N) -> bool {
    divisor.is_eq(N::ZERO) || divisor.is_eq(N::ZERO.neg_wrapping())
}

/// One pair.
fn one<T: ArrowPrimitiveType>(op: Arithmetic, left: T::Native, right: T::Native) -> Result<T::Native, ExprError> {
    let zero = T::Native::ZERO;
    let overflow = |_| ExprError::overflow(&type_name(&T::DATA_TYPE));
    match op {
        Arithmetic::Add => left.add_checked(right).map_err(overflow),
        Arithmetic::Subtract => left.sub_checked(right).map_err(overflow),
        Arithmetic::Multiply => left.mul_checked(right).map_err(overflow),
        _ if is_zero(&right) => Err(ExprError::division_by_zero()),
        Arithmetic::Divide | Arithmetic::WholeDivide => left.div_checked(right).map_err(overflow),
        Arithmetic::Remainder => Ok(left.mod_wrapping(right)),
        Arithmetic::PositiveRemainder => {
            let rest = left.mod_wrapping(right);
            if rest.is_lt(zero) && !rest.is_eq(zero.neg_wrapping()) {
                Ok(rest.add_wrapping(right).mod_wrapping(right))
            } else {
                Ok(rest)
            }
        }
    }
}
