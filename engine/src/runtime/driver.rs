//! The loop that owns a run: obeys commands, computes batches, and swaps plans between them.
//!
//! Everything happens in one order on one thread: commands, then a compiled plan, then a batch. Compiling is done by a
//! helper thread, so that a slow plan never delays a batch.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use super::clock::{VirtualClock, WallClock};
use super::cutter::{CutBatch, Schedule};
use super::resources::Resources;
use super::session::{Progress, Session};
use super::ticker::{TickCommand, Ticker};
use super::{ClockKind, Command, EngineOptions, Event, RunState, StopRule};
use crate::analysis::{PlannedPipeline, plan_pipeline};
use crate::pipeline::{Pipeline, Settings};
use crate::plan::Clock;
use crate::spec::{Diagnostic, PortRef, Timestamp};

/// How often a sink that waits is tried again.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LONGEST: Duration = Duration::from_secs(5);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunOutcome {
    /// Batches computed.
    pub batches: u64,
    /// Whether any node failed.
    pub failed: bool,
}

/// Drives runs, one after the other, until the command channel closes.
pub struct Driver<'a> {
    options: EngineOptions,
    commands: Receiver<Command>,
    emit: &'a mut dyn FnMut(Event),
    resources: Resources,
    run: Option<Run>,
    selected: Vec<PortRef>,
    /// Ends the loop once the run is over: for runs without a window.
    ends_with_run: bool,
    outcome: RunOutcome,
}

/// The present run.
struct Run {
    session: Session,
    pipeline: Arc<Pipeline>,
    state: RunState,
    pace: Pace,
    started: Timestamp,
    compiler: Compiler,
    batches: u64,
    /// Once set, the run ends after the batch that carries the mark.
    is_stopping: bool,
    retry: Option<Duration>,
}

/// Who says when a batch is cut.
enum Pace {
    /// The ticker's thread.
    Wall { ticker: Ticker },
    /// Nobody: the next batch follows at once, and moves the clock.
    Virtual { clock: Arc<VirtualClock>, schedule: Schedule, step: bool },
}

/// Plans pipelines on a thread of its own; of several waiting only the newest is planned.
struct Compiler {
    requests: Sender<Arc<Pipeline>>,
    results: Receiver<(Arc<Pipeline>, PlannedPipeline)>,
    /// Asked for while the thread's inbox was full.
    next: Option<Arc<Pipeline>>,
}

impl<'a> Driver<'a> {
    /// A driver that does nothing until commanded.
    pub fn new(
        options: EngineOptions,
        commands: Receiver<Command>,
        ends_with_run: bool,
        emit: &'a mut dyn FnMut(Event),
    ) -> std::io::Result<Self> {
        let resources = Resources::start(options.threads)?;
        Ok(Self {
            options,
            commands,
            emit,
            resources,
            run: None,
            selected: Vec::new(),
            ends_with_run,
            outcome: RunOutcome::default(),
        })
    }

