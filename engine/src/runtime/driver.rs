//! The loop that owns a run: obeys commands, computes batches, and swaps plans between them.
//!
//! Everything happens in one order on one thread: commands, then a compiled plan, then a batch. Compiling is done by a
//! helper thread, so that a slow plan never delays a batch.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, never, select};

use super::clock::{VirtualClock, WallClock};
use super::compiler::{Compiled, Compiler};
use super::cutter::{CutBatch, Schedule};
use super::queue::Queue;
use super::resources::Resources;
use super::session::{Progress, Session};
use super::ticker::{TickCommand, Ticker, Ticking};
use super::{ClockKind, Command, EngineOptions, Event, RunState, StopRule};
use crate::analysis::plan_pipeline;
use crate::pipeline::{Backpressure, Pipeline, Settings};
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
    /// Batches that the ticker cut and that are not done.
    queue: Arc<Queue>,
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
            Command::Reset(nodes) => {
                if let Some(run) = &mut self.run {
                    run.compiler.request_reset(nodes);
                }
            }
            Command::Retry(nodes) => {
                if let Some(run) = &mut self.run {
                    run.session.retry_nodes(&nodes);
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
        let mut schedule = Schedule::starting(clock.now(), settings.interval, settings.max_buffered_rows);
        let started = schedule.last_tick;
        let mut session =
            Session::new(self.resources.clone(), Arc::clone(&clock), started, self.options.presented_rows);
        if virtual_clock.is_none() {
            session.govern();
        }
        if let Some(problems) = session.refusal(&planned) {
            (self.emit)(Event::Refused(Arc::new(problems)));
            return;
        }
        let change = session.apply(planned, None, &pipeline, 0);
        session.select(self.selected.clone());
        schedule.set(&settings, &session.directions());
        let resting = virtual_clock.as_ref().and_then(|_| resting_sentence(&settings));
        let queue = Arc::new(Queue::default());
        let begun = start_pace(virtual_clock, clock, schedule, &session, settings, &queue, is_paused)
            .and_then(|pace| Ok((pace, Compiler::start(self.options.folder.clone(), Arc::clone(&pipeline))?)));
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
                    queue,
                    batches: 0,
                    is_stopping: false,
                    retry: None,
                });
                (self.emit)(Event::Applied(Arc::new(change)));
                if let Some(message) = resting {
                    (self.emit)(Event::Log { node: None, time: started, message });
                }
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
        if let Some(compiled) = self.run.as_mut().and_then(|run| run.compiler.take_newest()) {
            self.adopt(compiled);
        }
    }

    fn adopt(&mut self, compiled: Compiled) {
        let Some(run) = &mut self.run else { return };
        let Compiled { pipeline, planned, resets } = compiled;
        if let Some(problems) = run.session.refusal(&planned) {
            run.compiler.refused(&pipeline, &run.pipeline);
            (self.emit)(Event::Refused(Arc::new(problems)));
            return;
        }
        let change = run.session.replace(planned, Some(&run.pipeline), &pipeline, run.batches, &resets);
        let settings = pipeline.settings().clone();
        run.pipeline = pipeline;
        let (sources, directions) = (run.session.sources(), run.session.directions());
        match &mut run.pace {
            Pace::Wall { ticker } => ticker.tell(TickCommand::Plan(sources, Box::new(settings), directions)),
            Pace::Virtual { schedule, .. } => schedule.set(&settings, &directions),
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
                if let Ok(compiled) = result {
                    self.adopt(compiled);
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
        let progress = run.session.process(cut, &run.queue, self.emit);
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
        let last = run.session.held_tick();
        match run.session.retry(&run.queue, self.emit) {
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
        run.queue.pop();
        run.tell(TickCommand::Done(run.session.directions()));
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

    fn is_over(&self, rule: &StopRule, tick: Timestamp) -> bool {
        rule.batches.is_some_and(|batches| self.batches >= batches)
            || rule.span.is_some_and(|span| tick.since(self.started) >= span)
            || (rule.until_done
                && self.session.sources_are_done()
                && !self.session.wants_another_batch()
                && self.queue.is_empty())
    }
}

fn start_pace(
    virtual_clock: Option<Arc<VirtualClock>>,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    session: &Session,
    settings: Settings,
    queue: &Arc<Queue>,
    is_paused: bool,
) -> std::io::Result<Pace> {
    Ok(match virtual_clock {
        Some(clock) => Pace::Virtual { clock, schedule, step: false },
        None => {
            let ticking = Ticking::new(clock, schedule, session.sources(), settings, Arc::clone(queue));
            Pace::Wall { ticker: Ticker::start(ticking, is_paused)? }
        }
    })
}

/// Why the controllers do nothing on the virtual clock, if they were asked to.
fn resting_sentence(settings: &Settings) -> Option<String> {
    let is_asked = settings.rates.backpressure != Backpressure::Off || settings.auto_interval.is_on;
    is_asked.then(|| {
        "on the virtual clock no batch is ever late, and how long one takes must not change what it gives:          backpressure and automatic interval rest"
            .to_owned()
    })
}
