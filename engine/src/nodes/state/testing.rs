//! Drives state kinds batch by batch, with watermarks and several ports.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, TimestampMicrosecondArray};
use arrow::record_batch::RecordBatch;
use serde_json::Value;

use crate::nodes::testing::{check_schemas, context, node, table};
use crate::pipeline::Settings;
use crate::plan::{
    BatchContext, Chunk, Flow, LinkType, NodeKind, Operator, Outputs, PlanContext, Planned, Stage, StateFate, Watermark,
};
use crate::spec::{Diagnostic, Span, Timestamp};
use crate::window::EventTime;

/// Seconds of event time and of the clock count from here.
const ZERO: Timestamp = Timestamp::VIRTUAL_START;

/// A column of seconds.
pub(super) fn times<T: Into<Option<i64>>>(seconds: impl IntoIterator<Item = T>) -> ArrayRef {
    let micros = |second: Option<i64>| second.map(|second| ZERO.0 + second * 1_000_000);
    let times: TimestampMicrosecondArray = seconds.into_iter().map(|second| micros(second.into())).collect();
    Arc::new(times.with_timezone("UTC"))
}

/// A link of these columns, all nullable, behind a watermark over `time` if given.
pub(super) fn link(rows: &RecordBatch, time: Option<&str>) -> LinkType {
    let event_time = time.map(EventTime::column);
    LinkType { event_time, ..LinkType::plain(rows.schema()) }
}

/// The same columns, all nullable.
pub(super) fn nullable(rows: &RecordBatch) -> RecordBatch {
    let fields: Vec<_> =
        rows.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
    RecordBatch::try_new(Arc::new(arrow::datatypes::Schema::new(fields)), rows.columns().to_vec()).unwrap()
}

/// The watermark at which rows are late and state closes, in seconds.
pub(super) fn watermark(late: i64, close: i64) -> Watermark {
    let at = |second: i64| Timestamp(ZERO.0 + second * 1_000_000);
    Watermark { late: at(late), close: at(close), is_idle: false }
}

/// Plans a kind over one link per port.
pub(super) fn plan(kind: &NodeKind, params: Value, links: &[LinkType]) -> Result<Planned, Vec<Diagnostic>> {
    let inputs: Vec<Vec<LinkType>> = links.iter().map(|link| vec![link.clone()]).collect();
    let settings = Settings::default();
    let context =
        PlanContext { name: "node", inputs: &inputs, input_names: &[], settings: &settings, folder: Path::new(".") };
    node(kind, params).plan(&context)
}

/// The problems of a node that cannot be planned.
pub(super) fn refusals(kind: &NodeKind, params: Value, links: &[LinkType]) -> Vec<String> {
    match plan(kind, params, links) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.message).collect(),
    }
}

/// A node that runs, with a batch every second.
pub(super) struct Drive {
    kind: &'static NodeKind,
    pub(super) operator: Box<dyn Operator>,
    planned: Vec<LinkType>,
    context: BatchContext,
}

impl Drive {
    pub(super) fn new(kind: &'static NodeKind, params: Value, links: &[LinkType]) -> Self {
        let planned = plan(kind, params, links).unwrap_or_else(|problems| panic!("{problems:?}"));
        let Stage::Operator(operator) = planned.stage else { panic!("no operator") };
        let context = BatchContext { batch: 0, time: ZERO, from: ZERO, ..context() };
        Self { kind, operator, planned: planned.outputs, context }
    }

    /// One batch: per port its chunks, `None` where nothing fired.
    pub(super) fn batch(&mut self, inputs: Vec<Option<Vec<RecordBatch>>>, mark: Option<Watermark>) -> Outputs {
        self.context.from = self.context.time;
        self.context.time = self.context.from.plus(Span::from_secs(1));
        self.context.watermarks = inputs.iter().map(|_| vec![mark]).collect();
        let chunk = |rows| Chunk::new(rows, self.context.from);
        let flow = |chunks: Option<Vec<RecordBatch>>| match chunks {
            None => Flow::Idle,
            Some(chunks) => Flow::Fired(chunks.into_iter().map(chunk).collect()),
        };
        let inputs = inputs.into_iter().map(|chunks| vec![flow(chunks)]).collect();
        let outputs = self.operator.process(inputs, &self.context).unwrap();
        self.context.batch += 1;
        let schemas: Vec<_> = self.planned.iter().map(|link| Arc::clone(&link.schema)).collect();
        check_schemas(&outputs, &schemas);
        outputs
    }

    /// One batch of one port, as one chunk.
    pub(super) fn feed(&mut self, rows: RecordBatch, mark: Option<Watermark>) -> Outputs {
        self.batch(vec![Some(vec![rows])], mark)
    }

    /// The names of a port's columns.
    pub(super) fn columns(&self, port: usize) -> Vec<String> {
        self.planned[port].schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Changes the parameters while it runs.
    pub(super) fn edit(&mut self, params: Value, links: &[LinkType]) -> StateFate {
        let next = Self::new(self.kind, params, links);
        let old = std::mem::replace(&mut self.operator, next.operator);
        self.planned = next.planned;
        self.operator.take_over(old)
    }

    /// What a counter says of the batch just done.
    pub(super) fn counter(&self, name: &str) -> u64 {
        self.operator.counters().into_iter().find(|(found, _)| *found == name).map_or(0, |(_, count)| count)
    }
}

/// A flow's rows as lines, sorted; times as seconds since the start.
pub(super) fn sorted(flow: &Flow) -> Vec<String> {
    let mut lines = lines(flow);
    lines.sort();
    lines
}

/// A flow's rows as lines, cells joined by blanks; times as seconds since the start.
pub(super) fn lines(flow: &Flow) -> Vec<String> {
    let line = |line: String| line.split(" | ").map(cell).collect::<Vec<_>>().join(" ");
    table(flow).into_iter().map(line).collect()
}

fn cell(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |time| ((time.0 - ZERO.0) / 1_000_000).to_string())
}
