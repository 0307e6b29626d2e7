//! What runs for a window node. The windows themselves are kept by the node that ends them; here rows only pass. By
//! event time, rows without a usable time fall out, and what comes too late is told: each row once per missed window.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, StringViewBuilder, TimestampMicrosecondArray, UInt32Array};
use arrow::compute::{filter_record_batch, is_not_null, is_null, take_record_batch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::nodes::event_time::EventColumn;
use crate::nodes::gather::with_window_fields;
use crate::plan::{BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Operator, Outputs, StateFate, Watermark};
use crate::spec::Timestamp;
use crate::window::{EventWindow, Window};

/// The port `late` shows at most so many rows per batch. All are counted.
const MAX_SHOWN: usize = 1_000_000;

/// The column that says why a row is rejected.
const REASON: &str = "reason";

/// The operator of a window node.
pub(super) struct Assign {
    by_event: Option<ByEvent>,
    watermark: Option<Watermark>,
    counts: Counts,
}

struct ByEvent {
    window: EventWindow,
    column: EventColumn,
    late: SchemaRef,
    rejected: SchemaRef,
}

/// Rows of one batch.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    late: u64,
    late_windows: u64,
    shown: usize,
    rejected: u64,
    between: u64,
}

/// Pairs of a row and a window that it missed.
#[derive(Default)]
struct Missed {
    rows: Vec<u32>,
    windows: Vec<Window>,
}

impl Assign {
    /// By time of arrival: everything passes.
    pub(super) fn by_arrival() -> Self {
        Self { by_event: None, watermark: None, counts: Counts::default() }
    }

    /// By event time, over rows of this schema.
    pub(super) fn by_event_time(window: EventWindow, column: EventColumn, input: &SchemaRef) -> Self {
        let (late, rejected) = side_schemas(input);
        let by_event = Some(ByEvent { window, column, late, rejected });
        Self { by_event, watermark: None, counts: Counts::default() }
    }

    /// The columns of the ports `late` and `rejected`.
    pub(super) fn side_schemas(&self, input: &SchemaRef) -> (SchemaRef, SchemaRef) {
        match &self.by_event {
            Some(by_event) => (Arc::clone(&by_event.late), Arc::clone(&by_event.rejected)),
            None => side_schemas(input),
        }
    }
}

