//! The rows a join sets aside: those of either side in one shape, with the side and the reason in front.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringViewArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::layout::Layout;
use crate::plan::{LinkType, NodeError};

/// Why a row is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Late,
    NoTime,
}

/// The shape of rows set aside.
#[derive(Debug, Clone)]
pub(super) struct LateRows {
    schema: SchemaRef,
    columns: SchemaRef,
}

impl LateRows {
    /// For this join.
    pub(super) fn new(layout: &Layout) -> Self {
        let nullable = |field: &Arc<Field>| Arc::new(field.as_ref().clone().with_nullable(true));
        let columns: Vec<_> = layout.pairs().fields().iter().map(nullable).collect();
        let free = |name: &str| {
            let mut name = name.to_owned();
            while columns.iter().any(|field| field.name().eq_ignore_ascii_case(&name)) {
                name.push('_');
            }
            Arc::new(Field::new(name, LinkType::TEXT, false))
        };
        let schema = [free("side"), free("reason")].into_iter().chain(columns.iter().map(Arc::clone));
        let schema = Arc::new(Schema::new(schema.collect::<Vec<_>>()));
        Self { schema, columns: Arc::new(Schema::new(columns)) }
    }

    /// The columns.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// These of a side's rows, set aside for this reason.
    pub(super) fn rows(
        &self,
        layout: &Layout,
        side: usize,
        rows: &RecordBatch,
        wanted: &BooleanArray,
        reason: Reason,
    ) -> Result<RecordBatch, NodeError> {
        let rows = filter_record_batch(rows, wanted)?;
        let count = rows.num_rows();
        let sides = if side == 0 { [Some(rows.columns()), None] } else { [None, Some(rows.columns())] };
        let columns = layout.arrange(sides, count, &self.columns)?;
        let word = |text: &'static str| -> ArrayRef {
            Arc::new(std::iter::repeat_n(Some(text), count).collect::<StringViewArray>())
        };
        let reason = match reason {
            Reason::Late => "late",
            Reason::NoTime => "no event time",
        };
        let words = [word(if side == 0 { "left" } else { "right" }), word(reason)];
        let columns = words.into_iter().chain(columns.columns().iter().map(Arc::clone)).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}
