//! Turns a windowed stream into the window's rows, for nodes that work on rows.
//!
//! Rows are kept per pane in buffers of their own. At every slide the panes that start in the window are handed on,
//! each row with the window's bounds in front: a person who sorts or shows a windowed stream sees the whole window,
//! not the batch. Windows by event time are handed on once, when the watermark closes them, sessions likewise, and count
//! windows when they are full.

mod count;
mod event;
mod session;

use std::any::Any;
use std::sync::Arc;

use arrow::array::{ArrayRef, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::aggregate::compact_batch;
use crate::metrics::{Coverage, MemoryReport, WindowClock, WindowEmit, WindowFacts};
use crate::nodes::grouping::{least_covered, short_of};
use crate::plan::{
    BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Operator, Outputs, Relief, StateFate, StateSize,
    WINDOW_END, WINDOW_START, known,
};
use crate::spec::{Span, Timestamp};
use crate::window::{EventTime, LinkWindow, Panes, Schedule, Window, WindowRows, WindowSpec};

/// The plain link of a windowed link's rows, and the operator that makes it. A plain link stays as it is. The error is a
/// sentence that says why the window's rows cannot be had.
pub fn gather(input: &LinkType) -> Result<(LinkType, Box<dyn Operator>), String> {
    let schema = with_window_fields(&input.schema);
    let plain = LinkType { window: None, ..input.clone() };
    Ok(match &input.window {
        Some(LinkWindow::Arrival(window)) => {
            let gather = Gather::new(&input.schema, Arc::clone(&schema), window.clone());
            (LinkType { schema, ..plain }, Box::new(gather))
        }
        Some(LinkWindow::Event(window)) => {
            let gather = event::GatherEvent::new(&input.schema, Arc::clone(&schema), window.clone())?;
            if input.event_time.is_none() {
                return Err("this node needs whole windows, and without a watermark a window by event time is never \
                            whole; put a Watermark before the window"
                    .to_owned());
            }
            (LinkType { schema, event_time: Some(EventTime::of_window()), ..plain }, Box::new(gather))
        }
        Some(LinkWindow::Session(window)) => session::gather(input, schema, window)?,
        Some(LinkWindow::Count(window)) => count::gather(input, schema, window)?,
        None => (plain, Box::new(PassOn)),
    })
}

/// The columns with the window's bounds in front. Bounds of an inner window keep their values as `inner_...`.
pub fn with_window_fields(schema: &SchemaRef) -> SchemaRef {
    let inner = schema.fields().iter().map(|field| {
        let is_bound = [WINDOW_START, WINDOW_END].iter().any(|bound| field.name().eq_ignore_ascii_case(bound));
        if is_bound { Arc::new(field.as_ref().clone().with_name(inner_name(field, schema))) } else { Arc::clone(field) }
    });
    let bounds = LinkType::window_fields().into_iter().map(Arc::new);
    Arc::new(Schema::new(bounds.chain(inner).collect::<Vec<_>>()))
}

/// Rows with the window's bounds in front.
pub fn with_window(schema: &SchemaRef, window: Window, rows: &RecordBatch) -> Result<RecordBatch, NodeError> {
    let bound = |time: Timestamp| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_value(time.0, rows.num_rows()).with_timezone("UTC"))
    };
    let bounds = [bound(window.start), bound(window.end)];
    Ok(RecordBatch::try_new(Arc::clone(schema), bounds.into_iter().chain(rows.columns().iter().cloned()).collect())?)
}

/// Rows of several windows, each with the bounds of its own in front.
pub fn bounded(schema: &SchemaRef, rows: WindowRows) -> Result<RecordBatch, NodeError> {
    let bound = |times| -> ArrayRef { Arc::new(TimestampMicrosecondArray::new(times, None).with_timezone("UTC")) };
    let bounds = [rows.starts.into(), rows.ends.into()].map(bound);
    Ok(RecordBatch::try_new(Arc::clone(schema), bounds.into_iter().chain(rows.columns).collect())?)
}

/// When the rows of a window count as arrived: at its last moment, so that a window behind it holds them.
pub fn arrival_of(window: Window) -> Timestamp {
    window.end.minus(Span(1))
}

