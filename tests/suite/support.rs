//! What the tests share: pipelines from a few words, runs on the virtual clock, rows as JSON.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use serde_json::{Value, json};
use weir_engine::analysis::plan_pipeline;
use weir_engine::metrics::BatchReport;
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline, Setting};
use weir_engine::plan::Clock;
use weir_engine::runtime::{
    AppliedChange, ChangePreview, Event, Presented, Progress, Queue, Resources, Schedule, Session, VirtualClock,
    preview_change,
};
use weir_engine::spec::{Diagnostic, NodeId, PortRef, Span, WireKey};

/// The repository's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository").to_owned()
}

/// Builds pipelines: `node("lines", "source.inline", json!({...}))`, `wire("lines", "words")`.
#[derive(Default)]
pub struct Draw {
    pub pipeline: Pipeline,
}

impl Draw {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn node(mut self, name: &str, kind: &str, params: Value) -> Self {
        let id = self.pipeline.fresh_id();
        let mut entry = NodeEntry::new(id, kind, name);
        let Value::Object(params) = params else { panic!("params are an object") };
        entry.params = params;
        self.apply(&Edit::AddNode(Box::new(entry)));
        self
    }

    /// `from` and `to` are names, with `.port` where it is not `out` and `in`.
    pub fn wire(mut self, from: &str, to: &str) -> Self {
        let wire = WireKey::new(self.port(from, "out"), self.port(to, "in"));
        self.apply(&Edit::Connect(wire));
        self
    }

    /// A chain of wires.
    pub fn chain(mut self, names: &[&str]) -> Self {
        for pair in names.windows(2) {
            self = self.wire(pair[0], pair[1]);
        }
        self
    }

    pub fn interval(mut self, millis: i64) -> Self {
        self.apply(&Edit::Set(Setting::Interval(Span::from_millis(millis))));
        self
    }

    pub fn apply(&mut self, edit: &Edit) {
        self.pipeline.apply(edit).expect("the edit fits");
    }

    pub fn id(&self, name: &str) -> NodeId {
        id_of(&self.pipeline, name)
    }

    fn port(&self, name: &str, default: &str) -> PortRef {
        let (node, port) = name.split_once('.').unwrap_or((name, default));
        PortRef::new(self.id(node), port)
    }
}

pub fn id_of(pipeline: &Pipeline, name: &str) -> NodeId {
    pipeline.node_by_name(name).unwrap_or_else(|| panic!("no node {name}")).id
}

/// The pipeline with one parameter changed.
pub fn with_param(pipeline: &Pipeline, node: &str, param: &str, value: Value) -> Pipeline {
    let mut changed = pipeline.clone();
    let edit = Edit::SetParam { node: id_of(pipeline, node), param: param.to_owned(), value: Some(value) };
    changed.apply(&edit).expect("the edit fits");
    changed
}

/// The pipeline with another interval.
pub fn with_interval(pipeline: &Pipeline, millis: i64) -> Pipeline {
    let mut changed = pipeline.clone();
    changed.apply(&Edit::Set(Setting::Interval(Span::from_millis(millis)))).expect("the edit fits");
    changed
}

/// A run on the virtual clock, driven batch by batch.
pub struct VirtualRun {
    session: Session,
    clock: Arc<VirtualClock>,
    schedule: Schedule,
    pipeline: Pipeline,
    /// The last batch's report.
    report: Option<Arc<BatchReport>>,
    has_begun: bool,
    pub events: Vec<Event>,
}

/// What one batch showed.
pub struct Batch {
    pub report: Arc<BatchReport>,
    /// Per sink that fired, its rows.
    pub shown: Vec<(String, Vec<Value>)>,
    /// The same as it was presented.
    pub presented: Vec<Arc<Presented>>,
    pub failures: Vec<(String, String)>,
}

impl Batch {
    /// The rows a sink showed; `None` if it did not fire.
    pub fn rows(&self, sink: &str) -> Option<&Vec<Value>> {
        self.shown.iter().find(|(name, _)| name == sink).map(|(_, rows)| rows)
    }
}

impl VirtualRun {
    pub fn start(pipeline: &Pipeline, threads: usize) -> Self {
        Self::try_start(pipeline, threads).unwrap_or_else(|problems| panic!("the pipeline is refused: {problems:?}"))
    }

