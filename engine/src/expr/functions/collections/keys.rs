//! Items as bytes that compare as Spark compares: NaN equals itself and is above all, `-0.0` equals `0.0`.

use std::sync::Arc;

use arrow::array::{ListArray, StructArray};
use arrow::compute::SortOptions;
use arrow::datatypes::{Float32Type, Float64Type};
use arrow::row::{Row, RowConverter, Rows, SortField};

use crate::expr::functions::prelude::*;

/// The items of one or more columns of one type, comparable with each other.
pub(super) struct Keys {
    rows: Vec<Rows>,
}

impl Keys {
    /// Nulls come first.
    pub(super) fn new(columns: &[&ArrayRef]) -> Result<Self, ExprError> {
        Self::sorted(columns, SortOptions { descending: false, nulls_first: true })
    }

    /// In an order.
    pub(super) fn sorted(columns: &[&ArrayRef], order: SortOptions) -> Result<Self, ExprError> {
        let Some(first) = columns.first() else { return Ok(Self { rows: Vec::new() }) };
        let field = SortField::new_with_options(first.data_type().clone(), order);
        let refused = |_| ExprError::new("maps cannot be compared; take their keys or entries");
        let converter = RowConverter::new(vec![field]).map_err(refused)?;
        let rows = columns.iter().map(|column| Ok(converter.convert_columns(&[plain(column)?])?));
        Ok(Self { rows: rows.collect::<Result<_, ExprError>>()? })
    }

    /// An item of a column.
    pub(super) fn get(&self, column: usize, item: usize) -> Row<'_> {
        self.rows[column].row(item)
    }
}

/// The same with one zero and one NaN.
fn plain(array: &ArrayRef) -> Result<ArrayRef, ExprError> {
    Ok(match array.data_type() {
        DataType::Float32 => {
            let plain = |value: f32| if value.is_nan() { f32::NAN } else { value + 0.0 };
            Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(plain)) as Arc<dyn Array>
        }
        DataType::Float64 => {
            let plain = |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 };
            Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(plain))
        }
        DataType::List(field) => {
            let list = array.as_list::<i32>();
            let values = plain(list.values())?;
            Arc::new(ListArray::try_new(Arc::clone(field), list.offsets().clone(), values, list.nulls().cloned())?)
        }
        DataType::Struct(fields) => {
            let parts = array.as_struct();
            let columns = parts.columns().iter().map(plain).collect::<Result<Vec<_>, _>>()?;
            Arc::new(StructArray::try_new(fields.clone(), columns, parts.nulls().cloned())?)
        }
        _ => Arc::clone(array),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_and_nans_are_one() {
        let values: ArrayRef =
            Arc::new(arrow::array::Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, f64::INFINITY]));
        let keys = Keys::new(&[&values]).unwrap();
        assert_eq!(keys.get(0, 0), keys.get(0, 1));
        assert_eq!(keys.get(0, 2), keys.get(0, 3));
        assert!(keys.get(0, 2) > keys.get(0, 4));
        let values: ArrayRef = Arc::new(arrow::array::Float32Array::from(vec![0.0, -0.0]));
        let keys = Keys::new(&[&values]).unwrap();
        assert_eq!(keys.get(0, 0), keys.get(0, 1));
    }
}
