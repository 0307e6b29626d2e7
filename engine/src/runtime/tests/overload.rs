//! A generator gives three times what the pipeline can do, through the real ticker, queue, session and controllers;
//! only time is made up: a sink lets it pass as a formula says, and ticks fall due meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use serde_json::json;

use crate::analysis::plan_pipeline;
use crate::metrics::BatchReport;
use crate::pipeline::{Backpressure, Edit, NodeEntry, Pipeline, Setting, WhenLate};
use crate::plan::{BatchContext, Clock, Flow, Idempotence, NodeError, Sink, Stage};
use crate::runtime::cutter::{CutBatch, Schedule};
use crate::runtime::queue::Queue;
use crate::runtime::session::{Progress, Session};
use crate::runtime::ticker::{TickCommand, Ticking};
use crate::runtime::{Event, Resources, Stopwatch, VirtualClock};
use crate::spec::{PortRef, Span, Timestamp, WireKey};

/// Rows per second at which batches take just their interval, but for the fixed costs.
const CAPACITY: f64 = 2_000.0;
const OVERHEAD_SECS: f64 = 0.1;

/// Time, and what happens as it passes.
struct World {
    clock: Arc<VirtualClock>,
    ticking: Mutex<Ticking>,
    cuts: Sender<CutBatch>,
}

impl World {
    /// Moves time, cutting batches at the ticks on the way.
    fn pass(&self, span: Span) {
        let until = self.clock.now().plus(span);
        let mut ticking = self.ticking.lock().unwrap();
        while let Some(due) = ticking.due().filter(|due| *due <= until) {
            self.clock.set(due.max(self.clock.now()));
            self.send(ticking.tick());
        }
        self.clock.set(until);
    }

    fn tell(&self, command: TickCommand) {
        self.send(self.ticking.lock().unwrap().obey(command));
    }

    fn until_next_tick(&self) -> Span {
        self.ticking.lock().unwrap().due().unwrap().since(self.clock.now())
    }

    fn send(&self, cuts: Vec<CutBatch>) {
        for cut in cuts {
            self.cuts.send(cut).unwrap();
        }
    }
}

struct MadeUpTime(Arc<VirtualClock>);

impl Stopwatch for MadeUpTime {
    fn read(&self) -> Span {
        self.0.now().since(Timestamp::VIRTUAL_START)
    }
}

/// A sink that takes its time.
struct Costly {
    world: Arc<Mutex<Option<Arc<World>>>>,
    rows: u64,
}

impl Sink for Costly {
    fn stage(&mut self, inputs: &[Flow], _: &BatchContext) -> Result<(), NodeError> {
        self.rows = inputs.iter().map(Flow::row_count).sum();
        Ok(())
    }

    fn publish(&mut self, _: u64) -> Result<(), NodeError> {
        let world = self.world.lock().unwrap().clone().unwrap();
        let secs = OVERHEAD_SECS + self.rows as f64 / CAPACITY;
        world.pass(Span::from(Duration::from_secs_f64(secs)));
        Ok(())
    }

    fn idempotence(&self) -> Idempotence {
        Idempotence::None
    }
}

struct Run {
    session: Session,
    world: Arc<World>,
    queue: Arc<Queue>,
    cuts: Receiver<CutBatch>,
    log: Vec<String>,
}

impl Run {
    /// A generator at three times the capacity, with these settings.
    fn start(settings: &[Setting]) -> Self {
        let pipeline = pipeline(settings);
        let clock = VirtualClock::new(Timestamp::VIRTUAL_START);
        let settings = pipeline.settings().clone();
        let mut schedule = Schedule::starting(clock.now(), settings.interval, settings.max_buffered_rows);
        let resources = Resources::start(Some(1)).unwrap();
        let mut session = Session::new(resources, Arc::<VirtualClock>::clone(&clock), schedule.last_tick, None);
        session.measure_with(Arc::new(MadeUpTime(Arc::clone(&clock))));
        session.govern();
        let mut planned = plan_pipeline(&pipeline, Path::new("."));
        assert!(session.refusal(&planned).is_none());
        let world = Arc::new(Mutex::new(None));
        for node in &mut planned.nodes {
            if matches!(node.stage, Stage::Sink(_)) {
                node.stage = Stage::Sink(Box::new(Costly { world: Arc::clone(&world), rows: 0 }));
            }
        }
        session.apply(planned, None, &pipeline, 0);
        schedule.set(&settings, &session.directions());
        let queue = Arc::new(Queue::default());
        let (sender, cuts) = bounded(5_000);
        let wall: Arc<dyn Clock> = Arc::<VirtualClock>::clone(&clock);
        let ticking = Ticking::new(wall, schedule, session.sources(), settings, Arc::clone(&queue));
        let made = Arc::new(World { clock, ticking: Mutex::new(ticking), cuts: sender });
        *world.lock().unwrap() = Some(Arc::clone(&made));
        Self { session, world: made, queue, cuts, log: Vec::new() }
    }

    /// The reports of the next batches.
    fn batches(&mut self, count: usize) -> Vec<Arc<BatchReport>> {
        let mut reports = Vec::new();
        while reports.len() < count {
            let Ok(cut) = self.cuts.try_recv() else {
                self.world.pass(self.world.until_next_tick());
                continue;
            };
            let log = &mut self.log;
            let progress = self.session.process(cut, &self.queue, &mut |event| match event {
                Event::Batch(report) => reports.push(report),
                Event::Log { message, .. } => log.push(message),
                _ => {}
            });
            assert_eq!(progress, Progress::Done);
            self.queue.pop();
            self.world.tell(TickCommand::Done(self.session.directions()));
        }
        reports
    }
}

