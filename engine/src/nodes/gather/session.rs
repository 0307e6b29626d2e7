//! Hands the rows of sessions on, once each, when they close.

use std::any::Any;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::concat_batches;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::{another_window, bounded};
use crate::aggregate::normalised;
use crate::metrics::{MemoryReport, WindowClock, WindowEmit, WindowFacts};
use crate::nodes::grouping::{arrival, positions_of, scope_of};
use crate::nodes::windows::session::{Placer, Progress};
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Operator, Outputs, StateFate, StateSize, Watermark, known,
};
use crate::spec::Timestamp;
use crate::window::{EventTime, SessionRows, SessionTimes, SessionWindow};

struct GatherSessions {
    window: SessionWindow,
    input: SchemaRef,
    output: SchemaRef,
    per: Vec<usize>,
    placer: Placer,
    progress: Progress,
    rows: SessionRows,
    late: u64,
}

/// The plain link of the sessions' rows, and what makes it.
pub(super) fn gather(
    input: &LinkType,
    output: SchemaRef,
    window: &SessionWindow,
) -> Result<(LinkType, Box<dyn Operator>), String> {
    let by_event = window.time.is_some();
    if by_event && input.event_time.is_none() {
        return Err("this node needs whole sessions, and without a watermark a session by event time is never whole; \
                    put a Watermark before the window"
            .to_owned());
    }
    let per = positions_of(&window.per, &input.schema).map_err(|problem| problem.message)?;
    let placer = Placer::new(window, &input.schema)?;
    let rows = SessionRows::new(&keys_of(&input.schema, &per), placer.gap()).map_err(|error| error.0)?;
    let event_time = if by_event { Some(EventTime::of_window()) } else { input.event_time.clone() };
    let link = LinkType { schema: Arc::clone(&output), window: None, event_time, is_revised: input.is_revised };
    let operator = GatherSessions {
        window: window.clone(),
        input: Arc::clone(&input.schema),
        output,
        per,
        placer,
        progress: Progress::new(by_event),
        rows,
        late: 0,
    };
    Ok((link, Box::new(operator)))
}

/// The key columns of a window.
pub(super) fn keys_of(schema: &SchemaRef, per: &[usize]) -> SchemaRef {
    Arc::new(Schema::new(per.iter().filter_map(|&column| schema.fields().get(column).cloned()).collect::<Vec<_>>()))
}

/// The key columns of rows.
pub(super) fn key_columns(columns: &[ArrayRef], per: &[usize]) -> Vec<ArrayRef> {
    per.iter().filter_map(|&column| columns.get(column)).map(normalised).collect()
}

/// The rows of a batch that are in sessions.
struct Read {
    rows: RecordBatch,
    starts: Vec<i64>,
    ends: Vec<i64>,
    late: u64,
}

impl GatherSessions {
    fn read(&self, inputs: &Inputs, late: i64, context: &BatchContext) -> Result<Read, NodeError> {
        let scope = scope_of(context);
        let (mut rows, mut starts, mut ends, mut late_rows) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks) {
            let (placed, missed) = self.placer.place(chunk, &scope)?.split(late)?;
            late_rows += missed.map_or(0, |missed| missed.starts.len() as u64);
            rows.push(placed.rows);
            starts.extend(placed.starts);
            ends.extend(placed.ends);
        }
        Ok(Read { rows: concat_batches(&self.input, &rows)?, starts, ends, late: late_rows })
    }
}

impl Operator for GatherSessions {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let Watermark { late, close, .. } = self.progress.step(context);
        let batch = self.read(&inputs, late.0, context)?;
        self.late = batch.late;
        let mut closed = vec![self.rows.close(late)?];
        let columns = batch.rows.columns();
        let times = SessionTimes { starts: &batch.starts, ends: &batch.ends };
        self.rows.absorb(&key_columns(columns, &self.per), columns, times, &context.pool)?;
        closed.push(self.rows.close(close)?);
        closed.retain(|rows| !rows.columns.is_empty());
        if closed.is_empty() {
            return Ok(vec![Flow::Idle]);
        }
        let arrived = arrival(&inputs, context);
        let chunk = |rows| Ok(Chunk::new(bounded(&self.output, rows)?, arrived));
        Ok(vec![Flow::Fired(closed.into_iter().map(chunk).collect::<Result<_, NodeError>>()?)])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn windows(&self) -> Option<WindowFacts> {
        let clock = if self.window.time.is_some() { WindowClock::Event } else { WindowClock::Arrival };
        Some(WindowFacts { clock, emit: WindowEmit::AtEnd, next_end: self.rows.next_end() })
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.rows.len() as u64, bytes: self.rows.size() as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        if self.late == 0 { Vec::new() } else { vec![("late", self.late)] }
    }

    fn remembers(&self) -> bool {
        true
    }

    fn memory(&self) -> MemoryReport {
        MemoryReport { finest_gap: Some(self.rows.finest_gap()), ..MemoryReport::default() }
    }

    fn imagine(&mut self, memory: &MemoryReport, _tick: Timestamp) {
        self.rows.imagine(memory);
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else { return Err(another_window()) };
        if self.input == old.input && self.per == old.per && self.window.time == old.window.time {
            return Ok(());
        }
        Err("the columns, the keys or the time of the sessions changed, so their rows are collected anew".to_owned())
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old).filter(|old| old.window.time == self.window.time) {
            self.progress = old.progress;
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        self.follow(&*old);
        if let Err(sentence) = self.fits(&*old) {
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        self.rows.take_over(old.rows).map_or(StateFate::Kept, StateFate::Partly)
    }
}
