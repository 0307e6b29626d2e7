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
use super::pace::{Pace, start_pace};
use super::queue::Queue;
use super::resources::Resources;
use super::rhythm::{live_source, resting_sentence};
use super::session::{Progress, Session};
use super::ticker::TickCommand;
use super::{ClockKind, Command, EngineOptions, Event, Probe, RunState, StopRule};
use crate::analysis::plan_pipeline;
use crate::pipeline::Pipeline;
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
    probes: Vec<Probe>,
    /// How many times as fast as real time the virtual clock runs; `None`: as fast as it can.
    speed: Option<f64>,
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
    /// Set when a probe met rows: batches that are cut already wait as well, and so many of them may still be computed.
    breaks: Option<u32>,
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
            probes: Vec::new(),
            speed: None,
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
            Command::Probe(probes) => {
                self.probes.clone_from(&probes);
                if let Some(run) = &mut self.run {
                    run.session.probe(probes);
                }
            }
            Command::Clock(clock) => self.options.clock = clock,
            Command::Speed(speed) => self.speed = speed,
            Command::Record(recording) => {
                if let Some(run) = &mut self.run {
                    run.session.record(recording, self.emit);
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
            run.breaks = None;
            run.tell(TickCommand::Resume);
            self.set_state(RunState::Running);
        }
        if let (RunState::Paused, Some(run)) = (wanted, &mut self.run) {
            match &mut run.pace {
                Pace::Wall { .. } if run.breaks.is_some() && !run.queue.is_empty() => run.breaks = Some(1),
                Pace::Wall { ticker } => {
                    run.breaks = run.breaks.map(|_| 1);
                    ticker.tell(TickCommand::Step);
                }
                Pace::Virtual { step, .. } => *step = true,
            }
        }
    }

    fn start(&mut self, pipeline: Arc<Pipeline>, is_paused: bool) {
        let planned = plan_pipeline(&pipeline, &self.options.folder);
        if let Some(problem) = live_source(self.options.clock, &planned) {
            (self.emit)(Event::Refused(Arc::new(vec![problem])));
            return;
        }
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
        session.probe(self.probes.clone());
        session.glimpse(self.options.glimpsed_rows);
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
                    breaks: None,
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
        run.breaks = None;
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
            let Ok(command) = self.commands.recv() else { return false };
            self.obey(command);
            return true;
        };
        if let Some(wait) = run.retry {
            return self.retry(wait);
        }
        let mut due_in = None;
        let cut = match &mut run.pace {
            Pace::Virtual { clock, schedule, step, rhythm } => {
                let steps = std::mem::take(step);
                let go = run.state != RunState::Paused || steps;
                if go && !steps && !run.is_stopping {
                    due_in = rhythm.wait(schedule.interval, self.speed);
                }
                if go && due_in.is_none() {
                    rhythm.tick();
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
            None => self.wait(due_in),
        }
    }

    /// Waits for a command, a plan or a batch, at most until the virtual clock's next tick.
    fn wait(&mut self, at_most: Option<Duration>) -> bool {
        let Some(run) = &self.run else { return true };
        let cuts = match &run.pace {
            Pace::Wall { ticker } if run.breaks != Some(0) => ticker.cuts.clone(),
            Pace::Wall { .. } | Pace::Virtual { .. } => never(),
        };
        let results = run.compiler.results.clone();
        let tick = at_most.map_or_else(never, crossbeam_channel::after);
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
            recv(tick) -> _ => true,
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
        run.breaks = run.breaks.map(|left| left.saturating_sub(1));
        run.tell(TickCommand::Done(run.session.directions()));
        self.outcome.batches = run.batches;
        self.outcome.failed |= run.session.has_failures();
        let is_met = run.session.take_probe_met();
        let is_over = is_last || run.is_over(&self.options.stop, tick);
        if is_met && !is_over && run.state == RunState::Running {
            run.breaks = Some(0);
            run.tell(TickCommand::Pause);
            self.set_state(RunState::Paused);
        }
        if is_over {
            self.end_run();
        }
    }

    fn end_run(&mut self) {
        if let Some(mut run) = self.run.take() {
            self.outcome.failed |= run.session.has_failures();
            run.session.record(None, self.emit);
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

    fn is_over(&mut self, rule: &StopRule, tick: Timestamp) -> bool {
        rule.batches.is_some_and(|batches| self.batches >= batches)
            || rule.span.is_some_and(|span| tick.since(self.started) >= span)
            || (rule.until_done
                && self.session.sources_are_done()
                && !self.session.wants_another_batch()
                && self.queue.is_empty()
                && !(rule.flush && self.session.flush()))
    }
}
