//! The running aggregation with what enters it beforehand and what leaves it.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use super::super::ageing::Ageing;
use super::super::condition::holds;
use super::super::event_time::{EventColumn, Progress};
use super::closing::Closing;
use crate::aggregate::{AggregateError, BatchGrouper, GroupSpec, Grouped, RunningState};
use crate::expr::{Expression, Scope};
use crate::metrics::MemoryReport;
use crate::nodes::grouping::{arrival, batches_of, fate_of, scope_of};
use crate::nodes::transforms::on_error::OnFailure;
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, StateFate, StateSize, known, rows_of,
};
use crate::spec::Timestamp;

/// Which groups each batch shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Emit {
    Changed,
    All,
    Close,
}

pub(super) struct RunningGroups {
    grouper: BatchGrouper,
    state: RunningState,
    /// The result's columns; the state may have one more, the time of the group's last row.
    output: SchemaRef,
    emit: Emit,
    remove_when: Option<(Expression, OnFailure)>,
    ageing: Option<Ageing>,
    time: Option<EventColumn>,
    closing: Option<Closing>,
    progress: Progress,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    removed: u64,
    expired: u64,
    late: u64,
    nulled: u64,
}

/// What leaves in a batch, with its last values.
#[derive(Default)]
struct Leaving {
    by_condition: Option<RecordBatch>,
    by_time: Option<RecordBatch>,
}

impl RunningGroups {
    pub(super) fn new(spec: Arc<GroupSpec>, output: SchemaRef, emit: Emit) -> Result<Self, AggregateError> {
        let state = RunningState::new(spec.aggregation())?;
        Ok(Self {
            grouper: BatchGrouper::new(spec),
            state,
            output,
            emit,
            remove_when: None,
            ageing: None,
            time: None,
            closing: None,
            progress: Progress::START,
            counts: Counts::default(),
        })
    }

    /// Groups that are there before the first row.
    pub(super) fn start_from(&mut self, initial: Option<Grouped>) -> Result<(), AggregateError> {
        let Some(mut initial) = initial else { return Ok(()) };
        // The time of the last row, if that is kept: there was none.
        let calls = self.state.aggregation().calls().len();
        if initial.states.len() < calls {
            let blank = crate::aggregate::Accumulators::blank(self.state.aggregation(), initial.groups)?;
            initial.states.extend(blank.into_iter().skip(initial.states.len()));
        }
        self.state.absorb(&initial).map(drop)
    }

    /// What makes groups leave.
    pub(super) fn remove_by(
        &mut self,
        remove_when: Option<(Expression, OnFailure)>,
        ageing: Option<Ageing>,
        time: Option<EventColumn>,
    ) {
        (self.remove_when, self.ageing, self.time) = (remove_when, ageing, time);
    }

    /// Groups leave by their event time, and come out then.
    pub(super) fn close_by(&mut self, closing: Option<Closing>) {
        self.closing = closing;
    }

    /// The results of groups, as they come out.
    fn results(&self, groups: &[u32]) -> Result<RecordBatch, NodeError> {
        self.visible(&self.state.evaluate(groups)?)
    }

    fn visible(&self, rows: &RecordBatch) -> Result<RecordBatch, NodeError> {
        let width = self.output.fields().len();
        if rows.num_columns() == width {
            return Ok(rows.clone());
        }
        let columns = rows.columns().iter().take(width).map(Arc::clone).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.output), columns)?)
    }

    /// Notes when groups had rows; `all` are their results with their event time, or the time of the last row.
    fn note_rows(&mut self, groups: &[u32], all: &RecordBatch, context: &BatchContext) {
        let Some(ageing) = &mut self.ageing else { return };
        if !ageing.is_by_event_time() {
            ageing.seen_in(groups, context.time);
            return;
        }
        let times = self.closing.map_or(all.num_columns().saturating_sub(1), Closing::key);
        let times = all.columns().get(times).and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        if let (Some(times), Some(column)) = (times, self.time) {
            for (row, &group) in groups.iter().enumerate().filter(|(row, _)| times.is_valid(*row)) {
                ageing.seen_at(group, column.shifted(times.value(row)));
            }
        }
    }

    /// Gives groups that were there before the first batch their deadline.
    fn date(&mut self, context: &BatchContext) -> Result<(), NodeError> {
        if !self.ageing.as_mut().is_some_and(Ageing::take_undated) {
            return Ok(());
        }
        let groups = self.state.groups();
        if self.ageing.as_ref().is_some_and(Ageing::is_by_event_time) {
            let all = self.state.evaluate(&groups)?;
            self.note_rows(&groups, &all, context);
        } else if let Some(ageing) = &mut self.ageing {
            ageing.date(&groups, context.time);
        }
        Ok(())
    }

    /// Takes a batch in; gives the groups that had rows, with their results.
    fn absorb(&mut self, inputs: &Inputs, context: &BatchContext) -> Result<(Vec<u32>, RecordBatch), NodeError> {
        let grouped = self.grouper.partial(&batches_of(inputs), &scope_of(context), &context.pool)?;
        let (changed, all) = self.state.absorb_and_evaluate(grouped)?;
        self.note_rows(&changed, &all, context);
        let rows = self.visible(&all)?;
        Ok((changed, rows))
    }

    /// Removes what has to leave; gives it with its last values.
    fn remove(
        &mut self,
        changed: &[u32],
        rows: &RecordBatch,
        scope: &Scope,
        context: &BatchContext,
    ) -> Result<Leaving, NodeError> {
        let mut leaving = Leaving::default();
        if let Some((condition, on_error)) = &self.remove_when
            && !changed.is_empty()
        {
            let (leaves, nulled) = holds(condition, *on_error, rows, scope)?;
            self.counts.nulled = nulled;
            let groups: Vec<u32> =
                changed.iter().zip(leaves.values()).filter(|(_, leaves)| *leaves).map(|(group, _)| *group).collect();
            if !groups.is_empty() {
                leaving.by_condition = Some(filter_record_batch(rows, &leaves)?);
                self.counts.removed = groups.len() as u64;
                self.leave(&groups);
            }
        }
        let due = self.ageing.as_mut().map(|ageing| ageing.take_due(context, &self.progress)).unwrap_or_default();
        if !due.is_empty() {
            leaving.by_time = Some(self.results(&due)?);
            self.counts.expired = due.len() as u64;
            self.leave(&due);
        }
        Ok(leaving)
    }

    fn leave(&mut self, groups: &[u32]) {
        self.state.remove(groups);
        if let Some(ageing) = &mut self.ageing {
            ageing.forget(groups);
        }
    }

    /// What the batch shows.
    fn show(&self, changed: &[u32], rows: RecordBatch) -> Result<RecordBatch, NodeError> {
        match self.emit {
            Emit::Close => Ok(RecordBatch::new_empty(Arc::clone(&self.output))),
            Emit::All => self.results(&self.state.groups()),
            Emit::Changed if self.counts.removed + self.counts.expired == 0 => Ok(rows),
            Emit::Changed => {
                let stays: BooleanArray = changed.iter().map(|&group| Some(self.state.contains(group))).collect();
                Ok(filter_record_batch(&rows, &stays)?)
            }
        }
    }
}

