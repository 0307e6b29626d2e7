//! Approximate percentiles: per group a [`Summary`] of its values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type};
use datafusion_common::Result;
use datafusion_expr::{EmitTo, GroupsAccumulator};

use super::summary::{Sample, Summary};

/// Per group a summary of its values. Takes doubles.
pub(super) struct Quantiles {
    groups: Vec<Summary>,
    /// Which part of all values lies below the result.
    part: f64,
    /// Whether the result is `bigint`. It is made here, since the greatest double of that range is one beyond it.
    is_whole: bool,
}

impl Quantiles {
    /// For this part of all values, from 0 to 1.
    pub(super) fn new(part: f64, result: &DataType) -> Self {
        Self { groups: Vec::new(), part, is_whole: *result == DataType::Int64 }
    }

    /// The state columns.
    pub(super) fn state_fields(name: &str) -> Vec<FieldRef> {
        let list = |part: &str, item: DataType| {
            Arc::new(Field::new(format!("{name}[{part}]"), DataType::new_list(item, true), false))
        };
        vec![
            list("values", DataType::Float64),
            list("gaps", DataType::Int64),
            list("spreads", DataType::Int64),
            Arc::new(Field::new(format!("{name}[count]"), DataType::Int64, false)),
        ]
    }
}

impl GroupsAccumulator for Quantiles {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(total_num_groups.max(self.groups.len()), Summary::default);
        let Some(values) = values.first() else { return Ok(()) };
        let values = values.as_primitive::<Float64Type>();
        for (row, &group) in group_indices.iter().enumerate() {
            let passes = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if passes && values.is_valid(row) {
                self.groups[group].add(values.value(row));
            }
        }
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "numbers beyond bigint end at its bounds, as in Spark")]
    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let mut groups = emit_to.take_needed(&mut self.groups);
        let results = groups.iter_mut().map(|summary| summary.quantile(self.part));
        Ok(if self.is_whole {
            Arc::new(results.map(|result| result.map(|number| number as i64)).collect::<Int64Array>())
        } else {
            Arc::new(results.collect::<Float64Array>())
        })
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let mut groups = emit_to.take_needed(&mut self.groups);
        let (mut all, mut lengths, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for summary in &mut groups {
            let (samples, count) = summary.settled();
            all.extend_from_slice(samples);
            lengths.push(samples.len());
            counts.push(count);
        }
        let list = |items: ArrayRef| -> Result<ArrayRef> {
            let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
            Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths.iter().copied()), items, None)?))
        };
        let numbers = |of: fn(&Sample) -> i64| Arc::new(Int64Array::from_iter_values(all.iter().map(of)));
        Ok(vec![
            list(Arc::new(Float64Array::from_iter_values(all.iter().map(|sample| sample.value))))?,
            list(numbers(|sample| sample.gap))?,
            list(numbers(|sample| sample.spread))?,
            Arc::new(Int64Array::from(counts)),
        ])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.groups.resize_with(total_num_groups.max(self.groups.len()), Summary::default);
        let [values, gaps, spreads, counts] = values else { return Ok(()) };
        let counts = counts.as_primitive::<Int64Type>();
        for (row, &group) in group_indices.iter().enumerate() {
            if values.is_null(row) || counts.is_null(row) || counts.value(row) == 0 {
                continue;
            }
            let values = values.as_list::<i32>().value(row);
            let (gaps, spreads) = (gaps.as_list::<i32>().value(row), spreads.as_list::<i32>().value(row));
            let values = values.as_primitive::<Float64Type>().values();
            let (gaps, spreads) = (gaps.as_primitive::<Int64Type>(), spreads.as_primitive::<Int64Type>());
            let sample = |at: usize| Sample { value: values[at], gap: gaps.value(at), spread: spreads.value(at) };
            self.groups[group].merge((0..values.len()).map(sample), counts.value(row));
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let own: Vec<usize> = (0..rows).collect();
        let mut each = Self { groups: Vec::new(), ..*self };
        each.update_batch(values, &own, opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.groups.iter().map(Summary::size).sum::<usize>() + self.groups.capacity() * size_of::<Summary>()
    }
}