fn inner_name(field: &Field, schema: &SchemaRef) -> String {
    let mut name = format!("inner_{}", field.name());
    while schema.fields().iter().any(|other| other.name().eq_ignore_ascii_case(&name)) {
        name.insert_str(0, "inner_");
    }
    name
}

/// For links that need nothing.
struct PassOn;

impl Operator for PassOn {
    fn process(&mut self, inputs: Inputs, _context: &BatchContext) -> Result<Outputs, NodeError> {
        Ok(vec![inputs.into_iter().flatten().next().unwrap_or_default()])
    }
}

struct Gather {
    input: SchemaRef,
    output: SchemaRef,
    schedule: Schedule,
    panes: Panes<Vec<RecordBatch>>,
    /// Rows and bytes of all panes.
    rows: u64,
    bytes: u64,
    skipped: u64,
    /// Of the windows of the last batch, the least.
    coverage: Option<Coverage>,
}

impl Gather {
    fn new(input: &SchemaRef, output: SchemaRef, window: WindowSpec) -> Self {
        let schedule = Schedule::new(window);
        let panes = Panes::default();
        Self { input: Arc::clone(input), output, schedule, panes, rows: 0, bytes: 0, skipped: 0, coverage: None }
    }
}

impl Operator for Gather {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.schedule.begin(context.run_start, context.from);
        for chunk in inputs.iter().flatten().flat_map(Flow::chunks).filter(|chunk| chunk.rows.num_rows() > 0) {
            let pane = self.schedule.pane_of(chunk.arrived);
            let rows = compact_batch(&chunk.rows);
            self.rows += rows.num_rows() as u64;
            self.bytes += rows.get_array_memory_size() as u64;
            self.panes.content_mut(pane).push(rows);
        }
        let due = self.schedule.due(context.time);
        self.skipped = due.skipped;
        self.coverage = None;
        if due.windows.is_empty() {
            return Ok(vec![Flow::Idle]);
        }
        let mut chunks = Vec::new();
        let coverage = |window: &Window| self.schedule.coverage(*window, self.panes.are_cut_by(*window));
        self.coverage = least_covered(due.windows.iter().map(coverage));
        for window in due.windows {
            for rows in self.panes.within(window).flat_map(|(_, rows)| rows) {
                chunks.push(Chunk::new(with_window(&self.output, window, rows)?, arrival_of(window)));
            }
        }
        self.let_go_before(self.schedule.horizon());
        Ok(vec![Flow::Fired(chunks)])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn windows(&self) -> Option<WindowFacts> {
        let next_end = self.schedule.next_end();
        Some(WindowFacts { clock: WindowClock::Arrival, emit: WindowEmit::AtEnd, next_end })
    }

    fn state_size(&self) -> StateSize {
        StateSize { rows: self.rows, bytes: self.bytes }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        if self.skipped == 0 { Vec::new() } else { vec![("skipped_windows", self.skipped)] }
    }

    fn remembers(&self) -> bool {
        true
    }

    fn memory(&self) -> MemoryReport {
        MemoryReport {
            coverage: self.coverage,
            let_go_before: self.schedule.let_go_before(),
            ..MemoryReport::default()
        }
    }

    fn relieve(&mut self, _relief: Relief, bytes: u64) {
        while self.bytes > bytes {
            let needed = self.schedule.needed_from();
            let Some(oldest) = self.panes.oldest().filter(|oldest| oldest.start < needed) else { return };
            self.let_go_before(oldest.end.min(needed));
        }
    }

    fn imagine(&mut self, memory: &MemoryReport, tick: Timestamp) {
        self.schedule.imagine(tick, memory.let_go_before);
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let Some(old) = known::<Self>(old) else { return Err(another_window()) };
        if self.input == old.input {
            return Ok(());
        }
        Err("the columns changed, so the window's rows are collected anew".to_owned())
    }

