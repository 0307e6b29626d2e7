//! Groups the rows of count windows, fused with the window.

use std::any::Any;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::batch::{arrival, batches_of, fits_former, scope_of};
use super::keyed::{joined, positions_of};
use super::nulled;
use super::windowed::fate_of;
use crate::aggregate::GroupSpec;
use crate::metrics::{CountFacts, MemoryReport};
use crate::nodes::gather::{bounded, with_window_fields};
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Operator, Outputs, Planned, Stage, StateFate, StateSize,
    known,
};
use crate::spec::{Diagnostic, Timestamp};
use crate::window::{CountAggregate, CountShape, CountWindow};

/// The operator of `group` and `aggregate` over count windows.
pub(in crate::nodes) struct GroupCounts {
    spec: Arc<GroupSpec>,
    state: CountAggregate,
    output: SchemaRef,
}

impl GroupCounts {
    /// The stage of a grouping over count windows.
    pub(in crate::nodes) fn plan(spec: Arc<GroupSpec>, window: &CountWindow) -> Result<Planned, Vec<Diagnostic>> {
        let per = positions_of(&window.per, spec.aggregation().keys()).map_err(|problem| vec![problem])?;
        let shape = CountShape { rows: window.rows, slide: window.slide };
        let state = CountAggregate::new(spec.aggregation(), per, shape)
            .map_err(|error| vec![Diagnostic::error(error.0).param("aggregates")])?;
        let output = with_window_fields(spec.aggregation().output());
        let link = LinkType::plain(Arc::clone(&output));
        Ok(Planned::new(vec![link], Stage::Operator(Box::new(Self { spec, state, output }))))
    }
}

impl Operator for GroupCounts {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        if !inputs.iter().flatten().any(Flow::fired) {
            return Ok(vec![Flow::Idle]);
        }
        let scope = scope_of(context);
        let rows =
            batches_of(&inputs).iter().map(|batch| self.spec.rows(batch, &scope)).collect::<Result<Vec<_>, _>>()?;
        let rows = joined(rows)?;
        let mut arrived = Vec::with_capacity(rows.len);
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks) {
            arrived.resize(arrived.len() + chunk.rows.num_rows(), chunk.arrived.0);
        }
        let mut chunks = Vec::new();
        for results in self.state.absorb(&rows, &arrived, &context.pool)? {
            chunks.push(Chunk::new(bounded(&self.output, results)?, arrival(&inputs, context)));
        }
        Ok(vec![if chunks.is_empty() { Flow::Idle } else { Flow::Fired(chunks) }])
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.state.len() as u64, bytes: self.state.size() as u64 }
    }

    fn counting(&self) -> Option<CountFacts> {
        self.state.counting()
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        nulled(&self.spec).into_iter().collect()
    }

    fn remembers(&self) -> bool {
        true
    }

    fn memory(&self) -> MemoryReport {
        MemoryReport { parked_columns: self.state.aggregation().parked_columns(), ..MemoryReport::default() }
    }

    fn imagine(&mut self, memory: &MemoryReport, _tick: Timestamp) {
        self.state.imagine(&memory.parked_columns);
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        known::<Self>(old).map_or_else(|| fits_former(old), |old| self.state.fits(&old.state))
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Err(sentence) = self.fits(&*old) {
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        let carried = self.state.take_over(old.state);
        self.spec = Arc::new(self.spec.over(self.state.aggregation()));
        fate_of(carried)
    }
}
