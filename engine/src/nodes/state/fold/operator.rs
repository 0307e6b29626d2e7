//! The running fold.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::{concat_batches, filter_record_batch, interleave};
use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use super::super::ageing::Ageing;
use super::super::columns::{listed, same_columns};
use super::super::event_time::{EventColumn, Progress};
use super::parked::Parked;
use super::program::{Faults, Program};
use crate::aggregate::{AggregateError, KeyedStore, comparable};
use crate::expr::Expression;
use crate::metrics::MemoryReport;
use crate::nodes::grouping::arrival;
use crate::nodes::transforms::on_error::{self, OnError, Rest, Tally};
use crate::nodes::transforms::rowwise;
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, Relief, StateFate, StateSize, known,
};
use crate::spec::Timestamp;

/// What each batch gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Emit {
    Keys,
    Changed,
    Rows,
}

pub(super) struct Fold {
    pub(super) shape: Shape,
    pub(super) program: Program,
    pub(super) emit: Emit,
    pub(super) remove_when: Option<Expression>,
    pub(super) ageing: Option<Ageing>,
    pub(super) time: Option<EventColumn>,
    pub(super) store: KeyedStore,
    pub(super) parked: Parked,
    pub(super) removed: u64,
    pub(super) on_error: OnError,
    tally: Tally,
    progress: Progress,
    expired: u64,
}

/// The columns of a fold.
pub(super) struct Shape {
    pub(super) input: SchemaRef,
    /// Where the key's columns stand in the input.
    pub(super) keys: Vec<usize>,
    pub(super) key_schema: SchemaRef,
    /// The key's columns, then the state's.
    pub(super) keyed: SchemaRef,
    pub(super) output: SchemaRef,
    /// Of the rows on which an expression failed.
    pub(super) rejects: SchemaRef,
}

impl Shape {
    /// The state's columns.
    fn state_fields(&self) -> Vec<FieldRef> {
        self.keyed.fields().iter().skip(self.keys.len()).map(Arc::clone).collect()
    }
}

/// What one batch did.
#[derive(Default)]
pub(super) struct Done {
    pub(super) removed: Vec<RecordBatch>,
    /// Per round the rows it took and the state after them.
    pub(super) steps: Vec<(Vec<u32>, Vec<ArrayRef>)>,
    /// The keys that had rows.
    pub(super) touched: Vec<u32>,
    /// The rows that failed.
    pub(super) rest: Rest,
}

impl Done {
    /// Takes in what failed in a step of these rows.
    pub(super) fn note(&mut self, taken: &[u32], faults: Faults) {
        self.rest.nulled += faults.nulled;
        let failed = faults.rows.into_iter().filter_map(|(at, reason)| Some((*taken.get(at)?, reason)));
        self.rest.failed.extend(failed);
    }
}

impl Fold {
    pub(super) fn new(shape: Shape, program: Program, emit: Emit, on_error: OnError) -> Result<Self, AggregateError> {
        let store = KeyedStore::new(&shape.key_schema)?;
        let (progress, removed, expired) = (Progress::START, 0, 0);
        let (remove_when, ageing, time) = (None, None, None);
        Ok(Self {
            shape,
            program,
            emit,
            remove_when,
            ageing,
            time,
            store,
            parked: Parked::default(),
            removed,
            on_error,
            tally: Tally::default(),
            progress,
            expired,
        })
    }

    /// With what makes keys leave.
    pub(super) fn removing(
        mut self,
        remove_when: Option<Expression>,
        ageing: Option<Ageing>,
        time: Option<EventColumn>,
    ) -> Self {
        (self.remove_when, self.ageing, self.time) = (remove_when, ageing, time);
        self
    }

