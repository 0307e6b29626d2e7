//! Groups the rows of sessions, fused with the window: rows are aggregated once, into the session they are in.

use std::any::Any;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use rayon::prelude::*;

use super::batch::{arrival, fits_former, scope_of};
use super::keyed::{joined, positions_of};
use super::windowed::fate_of;
use super::{Emit, nulled};
use crate::aggregate::{GroupSpec, Rows};
use crate::expr::Scope;
use crate::metrics::{MemoryReport, WindowClock, WindowEmit, WindowFacts};
use crate::nodes::gather::{bounded, with_window_fields};
use crate::nodes::windows::session::{Placer, Progress};
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Operator, Outputs, Planned, Stage, StateFate, StateSize,
    Watermark, known,
};
use crate::spec::{Diagnostic, Timestamp};
use crate::window::{EventTime, SessionAggregate, SessionTimes, SessionWindow, WindowRows};

/// The operator of `group` and `aggregate` over sessions.
pub(in crate::nodes) struct GroupSessions {
    spec: Arc<GroupSpec>,
    window: SessionWindow,
    placer: Placer,
    emit: Emit,
    state: SessionAggregate,
    progress: Progress,
    output: SchemaRef,
    late: u64,
    rejected: u64,
}

/// The rows of a chunk that are in sessions.
struct Read {
    rows: Rows,
    starts: Vec<i64>,
    ends: Vec<i64>,
    late: u64,
    rejected: u64,
}

impl GroupSessions {
    /// The stage of a grouping over sessions. `emit` is resolved for this input.
    pub(in crate::nodes) fn plan(
        spec: Arc<GroupSpec>,
        window: &SessionWindow,
        input: &LinkType,
        emit: Emit,
    ) -> Result<Planned, Vec<Diagnostic>> {
        let per = positions_of(&window.per, spec.aggregation().keys()).map_err(|problem| vec![problem])?;
        let placer = Placer::new(window, &input.schema).map_err(|wrong| vec![Diagnostic::error(wrong).port("in")])?;
        let state = SessionAggregate::new(spec.aggregation(), per, placer.gap())
            .map_err(|error| vec![Diagnostic::error(error.0).param("aggregates")])?;
        let output = with_window_fields(spec.aggregation().output());
        let mut link = LinkType::plain(Arc::clone(&output));
        // Only final results may be counted again by windows behind this one.
        if window.time.is_some() && emit == Emit::Close {
            link.event_time = Some(EventTime::of_window());
        }
        if matches!(emit, Emit::Change | Emit::Whole) {
            link = link.revised();
        }
        let progress = Progress::new(window.time.is_some());
        let window = window.clone();
        let operator = Self { spec, window, placer, emit, state, progress, output, late: 0, rejected: 0 };
        Ok(Planned::new(vec![link], Stage::Operator(Box::new(operator))))
    }

    fn read(spec: &GroupSpec, placer: &Placer, chunk: &Chunk, late: i64, scope: &Scope) -> Result<Read, NodeError> {
        let placed = placer.place(chunk, scope)?;
        let rejected = (chunk.rows.num_rows() - placed.rows.num_rows()) as u64;
        let (placed, missed) = placed.split(late)?;
        let late = missed.map_or(0, |missed| missed.starts.len() as u64);
        Ok(Read { rows: spec.rows(&placed.rows, scope)?, starts: placed.starts, ends: placed.ends, late, rejected })
    }

    /// The batch's rows. Nothing is changed before all of them are read: where an expression fails on one, the sessions
    /// are as they were.
    fn read_all(&self, inputs: &Inputs, late: i64, context: &BatchContext) -> Result<Read, NodeError> {
        let chunks: Vec<&Chunk> = inputs.iter().flatten().flat_map(Flow::chunks).collect();
        let scope = scope_of(context);
        let (spec, placer) = (&self.spec, &self.placer);
        let read = |chunk: &&Chunk| Self::read(spec, placer, chunk, late, &scope);
        let parts: Vec<Result<Read, NodeError>> = match chunks.as_slice() {
            [] => Vec::new(),
            [single] => vec![read(single)],
            several => context.pool.install(|| several.par_iter().map(read).collect()),
        };
        let (mut rows, mut starts, mut ends) = (Vec::with_capacity(parts.len()), Vec::new(), Vec::new());
        let (mut late, mut rejected) = (0, 0);
        for part in parts {
            let part = part?;
            late += part.late;
            rejected += part.rejected;
            if part.rows.len > 0 {
                rows.push(part.rows);
                starts.extend(part.starts);
                ends.extend(part.ends);
            }
        }
        Ok(Read { rows: joined(rows)?, starts, ends, late, rejected })
    }

