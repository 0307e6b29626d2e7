//! `AND`, `OR`, `NOT` and `coalesce`: what is not needed is not evaluated, so `n <> 0 AND 10 / n > 1` never divides by
//! zero. The right side is tried on all rows first, which is quick; only if that fails it is evaluated on those rows
//! alone whose answer the left side left open.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, downcast_primitive};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{and_kleene, is_null, or_kleene};
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use arrow::record_batch::RecordBatch;
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::ColumnarValue;
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::NotExpr;

use super::fold;
use crate::expr::typed::Typed;

/// `left AND right` or `left OR right`.
pub(in crate::expr) fn logic(left: &Typed, right: &Typed, is_and: bool) -> Typed {
    // `false AND x` and `true OR x` are decided, `true AND x` and `false OR x` are x.
    if let Some(ScalarValue::Boolean(Some(value))) = left.constant() {
        return if *value == is_and { right.clone() } else { left.clone() };
    }
    let expr = Logic { is_and, sides: [Arc::clone(&left.expr), Arc::clone(&right.expr)] };
    fold::folded(Typed::new(Arc::new(expr), DataType::Boolean, left.nullable || right.nullable))
}

/// `NOT operand`.
pub(in crate::expr) fn not(operand: Typed) -> Typed {
    fold::folded(Typed::new(Arc::new(NotExpr::new(operand.expr)), DataType::Boolean, operand.nullable))
}

/// The first value that is not null; the values are of one type.
pub(in crate::expr) fn coalesce(values: &[Typed]) -> Typed {
    let Some(first) = values.first() else { return Typed::literal(ScalarValue::Null) };
    if values.len() == 1 {
        return first.clone();
    }
    let data_type = first.data_type.clone();
    let nullable = values.iter().all(|value| value.nullable);
    let field = Arc::new(Field::new("coalesce", data_type.clone(), nullable));
    let expr = Coalesce { values: values.iter().map(|value| Arc::clone(&value.expr)).collect(), field };
    Typed::new(Arc::new(expr), data_type, nullable)
}

/// `AND` and `OR` with three truth values.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Logic {
    is_and: bool,
    /// The left and the right one.
    sides: [Arc<dyn PhysicalExpr>; 2],
}

impl Logic {
    fn left(&self) -> &Arc<dyn PhysicalExpr> {
        &self.sides[0]
    }

    fn right(&self) -> &Arc<dyn PhysicalExpr> {
        &self.sides[1]
    }
}

impl PhysicalExpr for Logic {
    fn data_type(&self, _schema: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        Ok(self.left().nullable(schema)? || self.right().nullable(schema)?)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let left = truths(&self.left().evaluate(batch)?, batch.num_rows())?;
        let decided = if self.is_and { left.false_count() } else { left.true_count() };
        if decided == left.len() {
            return Ok(ColumnarValue::Array(Arc::new(left)));
        }
        let right = match self.right().evaluate(batch) {
            Ok(right) => right,
            Err(error) if decided == 0 => return Err(error),
            Err(_) => {
                let is_open = |truth: Option<bool>| Some(truth != Some(!self.is_and));
                let open: BooleanArray = left.iter().map(is_open).collect();
                self.right().evaluate_selection(batch, &open)?
            }
        };
        let right = truths(&right, batch.num_rows())?;
        let both = if self.is_and { and_kleene(&left, &right) } else { or_kleene(&left, &right) };
        Ok(ColumnarValue::Array(Arc::new(both?)))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.sides.iter().collect()
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        match <[_; 2]>::try_from(children) {
            Ok(sides) => Ok(Arc::new(Self { is_and: self.is_and, sides })),
            Err(_) => datafusion_common::internal_err!("a logical operator has two sides"),
        }
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Logic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} {} {})", self.left(), if self.is_and { "AND" } else { "OR" }, self.right())
    }
}

fn truths(value: &ColumnarValue, rows: usize) -> Result<BooleanArray> {
    let array = value.to_array(rows)?;
    match array.as_boolean_opt() {
        Some(truths) => Ok(truths.clone()),
        None => datafusion_common::internal_err!("a condition gave {}", array.data_type()),
    }
}

/// The first of its values that is not null.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Coalesce {
    values: Vec<Arc<dyn PhysicalExpr>>,
    field: FieldRef,
}

impl PhysicalExpr for Coalesce {
    fn return_field(&self, _schema: &Schema) -> Result<FieldRef> {
        Ok(Arc::clone(&self.field))
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let mut found: Option<ArrayRef> = None;
        for value in &self.values {
            found = Some(match found {
                None => value.evaluate(batch)?.into_array(batch.num_rows())?,
                Some(array) if array.null_count() == 0 => array,
                Some(array) => {
                    let missing = is_null(&array)?;
                    let next = value.evaluate(batch).or_else(|_| value.evaluate_selection(batch, &missing))?;
                    filled(&array, next, &missing)?
                }
            });
        }
        match found {
            Some(array) => Ok(ColumnarValue::Array(array)),
            None => Ok(ColumnarValue::Scalar(ScalarValue::try_from(self.field.data_type())?)),
        }
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.values.iter().collect()
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(Arc::new(Self { values: children, field: Arc::clone(&self.field) }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A column with another's values where it has none.
fn filled(array: &ArrayRef, other: ColumnarValue, missing: &BooleanArray) -> Result<ArrayRef> {
    macro_rules! numbers {
        ($primitive:ty) => {
            if let ColumnarValue::Scalar(constant) = &other
                && let constant = constant.to_array()?
                && let Some(constant) = constant.as_primitive_opt::<$primitive>()
                && constant.null_count() == 0
                && let Some(constant) = constant.values().first()
            {
                return Ok(filled_numbers(array.as_primitive::<$primitive>(), *constant));
            }
        };
    }
    downcast_primitive! {
        array.data_type() => (numbers),
        _ => {}
    }
    Ok(zip(missing, &other.into_array(array.len())?, array)?)
}

/// Numbers with a constant where there are none: no row decides anything, so many are worked on at once.
fn filled_numbers<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, constant: T::Native) -> ArrayRef {
    let Some(nulls) = array.nulls() else { return Arc::new(array.clone()) };
    let values =
        array.values().iter().zip(nulls.iter()).map(|(&value, is_valid)| if is_valid { value } else { constant });
    let filled = PrimitiveArray::<T>::from_iter_values(values);
    Arc::new(filled.with_data_type(array.data_type().clone()))
}

impl fmt::Display for Coalesce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<_> = self.values.iter().map(ToString::to_string).collect();
        write!(f, "coalesce({})", values.join(", "))
    }
}
