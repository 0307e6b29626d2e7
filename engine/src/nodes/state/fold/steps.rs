//! The steps of a fold within one batch: the rows of each key in rounds, then the keys without rows.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::{concat, filter, filter_record_batch, take_record_batch};
use arrow::record_batch::RecordBatch;

use super::super::condition::holds;
use super::operator::{Done, Emit, Fold};
use super::program::Faults;
use super::rounds::Rounds;
use crate::aggregate::{compact, key_columns};
use crate::expr::{Expression, Scope};
use crate::nodes::transforms::on_error::{OnError, OnFailure};
use crate::plan::{BatchContext, NodeError};

impl Fold {
    /// Folds the rows of a batch, round by round.
    pub(super) fn fold(
        &mut self,
        rows: &RecordBatch,
        scope: &Scope,
        context: &BatchContext,
    ) -> Result<Done, NodeError> {
        let ids = self.store.intern(&key_columns(rows, &self.shape.keys), rows.num_rows())?;
        let rounds = Rounds::new(&ids);
        let keys = rounds.keys();
        let mut done = Done { touched: rounds.arrivals(), ..Done::default() };
        let mut fresh: Vec<bool> = keys.iter().map(|&key| !self.store.contains(key)).collect();
        let known: Vec<u32> = keys.iter().copied().filter(|&key| self.store.contains(key)).collect();
        let mut state = if known.is_empty() { Vec::new() } else { self.store.gather(&known)? };
        let mut is_dense = false;
        let mut finished: Vec<(Vec<u32>, Vec<ArrayRef>)> = Vec::new();
        let mut gone = Vec::new();
        let mut round = 0;
        while rounds.active(round) > 0 {
            let wanted = rounds.rows(round);
            let step = take_record_batch(rows, &UInt32Array::from(wanted.clone()))?;
            let mut faults = Faults::new(self.on_error);
            let before = self.program.before(&state, &fresh, is_dense, &step, scope, &mut faults)?;
            let after = self.program.update(&before, &step, scope, &mut faults)?;
            let after = faults.keep(&before, after)?;
            let mut leaves = self.leaving(&step, &after, &faults, scope, &mut done)?;
            // A key whose first row failed is not there yet.
            faults.rows.keys().filter(|at| fresh[**at]).for_each(|at| leaves[*at] = true);
            done.note(&wanted, faults);
            let left: Vec<u32> = (0..wanted.len()).filter(|&at| leaves[at]).map(|at| keys[at]).collect();
            self.parked.remove(&left);
            let next = rounds.active(round + 1);
            let stays: Vec<usize> = (next..wanted.len()).filter(|&at| !leaves[at]).collect();
            gone.extend((next..wanted.len()).filter(|&at| leaves[at]).map(|at| keys[at]));
            if !stays.is_empty() {
                let mask: BooleanArray = (next..wanted.len()).map(|at| Some(!leaves[at])).collect();
                let kept = after.iter().map(|column| filter(&column.slice(next, wanted.len() - next), &mask));
                finished.push((stays.iter().map(|&at| keys[at]).collect(), kept.collect::<Result<_, _>>()?));
            }
            state = after.iter().map(|column| column.slice(0, next)).collect();
            fresh = leaves[..next].to_vec();
            is_dense = true;
            if self.emit == Emit::Rows {
                done.steps.push((wanted, after));
            }
            round += 1;
        }
        self.put(&finished)?;
        self.store.remove(&gone);
        self.note_rows(rows, &ids, &gone, context)?;
        self.idle(&rounds, scope, &mut done)?;
        Ok(done)
    }

    /// Which keys leave after an update; they are among what was removed.
    fn leaving(
        &mut self,
        rows: &RecordBatch,
        state: &[ArrayRef],
        faults: &Faults,
        scope: &Scope,
        done: &mut Done,
    ) -> Result<Vec<bool>, NodeError> {
        let Some(condition) = &self.remove_when else { return Ok(vec![false; rows.num_rows()]) };
        let keys = self.shape.keys.iter().map(|&at| Arc::clone(rows.column(at)));
        let keyed = RecordBatch::try_new(Arc::clone(&self.shape.keyed), keys.chain(state.iter().cloned()).collect())?;
        let has_failed = |row: usize| faults.rows.contains_key(&row);
        let (leaves, count) = note_leaving(condition, self.on_error, &keyed, has_failed, scope, done)?;
        self.removed += count;
        Ok(leaves.values().iter().collect())
    }

