//! Lists, maps and structures, part by part.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use arrow::datatypes::DataType;

use super::{Mode, cast_mode};
use crate::expr::ExprError;

pub(super) fn list(array: &ArrayRef, to: &DataType, mode: Mode) -> Result<ArrayRef, ExprError> {
    let DataType::List(item) = to else { return Ok(Arc::clone(array)) };
    let list = array.as_list::<i32>();
    let values = cast_mode(list.values(), item.data_type(), mode)?;
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, list.nulls().cloned())?))
}

pub(super) fn map(array: &ArrayRef, to: &DataType, mode: Mode) -> Result<ArrayRef, ExprError> {
    let DataType::Map(entries, sorted) = to else { return Ok(Arc::clone(array)) };
    let map = array.as_map();
    let parts: ArrayRef = Arc::new(map.entries().clone());
    let parts = structure(&parts, entries.data_type(), mode)?;
    let map = MapArray::try_new(
        Arc::clone(entries),
        map.offsets().clone(),
        parts.as_struct().clone(),
        map.nulls().cloned(),
        *sorted,
    )?;
    Ok(Arc::new(map))
}

pub(super) fn structure(array: &ArrayRef, to: &DataType, mode: Mode) -> Result<ArrayRef, ExprError> {
    let DataType::Struct(fields) = to else { return Ok(Arc::clone(array)) };
    let parts = array.as_struct();
    let columns = parts.columns().iter().zip(fields).map(|(column, field)| cast_mode(column, field.data_type(), mode));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, parts.nulls().cloned())?))
}
