//! Helpers for the nodes' tests: small batches in, plain values out, through the same door the runtime uses.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, StringViewArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, Int32Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value;

use crate::pipeline::Settings;
use crate::plan::{
    BatchContext, Chunk, Clock, Flow, IoContext, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext,
    Planned, Stage,
};
use crate::spec::{Diagnostic, Span, Timestamp, check_params, with_defaults};

/// A batch of named columns; a column is nullable if it holds a null.
pub(crate) fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), array.null_count() > 0))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

/// Lines of text as sources give them: one nullable column `value`.
pub(crate) fn lines<T: Into<Option<&'static str>>>(lines: impl IntoIterator<Item = T>) -> RecordBatch {
    let values: StringViewArray = lines.into_iter().map(Into::into).collect();
    RecordBatch::try_new(LinkType::lines().schema, vec![Arc::new(values)]).unwrap()
}

/// A column of text.
pub(crate) fn text<T: Into<Option<&'static str>>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<StringViewArray>())
}

/// A column of ints.
pub(crate) fn int<T: Into<Option<i32>>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Int32Array>())
}

/// A column of bigints.
pub(crate) fn long<T: Into<Option<i64>>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Int64Array>())
}

/// A chunk that arrived just before the tick.
pub(crate) fn chunk(rows: RecordBatch) -> Chunk {
    Chunk::new(rows, Timestamp::VIRTUAL_START)
}

/// One fired flow of one chunk.
pub(crate) fn flow(rows: RecordBatch) -> Flow {
    Flow::Fired(vec![chunk(rows)])
}

/// Batch 3 on two threads.
pub(crate) fn context() -> BatchContext {
    context_with(2)
}

/// Batch 3 on so many threads.
pub(crate) fn context_with(threads: usize) -> BatchContext {
    let from = Timestamp::VIRTUAL_START;
    BatchContext {
        batch: 3,
        time: from.plus(Span::from_secs(1)),
        from,
        run_start: from,
        seed: 1,
        pool: Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()),
        watermarks: Vec::new(),
    }
}

/// A node built from JSON parameters, the generic check passed.
pub(crate) fn node(kind: &NodeKind, params: Value) -> Box<dyn Node> {
    let Value::Object(params) = params else { panic!("parameters are an object") };
    assert_eq!(check_params(kind.params, &params), [], "{}", kind.id);
    (kind.build)(with_defaults(kind.params, &params)).unwrap()
}

/// Plans a node over plain links of these schemas on its first port.
pub(crate) fn plan(kind: &NodeKind, params: Value, inputs: &[SchemaRef]) -> Result<Planned, Vec<Diagnostic>> {
    let links = vec![inputs.iter().map(|schema| LinkType::plain(Arc::clone(schema))).collect()];
    let settings = Settings::default();
    let context = PlanContext {
        name: "node",
        inputs: &links,
        input_names: &[],
        settings: &settings,
        folder: std::path::Path::new("."),
    };
    node(kind, params).plan(&context)
}

/// The problems of a node that cannot be planned.
pub(crate) fn problems(kind: &NodeKind, params: Value, input: &SchemaRef) -> Vec<Diagnostic> {
    match plan(kind, params, &[Arc::clone(input)]) {
        Ok(_) => panic!("{} could be planned", kind.id),
        Err(problems) => problems,
    }
}

/// Plans a node over one input and gives its operator with the outputs' schemas.
pub(crate) fn operator(kind: &NodeKind, params: Value, inputs: &[SchemaRef]) -> (Box<dyn Operator>, Vec<SchemaRef>) {
    let planned = plan(kind, params, inputs).unwrap_or_else(|problems| panic!("{}: {problems:?}", kind.id));
    assert_eq!(planned.outputs.len(), kind.outputs.len());
    let Stage::Operator(operator) = planned.stage else { panic!("{} is no operator", kind.id) };
    (operator, planned.outputs.into_iter().map(|link| link.schema).collect())
}

/// Runs a node over one batch. The schemas produced are those that were planned.
pub(crate) fn run(kind: &NodeKind, params: Value, rows: RecordBatch) -> Outputs {
    try_run(kind, params, rows).unwrap_or_else(|error| panic!("{}: {error}", kind.id))
}

/// The same for a node that may fail.
pub(crate) fn try_run(kind: &NodeKind, params: Value, rows: RecordBatch) -> Result<Outputs, NodeError> {
    let (mut operator, schemas) = operator(kind, params, &[rows.schema()]);
    let outputs = operator.process(vec![vec![flow(rows)]], &context())?;
    check_schemas(&outputs, &schemas);
    Ok(outputs)
}

/// Every chunk has the schema its port was planned with.
pub(crate) fn check_schemas(outputs: &[Flow], schemas: &[SchemaRef]) {
    assert_eq!(outputs.len(), schemas.len());
    for (output, schema) in outputs.iter().zip(schemas) {
        for chunk in output.chunks() {
            assert_eq!(chunk.rows.schema_ref(), schema);
        }
    }
}

/// All chunks of a flow as one batch.
pub(crate) fn rows(flow: &Flow) -> Option<RecordBatch> {
    let first = flow.chunks().first()?;
    Some(concat_batches(first.rows.schema_ref(), flow.chunks().iter().map(|chunk| &chunk.rows)).unwrap())
}

/// A text column of a flow.
pub(crate) fn texts(flow: &Flow, column: &str) -> Vec<Option<String>> {
    let Some(rows) = rows(flow) else { return Vec::new() };
    let array = rows.column_by_name(column).unwrap();
    array.as_string_view().iter().map(|text| text.map(str::to_owned)).collect()
}

/// An int column of a flow, without nulls.
pub(crate) fn ints(flow: &Flow, column: &str) -> Vec<i32> {
    let Some(rows) = rows(flow) else { return Vec::new() };
    rows.column_by_name(column).unwrap().as_primitive::<Int32Type>().values().to_vec()
}

/// A flow as lines of text, cells joined by ` | `, null as `null`.
pub(crate) fn table(flow: &Flow) -> Vec<String> {
    let Some(rows) = rows(flow) else { return Vec::new() };
    let options = FormatOptions::default().with_null("null");
    let columns: Vec<_> =
        rows.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let line = |row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" | ");
    (0..rows.num_rows()).map(line).collect()
}

/// The column names of a schema.
pub(crate) fn names(schema: &SchemaRef) -> Vec<&str> {
    schema.fields().iter().map(|field| field.name().as_str()).collect()
}

/// Plans a source whose relative paths count from a folder.
pub(crate) fn plan_source(
    kind: &NodeKind,
    params: Value,
    folder: &std::path::Path,
) -> Result<Planned, Vec<Diagnostic>> {
    let settings = Settings::default();
    node(kind, params).plan(&PlanContext { name: "source", inputs: &[], input_names: &[], settings: &settings, folder })
}

/// One millisecond later at every look.
#[derive(Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

/// What a source or sink does its input or output with.
pub(crate) fn io_on(runtime: &tokio::runtime::Handle, max_buffered_rows: u64) -> IoContext {
    let clock = Arc::new(Ticking::default());
    IoContext { io: runtime.clone(), clock, max_buffered_rows, max_buffered_bytes: 64 << 20, seed: 1, node: 1 }
}
