//! Comparison: NaN equals itself and is greater than all else, `-0.0` equals `0.0`, an unknown side gives an unknown
//! answer.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, make_comparator};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::SortOptions;
use arrow::compute::kernels::cmp;
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion_expr::ColumnarValue;

use crate::expr::ExprError;
use crate::expr::args::Args;
use crate::expr::call::Call;
use crate::expr::typed::Typed;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::expr) enum Comparison {
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
}

impl Comparison {
    fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::NotEq => "<>",
            Self::Lt => "<",
            Self::LtEq => "<=",
            Self::Gt => ">",
            Self::GtEq => ">=",
        }
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::NotEq => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::LtEq => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::GtEq => order.is_ge(),
        }
    }
}

/// `left op right`, of one type.
pub(in crate::expr) fn compare(op: Comparison, left: &Typed, right: &Typed) -> Typed {
    let nullable = left.nullable || right.nullable;
    let kernel = Arc::new(move |args: &Args<'_>| Ok(Arc::new(compared(op, args)?) as ArrayRef));
    Call::typed(op.sign(), &[left.clone(), right.clone()], DataType::Boolean, nullable, kernel)
}

/// Whether they are equal, or are not, where nulls are equal to each other.
pub(in crate::expr) fn null_safe(left: &Typed, right: &Typed, negated: bool) -> Typed {
    let kernel = Arc::new(move |args: &Args<'_>| {
        let equal = compared(Comparison::Eq, args)?;
        let (left, right) = (args.array(0)?, args.array(1)?);
        let (left, right) = (left.logical_nulls(), right.logical_nulls());
        let is_null = |nulls: &Option<NullBuffer>, row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        let is_equal = |row| match (is_null(&left, row), is_null(&right, row)) {
            (false, false) => equal.value(row),
            (left, right) => left && right,
        };
        let result = BooleanBuffer::collect_bool(args.rows(), |row| is_equal(row) != negated);
        Ok(Arc::new(BooleanArray::new(result, None)) as ArrayRef)
    });
    let name = if negated { "is_distinct" } else { "<=>" };
    Call::typed(name, &[left.clone(), right.clone()], DataType::Boolean, false, kernel)
}

/// `left op right` of two columns.
pub(in crate::expr) fn compare_arrays(
    op: Comparison,
    left: &ArrayRef,
    right: &ArrayRef,
) -> Result<BooleanArray, ExprError> {
    let values = [ColumnarValue::Array(Arc::clone(left)), ColumnarValue::Array(Arc::clone(right))];
    compared(op, &Args::new(&values, left.len(), &DataType::Boolean))
}

fn compared(op: Comparison, args: &Args<'_>) -> Result<BooleanArray, ExprError> {
    let left = args.array_type(0)?;
    match left {
        DataType::Null => Ok(BooleanArray::new_null(args.rows())),
        DataType::Float32 => fractions::<Float32Type>(op, args),
        DataType::Float64 => fractions::<Float64Type>(op, args),
        nested if nested.is_nested() => nested_values(op, args),
        _ => {
            let (left, right) = (args.datum(0)?, args.datum(1)?);
            let result = match op {
                Comparison::Eq => cmp::eq(left.as_ref(), right.as_ref()),
                Comparison::NotEq => cmp::neq(left.as_ref(), right.as_ref()),
                Comparison::Lt => cmp::lt(left.as_ref(), right.as_ref()),
                Comparison::LtEq => cmp::lt_eq(left.as_ref(), right.as_ref()),
                Comparison::Gt => cmp::gt(left.as_ref(), right.as_ref()),
                Comparison::GtEq => cmp::gt_eq(left.as_ref(), right.as_ref()),
            };
            Ok(result?)
        }
    }
}

/// The order of fractions in Spark.
pub(in crate::expr) fn order_fractions<F: PartialOrd + Copy>(left: F, right: F) -> Ordering {
    // What cannot be ordered is NaN: it equals itself and comes last.
    let is_nan = |value: F| value.partial_cmp(&value).is_none();
    left.partial_cmp(&right).unwrap_or_else(|| is_nan(left).cmp(&is_nan(right)))
}

fn fractions<T: ArrowPrimitiveType>(op: Comparison, args: &Args<'_>) -> Result<BooleanArray, ExprError>
where
    T::Native: PartialOrd,
{
    let rows = args.rows();
    let (left, right) = (args.shortest(0)?, args.shortest(1)?);
    let nulls = NullBuffer::union(left.nulls(rows).as_ref(), right.nulls(rows).as_ref());
    let (left_step, right_step) = (usize::from(!left.is_single()), usize::from(!right.is_single()));
    let (left, right) = (left.array().as_primitive::<T>(), right.array().as_primitive::<T>());
    let (left, right) = (left.values(), right.values());
    let holds = |row: usize| {
        let order = left.get(row * left_step).zip(right.get(row * right_step));
        order.is_some_and(|(left, right)| op.holds(order_fractions(*left, *right)))
    };
    Ok(BooleanArray::new(BooleanBuffer::collect_bool(rows, holds), nulls))
}

fn nested_values(op: Comparison, args: &Args<'_>) -> Result<BooleanArray, ExprError> {
    let (left, right) = (args.array(0)?, args.array(1)?);
    let order = make_comparator(&left, &right, SortOptions::default())?;
    let nulls = NullBuffer::union(left.logical_nulls().as_ref(), right.logical_nulls().as_ref());
    let holds = BooleanBuffer::collect_bool(args.rows(), |row| op.holds(order(row, row)));
    Ok(BooleanArray::new(holds, nulls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_the_greatest_and_zeros_are_one() {
        assert_eq!(order_fractions(f64::NAN, f64::NAN), Ordering::Equal);
        assert_eq!(order_fractions(f64::NAN, f64::INFINITY), Ordering::Greater);
        assert_eq!(order_fractions(1.0, f64::NAN), Ordering::Less);
        assert_eq!(order_fractions(0.0, -0.0), Ordering::Equal);
    }
}
