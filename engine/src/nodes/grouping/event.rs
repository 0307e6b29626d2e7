//! Groups the rows of event-time windows, fused with the window: rows are aggregated once, into panes of event time,
//! whatever the overlap; the watermark says when a window's results are final.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, TimestampMicrosecondArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::batch::{arrival, batches_of, fits_former, scope_of};
use super::coverage::{with_field, with_shares};
use super::{GroupWindows, fate_of, least_covered, nulled};
use crate::aggregate::{AggregateError, BatchGrouper, GroupSpec};
use crate::metrics::{Coverage, MemoryReport, WindowClock, WindowEmit, WindowFacts};
use crate::nodes::event_time::{EventColumn, Placed};
use crate::nodes::gather::with_window_fields;
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, Relief, StateFate, StateSize, Watermark, known,
};
use crate::spec::Timestamp;
use crate::window::{EventAggregate, EventWindow, Given, Mode};

/// The key that stands for a row's pane while a batch of many panes is grouped.
const PANE: &str = "pane";

/// Up to so many panes a batch is taken apart by pane: filtering the rows costs less than one more key does.
const MAX_APART: usize = 8;

fn pane_field() -> Field {
    Field::new(PANE, DataType::Int64, false)
}

/// The operator of `group` and `aggregate` over event-time windows.
pub(in crate::nodes) struct GroupEventWindows {
    column: EventColumn,
    state: EventAggregate,
    mode: Mode,
    /// Groups rows of one pane.
    grouper: BatchGrouper,
    /// Groups rows of several panes at once: the pane is one more key.
    mixed: BatchGrouper,
    mixed_input: SchemaRef,
    output: SchemaRef,
    shows_coverage: bool,
    /// Of the windows of the last batch, the least.
    coverage: Option<Coverage>,
    watermark: Option<Watermark>,
}

impl GroupEventWindows {
    /// Over rows of this schema. `shows_coverage`: with a column that says what a result rests on.
    pub(in crate::nodes) fn new(
        spec: Arc<GroupSpec>,
        window: &EventWindow,
        mode: Mode,
        input: &SchemaRef,
        shows_coverage: bool,
    ) -> Result<Self, AggregateError> {
        let column = EventColumn::find(&window.time, input).map_err(AggregateError)?;
        let state = EventAggregate::new(spec.aggregation(), window.clone(), mode)?;
        let pane = pane_field();
        let mixed = Arc::new(spec.split_by(input.fields().len(), pane.clone()));
        let fields = input.fields().iter().cloned().chain([Arc::new(pane)]);
        let mixed_input = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let output = with_window_fields(spec.aggregation().output());
        let output = if shows_coverage { with_field(&output) } else { output };
        let (grouper, mixed) = (BatchGrouper::new(spec), BatchGrouper::new(mixed));
        Ok(Self {
            column,
            state,
            mode,
            grouper,
            mixed,
            mixed_input,
            output,
            shows_coverage,
            coverage: None,
            watermark: None,
        })
    }

    /// The result's columns: the window's bounds, the keys, the aggregates, perhaps the coverage.
    pub(in crate::nodes) fn output(&self) -> &SchemaRef {
        &self.output
    }

    fn absorb(&mut self, inputs: &Inputs, context: &BatchContext) -> Result<(), NodeError> {
        let place = |rows: &RecordBatch| self.column.place(rows, self.state.open());
        let mut placed = batches_of(inputs).iter().map(place).collect::<Result<Vec<Placed>, _>>()?;
        placed.retain(|placed| !placed.panes.is_empty());
        let scope = scope_of(context);
        if let Some(panes) = few_panes(&placed) {
            // All are grouped before any is taken in: where an expression fails, nothing has changed.
            let mut groups = Vec::with_capacity(panes.len());
            for pane in panes {
                let rows = rows_of_pane(&placed, pane)?;
                let pane = self.state.open().pane_of(Timestamp(pane));
                groups.push((pane, self.grouper.partial(&rows, &scope, &context.pool)?));
            }
            for (pane, grouped) in groups {
                self.state.absorb(pane, grouped)?;
            }
            return Ok(());
        }
        let with_pane = |placed: Placed| {
            let pane: ArrayRef = Arc::new(Int64Array::from(placed.panes));
            let columns = placed.rows.columns().iter().cloned().chain([pane]).collect();
            RecordBatch::try_new(Arc::clone(&self.mixed_input), columns)
        };
        let rows = placed.into_iter().map(with_pane).collect::<Result<Vec<_>, _>>()?;
        let mut grouped = self.mixed.partial(&rows, &scope, &context.pool)?;
        let Some(panes) = grouped.keys.pop() else { return Ok(()) };
        Ok(self.state.absorb_mixed(panes.as_primitive::<Int64Type>().values(), &grouped)?)
    }

    /// Results as rows with their windows' bounds in front.
    fn rows_of(&self, given: &Given) -> Result<RecordBatch, NodeError> {
        let starts: TimestampMicrosecondArray = given.windows.iter().map(|window| Some(window.start.0)).collect();
        let ends: TimestampMicrosecondArray = given.windows.iter().map(|window| Some(window.end.0)).collect();
        let bounds = [starts, ends].map(|bound| Arc::new(bound.with_timezone("UTC")) as ArrayRef);
        let shares = self.shows_coverage.then(|| with_shares(&given.coverage));
        let columns = bounds.into_iter().chain(given.rows.columns().iter().cloned()).chain(shares).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.output), columns)?)
    }
}