    /// Starts, unless the pipeline is refused.
    pub fn try_start(pipeline: &Pipeline, threads: usize) -> Result<Self, Vec<Diagnostic>> {
        let resources = Resources::start(Some(threads)).expect("threads start");
        let settings = pipeline.settings();
        let clock = VirtualClock::new(settings.start_time);
        let schedule = Schedule::starting(clock.now(), settings.interval, settings.max_buffered_rows);
        let session = Session::new(resources, Arc::<VirtualClock>::clone(&clock), schedule.last_tick, None);
        let (pipeline_now, report) = (pipeline.clone(), None);
        let mut run =
            Self { session, clock, schedule, pipeline: pipeline_now, report, has_begun: false, events: Vec::new() };
        run.replace(pipeline)?;
        run.has_begun = true;
        Ok(run)
    }

    /// What it would do to apply another version.
    pub fn preview(&self, pipeline: &Pipeline) -> ChangePreview {
        preview_change(&self.pipeline, pipeline, &root().join("samples"), self.report.as_deref())
    }

    /// Applies another version of the pipeline, as the designer would between two batches. What a preview says
    /// beforehand must be what then happens, in every test that edits.
    pub fn replace(&mut self, pipeline: &Pipeline) -> Result<AppliedChange, Vec<Diagnostic>> {
        let planned = plan_pipeline(pipeline, &root().join("samples"));
        let told = self.has_begun.then(|| self.preview(pipeline));
        if let Some(problems) = self.session.refusal(&planned) {
            assert!(told.is_none_or(|told| told.refused == problems), "a preview says what is refused");
            return Err(problems);
        }
        let change = self.session.apply(planned, Some(&self.pipeline), pipeline, self.schedule.next_batch);
        if let Some(told) = told {
            assert_eq!(
                (told.fates, told.label, told.batch),
                (change.fates.clone(), change.label.clone(), change.batch)
            );
            assert_eq!(told.refused, Vec::new());
        }
        self.schedule.interval = pipeline.settings().interval;
        self.pipeline = pipeline.clone();
        Ok(change)
    }

    /// Lets nodes begin anew, as a person asks for it.
    pub fn reset(&mut self, nodes: &[NodeId]) -> AppliedChange {
        let planned = plan_pipeline(&self.pipeline, &root().join("samples"));
        self.session.replace(planned, Some(&self.pipeline), &self.pipeline, self.schedule.next_batch, nodes)
    }

    /// Lets failed nodes try again.
    pub fn retry(&mut self, nodes: &[NodeId]) {
        self.session.retry_nodes(nodes);
    }

    pub fn step(&mut self) -> Batch {
        let tick = self.schedule.next_tick();
        self.clock.set(tick);
        let cut = self.schedule.cut(&self.session.sources(), tick, tick, tick);
        let mut events = Vec::new();
        let progress = self.session.process(cut, &Queue::default(), &mut |event| events.push(event));
        assert_eq!(progress, Progress::Done, "no sink makes this run wait");
        let batch = read_events(&events);
        self.report = Some(Arc::clone(&batch.report));
        self.events.extend(events);
        batch
    }

    pub fn steps(&mut self, count: usize) -> Vec<Batch> {
        (0..count).map(|_| self.step()).collect()
    }
}

fn read_events(events: &[Event]) -> Batch {
    let report = events.iter().find_map(|event| match event {
        Event::Batch(report) => Some(Arc::clone(report)),
        _ => None,
    });
    let presented: Vec<Arc<Presented>> = events
        .iter()
        .filter_map(|event| match event {
            Event::Presented(shown) => Some(Arc::clone(shown)),
            _ => None,
        })
        .collect();
    let shown = presented.iter().map(|shown| (shown.name.clone(), rows_of(&shown.rows)));
    let failures = events.iter().filter_map(|event| match event {
        Event::Failed { name, message, .. } => Some((name.clone(), message.clone())),
        _ => None,
    });
    Batch {
        report: report.expect("every batch is reported"),
        shown: shown.collect(),
        presented,
        failures: failures.collect(),
    }
}

/// Rows as JSON arrays: numbers, texts, nulls, lists; timestamps as microseconds.
pub fn rows_of(batches: &[RecordBatch]) -> Vec<Value> {
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            rows.push(Value::Array(batch.columns().iter().map(|column| cell(column, row)).collect()));
        }
    }
    rows
}

fn cell(column: &arrow::array::ArrayRef, row: usize) -> Value {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{
        DataType, Decimal128Type, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    };
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8View => json!(column.as_string_view().value(row)),
        DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(row)),
        DataType::Int32 => json!(column.as_primitive::<Int32Type>().value(row)),
        DataType::Float64 => json!(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => json!(column.as_boolean().value(row)),
        DataType::Decimal128(_, _) => json!(column.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            json!(column.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            (0..items.len()).map(|item| cell(&items, item)).collect()
        }
        other => panic!("the tests do not read {other} yet"),
    }
}
