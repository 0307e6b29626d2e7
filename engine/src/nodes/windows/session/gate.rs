//! What runs for the session window itself: rows that are in a session pass, late ones and those that cannot be placed
//! go to ports of their own. The sessions are kept by the node behind.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewBuilder, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::place::{Placed, Placer, Progress};
use crate::nodes::gather::{bounded, with_window_fields};
use crate::nodes::transforms::rowwise::scope;
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Operator, Outputs, StateFate, Watermark,
};
use crate::window::WindowRows;

/// The column that says why a row is rejected.
const REASON: &str = "reason";

/// The operator of a session window.
pub(super) struct Gate {
    placer: Placer,
    progress: Progress,
    by_event: bool,
    late: SchemaRef,
    rejected: SchemaRef,
    late_rows: u64,
    rejected_rows: u64,
}

/// A chunk, sorted out.
struct Sorted {
    kept: Chunk,
    late: Option<Chunk>,
    rejected: Option<Chunk>,
}

impl Gate {
    /// Over rows of this schema.
    pub(super) fn new(placer: Placer, by_event: bool, input: &SchemaRef) -> Self {
        let mut name = REASON.to_owned();
        while input.fields().iter().any(|field| field.name().eq_ignore_ascii_case(&name)) {
            name.insert_str(0, "reject_");
        }
        let reason = Arc::new(Field::new(name, LinkType::TEXT, false));
        let rejected = Schema::new(input.fields().iter().cloned().chain([reason]).collect::<Vec<_>>());
        let progress = Progress::new(by_event);
        let (late, rejected) = (with_window_fields(input), Arc::new(rejected));
        Self { placer, progress, by_event, late, rejected, late_rows: 0, rejected_rows: 0 }
    }

    /// The types of the ports: what passes is `out`.
    pub(super) fn outputs(&self, out: LinkType) -> Vec<LinkType> {
        vec![out, LinkType::plain(Arc::clone(&self.late)), LinkType::plain(Arc::clone(&self.rejected))]
    }

    fn sort(&self, chunk: &Chunk, late: i64, context: &BatchContext) -> Result<Sorted, NodeError> {
        let mut placed = self.placer.place(chunk, &scope(context))?;
        let refused = std::mem::take(&mut placed.refused);
        let rejected = if refused.is_empty() {
            None
        } else {
            let mut reasons = StringViewBuilder::with_capacity(refused.len());
            refused.iter().for_each(|(_, refusal)| reasons.append_value(refusal.sentence()));
            let rows: UInt32Array = refused.iter().map(|(row, _)| *row).collect();
            let rows = take_record_batch(&chunk.rows, &rows)?;
            let reasons: ArrayRef = Arc::new(reasons.finish());
            let columns = rows.columns().iter().cloned().chain([reasons]).collect();
            Some(Chunk::new(RecordBatch::try_new(Arc::clone(&self.rejected), columns)?, chunk.arrived))
        };
        let (kept, missed) = placed.split(late)?;
        let late = missed.map(|missed| self.late_rows_of(missed)).transpose()?;
        Ok(Sorted {
            kept: Chunk::new(kept.rows, chunk.arrived),
            late: late.map(|rows| Chunk::new(rows, chunk.arrived)),
            rejected,
        })
    }

    /// Late rows, with the sessions they would have been.
    fn late_rows_of(&self, missed: Placed) -> Result<RecordBatch, NodeError> {
        let columns = missed.rows.columns().to_vec();
        bounded(&self.late, WindowRows { starts: missed.starts, ends: missed.ends, columns })
    }
}

impl Operator for Gate {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        (self.late_rows, self.rejected_rows) = (0, 0);
        let late = self.progress.step(context).late.0;
        let flow = inputs.into_iter().flatten().next().unwrap_or_default();
        if self.placer.takes_all() {
            return Ok(vec![flow, Flow::Idle, Flow::Idle]);
        }
        let Flow::Fired(chunks) = flow else { return Ok(vec![Flow::Idle; 3]) };
        let sort = |chunk: &Chunk| self.sort(chunk, late, context);
        let sorted: Vec<Result<Sorted, NodeError>> = match chunks.as_slice() {
            [single] => vec![sort(single)],
            several => context.pool.install(|| several.par_iter().map(sort).collect()),
        };
        let (mut out, mut late, mut rejected) = (Vec::with_capacity(sorted.len()), Vec::new(), Vec::new());
        for sorted in sorted {
            let sorted = sorted?;
            late.extend(sorted.late);
            rejected.extend(sorted.rejected);
            if sorted.kept.rows.num_rows() > 0 {
                out.push(sorted.kept);
            }
        }
        let count = |chunks: &[Chunk]| chunks.iter().map(|chunk| chunk.rows.num_rows() as u64).sum();
        (self.late_rows, self.rejected_rows) = (count(&late), count(&rejected));
        Ok(vec![Flow::Fired(out), Flow::Fired(late), Flow::Fired(rejected)])
    }

    fn runs_when_idle(&self) -> bool {
        self.by_event
    }

    fn watermark(&self) -> Option<Watermark> {
        self.progress.watermark()
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        if self.placer.takes_all() {
            return Vec::new();
        }
        vec![("late", self.late_rows), ("rejected", self.rejected_rows)]
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Ok(old) = (old as Box<dyn Any>).downcast::<Self>()
            && old.by_event == self.by_event
        {
            self.progress = old.progress;
        }
        StateFate::Kept
    }
}
