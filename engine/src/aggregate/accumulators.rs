//! The accumulators of all calls over one set of groups: made, fed, read once.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, new_empty_array};
use datafusion_expr::{EmitTo, GroupsAccumulator};

use super::{AggregateError, Aggregation, compact};

/// Per call its state columns, one row per group. A call that takes no part has no columns.
pub type States = Vec<Vec<ArrayRef>>;

/// Scratch accumulators. Groups are counted from 0 without gaps; reading takes everything out.
pub struct Accumulators {
    aggregation: Arc<Aggregation>,
    list: Vec<Option<Box<dyn GroupsAccumulator>>>,
    groups: usize,
}

impl Accumulators {
    /// For all calls.
    pub fn new(aggregation: &Arc<Aggregation>) -> Result<Self, AggregateError> {
        Self::of_calls(aggregation, |_| true)
    }

    /// For the calls that `wanted` says, by their position.
    pub fn of_calls(aggregation: &Arc<Aggregation>, wanted: impl Fn(usize) -> bool) -> Result<Self, AggregateError> {
        let make = |(index, call): (usize, &super::Call)| wanted(index).then(|| call.accumulator()).transpose();
        let list = aggregation.calls().iter().enumerate().map(make).collect::<Result<_, _>>()?;
        Ok(Self { aggregation: Arc::clone(aggregation), list, groups: 0 })
    }

    /// Takes rows in: per call its prepared argument, per row its group.
    pub fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], total: usize) -> Result<(), AggregateError> {
        self.groups = self.groups.max(total);
        // Parked calls see no row, but have a state for every group.
        self.grow_from(arguments.len())?;
        for (accumulator, argument) in self.list.iter_mut().zip(arguments) {
            if let Some(accumulator) = accumulator {
                accumulator.update_batch(std::slice::from_ref(argument), groups, None, self.groups)?;
            }
        }
        Ok(())
    }

    /// Merges states in: per row its group. Calls whose columns are absent stay as they are.
    pub fn merge(&mut self, states: &States, groups: &[usize], total: usize) -> Result<(), AggregateError> {
        if total > self.groups {
            self.grow(total)?;
        }
        for (accumulator, columns) in self.list.iter_mut().zip(states) {
            if let Some(accumulator) = accumulator
                && !columns.is_empty()
            {
                accumulator.merge_batch(columns, groups, self.groups)?;
            }
        }
        Ok(())
    }

    /// Makes sure there are so many groups, even if no row or state falls into them.
    ///
    /// DataFusion's accumulators take it that a batch without nulls touches every group up to the total. Rows of a
    /// table of keys do; states may not. The empty filter makes them note per group what was seen, so that a group
    /// that saw nothing stays null.
    pub fn grow(&mut self, total: usize) -> Result<(), AggregateError> {
        self.groups = self.groups.max(total);
        self.grow_from(0)
    }

    /// The same of the calls from this position on.
    fn grow_from(&mut self, first: usize) -> Result<(), AggregateError> {
        if first >= self.list.len() {
            return Ok(());
        }
        let filter = BooleanArray::new_null(0);
        for (accumulator, call) in self.list.iter_mut().zip(self.aggregation.calls()).skip(first) {
            if let Some(accumulator) = accumulator {
                accumulator.update_batch(&[new_empty_array(call.argument_type())], &[], Some(&filter), self.groups)?;
            }
        }
        Ok(())
    }

    /// Takes the states out, in buffers of their own.
    pub fn state(&mut self) -> Result<States, AggregateError> {
        let groups = std::mem::take(&mut self.groups);
        let mut states = States::with_capacity(self.list.len());
        for (accumulator, call) in self.list.iter_mut().zip(self.aggregation.calls()) {
            states.push(match accumulator {
                None => Vec::new(),
                Some(_) if groups == 0 => {
                    call.state_fields().iter().map(|field| new_empty_array(field.data_type())).collect()
                }
                Some(accumulator) => accumulator.state(EmitTo::All)?.iter().map(compact).collect(),
            });
        }
        Ok(states)
    }

    /// Takes the results out, a column per call; calls that take no part and parked ones give `None`.
    pub fn evaluate_some(&mut self) -> Result<Vec<Option<ArrayRef>>, AggregateError> {
        let groups = std::mem::take(&mut self.groups);
        let mut results = Vec::with_capacity(self.list.len());
        for (index, (accumulator, call)) in self.list.iter_mut().zip(self.aggregation.calls()).enumerate() {
            results.push(match accumulator {
                None => None,
                Some(_) if self.aggregation.is_parked(index) => None,
                Some(_) if groups == 0 => Some(new_empty_array(call.field().data_type())),
                Some(accumulator) => Some(call.finish(accumulator.evaluate(EmitTo::All)?)?),
            });
        }
        Ok(results)
    }

    /// Takes the results out, a column per call that is not parked.
    pub fn evaluate(&mut self) -> Result<Vec<ArrayRef>, AggregateError> {
        Ok(self.evaluate_some()?.into_iter().flatten().collect())
    }

    /// The state of so many groups that saw nothing.
    pub fn blank(aggregation: &Arc<Aggregation>, groups: usize) -> Result<States, AggregateError> {
        let mut blank = Self::new(aggregation)?;
        blank.grow(groups)?;
        blank.state()
    }
}