    /// Obeys commands until nobody can send any more (or the run is over, if it ends with it).
    pub fn drive(mut self) -> RunOutcome {
        loop {
            while let Ok(command) = self.commands.try_recv() {
                self.obey(command);
            }
            if self.ends_with_run && self.run.is_none() {
                return self.outcome;
            }
            self.apply_compiled();
            if !self.advance() {
                self.end_run();
                return self.outcome;
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Run(pipeline) => self.start_or(pipeline, RunState::Running),
            Command::Step(pipeline) => self.start_or(pipeline, RunState::Paused),
            Command::Pause => {
                if let Some(run) = self.run.as_mut().filter(|run| run.state == RunState::Running) {
                    run.tell(TickCommand::Pause);
                    self.set_state(RunState::Paused);
                }
            }
            Command::Stop => self.stop(),
            Command::Apply(pipeline) => {
                if let Some(run) = &mut self.run {
                    run.compiler.request(pipeline);
                }
            }
            Command::Select(ports) => {
                self.selected.clone_from(&ports);
                if let Some(run) = &mut self.run {
                    run.session.select(ports);
                }
            }
        }
    }

    fn set_state(&mut self, state: RunState) {
        if let Some(run) = &mut self.run {
            run.state = state;
        }
        (self.emit)(Event::State(state));
    }

    fn start_or(&mut self, pipeline: Arc<Pipeline>, wanted: RunState) {
        if self.run.is_none() {
            self.start(pipeline, wanted == RunState::Paused);
            if self.run.is_none() {
                return;
            }
            self.set_state(wanted);
        } else if let Some(run) = &mut self.run
            && run.state == RunState::Paused
            && wanted == RunState::Running
        {
            run.tell(TickCommand::Resume);
            self.set_state(RunState::Running);
        }
        if let (RunState::Paused, Some(run)) = (wanted, &mut self.run) {
            match &mut run.pace {
                Pace::Wall { ticker } => ticker.tell(TickCommand::Step),
                Pace::Virtual { step, .. } => *step = true,
            }
        }
    }

    fn start(&mut self, pipeline: Arc<Pipeline>, is_paused: bool) {
        let planned = plan_pipeline(&pipeline, &self.options.folder);
        let settings = pipeline.settings().clone();
        let virtual_clock = match self.options.clock {
            ClockKind::Wall => None,
            ClockKind::Virtual => Some(VirtualClock::new(settings.start_time)),
        };
        let clock: Arc<dyn Clock> = match &virtual_clock {
            Some(clock) => Arc::<VirtualClock>::clone(clock),
            None => Arc::new(WallClock::new()),
        };
        let schedule = Schedule::starting(clock.now(), settings.interval, settings.max_buffered_rows);
        let started = schedule.last_tick;
        let mut session =
            Session::new(self.resources.clone(), Arc::clone(&clock), started, self.options.presented_rows);
        if let Some(problems) = session.refusal(&planned) {
            (self.emit)(Event::Refused(Arc::new(problems)));
            return;
        }
        let change = session.apply(planned, None, &pipeline, 0);
        session.select(self.selected.clone());
        let begun = start_pace(virtual_clock, clock, schedule, &session, settings, is_paused)
            .and_then(|pace| Ok((pace, Compiler::start(self.options.folder.clone())?)));
        match begun {
            Ok((pace, compiler)) => {
                self.outcome = RunOutcome::default();
                self.run = Some(Run {
                    session,
                    pipeline,
                    state: RunState::Running,
                    pace,
                    started,
                    compiler,
                    batches: 0,
                    is_stopping: false,
                    retry: None,
                });
                (self.emit)(Event::Applied(Arc::new(change)));
            }
            Err(error) => {
                session.stop();
                let sentence = format!("a thread could not be started ({error}); close other programs and try again");
                (self.emit)(Event::Refused(Arc::new(vec![Diagnostic::error(sentence)])));
            }
        }
    }

    fn stop(&mut self) {
        let Some(run) = &mut self.run else { return };
        if run.is_stopping {
            run.session.abandon();
            self.end_run();
            return;
        }
        run.is_stopping = true;
        run.tell(TickCommand::Finish);
        self.set_state(RunState::Stopping);
    }

    /// A plan compiled meanwhile takes over.
    fn apply_compiled(&mut self) {
        let Some(run) = &mut self.run else { return };
        let mut newest = None;
        while let Ok(result) = run.compiler.results.try_recv() {
            newest = Some(result);
        }
        run.compiler.flush();
        if let Some((pipeline, planned)) = newest {
            self.adopt(pipeline, planned);
        }
    }

    fn adopt(&mut self, pipeline: Arc<Pipeline>, planned: PlannedPipeline) {
        let Some(run) = &mut self.run else { return };
        if let Some(problems) = run.session.refusal(&planned) {
            (self.emit)(Event::Refused(Arc::new(problems)));
            return;
        }
        let change = run.session.apply(planned, Some(&run.pipeline), &pipeline, run.batches);
        let settings = pipeline.settings().clone();
        run.pipeline = pipeline;
        let sources = run.session.sources();
        match &mut run.pace {
            Pace::Wall { ticker } => ticker.tell(TickCommand::Plan(sources, settings)),
            Pace::Virtual { schedule, .. } => {
                schedule.interval = settings.interval;
                schedule.max_rows = settings.max_buffered_rows;
            }
        }
        (self.emit)(Event::Applied(Arc::new(change)));
    }

    /// Waits for whatever comes next and does it; `false` once nobody commands any more.
    fn advance(&mut self) -> bool {
        let Some(run) = &mut self.run else {
            return match self.commands.recv() {
                Ok(command) => {
                    self.obey(command);
                    true
                }
                Err(_) => false,
            };
        };
        if let Some(wait) = run.retry {
            return self.retry(wait);
        }
        let cut = match &mut run.pace {
            Pace::Virtual { clock, schedule, step } => {
                let go = run.state != RunState::Paused || std::mem::take(step);
                if go {
                    let tick = schedule.next_tick();
                    clock.set(tick);
                    let mut cut = schedule.cut(&run.session.sources(), tick, tick, tick);
                    cut.is_last = run.is_stopping;
                    Some(cut)
                } else {
                    None
                }
            }
            Pace::Wall { .. } => None,
        };
        match cut {
            Some(cut) => {
                self.compute(cut);
                true
            }
            None => self.wait(),
        }
    }

    fn wait(&mut self) -> bool {
        let Some(run) = &self.run else { return true };
        let cuts = match &run.pace {
            Pace::Wall { ticker } => ticker.cuts.clone(),
            Pace::Virtual { .. } => never(),
        };
        let results = run.compiler.results.clone();
        select! {
            recv(self.commands) -> command => match command {
                Ok(command) => { self.obey(command); true }
                Err(_) => false,
            },
            recv(results) -> result => {
                if let Ok((pipeline, planned)) = result {
                    self.adopt(pipeline, planned);
                }
                true
            }
            recv(cuts) -> cut => {
                if let Ok(cut) = cut {
                    self.compute(cut);
                }
                true
            }
        }
    }

    fn compute(&mut self, cut: CutBatch) {
        let Some(run) = &mut self.run else { return };
        let is_last = cut.is_last;
        let tick = cut.tick;
        let queued = run.queued();
        let progress = run.session.process(cut, queued, self.emit);
        run.is_stopping |= is_last;
        match progress {
            Progress::Waiting => run.retry = Some(RETRY_FIRST),
            Progress::Done => self.batch_done(tick, is_last),
        }
    }

    fn retry(&mut self, wait: Duration) -> bool {
        match self.commands.recv_timeout(wait) {
            Ok(command) => self.obey(command),
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {}
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => return false,
        }
        let Some(run) = &mut self.run else { return true };
        let queued = run.queued();
        let last = run.session.held_tick();
        match run.session.retry(queued, self.emit) {
            Progress::Waiting => run.retry = Some((wait * 2).min(RETRY_LONGEST)),
            Progress::Done => {
                run.retry = None;
                if let Some((tick, is_last)) = last {
                    self.batch_done(tick, is_last);
                }
            }
        }
        true
    }

    fn batch_done(&mut self, tick: Timestamp, is_last: bool) {
        let Some(run) = &mut self.run else { return };
        run.batches += 1;
        run.tell(TickCommand::Done);
        self.outcome.batches = run.batches;
        self.outcome.failed |= run.session.has_failures();
        let is_over = is_last || run.is_over(&self.options.stop, tick);
        if is_over {
            self.end_run();
        }
    }

    fn end_run(&mut self) {
        if let Some(mut run) = self.run.take() {
            self.outcome.failed |= run.session.has_failures();
            run.session.stop();
            (self.emit)(Event::State(RunState::Stopped));
        }
    }
}

impl Run {
    fn tell(&self, command: TickCommand) {
        match &self.pace {
            Pace::Wall { ticker } => ticker.tell(command),
            Pace::Virtual { .. } => {}
        }
    }

