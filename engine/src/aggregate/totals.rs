//! Running totals of exact states: what a sliding window adds when a pane enters it and subtracts when it leaves.
//!
//! A total is a dense vector by group id. Addition wraps and is counted where it does, so that adding and later
//! subtracting the same states always restores the total, even if it overflowed in between; while it has wrapped, asking
//! for it is an error, as a sum that does not fit is everywhere. Beside each total stands the number of states in it
//! that are not null: at none the total is null again, as the sum of no values is.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, Int64Type, UInt64Type};

use super::AggregateError;
use super::error::sum_too_large;

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

    /// The totals of these groups, again as state columns. An error where one does not fit its type.
    pub fn gather(&self, groups: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
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
    fn gather(&self, groups: &[u32]) -> Result<ArrayRef, AggregateError>;
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
    /// How often a total went over the end of its type, less how often under the other: only those that stand beyond.
    wraps: HashMap<u32, i64>,
}

impl<T: ArrowPrimitiveType> Dense<T> {
    fn new(data_type: &DataType) -> Self {
        Self { data_type: data_type.clone(), totals: Vec::new(), valid: Vec::new(), wraps: HashMap::new() }
    }

    #[cold]
    fn wrap(&mut self, group: u32, is_upwards: bool) {
        let wraps = self.wraps.entry(group).or_default();
        *wraps += if is_upwards { 1 } else { -1 };
        if *wraps == 0 {
            self.wraps.remove(&group);
        }
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
                let sum = total.add_wrapping(value);
                let is_up = !value.is_lt(T::Native::ZERO);
                let has_wrapped = if is_up { sum.is_lt(*total) } else { sum.is_gt(*total) };
                *total = sum;
                self.valid[group as usize] += 1;
                if has_wrapped {
                    self.wrap(group, is_up);
                }
            }
        }
    }

    fn subtract(&mut self, groups: &[u32], state: &ArrayRef) {
        let state = state.as_primitive::<T>();
        let nulls = state.nulls().filter(|nulls| nulls.null_count() > 0);
        for (row, (&group, &value)) in groups.iter().zip(state.values()).enumerate() {
            if nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                let total = &mut self.totals[group as usize];
                let rest = total.sub_wrapping(value);
                let is_up = value.is_lt(T::Native::ZERO);
                let has_wrapped = if is_up { rest.is_lt(*total) } else { rest.is_gt(*total) };
                *total = rest;
                self.valid[group as usize] -= 1;
                if has_wrapped {
                    self.wrap(group, is_up);
                }
            }
        }
    }

    fn gather(&self, groups: &[u32]) -> Result<ArrayRef, AggregateError> {
        let too_large = || AggregateError(sum_too_large(&self.data_type));
        if !self.wraps.is_empty() && groups.iter().any(|group| self.wraps.contains_key(group)) {
            return Err(too_large());
        }
        let value = |&group: &u32| (self.valid[group as usize] > 0).then(|| self.totals[group as usize]);
        let column: PrimitiveArray<T> = groups.iter().map(value).collect();
        let column: ArrayRef = Arc::new(column.with_data_type(self.data_type.clone()));
        if let (DataType::Decimal128(precision, _), Some(decimals)) =
            (&self.data_type, column.as_primitive_opt::<Decimal128Type>())
        {
            decimals.validate_decimal_precision(*precision).map_err(|_| too_large())?;
        }
        Ok(column)
    }

    fn size(&self) -> usize {
        let wraps = self.wraps.capacity() * (size_of::<u32>() + size_of::<i64>());
        self.totals.capacity() * size_of::<T::Native>() + self.valid.capacity() * size_of::<u32>() + wraps
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;
    use proptest::prelude::*;

    use super::*;

    /// Numbers near the ends of their type, where a few of them no longer fit.
    fn number() -> impl Strategy<Value = Option<i64>> {
        prop_oneof![
            1 => Just(None),
            4 => (0i64..4).prop_map(|less| Some(i64::MAX - less)),
            4 => (0i64..4).prop_map(|more| Some(i64::MIN + more)),
            3 => (-4i64..4).prop_map(Some),
        ]
    }

    proptest! {
        #[test]
        fn a_total_is_the_exact_sum_of_what_is_in_it_or_an_error(
            states in prop::collection::vec((0u32..3, number()), 1..60), length in 1usize..9,
        ) {
            let mut totals = Totals::new([&DataType::Int64]);
            totals.grow(3);
            let column = |value: Option<i64>| Arc::new(Int64Array::from(vec![value])) as ArrayRef;
            for at in 0..states.len() {
                let (group, value) = states[at];
                totals.add(&[group], &[&column(value)]);
                if let Some(gone) = at.checked_sub(length) {
                    let (group, value) = states[gone];
                    totals.subtract(&[group], &[&column(value)]);
                }
                let held = &states[(at + 1).saturating_sub(length)..=at];
                for group in 0..3 {
                    let own: Vec<i64> = held.iter().filter(|state| state.0 == group).filter_map(|state| state.1).collect();
                    let exact: i128 = own.iter().copied().map(i128::from).sum();
                    match (totals.gather(&[group]), i64::try_from(exact)) {
                        (Ok(columns), Ok(sum)) => {
                            let found = columns[0].as_primitive::<Int64Type>();
                            prop_assert_eq!(found.is_valid(0).then(|| found.value(0)), (!own.is_empty()).then_some(sum));
                        }
                        (Err(error), Err(_)) => prop_assert!(error.0.contains("too large for bigint")),
                        (found, exact) => prop_assert!(false, "{:?} is not {:?}", found, exact),
                    }
                }
            }
        }
    }
}
