//! Sums and extremes kept value by value: what a group has so far is folded with each new value.
//!
//! DataFusion's own wrap around where a sum of whole numbers grows too large, and take whatever comes after a NaN for
//! smaller and larger at once. Here a sum that does not fit is an error (or null, where that is asked for), NaN is the
//! greatest number, and -0.0 is 0.0.

use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::DataType;
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{EmitTo, GroupsAccumulator};

use super::error::sum_too_large;

/// How a value joins what is there; `None` where the result does not fit.
type Fold<T> = fn(
    <T as ArrowPrimitiveType>::Native,
    <T as ArrowPrimitiveType>::Native,
) -> Option<<T as ArrowPrimitiveType>::Native>;

/// Per group what its values fold to. The state is the result, null where nothing was seen; where a result that does
/// not fit is null, a second column says so.
#[derive(Debug)]
pub(super) struct Folding<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    seen: Vec<bool>,
    /// Which groups came to a result that did not fit; `None` where that is an error.
    burst: Option<Vec<bool>>,
    fold: Fold<T>,
    data_type: DataType,
}

impl<T: ArrowPrimitiveType> Folding<T> {
    /// An accumulator with no groups, whose results have this type.
    pub(super) fn new(fold: Fold<T>, data_type: DataType) -> Self {
        Self { values: Vec::new(), seen: Vec::new(), burst: None, fold, data_type }
    }

    /// The same, where a result that does not fit is null.
    pub(super) fn or_null(self) -> Self {
        Self { burst: Some(Vec::new()), ..self }
    }

    fn grow(&mut self, groups: usize) {
        let groups = groups.max(self.values.len());
        self.values.resize(groups, T::Native::default());
        self.seen.resize(groups, false);
        if let Some(burst) = &mut self.burst {
            burst.resize(groups, false);
        }
    }

    fn add(&mut self, group: usize, value: T::Native) -> Result<()> {
        if self.seen[group] {
            match ((self.fold)(self.values[group], value), &mut self.burst) {
                (Some(folded), _) => self.values[group] = folded,
                // What comes after it does not make it fit again.
                (None, Some(burst)) => burst[group] = true,
                (None, None) => return Err(too_large(&self.data_type)),
            }
        } else {
            self.seen[group] = true;
            self.values[group] = value;
        }
        Ok(())
    }

    /// The results, and which of them did not fit.
    fn emit(&mut self, emit_to: EmitTo) -> (PrimitiveArray<T>, Option<BooleanBuffer>) {
        let seen = emit_to.take_needed(&mut self.seen);
        let burst = self.burst.as_mut().map(|burst| emit_to.take_needed(burst));
        let values = emit_to.take_needed(&mut self.values);
        let nulls = NullBuffer::new(BooleanBuffer::from(seen));
        let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
        let values = PrimitiveArray::<T>::new(ScalarBuffer::from(values), nulls);
        (values.with_data_type(self.data_type.clone()), burst.map(BooleanBuffer::from))
    }
}

fn too_large(data_type: &DataType) -> DataFusionError {
    DataFusionError::Execution(sum_too_large(data_type))
}

impl<T: ArrowPrimitiveType> GroupsAccumulator for Folding<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
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
        let (values, burst) = self.emit(emit_to);
        let Some(burst) = burst else { return Ok(Arc::new(values)) };
        let fitting = NullBuffer::new(!&burst);
        let nulls = NullBuffer::union(values.nulls(), Some(&fitting));
        let (data_type, values, _) = values.into_parts();
        Ok(Arc::new(PrimitiveArray::<T>::new(values, nulls).with_data_type(data_type)))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (values, burst) = self.emit(emit_to);
        let burst = burst.map(|burst| Arc::new(BooleanArray::new(burst, None)) as ArrayRef);
        Ok(std::iter::once(Arc::new(values) as ArrayRef).chain(burst).collect())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.update_batch(values, group_indices, None, total_num_groups)?;
        if let (Some(burst), Some(other)) = (&mut self.burst, values.get(1).and_then(|other| other.as_boolean_opt())) {
            for (row, &group) in group_indices.iter().enumerate() {
                burst[group] |= other.is_valid(row) && other.value(row);
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let mut each = Self::new(self.fold, self.data_type.clone());
        each.burst = self.burst.as_ref().map(|_| Vec::new());
        let own: Vec<usize> = (0..rows).collect();
        each.update_batch(values, &own, opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.values.capacity() * size_of::<T::Native>() + self.seen.capacity()
    }
}
