//! Hands the rows of count windows on when they are due.

use std::any::Any;
use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;

use super::session::{key_columns, keys_of};
use super::{another_window, bounded};
use crate::metrics::CountFacts;
use crate::nodes::grouping::{arrival, batches_of, positions_of};
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Operator, Outputs, StateFate, StateSize, known,
};
use crate::window::{CountRows, CountShape, CountWindow};

struct GatherCounts {
    input: SchemaRef,
    output: SchemaRef,
    per: Vec<usize>,
    rows: CountRows,
}

/// The plain link of the windows' rows, and what makes it.
pub(super) fn gather(
    input: &LinkType,
    output: SchemaRef,
    window: &CountWindow,
) -> Result<(LinkType, Box<dyn Operator>), String> {
    let per = positions_of(&window.per, &input.schema).map_err(|problem| problem.message)?;
    let shape = CountShape { rows: window.rows, slide: window.slide };
    let rows = CountRows::new(&keys_of(&input.schema, &per), shape).map_err(|error| error.0)?;
    let link = LinkType {
        schema: Arc::clone(&output),
        window: None,
        event_time: input.event_time.clone(),
        is_revised: input.is_revised,
    };
    Ok((link, Box::new(GatherCounts { input: Arc::clone(&input.schema), output, per, rows })))
}

impl Operator for GatherCounts {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let batches = batches_of(&inputs);
        if batches.is_empty() {
            return Ok(vec![Flow::Idle]);
        }
        let all = concat_batches(&self.input, &batches)?;
        let mut arrived = Vec::with_capacity(all.num_rows());
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks) {
            arrived.resize(arrived.len() + chunk.rows.num_rows(), chunk.arrived.0);
        }
        let keys = key_columns(all.columns(), &self.per);
        let mut chunks = Vec::new();
        for rows in self.rows.absorb(&keys, all.columns(), &arrived, &context.pool)? {
            chunks.push(Chunk::new(bounded(&self.output, rows)?, arrival(&inputs, context)));
        }
        Ok(vec![if chunks.is_empty() { Flow::Idle } else { Flow::Fired(chunks) }])
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.rows.len() as u64, bytes: self.rows.size() as u64 }
    }

    fn counting(&self) -> Option<CountFacts> {
        self.rows.counting()
    }

    fn remembers(&self) -> bool {
        true
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else { return Err(another_window()) };
        if self.input == old.input && self.per == old.per {
            return Ok(());
        }
        Err("the columns or the keys changed, so rows are collected anew".to_owned())
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Err(sentence) = self.fits(&*old) {
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        self.rows.take_over(old.rows).map_or(StateFate::Kept, StateFate::Partly)
    }
}