    fn put(&mut self, finished: &[(Vec<u32>, Vec<ArrayRef>)]) -> Result<(), NodeError> {
        let ids: Vec<u32> = finished.iter().flat_map(|(ids, _)| ids.iter().copied()).collect();
        let width = self.shape.keyed.fields().len() - self.shape.keys.len();
        let column = |at: usize| {
            let parts: Vec<&dyn Array> = finished.iter().map(|(_, columns)| columns[at].as_ref()).collect();
            concat(&parts).map(|column| compact(&column))
        };
        if ids.is_empty() {
            return Ok(());
        }
        let columns = (0..width).map(column).collect::<Result<Vec<_>, _>>()?;
        Ok(self.store.put(&ids, columns)?)
    }

    /// Notes when keys had rows.
    fn note_rows(
        &mut self,
        rows: &RecordBatch,
        ids: &[u32],
        gone: &[u32],
        context: &BatchContext,
    ) -> Result<(), NodeError> {
        let Some(ageing) = &mut self.ageing else { return Ok(()) };
        match self.time.filter(|_| ageing.is_by_event_time()) {
            None => ageing.seen_in(ids, context.time),
            Some(time) => {
                let times = time.read(rows)?;
                for (row, &id) in ids.iter().enumerate().filter(|(row, _)| times.is_valid(*row)) {
                    ageing.seen_at(id, times.value(row));
                }
            }
        }
        ageing.forget(gone);
        Ok(())
    }

    /// Updates the keys that have no row in the batch.
    fn idle(&mut self, rounds: &Rounds, scope: &Scope, done: &mut Done) -> Result<(), NodeError> {
        if !self.program.has_idle() {
            return Ok(());
        }
        let idle = rounds.without_rows(self.store.ids());
        if idle.is_empty() {
            return Ok(());
        }
        let keyed = self.keyed_rows(&idle)?;
        let mut faults = Faults::new(self.on_error);
        let state = self.program.idle(&keyed, scope, &mut faults)?;
        let state = faults.keep(&keyed.columns()[self.shape.keys.len()..], state)?;
        done.rest.nulled += faults.nulled + faults.rows.len() as u64;
        self.store.put(&idle, state.iter().map(compact).collect())?;
        if let Some(condition) = &self.remove_when {
            let keyed = self.keyed_rows(&idle)?;
            let (leaves, count) = note_leaving(condition, self.on_error, &keyed, |_| false, scope, done)?;
            self.removed += count;
            let gone: Vec<u32> =
                idle.iter().zip(leaves.values()).filter(|(_, leaves)| *leaves).map(|(id, _)| *id).collect();
            self.leave(&gone);
        }
        Ok(())
    }
}

/// Notes the keys for which the condition holds as removed: which they are, and how many. Where an update failed,
/// nothing has changed, so nothing leaves.
fn note_leaving(
    condition: &Expression,
    on_error: OnError,
    keyed: &RecordBatch,
    has_failed: impl Fn(usize) -> bool,
    scope: &Scope,
    done: &mut Done,
) -> Result<(BooleanArray, u64), NodeError> {
    let on_error = if on_error == OnError::Stop { OnFailure::Stop } else { OnFailure::Null };
    let (leaves, nulled) = holds(condition, on_error, keyed, scope)?;
    done.rest.nulled += nulled;
    let leaves: BooleanArray =
        leaves.values().iter().enumerate().map(|(row, leaves)| Some(leaves && !has_failed(row))).collect();
    let count = leaves.true_count();
    if count > 0 {
        done.removed.push(filter_record_batch(keyed, &leaves)?);
    }
    Ok((leaves, count as u64))
}
