//! Running totals of exact states: what a sliding window adds when a pane enters it and subtracts when it leaves.
//!
//! A total is a dense vector by group id. Addition wraps, so that adding and later subtracting the same states always
//! restores the total, even if it overflowed in between. Beside each total stands the number of states in it that are
//! not null: at none the total is null again, as the sum of no values is.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, Int64Type, UInt64Type};

/// Totals of some state columns.
#[derive(Default)]
pub struct Totals {
    columns: Vec<Box<dyn Total>>,
}

impl Totals {
    /// Whether states of this type can be added and subtracted without loss.
    pub fn supports(state: &DataType) -> bool {
        total_of(state).is_some()
    }

    /// For states of these types, all of them supported.
    pub fn new<'a>(states: impl IntoIterator<Item = &'a DataType>) -> Self {
        Self { columns: states.into_iter().filter_map(total_of).collect() }
    }

    /// Makes room for so many groups.
    pub fn grow(&mut self, groups: usize) {
        for column in &mut self.columns {
            column.grow(groups);
        }
    }

    /// Adds states, row by row to the group of this id.
    pub fn add(&mut self, groups: &[u32], states: &[&ArrayRef]) {
        for (column, state) in self.columns.iter_mut().zip(states) {
            column.add(groups, state);
        }
    }

    /// Subtracts states that were added before.
    pub fn subtract(&mut self, groups: &[u32], states: &[&ArrayRef]) {
        for (column, state) in self.columns.iter_mut().zip(states) {
            column.subtract(groups, state);
        }
    }

    /// The totals of these groups, again as state columns.
    pub fn gather(&self, groups: &[u32]) -> Vec<ArrayRef> {
        self.columns.iter().map(|column| column.gather(groups)).collect()
    }

    /// Bytes.
    pub fn size(&self) -> usize {
        self.columns.iter().map(|column| column.size()).sum()
    }
}

trait Total: Send {
    fn grow(&mut self, groups: usize);
    fn add(&mut self, groups: &[u32], state: &ArrayRef);
    fn subtract(&mut self, groups: &[u32], state: &ArrayRef);
    fn gather(&self, groups: &[u32]) -> ArrayRef;
    fn size(&self) -> usize;
}

fn total_of(state: &DataType) -> Option<Box<dyn Total>> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "an open list of types, of which these four are exact sums")]
    match state {
        DataType::Int64 => Some(Box::new(Dense::<Int64Type>::new(state))),
        DataType::UInt64 => Some(Box::new(Dense::<UInt64Type>::new(state))),
        DataType::Decimal128(..) => Some(Box::new(Dense::<Decimal128Type>::new(state))),
        DataType::Decimal256(..) => Some(Box::new(Dense::<Decimal256Type>::new(state))),
        _ => None,
    }
}

struct Dense<T: ArrowPrimitiveType> {
    data_type: DataType,
    totals: Vec<T::Native>,
    valid: Vec<u32>,
}

impl<T: ArrowPrimitiveType> Dense<T> {
    fn new(data_type: &DataType) -> Self {
        Self { data_type: data_type.clone(), totals: Vec::new(), valid: Vec::new() }
    }
}

impl<T: ArrowPrimitiveType> Total for Dense<T> {
    fn grow(&mut self, groups: usize) {
        if groups > self.totals.len() {
            self.totals.resize(groups, T::Native::default());
            self.valid.resize(groups, 0);
        }
    }

    fn add(&mut self, groups: &[u32], state: &ArrayRef) {
        let state = state.as_primitive::<T>();
        let nulls = state.nulls().filter(|nulls| nulls.null_count() > 0);
        for (row, (&group, &value)) in groups.iter().zip(state.values()).enumerate() {
            if nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                let total = &mut self.totals[group as usize];
                *total = total.add_wrapping(value);
                self.valid[group as usize] += 1;
            }
        }
    }

    fn subtract(&mut self, groups: &[u32], state: &ArrayRef) {
        let state = state.as_primitive::<T>();
        let nulls = state.nulls().filter(|nulls| nulls.null_count() > 0);
        for (row, (&group, &value)) in groups.iter().zip(state.values()).enumerate() {
            if nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                let total = &mut self.totals[group as usize];
                *total = total.sub_wrapping(value);
                self.valid[group as usize] -= 1;
            }
        }
    }

    fn gather(&self, groups: &[u32]) -> ArrayRef {
        let value = |&group: &u32| (self.valid[group as usize] > 0).then(|| self.totals[group as usize]);
        let column: PrimitiveArray<T> = groups.iter().map(value).collect();
        Arc::new(column.with_data_type(self.data_type.clone()))
    }

    fn size(&self) -> usize {
        self.totals.capacity() * size_of::<T::Native>() + self.valid.capacity() * size_of::<u32>()
    }
}
