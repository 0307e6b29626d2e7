//! A node that crashes, wherever it is called, is stopped with what is behind it; the run, the rest of the pipeline and
//! the node's own state live on.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::analysis::{PlannedPipeline, plan_pipeline};
use crate::metrics::{BatchReport, NodeStatus};
use crate::pipeline::{Edit, NodeEntry, Pipeline};
use crate::plan::{BatchContext, Flow, Inputs, NodeError, Operator, Outputs, Stage, StateFate, StateSize};
use crate::runtime::{Event, Progress, Queue, Resources, Schedule, Session, VirtualClock};
use crate::spec::{NodeId, PortRef, WireKey};

const CRASHER: NodeId = NodeId(2);
const BEHIND: NodeId = NodeId(3);
const BESIDE: NodeId = NodeId(4);

/// Where a crash is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Process(u64),
    Size,
    TakeOver,
    Nowhere,
}

/// Counts its batches, and crashes where it is told to.
struct Crasher {
    at: At,
    seen: u64,
    is_clean: bool,
}

impl Operator for Crasher {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        assert!(self.is_clean, "scratch of a batch that failed must be thrown away first");
        self.is_clean = false;
        assert!(self.at != At::Process(context.batch), "as it was told to");
        self.is_clean = true;
        self.seen += 1;
        Ok(vec![inputs.into_iter().flatten().next().unwrap_or(Flow::Idle)])
    }

    fn state_size(&self) -> StateSize {
        assert!(self.at != At::Size, "as it was told to");
        StateSize { rows: self.seen, bytes: 8 }
    }

    fn remembers(&self) -> bool {
        true
    }

    fn abandon(&mut self) {
        self.is_clean = true;
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        assert!(self.at != At::TakeOver, "as it was told to");
        if let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() {
            self.seen = old.seen;
        }
        StateFate::Kept
    }
}

fn pipeline() -> Pipeline {
    let mut pipeline = Pipeline::new();
    let mut rows = NodeEntry::new(NodeId(1), "source.inline", "rows");
    rows.params = json!({"repeat": true}).as_object().cloned().unwrap();
    let kinds = [(CRASHER, "tee"), (BEHIND, "sink.table"), (BESIDE, "sink.table")];
    let others = kinds.map(|(id, kind)| NodeEntry::new(id, kind, format!("node {id}")));
    for entry in std::iter::once(rows).chain(others) {
        pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
    }
    for (from, to) in [(NodeId(1), CRASHER), (CRASHER, BEHIND), (NodeId(1), BESIDE)] {
        let wire = WireKey::new(PortRef::new(from, "out"), PortRef::new(to, "in"));
        pipeline.apply(&Edit::Connect(wire)).unwrap();
    }
    pipeline
}

/// The pipeline with the crasher in the tee's place. A changed `note` makes it another version.
fn planned(pipeline: &Pipeline, at: At, note: u64) -> PlannedPipeline {
    let mut planned = plan_pipeline(pipeline, Path::new("."));
    let node = planned.nodes.iter_mut().find(|node| node.id == CRASHER).unwrap();
    node.stage = Stage::Operator(Box::new(Crasher { at, seen: 0, is_clean: true }));
    node.params.insert("note".to_owned(), json!(note));
    planned
}

struct Run {
    session: Session,
    clock: Arc<VirtualClock>,
    schedule: Schedule,
    pipeline: Pipeline,
}

impl Run {
    fn start(at: At) -> Self {
        let pipeline = pipeline();
        let settings = pipeline.settings();
        let clock = VirtualClock::new(settings.start_time);
        let schedule = Schedule::starting(settings.start_time, settings.interval, settings.max_buffered_rows);
        let resources = Resources::start(Some(1)).unwrap();
        let mut session = Session::new(resources, Arc::<VirtualClock>::clone(&clock), schedule.last_tick, None);
        session.apply(planned(&pipeline, at, 0), None, &pipeline, 0);
        Self { session, clock, schedule, pipeline }
    }

    fn step(&mut self) -> (Arc<BatchReport>, Vec<NodeId>) {
        let tick = self.schedule.next_tick();
        self.clock.set(tick);
        let cut = self.schedule.cut(&self.session.sources(), tick, tick, tick);
        let (mut report, mut shown) = (None, Vec::new());
        let progress = self.session.process(cut, &Queue::default(), &mut |event| match event {
            Event::Batch(batch) => report = Some(batch),
            Event::Presented(rows) => shown.push(rows.node),
            _ => {}
        });
        assert_eq!(progress, Progress::Done);
        (report.unwrap(), shown)
    }

    fn status(report: &BatchReport, node: NodeId) -> NodeStatus {
        report.node(node).unwrap().status.clone()
    }
}

#[test]
fn a_crash_stops_what_is_behind_and_the_node_goes_on_with_its_state_when_told_to() {
    let mut run = Run::start(At::Process(1));
    assert_eq!(run.step().1, [BEHIND, BESIDE]);
    let (report, shown) = run.step();
    let NodeStatus::Failed(sentence) = Run::status(&report, CRASHER) else { panic!("{report:?}") };
    assert!(sentence.contains("crashed (as it was told to)"), "{sentence}");
    assert_eq!((Run::status(&report, BEHIND), shown), (NodeStatus::Blocked, vec![BESIDE]));
    let (report, _) = run.step();
    assert_eq!(report.node(CRASHER).unwrap().state_rows, 1, "what it remembers is still told");
    run.session.retry_nodes(&[CRASHER]);
    let (report, shown) = run.step();
    assert_eq!((Run::status(&report, CRASHER), shown), (NodeStatus::Ok, vec![BEHIND, BESIDE]));
    let node = report.node(CRASHER).unwrap();
    assert_eq!((node.state_rows, node.memory.missed_batches), (2, 2), "it counted on, and two batches are missing");
}

#[test]
fn a_crash_in_the_counting_of_state_is_the_nodes_own_too() {
    let mut run = Run::start(At::Size);
    let (report, _) = run.step();
    assert!(matches!(Run::status(&report, CRASHER), NodeStatus::Failed(_)), "{report:?}");
    let (report, shown) = run.step();
    assert!(matches!(Run::status(&report, CRASHER), NodeStatus::Failed(_)));
    assert_eq!(shown, [BESIDE]);
}

#[test]
fn a_repair_takes_the_state_over_and_a_crash_while_it_does_begins_anew() {
    let mut run = Run::start(At::Process(1));
    run.step();
    run.step();
    let pipeline = run.pipeline.clone();
    let change = run.session.apply(planned(&pipeline, At::Nowhere, 1), Some(&pipeline), &pipeline, 2);
    assert_eq!(change.fates.iter().map(|fate| &fate.fate).collect::<Vec<_>>(), [&StateFate::Kept]);
    let (report, _) = run.step();
    assert_eq!(report.node(CRASHER).unwrap().state_rows, 2, "one batch before the crash, one after the repair");
    let change = run.session.apply(planned(&pipeline, At::TakeOver, 2), Some(&pipeline), &pipeline, 3);
    assert!(matches!(&change.fates[0].fate, StateFate::Reset(sentence) if sentence.contains("crashed")), "{change:?}");
    let (report, shown) = run.step();
    assert_eq!((report.node(CRASHER).unwrap().state_rows, shown), (1, vec![BEHIND, BESIDE]));
}
