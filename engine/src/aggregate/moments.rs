//! Per group a few numbers that say how its values are spread, such as their count, mean and squared distances.
//!
//! What the numbers are, how a value joins them and how two groups' are merged is a [`Rule`]; the accumulator only
//! keeps them. All rules are the usual ones that stay exact when values are large beside their spread (Chan and others
//! 1979; Pébay 2008), taken in the order of operations in which Spark takes them.

use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion_common::Result;
use datafusion_expr::{EmitTo, GroupsAccumulator};

/// How values come together: of one value or of two, in so many parts.
#[derive(Clone, Copy)]
pub(super) struct Rule<const VALUES: usize, const PARTS: usize> {
    /// Takes a row in.
    pub(super) add: fn(&mut [f64; PARTS], [f64; VALUES]),
    /// Takes in what others came to.
    pub(super) merge: fn(&mut [f64; PARTS], &[f64; PARTS]),
    /// What it comes to.
    pub(super) result: fn(&[f64; PARTS]) -> Option<f64>,
}

/// Per group its parts; all are 0 where nothing was seen. One value is a column of doubles, two are a structure of two
/// such columns; a row where one is null does not count.
pub(super) struct Moments<const VALUES: usize, const PARTS: usize> {
    groups: Vec<[f64; PARTS]>,
    rule: Rule<VALUES, PARTS>,
}

impl<const VALUES: usize, const PARTS: usize> Moments<VALUES, PARTS> {
    /// No groups yet.
    pub(super) fn new(rule: Rule<VALUES, PARTS>) -> Self {
        Self { groups: Vec::new(), rule }
    }

    /// The state columns.
    pub(super) fn state_fields(name: &str) -> Vec<FieldRef> {
        let field = |part| Arc::new(Field::new(format!("{name}[{part}]"), DataType::Float64, false));
        (0..PARTS).map(field).collect()
    }

    fn grow(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), [0.0; PARTS]);
    }
}

/// The columns of a row's values.
fn columns(values: &ArrayRef) -> Vec<&Float64Array> {
    match values.as_struct_opt() {
        Some(pairs) => pairs.columns().iter().filter_map(|column| column.as_primitive_opt::<Float64Type>()).collect(),
        None => values.as_primitive_opt::<Float64Type>().into_iter().collect(),
    }
}

impl<const VALUES: usize, const PARTS: usize> GroupsAccumulator for Moments<VALUES, PARTS> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        let Some(values) = values.first() else { return Ok(()) };
        let columns = columns(values);
        let Ok(columns) = <[&Float64Array; VALUES]>::try_from(columns) else {
            return datafusion_common::internal_err!("the argument has another number of values");
        };
        for (row, &group) in group_indices.iter().enumerate() {
            let passes = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if passes && columns.iter().all(|column| column.is_valid(row)) {
                (self.rule.add)(&mut self.groups[group], columns.map(|column| column.value(row)));
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let result = self.rule.result;
        Ok(Arc::new(emit_to.take_needed(&mut self.groups).iter().map(result).collect::<Float64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit_to.take_needed(&mut self.groups);
        let column = |part: usize| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(groups.iter().map(|parts| parts[part])))
        };
        Ok((0..PARTS).map(column).collect())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.grow(total_num_groups);
        let columns: Vec<&Float64Array> = values.iter().map(AsArray::as_primitive::<Float64Type>).collect();
        let Ok(columns) = <[&Float64Array; PARTS]>::try_from(columns) else {
            return datafusion_common::internal_err!("the state has another number of columns");
        };
        for (row, &group) in group_indices.iter().enumerate() {
            if columns.iter().all(|column| column.is_valid(row)) {
                (self.rule.merge)(&mut self.groups[group], &columns.map(|column| column.value(row)));
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let own: Vec<usize> = (0..rows).collect();
        let mut each = Self::new(self.rule);
        each.update_batch(values, &own, opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<[f64; PARTS]>()
    }
}