    /// With keys that are there before the first row: their key columns, then their state.
    pub(super) fn starting_from(mut self, initial: Option<Vec<ArrayRef>>) -> Result<Self, AggregateError> {
        let Some(mut columns) = initial else { return Ok(self) };
        let state = columns.split_off(self.shape.keys.len());
        let rows = columns.first().map_or(0, Array::len);
        let ids = self.store.intern(&comparable(&columns), rows)?;
        if self.store.numbers() < rows {
            return Err(AggregateError("two rows have the same key; give each key once".to_owned()));
        }
        self.store.put(&ids, state)?;
        Ok(self)
    }

    pub(super) fn leave(&mut self, ids: &[u32]) {
        self.store.remove(ids);
        self.parked.remove(ids);
        if let Some(ageing) = &mut self.ageing {
            ageing.forget(ids);
        }
    }

    /// Removes the keys that had no row for too long.
    fn expire(&mut self, context: &BatchContext, done: &mut Done) -> Result<(), NodeError> {
        let due = self.ageing.as_mut().map(|ageing| ageing.take_due(context, &self.progress)).unwrap_or_default();
        if !due.is_empty() {
            done.removed.push(self.keyed_rows(&due)?);
            self.expired = due.len() as u64;
            self.leave(&due);
        }
        Ok(())
    }

    /// Keys with their state.
    pub(super) fn keyed_rows(&self, ids: &[u32]) -> Result<RecordBatch, NodeError> {
        if ids.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.shape.keyed)));
        }
        let columns = self.store.keys(ids)?.into_iter().chain(self.store.gather(ids)?).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.shape.keyed), columns)?)
    }

    fn show(
        &self,
        done: &Done,
        rows: &RecordBatch,
        inputs: &Inputs,
        context: &BatchContext,
    ) -> Result<Flow, NodeError> {
        let one = |rows: RecordBatch| {
            let chunk = (rows.num_rows() > 0).then(|| Chunk::new(rows, arrival(inputs, context)));
            Flow::Fired(chunk.into_iter().collect())
        };
        match self.emit {
            Emit::Keys => Ok(one(self.keyed_rows(&self.store.ids())?)),
            Emit::Changed => {
                let live = done.touched.iter().copied().filter(|&id| self.store.contains(id));
                Ok(one(self.keyed_rows(&live.collect::<Vec<_>>())?))
            }
            Emit::Rows => self.show_rows(done, rows, inputs),
        }
    }

    /// Each row with the state after it, chunk by chunk as they came.
    fn show_rows(&self, done: &Done, rows: &RecordBatch, inputs: &Inputs) -> Result<Flow, NodeError> {
        if rows.num_rows() == 0 {
            return Ok(Flow::Fired(Vec::new()));
        }
        let mut places = vec![(0, 0); rows.num_rows()];
        for (round, (taken, _)) in done.steps.iter().enumerate() {
            for (nth, &row) in taken.iter().enumerate() {
                places[row as usize] = (round, nth);
            }
        }
        let width = self.shape.keyed.fields().len() - self.shape.keys.len();
        let column = |at: usize| {
            let parts: Vec<&dyn Array> = done.steps.iter().map(|(_, state)| state[at].as_ref()).collect();
            interleave(&parts, &places)
        };
        let state = (0..width).map(column).collect::<Result<Vec<_>, _>>()?;
        let columns = rows.columns().iter().cloned().chain(state).collect();
        let whole = RecordBatch::try_new(Arc::clone(&self.shape.output), columns)?;
        let mut chunks = Vec::new();
        let mut first = 0;
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks).filter(|chunk| chunk.rows.num_rows() > 0) {
            let rows = whole.slice(first, chunk.rows.num_rows());
            let rows = if done.rest.failed.is_empty() {
                rows
            } else {
                let in_place =
                    |row: usize| done.rest.failed.binary_search_by_key(&(first + row), |at| at.0 as usize).is_err();
                filter_record_batch(&rows, &(0..rows.num_rows()).map(|row| Some(in_place(row))).collect())?
            };
            if rows.num_rows() > 0 {
                chunks.push(Chunk::new(rows, chunk.arrived));
            }
            first += chunk.rows.num_rows();
        }
        Ok(Flow::Fired(chunks))
    }
}

