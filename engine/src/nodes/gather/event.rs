//! The rows of event-time windows, kept per pane and handed on once, when their window closes.

use std::any::Any;
use std::sync::Arc;

use arrow::array::UInt32Array;
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::{another_window, with_window};
use crate::aggregate::compact_batch;
use crate::metrics::{Coverage, MemoryReport, WindowClock, WindowEmit, WindowFacts};
use crate::nodes::event_time::{EventColumn, Placed};
use crate::nodes::grouping::{least_covered, short_of};
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, Relief, StateFate, StateSize, Watermark, known,
};
use crate::spec::{Span, Timestamp};
use crate::window::{EventWindow, Inherited, OpenWindows};

/// Windows that close together in a batch hand on at most so many rows.
const MAX_ROWS: u64 = 50_000_000;

/// Gathers event-time windows.
pub(super) struct GatherEvent {
    input: SchemaRef,
    output: SchemaRef,
    column: EventColumn,
    open: OpenWindows<Vec<RecordBatch>>,
    /// Rows and bytes of all panes.
    rows: u64,
    bytes: u64,
    /// Of the windows of the last batch, the least.
    coverage: Option<Coverage>,
    watermark: Watermark,
}

impl GatherEvent {
    /// Over rows of this schema. The error is a sentence.
    pub(super) fn new(input: &SchemaRef, output: SchemaRef, window: EventWindow) -> Result<Self, String> {
        let column = EventColumn::find(&window.time, input)?;
        let open = OpenWindows::new(window, false);
        let (input, coverage, watermark) = (Arc::clone(input), None, Watermark::START);
        Ok(Self { input, output, column, open, rows: 0, bytes: 0, coverage, watermark })
    }

    fn absorb(&mut self, rows: &RecordBatch) -> Result<(), NodeError> {
        let Placed { rows, panes } = self.column.place(rows, &self.open)?;
        let mut order: Vec<u32> = (0u32..).take(panes.len()).collect();
        order.sort_by_key(|&row| panes[row as usize]);
        for run in order.chunk_by(|a, b| panes[*a as usize] == panes[*b as usize]) {
            let Some(&first) = run.first() else { continue };
            let part = if run.len() == panes.len() {
                rows.clone()
            } else {
                take_record_batch(&rows, &UInt32Array::from_iter_values(run.iter().copied()))?
            };
            let pane = self.open.pane_of(Timestamp(panes[first as usize]));
            let part = compact_batch(&part);
            self.rows += part.num_rows() as u64;
            self.bytes += part.get_array_memory_size() as u64;
            self.open.content_mut(pane).push(part);
        }
        Ok(())
    }

    /// Hands the windows on that close as the watermark comes to `until`.
    fn pass(&mut self, until: Timestamp, arrived: Timestamp, chunks: &mut Vec<Chunk>) -> Result<bool, NodeError> {
        let due = self.open.due(until).map_err(NodeError::data)?;
        let mut total = 0;
        for window in &due {
            for rows in self.open.within(*window).flat_map(|(_, rows)| rows) {
                total += rows.num_rows() as u64;
                if total > MAX_ROWS {
                    return Err(NodeError::data(format!(
                        "the windows that close in this batch hold more than {MAX_ROWS} rows together; lengthen the \
                         slide, or put a Group behind the window"
                    )));
                }
                chunks.push(Chunk::new(with_window(&self.output, *window, rows)?, arrived));
            }
        }
        let coverage = due.iter().map(|window| self.open.coverage(*window));
        self.coverage = least_covered(coverage.chain(self.coverage));
        let gone = self.open.pass(until);
        self.release(&gone);
        Ok(!due.is_empty())
    }

    fn release(&mut self, gone: &[Vec<RecordBatch>]) {
        for rows in gone.iter().flatten() {
            self.rows -= rows.num_rows() as u64;
            self.bytes -= rows.get_array_memory_size() as u64;
        }
    }
}

impl Operator for GatherEvent {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        if let Some(watermark) = context.watermark() {
            self.watermark = watermark.never_behind(self.watermark);
        }
        // Rows of a window arrive where it is handed on: its own time may be any.
        let arrived = context.time.minus(Span(1));
        self.coverage = None;
        let mut chunks = Vec::new();
        let mut fires = self.pass(self.watermark.late, arrived, &mut chunks)?;
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks).filter(|chunk| chunk.rows.num_rows() > 0) {
            self.absorb(&chunk.rows)?;
        }
        fires |= self.pass(self.watermark.close, arrived, &mut chunks)?;
        Ok(vec![if fires { Flow::Fired(chunks) } else { Flow::Idle }])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn windows(&self) -> Option<WindowFacts> {
        let next_end = self.open.first_held().map(|window| window.end);
        Some(WindowFacts { clock: WindowClock::Event, emit: WindowEmit::AtEnd, next_end })
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.rows, bytes: self.bytes }
    }

    fn remembers(&self) -> bool {
        true
    }

    fn memory(&self) -> MemoryReport {
        MemoryReport {
            coverage: self.coverage,
            let_go_before: self.open.let_go_before(),
            closed_before: Some(self.open.over()).filter(|over| over.0 > i64::MIN),
            ..MemoryReport::default()
        }
    }

    fn relieve(&mut self, _relief: Relief, bytes: u64) {
        while self.bytes > bytes
            && let Some(gone) = self.open.let_oldest_go()
        {
            self.release(&gone);
        }
    }

    fn imagine(&mut self, memory: &MemoryReport, _tick: Timestamp) {
        self.open.imagine(memory.closed_before.unwrap_or(Timestamp(i64::MIN)), memory.let_go_before);
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else { return Err(another_window()) };
        if self.input == old.input && self.open.window().time == old.open.window().time {
            return Ok(());
        }
        Err("the columns changed, so the window's rows are collected anew".to_owned())
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old).filter(|old| self.open.window().time == old.open.window().time) {
            self.watermark = old.watermark;
            self.open.pass(old.open.over());
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Err(sentence) = self.fits(&*old) {
            self.follow(&*old);
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        self.watermark = old.watermark;
        (self.rows, self.bytes) = (old.rows, old.bytes);
        let Inherited { coverage, has_gaps } = self.open.take_over(old.open);
        if has_gaps {
            let sentence = "rows that came between the former windows were in none of them and are not held";
            return StateFate::Partly(sentence.to_owned());
        }
        match coverage {
            Some(coverage) => StateFate::Short { coverage, sentence: short_of(coverage) },
            None => StateFate::Kept,
        }
    }
}
