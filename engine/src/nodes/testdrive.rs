//! Feeds operators batch by batch, for the tests of node kinds.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float64Array, Int64Array, ListArray, StringViewArray, TimestampMicrosecondArray};
use arrow::record_batch::RecordBatch;

use crate::pipeline::Settings;
use crate::plan::{BatchContext, Chunk, Flow, LinkType, NodeKind, Operator, PlanContext, Planned, Stage};
use crate::spec::{Diagnostic, Params, Span, Timestamp, with_defaults};

/// A run on the virtual clock.
pub(crate) struct Driver {
    batch: u64,
    time: Timestamp,
    pub(crate) interval: Span,
    pool: Arc<rayon::ThreadPool>,
}

impl Driver {
    /// With a batch every so many seconds.
    pub(crate) fn new(interval_secs: f64) -> Self {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let interval = secs(interval_secs);
        Self { batch: 0, time: Timestamp::VIRTUAL_START, interval, pool: Arc::new(pool) }
    }

    /// One batch of chunks, each with its arrival in seconds since the start.
    pub(crate) fn feed(&mut self, operator: &mut dyn Operator, chunks: Vec<(f64, RecordBatch)>) -> Flow {
        let arrived = |at: f64| Timestamp::VIRTUAL_START.plus(secs(at));
        let chunks = chunks.into_iter().map(|(at, rows)| Chunk::new(rows, arrived(at))).collect();
        self.step(operator, Flow::Fired(chunks))
    }

    /// One batch.
    pub(crate) fn step(&mut self, operator: &mut dyn Operator, flow: Flow) -> Flow {
        let from = self.time;
        self.time = from.plus(self.interval);
        let context = BatchContext {
            batch: self.batch,
            time: self.time,
            from,
            run_start: Timestamp::VIRTUAL_START,
            seed: 7,
            pool: Arc::clone(&self.pool),
            watermarks: Vec::new(),
        };
        self.batch += 1;
        operator.process(vec![vec![flow]], &context).unwrap().into_iter().next().unwrap()
    }
}

fn secs(seconds: f64) -> Span {
    Span::from(std::time::Duration::from_secs_f64(seconds))
}

/// One column `n` of whole numbers.
pub(crate) fn ints(values: &[i64]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([("n", Arc::new(Int64Array::from(values.to_vec())) as ArrayRef, true)])
        .unwrap()
}

/// Columns `word` and `n`.
pub(crate) fn words(rows: &[(&str, i64)]) -> RecordBatch {
    let words: StringViewArray = rows.iter().map(|(word, _)| Some(*word)).collect();
    let numbers: Int64Array = rows.iter().map(|(_, number)| Some(*number)).collect();
    let columns = [("word", Arc::new(words) as ArrayRef, true), ("n", Arc::new(numbers) as ArrayRef, true)];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// Plans a node of this kind.
pub(crate) fn plan(kind: &NodeKind, params: &str, input: &LinkType) -> Result<Planned, Vec<Diagnostic>> {
    let raw: Params = serde_json::from_str(params).unwrap();
    let problems = crate::spec::check_params(kind.params, &raw);
    assert!(!problems.iter().any(Diagnostic::is_error), "{problems:?}");
    let node = (kind.build)(with_defaults(kind.params, &raw)).unwrap();
    let inputs = [vec![input.clone()]];
    let settings = Settings::default();
    node.plan(&PlanContext {
        name: "node",
        inputs: &inputs,
        input_names: &[],
        settings: &settings,
        folder: Path::new("."),
    })
}

/// The operator of a node that plans well.
pub(crate) fn operator(kind: &NodeKind, params: &str, input: &LinkType) -> Box<dyn Operator> {
    match plan(kind, params, input).map(|planned| planned.stage) {
        Ok(Stage::Operator(operator)) => operator,
        Ok(_) => panic!("not an operator"),
        Err(problems) => panic!("{problems:?}"),
    }
}

/// The sentences of a node that does not plan.
pub(crate) fn refusals(kind: &NodeKind, params: &str, input: &LinkType) -> Vec<String> {
    match plan(kind, params, input) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.message).collect(),
    }
}

/// All rows as text, cells separated by blanks.
pub(crate) fn shown(flow: &Flow) -> Vec<String> {
    let rows = flow.chunks().iter().flat_map(|chunk| (0..chunk.rows.num_rows()).map(move |row| (chunk, row)));
    rows.map(|(chunk, row)| chunk.rows.columns().iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" "))
        .collect()
}

/// A value as text; times as seconds since the start.
pub(crate) fn cell(column: &ArrayRef, row: usize) -> String {
    let any = column.as_any();
    if column.is_null(row) {
        "null".to_owned()
    } else if let Some(column) = any.downcast_ref::<TimestampMicrosecondArray>() {
        ((column.value(row) - Timestamp::VIRTUAL_START.0) as f64 / 1e6).to_string()
    } else if let Some(column) = any.downcast_ref::<Int64Array>() {
        column.value(row).to_string()
    } else if let Some(column) = any.downcast_ref::<Float64Array>() {
        column.value(row).to_string()
    } else if let Some(column) = any.downcast_ref::<StringViewArray>() {
        column.value(row).to_owned()
    } else if let Some(column) = any.downcast_ref::<ListArray>() {
        let list = column.value(row);
        format!("[{}]", (0..list.len()).map(|at| cell(&list, at)).collect::<Vec<_>>().join(","))
    } else {
        panic!("unexpected type {}", column.data_type())
    }
}
