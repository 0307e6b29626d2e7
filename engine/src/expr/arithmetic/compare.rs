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
use crate::expr::args::{Args, Shortest};
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

    /// The same with its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Eq | Self::NotEq => self,
            Self::Lt => Self::Gt,
            Self::LtEq => Self::GtEq,
            Self::Gt => Self::Lt,
            Self::GtEq => Self::LtEq,
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

fn fractions<T: ArrowPrimitiveType>(op: Comparison, args: &Args<'_>) -> Result<BooleanArray, ExprError>
where
    T::Native: PartialOrd,
{
    let rows = args.rows();
    let (left, right) = (args.shortest(0)?, args.shortest(1)?);
    let nulls = NullBuffer::union(left.nulls(rows).as_ref(), right.nulls(rows).as_ref());
    let (left, right) = (Side::<T>::of(&left), Side::<T>::of(&right));
    let holds = match (left, right) {
        (Side::Column(values), Side::Constant(constant)) if !is_nan(constant) => by_constant(op, values, constant),
        (Side::Constant(constant), Side::Column(values)) if !is_nan(constant) => {
            by_constant(op.turned(), values, constant)
        }
        (left, right) => by_rows(op, left, right, rows),
    };
    Ok(BooleanArray::new(holds, nulls))
}

#[expect(clippy::eq_op, reason = "NaN alone is not itself")]
fn is_nan<F: PartialEq + Copy>(value: F) -> bool {
    value != value
}

/// A column against a number that is not NaN: one machine instruction compares several, if the answer for NaN on the
/// left comes out by itself.
#[expect(clippy::neg_cmp_op_on_partial_ord, reason = "NaN is greater than every number")]
fn by_constant<F: PartialOrd + Copy>(op: Comparison, values: &[F], constant: F) -> BooleanBuffer {
    let rows = values.len();
    match op {
        Comparison::Eq => BooleanBuffer::collect_bool(rows, |row| values[row] == constant),
        Comparison::NotEq => BooleanBuffer::collect_bool(rows, |row| values[row] != constant),
        Comparison::Lt => BooleanBuffer::collect_bool(rows, |row| values[row] < constant),
        Comparison::LtEq => BooleanBuffer::collect_bool(rows, |row| values[row] <= constant),
        Comparison::Gt => BooleanBuffer::collect_bool(rows, |row| !(values[row] <= constant)),
        Comparison::GtEq => BooleanBuffer::collect_bool(rows, |row| !(values[row] < constant)),
    }
}

fn by_rows<T: ArrowPrimitiveType>(op: Comparison, left: Side<'_, T>, right: Side<'_, T>, rows: usize) -> BooleanBuffer
where
    T::Native: PartialOrd,
{
    let is_equal = |left: T::Native, right: T::Native| (left == right) | (is_nan(left) & is_nan(right));
    let is_less = |left: T::Native, right: T::Native| {
        // Not `>=`, for NaN on the right; and NaN is less than nothing.
        #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "NaN makes the difference")]
        let is_below = !(left >= right);
        is_below & !is_nan(left)
    };
    match op {
        Comparison::Eq => Side::each(left, right, rows, is_equal),
        Comparison::NotEq => Side::each(left, right, rows, |left, right| !is_equal(left, right)),
        Comparison::Lt => Side::each(left, right, rows, is_less),
        Comparison::LtEq => Side::each(left, right, rows, |left, right| !is_less(right, left)),
        Comparison::Gt => Side::each(left, right, rows, |left, right| is_less(right, left)),
        Comparison::GtEq => Side::each(left, right, rows, |left, right| !is_less(left, right)),
    }
}

/// The numbers of one side.
enum Side<'a, T: ArrowPrimitiveType> {
    Column(&'a [T::Native]),
    Constant(T::Native),
}

impl<'a, T: ArrowPrimitiveType> Side<'a, T> {
    fn of(shortest: &'a Shortest) -> Self {
        let values = shortest.array().as_primitive::<T>().values();
        match values.first() {
            Some(only) if shortest.is_single() => Self::Constant(*only),
            Some(_) | None => Self::Column(values),
        }
    }

    /// Per row whether it holds.
    fn each(left: Self, right: Self, rows: usize, holds: impl Fn(T::Native, T::Native) -> bool) -> BooleanBuffer {
        match (left, right) {
            (Self::Column(left), Self::Column(right)) => {
                BooleanBuffer::collect_bool(rows, |row| holds(left[row], right[row]))
            }
            (Self::Column(left), Self::Constant(right)) => {
                BooleanBuffer::collect_bool(rows, |row| holds(left[row], right))
            }
            (Self::Constant(left), Self::Column(right)) => {
                BooleanBuffer::collect_bool(rows, |row| holds(left, right[row]))
            }
            (Self::Constant(left), Self::Constant(right)) => {
                let holds = holds(left, right);
                BooleanBuffer::collect_bool(rows, |_| holds)
            }
        }
    }
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

    /// The order of fractions in Spark.
    fn order_fractions<F: PartialOrd + Copy>(left: F, right: F) -> Ordering {
        // What cannot be ordered is NaN: it equals itself and comes last.
        let is_nan = |value: F| value.partial_cmp(&value).is_none();
        left.partial_cmp(&right).unwrap_or_else(|| is_nan(left).cmp(&is_nan(right)))
    }

    #[test]
    fn columns_and_constants_are_compared_as_single_values_are() {
        use arrow::array::Float64Array;
        use datafusion_common::ScalarValue;

        let values = [f64::NEG_INFINITY, -1.0, -0.0, 0.0, 2.5, f64::INFINITY, f64::NAN, -f64::NAN];
        let pairs: Vec<(f64, f64)> = values.iter().flat_map(|left| values.map(|right| (*left, right))).collect();
        let column = |values: Vec<f64>| ColumnarValue::Array(Arc::new(Float64Array::from(values)));
        let all =
            [Comparison::Eq, Comparison::NotEq, Comparison::Lt, Comparison::LtEq, Comparison::Gt, Comparison::GtEq];
        for op in all {
            let expected: Vec<bool> =
                pairs.iter().map(|(left, right)| op.holds(order_fractions(*left, *right))).collect();
            let sides = [
                column(pairs.iter().map(|(left, _)| *left).collect()),
                column(pairs.iter().map(|(_, right)| *right).collect()),
            ];
            let given = compared(op, &Args::new(&sides, pairs.len(), &DataType::Boolean)).unwrap();
            assert_eq!(given, BooleanArray::from(expected), "{op:?}");
            for (at, constant) in values.into_iter().enumerate() {
                let scalar = || ColumnarValue::Scalar(ScalarValue::Float64(Some(constant)));
                let of = |sides: [ColumnarValue; 2]| {
                    compared(op, &Args::new(&sides, values.len(), &DataType::Boolean)).unwrap()
                };
                let right: Vec<bool> = values.iter().map(|value| op.holds(order_fractions(*value, constant))).collect();
                assert_eq!(of([column(values.to_vec()), scalar()]), BooleanArray::from(right), "{op:?} {at}");
                let left: Vec<bool> = values.iter().map(|value| op.holds(order_fractions(constant, *value))).collect();
                assert_eq!(of([scalar(), column(values.to_vec())]), BooleanArray::from(left), "{op:?} {at}");
            }
        }
    }

    #[test]
    fn nan_is_the_greatest_and_zeros_are_one() {
        assert_eq!(order_fractions(f64::NAN, f64::NAN), Ordering::Equal);
        assert_eq!(order_fractions(f64::NAN, f64::INFINITY), Ordering::Greater);
        assert_eq!(order_fractions(1.0, f64::NAN), Ordering::Less);
        assert_eq!(order_fractions(0.0, -0.0), Ordering::Equal);
    }
}
