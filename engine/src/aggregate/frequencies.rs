//! How often each value comes, for the mode: the value that comes most often.
//!
//! Spark leaves open which of several equally frequent values it gives; here it is the one that was seen first, so that
//! a repeated run gives the same.

use std::hash::BuildHasher;
use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray, UInt32Array, new_null_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use arrow::row::{RowConverter, SortField};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use hashbrown::{DefaultHashBuilder, HashTable};

use super::normalised;

/// Per group its different values, in the order in which they were first seen, and how often each came.
pub(super) struct Frequencies {
    data_type: DataType,
    converter: RowConverter,
    hasher: DefaultHashBuilder,
    groups: Vec<Counts>,
}

/// The values of a group, as comparable bytes.
#[derive(Default)]
struct Counts {
    places: HashTable<usize>,
    values: Vec<(Box<[u8]>, i64)>,
}

impl Counts {
    fn add(&mut self, value: &[u8], count: i64, hasher: &DefaultHashBuilder) {
        let hash = hasher.hash_one(value);
        match self.places.find(hash, |&at| *self.values[at].0 == *value) {
            Some(&at) => self.values[at].1 += count,
            None => {
                let values = &self.values;
                self.places.insert_unique(hash, values.len(), |&at| hasher.hash_one(&*values[at].0));
                self.values.push((value.into(), count));
            }
        }
    }

    fn most_frequent(&self) -> Option<&[u8]> {
        let mut best: Option<&(Box<[u8]>, i64)> = None;
        for candidate in &self.values {
            if best.is_none_or(|best| candidate.1 > best.1) {
                best = Some(candidate);
            }
        }
        best.map(|(value, _)| &**value)
    }
}

impl Frequencies {
    /// Of values of this type, if they can be compared.
    pub(super) fn new(data_type: &DataType) -> Result<Self> {
        let converter = RowConverter::new(vec![SortField::new(data_type.clone())])?;
        Ok(Self { data_type: data_type.clone(), converter, hasher: DefaultHashBuilder::default(), groups: Vec::new() })
    }

    /// The state columns.
    pub(super) fn state_fields(name: &str, data_type: &DataType) -> Vec<FieldRef> {
        let list = |part: &str, item: &DataType| {
            Arc::new(Field::new(format!("{name}[{part}]"), DataType::new_list(item.clone(), true), false))
        };
        vec![list("values", data_type), list("counts", &DataType::Int64)]
    }

    /// Bytes, back to a column.
    fn column<'a>(&self, values: impl Iterator<Item = &'a [u8]>) -> Result<ArrayRef> {
        let parser = self.converter.parser();
        let mut columns = self.converter.convert_rows(values.map(|bytes| parser.parse(bytes)))?;
        columns.pop().ok_or_else(|| DataFusionError::Internal("a column was lost".to_owned()))
    }
}

impl GroupsAccumulator for Frequencies {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups.resize_with(total_num_groups.max(self.groups.len()), Counts::default);
        let Some(values) = values.first() else { return Ok(()) };
        let rows = self.converter.convert_columns(&[normalised(values)])?;
        for (row, &group) in group_indices.iter().enumerate() {
            let passes = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if passes && values.is_valid(row) {
                self.groups[group].add(rows.row(row).as_ref(), 1, &self.hasher);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = emit_to.take_needed(&mut self.groups);
        let found: Vec<Option<&[u8]>> = groups.iter().map(Counts::most_frequent).collect();
        if found.iter().all(Option::is_none) {
            return Ok(new_null_array(&self.data_type, groups.len()));
        }
        let column = self.column(found.iter().flatten().copied())?;
        let mut next = 0..;
        let places: UInt32Array = found.iter().map(|value| value.and_then(|_| next.next())).collect();
        Ok(take(&column, &places, None)?)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit_to.take_needed(&mut self.groups);
        let all = || groups.iter().flat_map(|counts| &counts.values);
        let values = self.column(all().map(|(value, _)| &**value))?;
        let counts: ArrayRef = Arc::new(Int64Array::from_iter_values(all().map(|(_, count)| *count)));
        let lengths = || OffsetBuffer::from_lengths(groups.iter().map(|counts| counts.values.len()));
        let list = |items: ArrayRef| -> Result<ArrayRef> {
            let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
            Ok(Arc::new(ListArray::try_new(field, lengths(), items, None)?))
        };
        Ok(vec![list(values)?, list(counts)?])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.groups.resize_with(total_num_groups.max(self.groups.len()), Counts::default);
        let [values, counts] = values else { return Ok(()) };
        let (lists, counts) = (values.as_list::<i32>(), counts.as_list::<i32>());
        let rows = self.converter.convert_columns(&[Arc::clone(lists.values())])?;
        let numbers = counts.values().as_primitive::<Int64Type>();
        for (row, &group) in group_indices.iter().enumerate() {
            if lists.is_null(row) {
                continue;
            }
            let (own, other) = (lists.value_offsets()[row], counts.value_offsets()[row]);
            for item in 0..lists.value_length(row) {
                let (value, count) = ((own + item).unsigned_abs() as usize, (other + item).unsigned_abs() as usize);
                self.groups[group].add(rows.row(value).as_ref(), numbers.value(count), &self.hasher);
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let own: Vec<usize> = (0..rows).collect();
        let mut each = Self::new(&self.data_type)?;
        each.update_batch(values, &own, opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        let of = |counts: &Counts| {
            let bytes: usize = counts.values.iter().map(|(value, _)| value.len()).sum();
            bytes + counts.values.capacity() * size_of::<(Box<[u8]>, i64)>() + counts.places.allocation_size()
        };
        self.groups.iter().map(of).sum::<usize>() + self.groups.capacity() * size_of::<Counts>()
    }
}