/// The panes of these rows in order of time; `None` if they are many.
fn few_panes(placed: &[Placed]) -> Option<Vec<i64>> {
    let mut panes: Vec<i64> = Vec::with_capacity(MAX_APART);
    let mut last = None;
    for &pane in placed.iter().flat_map(|placed| &placed.panes) {
        if last.replace(pane) != Some(pane) && !panes.contains(&pane) {
            if panes.len() == MAX_APART {
                return None;
            }
            panes.push(pane);
        }
    }
    panes.sort_unstable();
    Some(panes)
}

/// The rows that fall into a pane.
fn rows_of_pane(placed: &[Placed], pane: i64) -> Result<Vec<RecordBatch>, NodeError> {
    let mut rows = Vec::with_capacity(placed.len());
    for placed in placed {
        let is_inside = BooleanBuffer::from_iter(placed.panes.iter().map(|of_row| *of_row == pane));
        match is_inside.count_set_bits() {
            0 => {}
            all if all == placed.panes.len() => rows.push(placed.rows.clone()),
            _ => rows.push(filter_record_batch(&placed.rows, &BooleanArray::new(is_inside, None))?),
        }
    }
    Ok(rows)
}

impl Operator for GroupEventWindows {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let before = self.watermark.unwrap_or(Watermark::START);
        self.watermark = context.watermark().map(|watermark| watermark.never_behind(before)).or(self.watermark);
        let mut given = Vec::new();
        if let Some(watermark) = self.watermark {
            given.extend(self.state.pass(watermark.late)?);
        }
        self.absorb(&inputs, context)?;
        let is_fed = inputs.iter().flatten().any(Flow::fired);
        if is_fed {
            given.extend(self.state.changes()?);
        }
        if let Some(watermark) = self.watermark {
            given.extend(self.state.pass(watermark.close)?);
        }
        let coverage = given.iter().flat_map(|given| &given.coverage);
        self.coverage = least_covered(coverage.map(|(_, coverage)| *coverage));
        let fires = match self.mode {
            Mode::Close => !given.is_empty(),
            Mode::Change | Mode::Whole => is_fed,
        };
        if !fires {
            return Ok(vec![Flow::Idle]);
        }
        let arrived = arrival(&inputs, context);
        let chunk = |given| Ok(Chunk::new(self.rows_of(given)?, arrived));
        Ok(vec![Flow::Fired(given.iter().map(chunk).collect::<Result<_, NodeError>>()?)])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn watermark(&self) -> Option<Watermark> {
        self.watermark
    }

    fn windows(&self) -> Option<WindowFacts> {
        let emit = match self.mode {
            Mode::Close => WindowEmit::AtEnd,
            Mode::Change | Mode::Whole => WindowEmit::Early,
        };
        let next_end = self.state.open().first_held().map(|window| window.end);
        Some(WindowFacts { clock: WindowClock::Event, emit, next_end })
    }

    fn key_columns(&self) -> Vec<usize> {
        self.grouper.spec().key_columns()
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.state.key_count() as u64, bytes: self.state.size() as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        nulled(self.grouper.spec()).into_iter().collect()
    }

    fn remembers(&self) -> bool {
        true
    }

    fn memory(&self) -> MemoryReport {
        MemoryReport {
            coverage: self.coverage,
            let_go_before: self.state.open().let_go_before(),
            closed_before: Some(self.state.open().over()).filter(|over| over.0 > i64::MIN),
            parked_columns: self.state.aggregation().parked_columns(),
            ..MemoryReport::default()
        }
    }

    fn relieve(&mut self, relief: Relief, bytes: u64) {
        if relief == Relief::Caches {
            self.state.drop_scratch();
        }
        if self.state.let_history_go(usize::try_from(bytes).unwrap_or(usize::MAX)).is_err() {
            // Only clearing up failed: nothing is lost, and the node's size says that nothing was gained.
            self.state.drop_scratch();
        }
    }

    fn abandon(&mut self) {
        self.state.drop_scratch();
    }

    fn imagine(&mut self, memory: &MemoryReport, _tick: Timestamp) {
        self.state.imagine(memory.closed_before.unwrap_or(Timestamp(i64::MIN)), memory);
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else {
            return match known::<GroupWindows>(old) {
                Some(_) => Err("its windows go by event time now, so they begin anew".to_owned()),
                None => fits_former(old),
            };
        };
        let (now, then) = (&self.state.open().window().time, &old.state.open().window().time);
        if now != then {
            return Err(format!("its windows go by `{}` instead of `{}`, so they begin anew", now.column, then.column));
        }
        self.state.aggregation().fits(old.state.aggregation())
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old)
            && self.state.open().window().time == old.state.open().window().time
        {
            self.watermark = old.watermark;
            self.state.follow(&old.state);
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Err(sentence) = self.fits(&*old) {
            self.follow(&*old);
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        self.watermark = old.watermark;
        let carried = self.state.take_over(old.state);
        let aggregation = self.state.aggregation();
        let spec = Arc::new(self.grouper.spec().over(aggregation));
        let mixed = spec.split_by(self.mixed_input.fields().len() - 1, pane_field());
        (self.grouper, self.mixed) = (BatchGrouper::new(spec), BatchGrouper::new(Arc::new(mixed)));
        fate_of(carried)
    }
}
