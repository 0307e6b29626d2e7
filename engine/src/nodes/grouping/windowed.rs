//! Groups the rows of windows, fused with the window: rows are aggregated once, into panes, whatever the overlap.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::batch::{fits_former, scope_of};
use super::coverage::{with_column, with_field};
use super::nulled;
use crate::aggregate::{AggregateError, BatchGrouper, Carried, GroupSpec};
use crate::metrics::{Coverage, MemoryReport, WindowClock, WindowEmit, WindowFacts};
use crate::nodes::gather::{arrival_of, with_window, with_window_fields};
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, Migration, NodeError, Operator, Outputs, Relief, StateFate, StateSize, known,
};
use crate::spec::Timestamp;
use crate::window::{Window, WindowAggregate, WindowSpec};

/// The operator of `group` and `aggregate` over windowed streams.
pub(in crate::nodes) struct GroupWindows {
    grouper: BatchGrouper,
    state: WindowAggregate,
    /// The output without the coverage.
    plain: SchemaRef,
    output: SchemaRef,
    shows_coverage: bool,
    /// Of the windows of the last batch, the least.
    coverage: Option<Coverage>,
}

impl GroupWindows {
    /// `emits_empty`: without keys, a window without rows still gives its one row. `shows_coverage`: with a column
    /// that says what a result rests on.
    pub(in crate::nodes) fn new(
        spec: Arc<GroupSpec>,
        window: WindowSpec,
        emits_empty: bool,
        shows_coverage: bool,
    ) -> Result<Self, AggregateError> {
        let state = WindowAggregate::new(spec.aggregation(), window, emits_empty)?;
        let plain = with_window_fields(spec.aggregation().output());
        let output = if shows_coverage { with_field(&plain) } else { Arc::clone(&plain) };
        Ok(Self { grouper: BatchGrouper::new(spec), state, plain, output, shows_coverage, coverage: None })
    }

    /// The result's columns: the window's bounds, the keys, the aggregates, perhaps the coverage.
    pub(in crate::nodes) fn output(&self) -> &SchemaRef {
        &self.output
    }
}

impl Operator for GroupWindows {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.state.begin(context.run_start, context.from);
        let mut panes: BTreeMap<Timestamp, (Window, Vec<RecordBatch>)> = BTreeMap::new();
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks).filter(|chunk| chunk.rows.num_rows() > 0) {
            let pane = self.state.pane_of(chunk.arrived);
            panes.entry(pane.start).or_insert_with(|| (pane, Vec::new())).1.push(chunk.rows.clone());
        }
        // All rows are grouped before any is taken in: where an expression fails on one, the panes are as they were.
        let mut grouped = Vec::with_capacity(panes.len());
        for (pane, batches) in panes.into_values() {
            grouped.push((pane, self.grouper.partial(&batches, &scope_of(context), &context.pool)?));
        }
        for (pane, grouped) in grouped {
            self.state.absorb(pane, grouped)?;
        }
        let fired = self.state.fire(context.time)?;
        self.coverage = least_covered(fired.iter().map(|fired| fired.coverage));
        if fired.is_empty() {
            return Ok(vec![Flow::Idle]);
        }
        let mut chunks = Vec::with_capacity(fired.len());
        for result in fired.into_iter().filter(|result| result.rows.num_rows() > 0) {
            let mut rows = with_window(&self.plain, result.window, &result.rows)?;
            if self.shows_coverage {
                rows = with_column(&self.output, &rows, result.coverage)?;
            }
            chunks.push(Chunk::new(rows, arrival_of(result.window)));
        }
        Ok(vec![Flow::Fired(chunks)])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn windows(&self) -> Option<WindowFacts> {
        let next_end = self.state.next_end();
        Some(WindowFacts { clock: WindowClock::Arrival, emit: WindowEmit::AtEnd, next_end })
    }

    fn key_columns(&self) -> Vec<usize> {
        self.grouper.spec().key_columns()
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.state.key_count() as u64, bytes: self.state.size() as u64 }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let skipped = self.state.skipped();
        let skipped = (skipped > 0).then_some(("skipped_windows", skipped));
        skipped.into_iter().chain(nulled(self.grouper.spec())).collect()
    }

    fn remembers(&self) -> bool {
        true
    }

    fn memory(&self) -> MemoryReport {
        MemoryReport {
            coverage: self.coverage,
            let_go_before: self.state.let_go_before(),
            parked_columns: self.state.aggregation().parked_columns(),
            ..MemoryReport::default()
        }
    }

    fn relieve(&mut self, relief: Relief, bytes: u64) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        if relief == Relief::Caches {
            self.state.drop_caches();
        }
        if self.state.let_history_go(bytes).is_err() {
            // Only clearing up failed: nothing is lost, and the node's size says that nothing was gained.
            self.state.drop_caches();
        }
    }

    fn abandon(&mut self) {
        self.state.drop_caches();
    }

    fn imagine(&mut self, memory: &MemoryReport, tick: Timestamp) {
        self.state.imagine(tick, memory);
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        match known::<Self>(old) {
            Some(old) => self.state.aggregation().fits(old.state.aggregation()),
            None => fits_former(old),
        }
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old) {
            self.state.follow(&old.state);
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Err(sentence) = self.fits(&*old) {
            self.follow(&*old);
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        let carried = self.state.take_over(old.state);
        self.grouper = BatchGrouper::new(Arc::new(self.grouper.spec().over(self.state.aggregation())));
        fate_of(carried)
    }
}

/// Of several coverages the one that holds the smallest share.
pub(in crate::nodes) fn least_covered(all: impl Iterator<Item = Coverage>) -> Option<Coverage> {
    let rank = |coverage: &Coverage| (coverage.share(), !coverage.is_rounded);
    all.min_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal))
}

/// What became of an aggregation's state, for the person.
pub(in crate::nodes) fn fate_of(carried: Result<Carried, AggregateError>) -> StateFate {
    let carried = match carried {
        Ok(carried) => carried,
        Err(error) => return StateFate::Reset(format!("its state could not be carried over: {error}")),
    };
    let Carried { kept, begun, resumed, parked, note, coverage } = carried;
    let short = coverage.map(short_of);
    if begun.is_empty() && resumed.is_empty() && parked.is_empty() {
        return match (note, coverage, short) {
            (Some(note), _, _) => StateFate::Partly(note),
            (None, Some(coverage), Some(sentence)) => StateFate::Short { coverage, sentence },
            (None, _, _) => StateFate::Kept,
        };
    }
    StateFate::Migrated(Migration { kept, begun, resumed, parked, note: note.or(short), coverage })
}

/// Says how short a window is.
pub(in crate::nodes) fn short_of(coverage: Coverage) -> String {
    let Coverage { held, length, .. } = coverage;
    format!("only the last {held} of the {length} are held; results grow to the whole window as time goes on")
}
