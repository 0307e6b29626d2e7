//! Groups every batch on its own.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::nulled;
use crate::aggregate::{BatchGrouper, GroupSpec};
use crate::expr::Scope;
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, StateFate, known};
use crate::spec::{Span, Timestamp};

/// The operator of `group` and `aggregate` over plain streams.
pub(in crate::nodes) struct GroupBatches {
    grouper: BatchGrouper,
    emits_empty: bool,
}

impl GroupBatches {
    /// `emits_empty`: without keys, a batch without rows still gives its one row.
    pub(in crate::nodes) fn new(spec: Arc<GroupSpec>, emits_empty: bool) -> Self {
        Self { grouper: BatchGrouper::new(spec), emits_empty }
    }
}

impl Operator for GroupBatches {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        if !inputs.iter().flatten().any(Flow::fired) {
            return Ok(vec![Flow::Idle]);
        }
        let batches = batches_of(&inputs);
        if batches.is_empty() && !(self.emits_empty && self.grouper.spec().aggregation().is_keyless()) {
            return Ok(vec![Flow::Fired(Vec::new())]);
        }
        let rows = self.grouper.evaluate(&batches, &scope_of(context), &context.pool)?;
        Ok(vec![Flow::Fired(vec![Chunk::new(rows, arrival(&inputs, context))])])
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        nulled(self.grouper.spec()).into_iter().collect()
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        fits_former(old).map_err(|_| "its input is no longer windowed, so it looks at each batch alone".to_owned())
    }

    fn key_columns(&self) -> Vec<usize> {
        self.grouper.spec().key_columns()
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        self.fits(&*old).map_or_else(StateFate::Reset, |()| StateFate::Kept)
    }
}

/// Why nothing goes on of an operator of another type that stood for the same node.
pub(in crate::nodes) fn fits_former(old: &dyn Operator) -> Result<(), String> {
    // What works on each batch alone remembers nothing.
    match known::<GroupBatches>(old) {
        Some(_) => Ok(()),
        None => Err("its input is another kind of window now, so it starts anew".to_owned()),
    }
}

/// The rows of all inputs that have any.
pub(in crate::nodes) fn batches_of(inputs: &Inputs) -> Vec<RecordBatch> {
    let chunks = inputs.iter().flatten().flat_map(Flow::chunks);
    chunks.filter(|chunk| chunk.rows.num_rows() > 0).map(|chunk| chunk.rows.clone()).collect()
}

/// What expressions may know of the batch.
pub(in crate::nodes) fn scope_of(context: &BatchContext) -> Scope {
    Scope { batch: context.batch, time: context.time }
}

/// A result arrived with the last row it rests on; one that rests on none, at the batch's last moment.
pub(in crate::nodes) fn arrival(inputs: &Inputs, context: &BatchContext) -> Timestamp {
    let last = inputs.iter().flatten().flat_map(Flow::chunks).map(|chunk| chunk.arrived).max();
    last.unwrap_or(context.time.minus(Span(1)))
}