impl Operator for Fold {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        (self.removed, self.expired) = (0, 0);
        self.progress.advance(context.watermark());
        if let Some(ageing) = &mut self.ageing
            && ageing.take_undated()
            && !ageing.is_by_event_time()
        {
            ageing.date(&self.store.ids(), context.time);
        }
        let has_fired = inputs.iter().flatten().any(Flow::fired);
        let mut done = Done::default();
        let chunks = || inputs.iter().flatten().flat_map(Flow::chunks);
        let rows = concat_batches(&self.shape.input, chunks().map(|chunk| &chunk.rows))?;
        if has_fired {
            done = self.fold(&rows, &rowwise::scope(context), context)?;
        }
        self.expire(context, &mut done)?;
        done.rest.failed.sort_by_key(|(row, _)| *row);
        let out = if has_fired { self.show(&done, &rows, &inputs, context)? } else { Flow::Idle };
        let rejected = std::mem::take(&mut done.rest);
        let (rejected, tally) = on_error::refused(&rows, rejected, &self.shape.rejects, arrival(&inputs, context))?;
        self.tally = tally;
        let rejected = if has_fired { rejected } else { Flow::Idle };
        if let Some(renumbered) = self.store.tidy()? {
            self.parked.renumber(&renumbered)?;
            if let Some(ageing) = &mut self.ageing {
                ageing.renumber(&renumbered);
            }
        }
        let removed = done.removed.into_iter().map(|rows| Chunk::new(rows, arrival(&inputs, context)));
        let removed: Vec<Chunk> = removed.collect();
        let is_silent = !has_fired && removed.is_empty();
        Ok(vec![out, if is_silent { Flow::Idle } else { Flow::Fired(removed) }, rejected])
    }

    fn runs_when_idle(&self) -> bool {
        self.ageing.is_some()
    }

    fn state_size(&self) -> StateSize {
        let bytes = self.store.size() + self.parked.size() + self.ageing.as_ref().map_or(0, Ageing::size);
        StateSize { rows: self.store.len() as u64, bytes: bytes as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let counts = [("removed", self.removed), ("expired", self.expired)];
        counts.into_iter().chain(self.tally.counters()).filter(|(_, count)| *count > 0).collect()
    }

    fn remembers(&self) -> bool {
        true
    }

    fn memory(&self) -> MemoryReport {
        MemoryReport { parked_columns: self.parked.columns(), ..MemoryReport::default() }
    }

    fn imagine(&mut self, memory: &MemoryReport, _tick: Timestamp) {
        self.parked.imagine(&memory.parked_columns);
    }

    fn relieve(&mut self, relief: Relief, bytes: u64) {
        if relief == Relief::Caches && self.state_size().bytes > bytes {
            self.parked.clear();
        }
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        match known::<Self>(old) {
            Some(old) if !same_columns(&self.shape.key_schema, &old.shape.key_schema) => Err(format!(
                "the state belongs to {} instead of {}, so it starts anew",
                listed(&self.shape.key_schema),
                listed(&old.shape.key_schema)
            )),
            Some(_) | None => Ok(()),
        }
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old) {
            self.progress = old.progress;
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        self.follow(&*old);
        if let Err(sentence) = self.fits(&*old) {
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        let old = *old;
        let mut store = old.store;
        let (before, now) = (old.shape.state_fields(), self.shape.state_fields());
        let fate = match self.parked.convert(&mut store, &before, &old.parked, &now) {
            Ok(fate) => fate,
            Err(error) => return StateFate::Reset(format!("its state could not be carried over: {error}")),
        };
        self.store = store;
        if let Some(ageing) = &mut self.ageing {
            ageing.take_over(old.ageing);
        }
        fate
    }
}