fn fired(rows: impl IntoIterator<Item = RecordBatch>, inputs: &Inputs, context: &BatchContext) -> Flow {
    let rows = rows.into_iter().filter(|rows| rows.num_rows() > 0);
    Flow::Fired(rows.map(|rows| Chunk::new(rows, arrival(inputs, context))).collect())
}

impl Operator for RunningGroups {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.counts = Counts::default();
        self.progress.advance(context.watermark());
        self.date(context)?;
        let (inputs, late) = match self.closing {
            Some(closing) => closing.take_late(inputs, &self.progress)?,
            None => (inputs, Vec::new()),
        };
        self.counts.late = rows_of(&late);
        let has_fired = inputs.iter().flatten().any(Flow::fired);
        let (changed, rows) = if has_fired {
            self.absorb(&inputs, context)?
        } else {
            (Vec::new(), RecordBatch::new_empty(Arc::clone(&self.output)))
        };
        let mut leaving = self.remove(&changed, &rows, &scope_of(context), context)?;
        let closed = if self.closing.is_some() { leaving.by_time.take() } else { None };
        let out = if has_fired || closed.is_some() {
            fired([self.show(&changed, rows)?].into_iter().chain(closed), &inputs, context)
        } else {
            Flow::Idle
        };
        if let (Some(renumbered), Some(ageing)) = (self.state.tidy()?, &mut self.ageing) {
            ageing.renumber(&renumbered);
        }
        let removed: Vec<RecordBatch> = leaving.by_condition.into_iter().chain(leaving.by_time).collect();
        let removed = if has_fired || !removed.is_empty() { fired(removed, &inputs, context) } else { Flow::Idle };
        let late = if has_fired { Flow::Fired(late) } else { Flow::Idle };
        Ok(vec![out, removed, late])
    }

    fn runs_when_idle(&self) -> bool {
        self.ageing.is_some()
    }

    fn state_size(&self) -> StateSize {
        let bytes = self.state.size() + self.ageing.as_ref().map_or(0, Ageing::size);
        StateSize { rows: self.state.len() as u64, bytes: bytes as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let expired = if self.closing.is_some() { "closed" } else { "expired" };
        let Counts { removed, late, .. } = self.counts;
        let nulled = self.counts.nulled + self.grouper.spec().take_nulled();
        let counts = [("removed", removed), (expired, self.counts.expired), ("late", late), ("nulled", nulled)];
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
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
        known::<Self>(old).map_or(Ok(()), |old| self.state.aggregation().fits(old.state.aggregation()))
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old) {
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
        self.grouper = BatchGrouper::new(Arc::new(self.grouper.spec().over(self.state.aggregation())));
        if let (Ok(_), Some(ageing)) = (&carried, &mut self.ageing) {
            ageing.take_over(old.ageing);
        }
        // The time of the last row, which nobody sees, is not told of.
        let is_shown = |name: &String| [&self.output, &old.output].iter().any(|shown| shown.index_of(name).is_ok());
        fate_of(carried.map(|mut carried| {
            carried.parked.retain(is_shown);
            carried.resumed.retain(is_shown);
            carried
        }))
    }
}