    /// What the batch gives, after its rows were taken in.
    fn results(&mut self, close: Timestamp) -> Result<WindowRows, NodeError> {
        Ok(match self.emit {
            Emit::Auto | Emit::Close => self.state.close(close)?,
            Emit::Change => {
                let changed = self.state.changed()?;
                self.state.evict(close)?;
                changed
            }
            Emit::Whole => self.state.all()?,
        })
    }
}

impl Operator for GroupSessions {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let Watermark { late, close, .. } = self.progress.step(context);
        let batch = self.read_all(&inputs, late.0, context)?;
        (self.late, self.rejected) = (batch.late, batch.rejected);
        let mut given = Vec::new();
        match self.emit {
            Emit::Auto | Emit::Close => given.push(self.state.close(late)?),
            Emit::Change => self.state.evict(late)?,
            Emit::Whole => {}
        }
        let times = SessionTimes { starts: &batch.starts, ends: &batch.ends };
        self.state.absorb(&batch.rows, times, &context.pool)?;
        given.push(self.results(close)?);
        given.retain(|rows| !rows.columns.is_empty());
        let is_fed = inputs.iter().flatten().any(Flow::fired);
        let fires = match self.emit {
            Emit::Auto | Emit::Close => !given.is_empty(),
            Emit::Change | Emit::Whole => is_fed,
        };
        if !fires {
            return Ok(vec![Flow::Idle]);
        }
        let arrived = arrival(&inputs, context);
        let chunk = |rows| Ok(Chunk::new(bounded(&self.output, rows)?, arrived));
        Ok(vec![Flow::Fired(given.into_iter().map(chunk).collect::<Result<_, NodeError>>()?)])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn watermark(&self) -> Option<Watermark> {
        self.progress.watermark()
    }

    fn windows(&self) -> Option<WindowFacts> {
        let clock = if self.window.time.is_some() { WindowClock::Event } else { WindowClock::Arrival };
        let emit = match self.emit {
            Emit::Auto | Emit::Close => WindowEmit::AtEnd,
            Emit::Change | Emit::Whole => WindowEmit::Early,
        };
        Some(WindowFacts { clock, emit, next_end: self.state.next_end() })
    }

    fn key_columns(&self) -> Vec<usize> {
        self.spec.key_columns()
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.state.len() as u64, bytes: self.state.size() as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let all = [("late", self.late), ("rejected", self.rejected)];
        all.into_iter().filter(|(_, rows)| *rows > 0).chain(nulled(&self.spec)).collect()
    }

    fn remembers(&self) -> bool {
        true
    }

    fn memory(&self) -> MemoryReport {
        MemoryReport {
            finest_gap: Some(self.state.finest_gap()),
            parked_columns: self.state.aggregation().parked_columns(),
            ..MemoryReport::default()
        }
    }

    fn imagine(&mut self, memory: &MemoryReport, _tick: Timestamp) {
        self.state.imagine(memory);
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else { return fits_former(old) };
        if old.window.time != self.window.time {
            return Err("its sessions go by another time now, so they begin anew".to_owned());
        }
        self.state.fits(&old.state)
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
        let carried = self.state.take_over(old.state);
        self.spec = Arc::new(self.spec.over(self.state.aggregation()));
        match fate_of(carried) {
            StateFate::Kept if self.window.gap_expression != old.window.gap_expression => StateFate::Partly(
                "rows so far keep the gaps they came with; the new expression holds for rows that follow".to_owned(),
            ),
            fate => fate,
        }
    }
}
