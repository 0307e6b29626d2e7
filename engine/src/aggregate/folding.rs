//! Sums and extremes kept value by value: what a group has so far is folded with each new value.
//!
//! DataFusion's own wrap around where a sum of whole numbers grows too large, and take whatever comes after a NaN for
//! smaller and larger at once. Here a sum that does not fit is an error, NaN is the greatest number, and -0.0 is 0.0.

use std::mem::{size_of, take};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{EmitTo, GroupsAccumulator};

/// How a value joins what is there; `None` where the result does not fit.
type Fold<T> = fn(
    <T as ArrowPrimitiveType>::Native,
    <T as ArrowPrimitiveType>::Native,
) -> Option<<T as ArrowPrimitiveType>::Native>;

/// Per group what its values fold to. The state is the result: one column, null where nothing was seen.
#[derive(Debug)]
pub(super) struct Folding<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    seen: Vec<bool>,
    fold: Fold<T>,
}

impl<T: ArrowPrimitiveType> Folding<T> {
    /// An accumulator with no groups.
    pub(super) fn new(fold: Fold<T>) -> Self {
        Self { values: Vec::new(), seen: Vec::new(), fold }
    }

    fn add(&mut self, group: usize, value: T::Native) -> Result<()> {
        if self.seen[group] {
            let Some(folded) = (self.fold)(self.values[group], value) else { return Err(too_large()) };
            self.values[group] = folded;
        } else {
            self.seen[group] = true;
            self.values[group] = value;
        }
        Ok(())
    }

    fn emit(&mut self, emit_to: EmitTo) -> ArrayRef {
        let (values, seen) = match emit_to {
            EmitTo::All => (take(&mut self.values), take(&mut self.seen)),
            EmitTo::First(_) => (emit_to.take_needed(&mut self.values), emit_to.take_needed(&mut self.seen)),
        };
        let nulls = NullBuffer::new(BooleanBuffer::from(seen));
        let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
        Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::from(values), nulls))
    }
}

fn too_large() -> DataFusionError {
    DataFusionError::Execution("a sum grew too large for bigint; cast to double or decimal first".to_owned())
}

impl<T: ArrowPrimitiveType> GroupsAccumulator for Folding<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let groups = total_num_groups.max(self.values.len());
        self.values.resize(groups, T::Native::default());
        self.seen.resize(groups, false);
        let Some(values) = values.first() else { return Ok(()) };
        let values = values.as_primitive::<T>();
        if values.null_count() == 0 && opt_filter.is_none() {
            for (&group, &value) in group_indices.iter().zip(values.values()) {
                self.add(group, value)?;
            }
            return Ok(());
        }
        for (row, &group) in group_indices.iter().enumerate() {
            let passes = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if passes && values.is_valid(row) {
                self.add(group, values.value(row))?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.emit(emit_to))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.emit(emit_to)])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.update_batch(values, group_indices, None, total_num_groups)
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let mut each = Self::new(self.fold);
        let own: Vec<usize> = (0..rows).collect();
        each.update_batch(values, &own, opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.values.capacity() * size_of::<T::Native>() + self.seen.capacity()
    }
}
