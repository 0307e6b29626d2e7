//! Groups the rows of count windows, fused with the window.

use std::any::Any;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::batch::{arrival, batches_of, fate_of_former, scope_of};
use super::keyed::{joined, positions_of};
use super::windowed::fate_of;
use crate::aggregate::GroupSpec;
use crate::nodes::gather::{bounded, with_window_fields};
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Operator, Outputs, Planned, Stage, StateFate, StateSize,
};
use crate::spec::Diagnostic;
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
        let rows = batches_of(&inputs).iter().map(|batch| self.spec.rows(batch, &scope)).collect::<Result<Vec<_>, _>>()?;
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
