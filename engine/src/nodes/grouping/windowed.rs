//! Groups the rows of windows, fused with the window: rows are aggregated once, into panes, whatever the overlap.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::batch::{fate_of_former, scope_of};
use crate::aggregate::{AggregateError, BatchGrouper, Carried, GroupSpec};
use crate::nodes::gather::{arrival_of, with_window, with_window_fields};
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, StateFate, StateSize};
use crate::spec::Timestamp;
use crate::window::{Window, WindowAggregate, WindowSpec};

/// The operator of `group` and `aggregate` over windowed streams.
pub(in crate::nodes) struct GroupWindows {
    grouper: BatchGrouper,
    state: WindowAggregate,
    output: SchemaRef,
}

impl GroupWindows {
    /// `emits_empty`: without keys, a window without rows still gives its one row.
    pub(in crate::nodes) fn new(
        spec: Arc<GroupSpec>,
        window: WindowSpec,
        emits_empty: bool,
    ) -> Result<Self, AggregateError> {
        let state = WindowAggregate::new(spec.aggregation(), window, emits_empty)?;
        let output = with_window_fields(spec.aggregation().output());
        Ok(Self { grouper: BatchGrouper::new(spec), state, output })
    }

    /// The result's columns: the window's bounds, the keys, the aggregates.
    pub(in crate::nodes) fn output(&self) -> &SchemaRef {
        &self.output
    }
}

impl Operator for GroupWindows {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.state.begin(context.run_start, context.from);
        let mut panes: BTreeMap<Timestamp, (Window, Vec<RecordBatch>)> = BTreeMap::new();
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks).filter(|chunk| chunk.rows.num_rows() > 0) {
            let pane = self.state.pane_of(chunk.arrived);
            panes.entry(pane.start).or_insert_with(|| (pane, Vec::new())).1.push(chunk.rows.clone());
        }
        for (pane, batches) in panes.into_values() {
            let grouped = self.grouper.partial(&batches, &scope_of(context), &context.pool)?;
            self.state.absorb(pane, grouped)?;
        }
        let fired = self.state.fire(context.time)?;
        if fired.is_empty() {
            return Ok(vec![Flow::Idle]);
        }
        let mut chunks = Vec::with_capacity(fired.len());
        for result in fired.into_iter().filter(|result| result.rows.num_rows() > 0) {
            let rows = with_window(&self.output, result.window, &result.rows)?;
            chunks.push(Chunk::new(rows, arrival_of(result.window)));
        }
        Ok(vec![Flow::Fired(chunks)])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.state.key_count() as u64, bytes: self.state.size() as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let skipped = self.state.skipped();
        if skipped == 0 { Vec::new() } else { vec![("skipped_windows", skipped)] }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if !(&*old as &dyn Any).is::<Self>() {
            return fate_of_former(old);
        }
        match (old as Box<dyn Any>).downcast::<Self>() {
            Ok(old) => fate_of(self.state.take_over(old.state)),
            Err(_) => StateFate::Kept,
        }
    }
}

/// What became of an aggregation's state, for the person.
pub(in crate::nodes) fn fate_of(carried: Result<Carried, AggregateError>) -> StateFate {
    match carried {
        Ok(Carried::All) => StateFate::Kept,
        Ok(Carried::Partly(sentence)) => StateFate::Partly(sentence),
        Ok(Carried::Nothing(sentence)) => StateFate::Reset(sentence),
        Err(error) => StateFate::Reset(format!("its state could not be carried over: {error}")),
    }
}