    fn queued(&self) -> u32 {
        match &self.pace {
            Pace::Wall { ticker } => u32::try_from(ticker.cuts.len()).unwrap_or(u32::MAX),
            Pace::Virtual { .. } => 0,
        }
    }

    fn is_over(&self, rule: &StopRule, tick: Timestamp) -> bool {
        rule.batches.is_some_and(|batches| self.batches >= batches)
            || rule.span.is_some_and(|span| tick.since(self.started) >= span)
            || (rule.until_done
                && self.session.sources_are_done()
                && !self.session.wants_another_batch()
                && self.queued() == 0)
    }
}

fn start_pace(
    virtual_clock: Option<Arc<VirtualClock>>,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    session: &Session,
    settings: Settings,
    is_paused: bool,
) -> std::io::Result<Pace> {
    Ok(match virtual_clock {
        Some(clock) => Pace::Virtual { clock, schedule, step: false },
        None => Pace::Wall { ticker: Ticker::start(clock, schedule, session.sources(), settings, is_paused)? },
    })
}

impl Compiler {
    fn start(folder: std::path::PathBuf) -> std::io::Result<Self> {
        let (requests, inbox) = bounded::<Arc<Pipeline>>(1);
        let (outbox, results) = bounded(4);
        std::thread::Builder::new().name("weir-plan".to_owned()).spawn(move || {
            while let Ok(pipeline) = inbox.recv() {
                let planned = plan_pipeline(&pipeline, &folder);
                if outbox.send((pipeline, planned)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { requests, results, next: None })
    }

    fn request(&mut self, pipeline: Arc<Pipeline>) {
        self.next = Some(pipeline);
        self.flush();
    }

    /// Hands the newest request over as soon as the thread takes it.
    fn flush(&mut self) {
        if let Some(pipeline) = self.next.take()
            && let Err(crossbeam_channel::TrySendError::Full(pipeline)) = self.requests.try_send(pipeline)
        {
            self.next = Some(pipeline);
        }
    }
}
