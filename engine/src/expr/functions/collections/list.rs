//! Lists row by row: where each one's items lie, and lists made by picking items.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ListArray, MapArray, StructArray, UInt64Array};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::Fields;

use crate::expr::functions::prelude::*;

/// A column of lists.
pub(super) struct Lists {
    array: ListArray,
}

impl Lists {
    /// The lists of an argument.
    pub(super) fn new(args: &Args<'_>, index: usize) -> Result<Self, ExprError> {
        Self::of(&args.array(index)?)
    }

    /// The lists of an array.
    pub(super) fn of(array: &ArrayRef) -> Result<Self, ExprError> {
        match array.as_list_opt::<i32>() {
            Some(array) => Ok(Self { array: array.clone() }),
            None => Err(ExprError::new(format!(
                "a list is expected where {} came; this is a bug in Weir",
                array.data_type()
            ))),
        }
    }

    /// Where a row's items lie among all; `None` where the list is null.
    pub(super) fn range(&self, row: usize) -> Option<Range<usize>> {
        let offsets = self.array.value_offsets();
        let at = |index: usize| usize::try_from(offsets[index]).unwrap_or(0);
        self.array.is_valid(row).then(|| at(row)..at(row + 1))
    }

    /// All items.
    pub(super) fn values(&self) -> &ArrayRef {
        self.array.values()
    }
}

/// A column of maps.
pub(super) struct Maps {
    array: MapArray,
}

impl Maps {
    /// The maps of an argument.
    pub(super) fn new(args: &Args<'_>, index: usize) -> Result<Self, ExprError> {
        Self::of(&args.array(index)?)
    }

    /// The maps of an array.
    pub(super) fn of(array: &ArrayRef) -> Result<Self, ExprError> {
        match array.as_map_opt() {
            Some(array) => Ok(Self { array: array.clone() }),
            None => Err(ExprError::new(format!(
                "a map is expected where {} came; this is a bug in Weir",
                array.data_type()
            ))),
        }
    }

    /// Where a row's entries lie among all; `None` where the map is null.
    pub(super) fn range(&self, row: usize) -> Option<Range<usize>> {
        let offsets = self.array.value_offsets();
        let at = |index: usize| usize::try_from(offsets[index]).unwrap_or(0);
        self.array.is_valid(row).then(|| at(row)..at(row + 1))
    }

    /// All keys.
    pub(super) fn keys(&self) -> &ArrayRef {
        self.array.keys()
    }

    /// All values.
    pub(super) fn values(&self) -> &ArrayRef {
        self.array.values()
    }
}

/// Lists, or maps, in the making: the places of their items among those of another column.
#[derive(Default)]
pub(super) struct Picks {
    items: Vec<Option<u64>>,
    ends: Vec<i32>,
    valid: Vec<bool>,
}

impl Picks {
    /// Adds an item to the list in the making.
    pub(super) fn push(&mut self, item: usize) {
        self.items.push(u64::try_from(item).ok());
    }

    /// Adds a null.
    pub(super) fn push_null(&mut self) {
        self.items.push(None);
    }

    /// Adds several items.
    pub(super) fn extend(&mut self, items: impl IntoIterator<Item = usize>) {
        items.into_iter().for_each(|item| self.push(item));
    }

    /// Ends the row's list.
    pub(super) fn end(&mut self) -> Result<(), ExprError> {
        self.close(true)
    }

    /// The row's list is null.
    pub(super) fn end_null(&mut self) -> Result<(), ExprError> {
        self.close(false)
    }

    fn close(&mut self, is_valid: bool) -> Result<(), ExprError> {
        let end = i32::try_from(self.items.len())
            .map_err(|_| ExprError::new("the lists of a batch have too many items together"))?;
        self.ends.push(end);
        self.valid.push(is_valid);
        Ok(())
    }

    fn offsets(&self) -> OffsetBuffer<i32> {
        OffsetBuffer::new(ScalarBuffer::from_iter(std::iter::once(0).chain(self.ends.iter().copied())))
    }

    fn nulls(&self) -> Option<NullBuffer> {
        Some(NullBuffer::from(self.valid.clone())).filter(|nulls| nulls.null_count() > 0)
    }

    /// The lists, of the type a call gives.
    pub(super) fn into_lists(self, values: &ArrayRef, gives: &DataType) -> Result<ArrayRef, ExprError> {
        let DataType::List(field) = gives else { return Err(ExprError::new("a list is made where none is given")) };
        let items = take(values, &UInt64Array::from(self.items.clone()), None)?;
        let items = crate::expr::cast::cast_array(&items, field.data_type(), false)?;
        Ok(Arc::new(ListArray::try_new(Arc::clone(field), self.offsets(), items, self.nulls())?))
    }

    /// The maps, of the type a call gives. No key is null, none is there twice in one map.
    pub(super) fn into_maps(self, keys: &ArrayRef, values: &ArrayRef, gives: &DataType) -> Result<ArrayRef, ExprError> {
        let picked = UInt64Array::from(self.items.clone());
        map_of_entries(&take(keys, &picked, None)?, &take(values, &picked, None)?, self.offsets(), self.nulls(), gives)
    }
}

/// Maps of their entries, of the type a call gives.
pub(super) fn map_of_entries(
    keys: &ArrayRef,
    values: &ArrayRef,
    offsets: OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
    gives: &DataType,
) -> Result<ArrayRef, ExprError> {
    let (DataType::Map(entries, sorted), Some((key, value))) = (gives, crate::expr::types::map_parts(gives)) else {
        return Err(ExprError::new("a map is made where none is given"));
    };
    let keys = crate::expr::cast::cast_array(keys, key.data_type(), false)?;
    let values = crate::expr::cast::cast_array(values, value.data_type(), false)?;
    let fields = Fields::from(vec![Arc::clone(key), Arc::clone(value)]);
    let structs = StructArray::try_new(fields, vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(Arc::clone(entries), offsets, structs, nulls, *sorted)?))
}
