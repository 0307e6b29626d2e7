//! Pipelines of which it is known who limits them: the real session over nodes that let made-up time pass.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};

use crate::analysis::plan_pipeline;
use crate::metrics::{BatchReport, Cause, Culprit, culprit};
use crate::pipeline::{Edit, NodeEntry, Pipeline};
use crate::plan::{
    BatchContext, Chunk, Cut, Flow, Idempotence, Inputs, IoContext, NodeError, Operator, Outputs, Range, Replay, Sink,
    Source, SourceStatus, Stage,
};
use crate::runtime::cutter::Schedule;
use crate::runtime::queue::Queue;
use crate::runtime::session::{Progress, Session};
use crate::runtime::{Event, Resources, Stopwatch, VirtualClock};
use crate::spec::{NodeId, PortRef, Span, WireKey};

const SOURCE: NodeId = NodeId(1);
const MAP: NodeId = NodeId(2);
const GROUP: NodeId = NodeId(3);
const SINK: NodeId = NodeId(4);
const BATCHES: usize = 12;

/// What the stopwatch shows, moved by whoever takes long.
#[derive(Clone, Default)]
struct MadeUp(Arc<AtomicI64>);

impl MadeUp {
    fn pass(&self, millis: i64) {
        self.0.fetch_add(millis * 1_000, Ordering::SeqCst);
    }
}

impl Stopwatch for MadeUp {
    fn read(&self) -> Span {
        Span(self.0.load(Ordering::SeqCst))
    }
}

/// A node that takes so long besides what it does.
struct Slow<T: ?Sized> {
    time: MadeUp,
    millis: i64,
    /// For a sink: how often it cannot take the batch before it does.
    refuses: u32,
    refused: u32,
    inner: Box<T>,
}

impl Operator for Slow<dyn Operator> {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.time.pass(self.millis);
        self.inner.process(inputs, context)
    }

    fn key_columns(&self) -> Vec<usize> {
        self.inner.key_columns()
    }
}

impl Sink for Slow<dyn Sink> {
    fn stage(&mut self, inputs: &[Flow], context: &BatchContext) -> Result<(), NodeError> {
        if self.refused < self.refuses {
            self.refused += 1;
            return Err(NodeError::environment("the disk is full; make room"));
        }
        self.refused = 0;
        self.time.pass(self.millis);
        self.inner.stage(inputs, context)
    }

    fn publish(&mut self, batch: u64) -> Result<(), NodeError> {
        self.inner.publish(batch)
    }

    fn idempotence(&self) -> Idempotence {
        self.inner.idempotence()
    }
}

impl Source for Slow<dyn Source> {
    fn start(&self, io: &IoContext) -> Result<(), NodeError> {
        self.inner.start(io)
    }

    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError> {
        self.inner.plan_range(cut)
    }

    fn read(&self, range: &Range) -> Result<Vec<Chunk>, NodeError> {
        self.time.pass(self.millis);
        self.inner.read(range)
    }

    fn commit(&self, range: &Range) {
        self.inner.commit(range);
    }

    fn stop(&self) {
        self.inner.stop();
    }

    fn replay(&self) -> Replay {
        self.inner.replay()
    }

    fn is_live(&self) -> bool {
        self.inner.is_live()
    }

    fn is_bounded(&self) -> bool {
        self.inner.is_bounded()
    }

    fn is_done(&self) -> bool {
        self.inner.is_done()
    }

    fn status(&self) -> SourceStatus {
        self.inner.status()
    }

