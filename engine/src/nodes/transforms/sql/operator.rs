//! Answers one batch after the other.

use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::relation::{Relation, Step};
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs};
use crate::spec::Span;

/// The operator.
pub(super) struct SqlOperator {
    relation: Relation,
}

impl SqlOperator {
    /// For this query.
    pub(super) fn new(relation: Relation) -> Self {
        Self { relation }
    }
}

impl Relation {
    /// The columns of an input, if the query reads it.
    fn input_schema(&self, input: usize) -> Option<&SchemaRef> {
        match &*self.step {
            Step::Input(at) => (*at == input).then_some(&self.schema),
            Step::OneRow => None,
            Step::Filter { from, .. }
            | Step::Project { from, .. }
            | Step::Rename { from }
            | Step::Group { from, .. }
            | Step::Distinct { from }
            | Step::Sort { from, .. }
            | Step::Limit { from, .. } => from.input_schema(input),
            Step::Join(join) => join.left.input_schema(input).or_else(|| join.right.input_schema(input)),
            Step::Union { parts } => parts.iter().find_map(|part| part.input_schema(input)),
        }
    }
}

impl Operator for SqlOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let flows: Vec<Flow> = inputs.into_iter().flatten().collect();
        if !flows.iter().any(Flow::fired) {
            return Ok(vec![Flow::Idle]);
        }
        let rows = |(at, flow): (usize, &Flow)| {
            let chunks = flow.chunks().iter().map(|chunk| &chunk.rows);
            match (flow.chunks().first(), self.relation.input_schema(at)) {
                (Some(first), _) => Ok(concat_batches(first.rows.schema_ref(), chunks)?),
                (None, Some(schema)) => Ok(RecordBatch::new_empty(Arc::clone(schema))),
                // An input that nobody reads.
                (None, None) => Ok(RecordBatch::new_empty(Arc::new(Schema::empty()))),
            }
        };
        let tables = flows.iter().enumerate().map(rows).collect::<Result<Vec<_>, NodeError>>()?;
        let answer = self.relation.run(&tables, context)?;
        if answer.num_rows() == 0 {
            return Ok(vec![Flow::Fired(Vec::new())]);
        }
        // An answer arrived with the last row it rests on.
        let last = flows.iter().flat_map(Flow::chunks).map(|chunk| chunk.arrived).max();
        let arrived = last.unwrap_or(context.time.minus(Span(1)));
        Ok(vec![Flow::Fired(vec![Chunk::new(answer, arrived)])])
    }
}