/// The input's columns with the window's bounds in front, and with the reason behind. A column that is called `reason`
/// already keeps its name, ours is `reject_reason` then.
fn side_schemas(input: &SchemaRef) -> (SchemaRef, SchemaRef) {
    let mut name = REASON.to_owned();
    while input.fields().iter().any(|field| field.name().eq_ignore_ascii_case(&name)) {
        name.insert_str(0, "reject_");
    }
    let reason = Arc::new(Field::new(name, LinkType::TEXT, false));
    let fields = input.fields().iter().cloned().chain([reason]);
    (with_window_fields(input), Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

impl Operator for Assign {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.counts = Counts::default();
        let flow = inputs.into_iter().flatten().next().unwrap_or_default();
        let Some(by_event) = &self.by_event else { return Ok(vec![flow, Flow::Idle, Flow::Idle]) };
        let before = self.watermark.unwrap_or(Watermark::START);
        self.watermark = context.watermark().map(|watermark| watermark.never_behind(before)).or(self.watermark);
        let Flow::Fired(chunks) = flow else { return Ok(vec![Flow::Idle; 3]) };
        let (mut out, mut late, mut rejected) = (Vec::with_capacity(chunks.len()), Vec::new(), Vec::new());
        for chunk in chunks {
            let mut times = by_event.column.times(&chunk.rows)?;
            let mut rows = chunk.rows;
            if times.null_count() > 0 {
                rejected.push(Chunk::new(by_event.reject(&rows, &times)?, chunk.arrived));
                self.counts.rejected += times.null_count() as u64;
                rows = filter_record_batch(&rows, &is_not_null(&times)?)?;
                times = TimestampMicrosecondArray::from_iter_values(times.iter().flatten());
            }
            if by_event.window.slide > by_event.window.length {
                self.counts.between += by_event.count_between(&times);
            }
            if let Some(watermark) = self.watermark {
                let missed = by_event.missed(&times, watermark.late, &mut self.counts);
                if !missed.rows.is_empty() {
                    late.push(Chunk::new(by_event.late_rows(&rows, missed)?, chunk.arrived));
                }
            }
            if rows.num_rows() > 0 {
                out.push(Chunk::new(rows, chunk.arrived));
            }
        }
        let late = if self.watermark.is_some() { Flow::Fired(late) } else { Flow::Idle };
        Ok(vec![Flow::Fired(out), late, Flow::Fired(rejected)])
    }

    fn runs_when_idle(&self) -> bool {
        self.by_event.is_some()
    }

    fn watermark(&self) -> Option<Watermark> {
        self.watermark
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let Some(by_event) = &self.by_event else { return Vec::new() };
        let counts = &self.counts;
        let mut counters =
            vec![("late", counts.late), ("late_windows", counts.late_windows), ("rejected", counts.rejected)];
        if by_event.window.slide > by_event.window.length {
            counters.push(("between_windows", counts.between));
        }
        let hidden = counts.late_windows.saturating_sub(counts.shown as u64);
        if hidden > 0 {
            counters.push(("late_windows_not_shown", hidden));
        }
        counters
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() {
            self.watermark = old.watermark;
        }
        StateFate::Kept
    }
}

impl ByEvent {
    /// The rows whose time is null here, with the reason.
    fn reject(&self, rows: &RecordBatch, times: &TimestampMicrosecondArray) -> Result<RecordBatch, NodeError> {
        let refused = filter_record_batch(rows, &is_null(times)?)?;
        let name = &self.window.time.column;
        let is_missing: BooleanArray = self.column.is_missing(&refused)?;
        let mut reasons = StringViewBuilder::with_capacity(refused.num_rows());
        for is_missing in is_missing.values() {
            reasons.append_value(if is_missing {
                format!("the event time `{name}` is null")
            } else {
                format!("the event time `{name}` lies outside the years 1 to 9999")
            });
        }
        let reasons: ArrayRef = Arc::new(reasons.finish());
        let columns = refused.columns().iter().cloned().chain([reasons]).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.rejected), columns)?)
    }

    /// Which windows which rows came too late for.
    fn missed(&self, times: &TimestampMicrosecondArray, late: Timestamp, counts: &mut Counts) -> Missed {
        let mut missed = Missed::default();
        for (row, time) in (0u32..).zip(times.values()) {
            let time = Timestamp(*time);
            // Every window of a row ends after it.
            let windows = if time < late { self.window.missed_count(time, late) } else { 0 };
            if windows == 0 {
                continue;
            }
            counts.late += 1;
            counts.late_windows += windows;
            let room = MAX_SHOWN.saturating_sub(counts.shown);
            for window in self.window.missed_at(time, late).take(room) {
                missed.rows.push(row);
                missed.windows.push(window);
                counts.shown += 1;
            }
        }
        missed
    }

    fn late_rows(&self, rows: &RecordBatch, missed: Missed) -> Result<RecordBatch, NodeError> {
        let starts: TimestampMicrosecondArray = missed.windows.iter().map(|window| Some(window.start.0)).collect();
        let ends: TimestampMicrosecondArray = missed.windows.iter().map(|window| Some(window.end.0)).collect();
        let bounds = [starts, ends].map(|bound| Arc::new(bound.with_timezone("UTC")) as ArrayRef);
        let rows = take_record_batch(rows, &UInt32Array::from(missed.rows))?;
        let columns = bounds.into_iter().chain(rows.columns().iter().cloned()).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.late), columns)?)
    }

    /// Rows that happened between two windows.
    fn count_between(&self, times: &TimestampMicrosecondArray) -> u64 {
        let is_between = |time: &&i64| self.window.windows_at(Timestamp(**time)).next().is_none();
        times.values().iter().filter(is_between).count() as u64
    }
}