    fn take_over(&self, old: &dyn Source) {
        self.inner.take_over(old);
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// Words, upper-cased, counted.
fn pipeline(words: &[&str]) -> Pipeline {
    let batches: Vec<Vec<&str>> = vec![words.to_vec(); BATCHES];
    let nodes: [(&str, Value); 4] = [
        ("source.inline", json!({"batches": serde_json::to_string(&batches).unwrap()})),
        ("map", json!({"columns": [{"expression": "upper(value)", "name": "word"}]})),
        ("group", json!({"by": ["word"]})),
        ("sink.null", json!({})),
    ];
    let mut pipeline = Pipeline::new();
    for (id, (kind, params)) in (1u64..).zip(nodes) {
        let mut entry = NodeEntry::new(NodeId(id), kind, format!("n{id}"));
        entry.params = params.as_object().cloned().unwrap();
        pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
    }
    for from in 1..4 {
        let wire = WireKey::new(PortRef::new(NodeId(from), "out"), PortRef::new(NodeId(from + 1), "in"));
        pipeline.apply(&Edit::Connect(wire)).unwrap();
    }
    pipeline
}

/// Runs it with one node that takes `millis` per batch; the others take 20. `refuses`: how often the sink waits first.
fn found(guilty: NodeId, millis: i64, refuses: u32, words: &[&str]) -> Option<Culprit> {
    let pipeline = pipeline(words);
    let time = MadeUp::default();
    let clock = VirtualClock::new(pipeline.settings().start_time);
    let settings = pipeline.settings();
    let mut schedule = Schedule::starting(settings.start_time, settings.interval, settings.max_buffered_rows);
    let resources = Resources::start(Some(1)).unwrap();
    let mut session = Session::new(resources, Arc::<VirtualClock>::clone(&clock), schedule.last_tick, None);
    session.measure_with(Arc::new(time.clone()));
    let mut planned = plan_pipeline(&pipeline, Path::new("."));
    assert!(session.refusal(&planned).is_none(), "{:?}", planned.analysis.diagnostics);
    for node in &mut planned.nodes {
        let millis = if node.id == guilty { millis } else { 20 };
        let stage = std::mem::replace(&mut node.stage, Stage::Relabel);
        node.stage = slowed(stage, &time, millis, refuses);
    }
    session.apply(planned, None, &pipeline, 0);
    let mut reports: Vec<Arc<BatchReport>> = Vec::new();
    for _ in 0..BATCHES {
        let tick = schedule.next_tick();
        clock.set(tick);
        let cut = schedule.cut(&session.sources(), tick, tick, tick);
        let mut emit = |event| {
            if let Event::Batch(report) = event {
                reports.push(report);
            }
        };
        let mut progress = session.process(cut, &Queue::default(), &mut emit);
        while progress == Progress::Waiting {
            time.pass(400);
            progress = session.retry(&Queue::default(), &mut emit);
        }
    }
    assert_eq!(reports.len(), BATCHES);
    culprit(reports.iter().rev().map(AsRef::as_ref))
}

fn slowed(stage: Stage, time: &MadeUp, millis: i64, refuses: u32) -> Stage {
    let time = time.clone();
    match stage {
        Stage::Source(inner) => Stage::Source(Box::new(Slow { time, millis, refuses: 0, refused: 0, inner })),
        Stage::Operator(inner) => Stage::Operator(Box::new(Slow { time, millis, refuses: 0, refused: 0, inner })),
        Stage::Sink(inner) => Stage::Sink(Box::new(Slow { time, millis, refuses, refused: 0, inner })),
        Stage::Relabel => Stage::Relabel,
    }
}

#[test]
fn whoever_takes_longest_is_named_be_it_source_node_or_sink() {
    for guilty in [SOURCE, MAP, SINK] {
        let culprit = found(guilty, 900, 0, &["a", "b"]).unwrap();
        assert_eq!((culprit.node, culprit.batches, &culprit.cause), (guilty, BATCHES as u64, &Cause::Works));
        assert!(culprit.share > 0.9, "{culprit:?}");
    }
}

#[test]
fn a_sink_that_waits_is_named_with_what_it_waits_for() {
    let culprit = found(MAP, 300, 2, &["a", "b"]).unwrap();
    assert_eq!(culprit.node, SINK, "it held the batch for 800 ms, the busiest node worked for 300");
    assert_eq!(culprit.cause, Cause::Waits("the disk is full; make room".to_owned()));
}

#[test]
fn a_key_that_has_most_rows_is_named_with_the_node() {
    let words: Vec<_> = (0..1_000).map(|row| if row % 10 == 0 { "dog" } else { "cat" }).collect();
    let culprit = found(GROUP, 900, 0, &words).unwrap();
    assert_eq!(culprit.node, GROUP);
    let Cause::Skewed { key, rows } = culprit.cause else { panic!("{culprit:?}") };
    assert_eq!(key, "CAT");
    assert!((rows - 0.9).abs() < 0.1, "{rows}");
}

#[test]
fn a_run_that_is_quick_has_no_culprit() {
    assert_eq!(found(MAP, 20, 0, &["a"]), None);
}