fn pipeline(settings: &[Setting]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    let (source, sink) = (pipeline.fresh_id(), crate::spec::NodeId(pipeline.fresh_id().0 + 1));
    let mut generator = NodeEntry::new(source, "source.generator", "lines");
    let params = json!({"rate": CAPACITY * 3.0, "words_per_line": 1, "vocabulary": 10});
    generator.params = params.as_object().cloned().unwrap();
    pipeline.apply(&Edit::AddNode(Box::new(generator))).unwrap();
    pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(sink, "sink.null", "nowhere")))).unwrap();
    let wire = WireKey::new(PortRef::new(source, "out"), PortRef::new(sink, "in"));
    pipeline.apply(&Edit::Connect(wire)).unwrap();
    for setting in settings {
        pipeline.apply(&Edit::Set(setting.clone())).unwrap();
    }
    pipeline
}

fn delays(reports: &[Arc<BatchReport>]) -> Vec<f64> {
    reports.iter().map(|report| report.total_delay.as_secs_f64()).collect()
}

/// 0.9 s of work per second of rows: what a batch of one second can take beside its fixed costs.
fn right_rate() -> f64 {
    CAPACITY * (1.0 - OVERHEAD_SECS)
}

#[test]
fn without_backpressure_the_total_delay_grows_until_the_queue_is_full() {
    let mut run = Run::start(&[]);
    let reports = run.batches(40);
    let delays = delays(&reports);
    assert!(delays.windows(2).all(|pair| pair[1] > pair[0] + 1.9), "2.1 s more with every batch: {delays:?}");
    assert!(reports.iter().all(|report| report.control.is_none() && report.creation_delay == Span(0)));
    assert_eq!(reports[39].queued_batches, 64, "the queue is full, and nothing more is cut");
    let late = run.batches(60);
    assert!(late.iter().any(|report| report.creation_delay > Span(0)), "now the ticks wait");
    assert!(late.iter().all(|report| report.queued_batches <= 64));
}

#[test]
fn with_backpressure_the_total_delay_stays_bounded_although_it_began_threefold() {
    assert!((right_rate() - 1_800.0).abs() < 1e-9);
    let first = Setting::InitialRate(Some(5_400));
    let mut run = Run::start(&[Setting::Backpressure(Backpressure::Damped), first]);
    let reports = run.batches(60);
    let worst = delays(&reports).into_iter().fold(0.0, f64::max);
    assert!(worst <= 10.0, "{worst} s");
    for report in &reports[30..] {
        assert!(report.total_delay.as_secs_f64() <= 1.5, "{report:?}");
        assert!((report.input_rate() / right_rate() - 1.0).abs() <= 0.1, "{report:?}");
    }
}

#[test]
fn sparks_estimator_holds_the_delay_too() {
    let mut run = Run::start(&[Setting::Backpressure(Backpressure::Spark)]);
    let reports = run.batches(200);
    let late = delays(&reports[100..]).into_iter().fold(0.0, f64::max);
    assert!(late <= 2.0, "{late} s");
}

#[test]
fn every_report_says_how_the_limit_came_about() {
    let mut run = Run::start(&[Setting::Backpressure(Backpressure::Damped)]);
    for report in run.batches(20) {
        let control = report.control.as_ref().unwrap();
        assert_eq!(control.sources.len(), 1);
        let terms = control.sources[0].terms.unwrap();
        assert!((terms.processing_rate - report.throughput()).abs() < 1.0, "{terms:?}");
        assert_eq!(control.interval, None);
    }
}

#[test]
fn held_back_the_generator_makes_fewer_rows_and_none_twice() {
    let mut run = Run::start(&[Setting::Backpressure(Backpressure::Damped)]);
    let mut next = 0;
    for _ in 0..30 {
        while run.cuts.is_empty() {
            run.world.pass(run.world.until_next_tick());
        }
        let cut = run.cuts.try_recv().unwrap();
        for range in cut.ranges.values().map(|cut| cut.range.clone().unwrap()) {
            assert_eq!(range.from, next, "row numbers go on without a gap");
            next = range.to;
        }
        let rows: BTreeMap<_, _> = cut.rows();
        assert!(rows.values().all(|rows| *rows <= 10_000));
        assert_eq!(run.session.process(cut, &run.queue, &mut |_| {}), Progress::Done);
        run.queue.pop();
        run.world.tell(TickCommand::Done(run.session.directions()));
    }
}

#[test]
fn merged_late_batches_are_held_to_one_interval_of_rows_and_catch_up() {
    let settings = [Setting::WhenLate(WhenLate::Merge), Setting::Backpressure(Backpressure::Damped)];
    let reports = Run::start(&settings).batches(60);
    assert!(reports.iter().all(|report| report.queued_batches == 0));
    for report in &reports[30..] {
        assert!(report.total_delay.as_secs_f64() <= 2.5, "{report:?}");
        assert!((report.throughput() / CAPACITY - 0.9).abs() <= 0.1, "{report:?}");
    }
}

#[test]
fn the_automatic_interval_says_that_none_keeps_up_with_threefold_load() {
    let mut run = Run::start(&[Setting::AutoInterval(true)]);
    run.batches(40);
    let last = run.log.last().unwrap();
    assert!(last.contains("no interval from 100ms to 10s keeps up"), "{:#?}", run.log);
}

#[test]
fn with_both_controllers_the_run_comes_to_rest_with_slack() {
    let settings = [Setting::AutoInterval(true), Setting::Backpressure(Backpressure::Damped)];
    let reports = Run::start(&settings).batches(120);
    for report in &reports[90..] {
        let load = report.processing_time.as_secs_f64() / report.interval.as_secs_f64();
        assert!((load - 0.8).abs() <= 0.1, "{report:?}");
        assert!(report.total_delay <= report.interval, "{report:?}");
    }
}