    fn follow(&mut self, old: &dyn Operator) {
        if let Some(old) = known::<Self>(old) {
            self.schedule.take_over(&old.schedule);
            self.schedule.forget_before(self.schedule.now());
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Err(sentence) = self.fits(&*old) {
            self.follow(&*old);
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        self.schedule.take_over(&old.schedule);
        (self.panes, self.rows, self.bytes) = (old.panes, old.rows, old.bytes);
        match self.schedule.shortfall() {
            Some(coverage) => StateFate::Short { coverage, sentence: short_of(coverage) },
            None => StateFate::Kept,
        }
    }
}

impl Gather {
    fn let_go_before(&mut self, horizon: Timestamp) {
        for rows in self.panes.evict(horizon).iter().flatten() {
            self.rows -= rows.num_rows() as u64;
            self.bytes -= rows.get_array_memory_size() as u64;
        }
        self.schedule.forget_before(horizon);
    }
}

/// Why rows collected for another kind of window cannot go on.
fn another_window() -> String {
    "the input is another kind of window now, so it starts anew".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testdrive::{Driver, ints};

    fn link(length: i64, slide: i64, retain: i64) -> LinkType {
        let window = WindowSpec {
            length: Span::from_secs(length),
            slide: Span::from_secs(slide),
            retain: Span::from_secs(retain),
        };
        LinkType { window: Some(window.into()), ..LinkType::plain(ints(&[]).schema()) }
    }

    fn seen(flow: &Flow) -> Vec<(i64, i64)> {
        let mut seen = Vec::new();
        for chunk in flow.chunks() {
            let ends = chunk.rows.column(1).as_any().downcast_ref::<TimestampMicrosecondArray>().unwrap();
            let values = chunk.rows.column(2).as_any().downcast_ref::<arrow::array::Int64Array>().unwrap();
            for row in 0..chunk.rows.num_rows() {
                seen.push(((ends.value(row) - Timestamp::VIRTUAL_START.0) / 1_000_000, values.value(row)));
            }
        }
        seen
    }

    #[test]
    fn a_sliding_window_hands_on_its_rows_at_every_slide() {
        let (link, mut gather) = gather(&link(2, 1, 10)).unwrap();
        assert_eq!(link.window, None);
        assert_eq!(link.schema.field(0).name(), "window_start");
        let mut driver = Driver::new(1.0);
        assert_eq!(seen(&driver.feed(&mut *gather, vec![(0.5, ints(&[1]))])), [(1, 1)]);
        assert_eq!(seen(&driver.feed(&mut *gather, vec![(1.5, ints(&[2]))])), [(2, 1), (2, 2)]);
        assert_eq!(seen(&driver.feed(&mut *gather, vec![])), [(3, 2)]);
        let empty = driver.feed(&mut *gather, vec![]);
        assert!(empty.fired() && empty.row_count() == 0, "an empty window still fires");
    }

    #[test]
    fn between_two_slides_nothing_fires() {
        let (_, mut gather) = gather(&link(2, 2, 10)).unwrap();
        let mut driver = Driver::new(1.0);
        assert!(!driver.feed(&mut *gather, vec![(0.5, ints(&[1]))]).fired());
        assert_eq!(seen(&driver.feed(&mut *gather, vec![(1.5, ints(&[2]))])), [(2, 1), (2, 2)]);
    }

    #[test]
    fn a_longer_window_finds_the_rows_it_needs() {
        let (_, mut short) = gather(&link(1, 1, 10)).unwrap();
        let mut driver = Driver::new(1.0);
        driver.feed(&mut *short, vec![(0.5, ints(&[1]))]);
        driver.feed(&mut *short, vec![(1.5, ints(&[2]))]);
        let (_, mut long) = gather(&link(3, 1, 10)).unwrap();
        assert_eq!(long.take_over(short), StateFate::Kept);
        assert_eq!(seen(&driver.feed(&mut *long, vec![(2.5, ints(&[3]))])), [(3, 1), (3, 2), (3, 3)]);
    }

    #[test]
    fn bounds_of_an_inner_window_are_kept_apart() {
        let schema = with_window_fields(&with_window_fields(&ints(&[]).schema()));
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["window_start", "window_end", "inner_window_start", "inner_window_end", "n"]);
    }
}
