//! The sign of a number and what is without it.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::compute::kernels::numeric;
use arrow::datatypes::{DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};

use super::super::{Entry, Gives, Param, Takes};
use crate::expr::ExprError;
use crate::expr::args::Args;
use crate::expr::types::type_name;

const ONE: Takes = Takes::these(&[Param::Number]);

pub(super) const ABS: Entry =
    Entry::own("abs", "abs(x)", "The number without its sign.", ONE, Gives::Like(0), |args| {
        let array = args.array(0)?;
        match array.data_type() {
            DataType::Int8 => sizes::<Int8Type>(&array),
            DataType::Int16 => sizes::<Int16Type>(&array),
            DataType::Int32 => sizes::<Int32Type>(&array),
            DataType::Int64 => sizes::<Int64Type>(&array),
            DataType::Decimal128(_, _) => {
                let sizes: PrimitiveArray<Decimal128Type> = array.as_primitive::<Decimal128Type>().unary(i128::abs);
                Ok(Arc::new(sizes.with_data_type(array.data_type().clone())))
            }
            DataType::Float32 => Ok(Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(f32::abs))),
            _ => Ok(Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::abs))),
        }
    })
    .total();

pub(super) const NEGATIVE: Entry =
    Entry::own("negative", "negative(x)", "The number with the other sign.", ONE, Gives::Like(0), negated).total();

pub(super) const POSITIVE: Entry =
    Entry::own("positive", "positive(x)", "The number itself.", ONE, Gives::Like(0), |args| args.array(0)).total();

pub(super) const SIGNUM: Entry = Entry::own(
    "signum",
    "signum(x)",
    "-1, 0 or 1 as the number is negative, zero or positive.",
    Takes::these(&[Param::Double]),
    Gives::Double,
    |args| {
        let sign = |x: f64| if x == 0.0 || x.is_nan() { x } else { x.signum() };
        Ok(Arc::new(args.array(0)?.as_primitive::<Float64Type>().unary::<_, Float64Type>(sign)))
    },
)
.also(&["sign"])
.total();

fn sizes<T: ArrowPrimitiveType>(array: &ArrayRef) -> Result<ArrayRef, ExprError> {
    let zero = T::Native::ZERO;
    let size = |x: T::Native| if x.is_lt(zero) { x.neg_checked() } else { Ok(x) };
    let sizes = array.as_primitive::<T>().try_unary::<_, T, _>(size);
    Ok(Arc::new(sizes.map_err(|_| ExprError::overflow(&type_name(&T::DATA_TYPE)))?))
}

fn negated(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let array = args.array(0)?;
    if let DataType::Decimal128(_, _) = array.data_type() {
        return Ok(crate::expr::arithmetic::negated_decimal(&array));
    }
    numeric::neg(&array).map_err(|_| ExprError::overflow(&type_name(array.data_type())))
}
