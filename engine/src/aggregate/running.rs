//! Aggregates over everything so far: keys, and per key the states as columns.
//!
//! A batch costs what it touches: the states of its keys are gathered, merged with the batch's own, and written back.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;

use crate::metrics::ParkedColumn;

use super::{Accumulators, AggregateError, Aggregation, Call, Carried, Grouped, KeyedStore, Renumbered, States};

/// The state of a running aggregation.
pub struct RunningState {
    aggregation: Arc<Aggregation>,
    table: KeyedStore,
}

impl RunningState {
    /// Nothing seen yet.
    pub fn new(aggregation: &Arc<Aggregation>) -> Result<Self, AggregateError> {
        Ok(Self { aggregation: Arc::clone(aggregation), table: KeyedStore::new(aggregation.keys())? })
    }

    /// Takes a batch in. Gives the groups it touched, in its order.
    pub fn absorb(&mut self, batch: &Grouped) -> Result<Vec<u32>, AggregateError> {
        Ok(self.merge(batch)?.0)
    }

    /// The same with the results of these groups so far: what is merged anyway is not read once more.
    pub fn absorb_and_evaluate(&mut self, batch: Grouped) -> Result<(Vec<u32>, RecordBatch), AggregateError> {
        let (touched, merged) = self.merge(&batch)?;
        if touched.is_empty() {
            return Ok((touched, RecordBatch::new_empty(Arc::clone(self.aggregation.output()))));
        }
        let results = self.results_of(&merged, touched.len())?;
        Ok((touched, self.aggregation.batch(batch.keys, results)?))
    }

    /// The results of these states. Most are their own result; only the others are computed.
    fn results_of(&self, states: &States, groups: usize) -> Result<Vec<ArrayRef>, AggregateError> {
        let calls = self.aggregation.calls();
        let is_result = |call: usize| calls.get(call).is_some_and(Call::is_its_state);
        let mut accumulators = Accumulators::of_calls(&self.aggregation, |call| !is_result(call))?;
        let own: Vec<usize> = if (0..calls.len()).all(is_result) { Vec::new() } else { (0..groups).collect() };
        accumulators.grow(groups)?;
        accumulators.merge(states, &own, groups)?;
        let mut results = Vec::with_capacity(calls.len());
        for (index, computed) in accumulators.evaluate_some()?.into_iter().enumerate() {
            if self.aggregation.is_parked(index) {
                continue;
            }
            let state = states.get(index).and_then(|columns| columns.first());
            results.push(match (computed, state, calls.get(index)) {
                (Some(computed), _, _) => computed,
                (None, Some(state), Some(call)) => call.finish(Arc::clone(state))?,
                (None, _, _) => {
                    return Err(AggregateError("an aggregate has no state; this is a bug in Weir".to_owned()));
                }
            });
        }
        Ok(results)
    }

    /// Merges a batch in; gives the groups it touched, and their states.
    fn merge(&mut self, batch: &Grouped) -> Result<(Vec<u32>, States), AggregateError> {
        if batch.groups == 0 {
            return Ok((Vec::new(), States::new()));
        }
        let touched = self.table.intern(&batch.keys, batch.groups)?;
        let rows: Vec<usize> = (0..touched.len()).filter(|&row| self.table.contains(touched[row])).collect();
        let known: Vec<u32> = rows.iter().map(|&row| touched[row]).collect();
        let total = touched.len();
        let mut accumulators = Accumulators::new(&self.aggregation)?;
        if !known.is_empty() {
            accumulators.merge(&self.split(self.table.gather(&known)?), &rows, total)?;
        }
        let own: Vec<usize> = (0..total).collect();
        accumulators.merge(&batch.states, &own, total)?;
        let merged = accumulators.state()?;
        self.table.put(&touched, merged.iter().flatten().cloned().collect())?;
        Ok((touched, merged))
    }

    /// The results of these groups so far.
    pub fn evaluate(&self, groups: &[u32]) -> Result<RecordBatch, AggregateError> {
        if groups.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(self.aggregation.output())));
        }
        let mut accumulators = Accumulators::new(&self.aggregation)?;
        let own: Vec<usize> = (0..groups.len()).collect();
        accumulators.grow(groups.len())?;
        if groups.iter().all(|&group| self.table.contains(group)) {
            accumulators.merge(&self.split(self.table.gather(groups)?), &own, groups.len())?;
        }
        self.aggregation.batch(self.table.keys(groups)?, accumulators.evaluate()?)
    }

    /// The aggregation.
    pub fn aggregation(&self) -> &Arc<Aggregation> {
        &self.aggregation
    }

    /// All groups, in the order in which they were first seen. Without keys there is always one.
    pub fn groups(&self) -> Vec<u32> {
        if self.aggregation.is_keyless() { vec![0] } else { self.table.ids() }
    }

    /// Whether the group is there.
    pub fn contains(&self, group: u32) -> bool {
        self.aggregation.is_keyless() || self.table.contains(group)
    }

    /// Removes groups: should their keys come again, they begin anew.
    pub fn remove(&mut self, groups: &[u32]) {
        self.table.remove(groups);
    }

    /// Lets go of removed groups where that is worth it. Gives the new numbers of the others.
    pub fn tidy(&mut self) -> Result<Option<Renumbered>, AggregateError> {
        self.table.tidy()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        if self.aggregation.is_keyless() { 1 } else { self.table.len() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Goes on with another's state of the same keys. Calls that it lacks are parked.
    pub fn take_over(&mut self, old: Self) -> Result<Carried, AggregateError> {
        self.aggregation = Arc::new(self.aggregation.parking(&old.aggregation));
        let (from, carried) = self.aggregation.carry(&old.aggregation);
        let aggregation = Arc::clone(&self.aggregation);
        self.table = old.table;
        self.table.convert(|columns, rows| {
            let states = split(&old.aggregation, columns);
            Ok(rearrange(&aggregation, &from, &states, rows)?.into_iter().flatten().collect())
        })?;
        Ok(carried)
    }

    /// Takes these calls to be parked, for a rehearsal.
    pub fn imagine(&mut self, parked: &[ParkedColumn]) {
        self.aggregation = Arc::new(self.aggregation.with_ghosts(parked));
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        self.table.size()
    }

    fn split(&self, columns: Vec<ArrayRef>) -> States {
        split(&self.aggregation, columns)
    }
}

/// Columns one after the other, back to columns per call.
pub(crate) fn split(aggregation: &Aggregation, columns: Vec<ArrayRef>) -> States {
    let mut columns = columns.into_iter();
    aggregation.calls().iter().map(|call| columns.by_ref().take(call.state_fields().len()).collect()).collect()
}

/// Old states in the order of the new calls; a call that is new starts blank.
pub(crate) fn rearrange(
    aggregation: &Arc<Aggregation>,
    from: &[Option<usize>],
    old: &States,
    rows: usize,
) -> Result<States, AggregateError> {
    let mut blank = Accumulators::blank(aggregation, rows)?;
    let choose = |(index, from): (usize, &Option<usize>)| match from.and_then(|from| old.get(from)) {
        Some(columns) => columns.clone(),
        None => blank.get_mut(index).map(std::mem::take).unwrap_or_default(),
    };
    Ok(from.iter().enumerate().map(choose).collect())
}
