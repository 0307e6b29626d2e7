//! The thread that cuts batches on time, also while an earlier one is still being computed.
//!
//! It alone owns the schedule. Late batches queue up to a bound or merge, as the settings say; at the bound nothing is
//! cut, so that sources fill up and hold their peers back.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::cutter::{CutBatch, Schedule, Sources};
use crate::pipeline::{Settings, Trigger, WhenLate};
use crate::plan::Clock;
use crate::spec::{Span, Timestamp};

/// Shortest time between two batches that follow each other as soon as possible.
const SOONEST: Span = Span::from_millis(10);

/// Batches that may wait whatever the settings say.
const MAX_IN_FLIGHT: u32 = 4_096;

/// What the ticker is told.
pub enum TickCommand {
    /// A new plan: its sources and settings.
    Plan(Sources, Settings),
    /// Cut nothing until told.
    Pause,
    /// Go on.
    Resume,
    /// Cut one batch now.
    Step,
    /// A batch was computed.
    Done,
    /// Cut what has arrived as the last batch.
    Finish,
}

/// The ticker's thread, ended by dropping it.
pub struct Ticker {
    commands: Sender<TickCommand>,
    /// Batches to compute, in order.
    pub cuts: Receiver<CutBatch>,
}

struct State {
    clock: Arc<dyn Clock>,
    cuts: Sender<CutBatch>,
    schedule: Schedule,
    sources: Sources,
    settings: Settings,
    is_paused: bool,
    /// Batches cut and not yet computed.
    in_flight: u32,
    /// The oldest and the latest tick that passed without a cut: the next batch covers both.
    missed: Option<(Timestamp, Timestamp)>,
    is_finished: bool,
}

impl Ticker {
    /// Starts ticking.
    pub fn start(
        clock: Arc<dyn Clock>,
        schedule: Schedule,
        sources: Sources,
        settings: Settings,
        is_paused: bool,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = bounded(1_024);
        let (cuts, outbox) = bounded(MAX_IN_FLIGHT as usize + 8);
        let state = State {
            clock,
            cuts,
            schedule,
            sources,
            settings,
            is_paused,
            in_flight: 0,
            missed: None,
            is_finished: false,
        };
        std::thread::Builder::new().name("weir-ticks".to_owned()).spawn(move || state.run(&inbox))?;
        Ok(Self { commands, cuts: outbox })
    }

    /// Tells the ticker something.
    pub fn tell(&self, command: TickCommand) {
        // The thread ends only when this sender is gone.
        let _ = self.commands.send(command);
    }
}

impl State {
    fn run(mut self, inbox: &Receiver<TickCommand>) {
        loop {
            let received = match self.wait() {
                Some(wait) => inbox.recv_timeout(wait),
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match received {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// How long until there is something to do; `None`: until told.
    fn wait(&self) -> Option<Duration> {
        if self.is_paused || self.is_finished {
            return None;
        }
        let next = match self.settings.trigger {
            Trigger::Interval => self.next_tick(),
            Trigger::AsSoonAsPossible if self.in_flight == 0 => self.schedule.last_tick.plus(SOONEST),
            Trigger::AsSoonAsPossible => return None,
        };
        Some(next.since(self.clock.now()).to_std())
    }

    fn obey(&mut self, command: TickCommand) {
        match command {
            TickCommand::Plan(sources, settings) => {
                self.sources = sources;
                self.schedule.interval = settings.interval;
                self.schedule.max_rows = settings.max_buffered_rows;
                self.settings = settings;
            }
            TickCommand::Pause => self.is_paused = true,
            TickCommand::Resume => {
                self.is_paused = false;
                self.skip_pause();
            }
            TickCommand::Step => {
                self.skip_pause();
                let now = self.clock.now();
                self.cut(now.max(self.schedule.last_tick.plus(Span(1))), false);
            }
            TickCommand::Done => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.catch_up();
            }
            TickCommand::Finish => {
                let now = self.clock.now();
                self.cut(now.max(self.schedule.last_tick.plus(Span(1))), true);
                self.is_finished = true;
            }
        }
    }

    /// Ticks that passed during a pause are no batches: what arrived then belongs to the next one.
    fn skip_pause(&mut self) {
        let latest = self.clock.now().floor_to(self.settings.interval);
        self.schedule.last_tick = self.schedule.last_tick.max(latest);
        self.missed = None;
    }

    /// All ticks that are due.
    fn tick(&mut self) {
        let now = self.clock.now();
        if self.settings.trigger == Trigger::AsSoonAsPossible {
            if now >= self.schedule.last_tick.plus(SOONEST) {
                self.cut(now, false);
            }
            return;
        }
        while self.next_tick() <= now {
            let tick = self.next_tick();
            if self.may_cut() {
                self.cut(tick, false);
            } else {
                let oldest = self.missed.map_or(tick, |(oldest, _)| oldest);
                self.missed = Some((oldest, now.floor_to(self.settings.interval).max(tick)));
            }
        }
    }

    fn next_tick(&self) -> Timestamp {
        let passed = self.missed.map_or(self.schedule.last_tick, |(_, latest)| latest);
        passed.floor_to(self.settings.interval).plus(self.settings.interval)
    }

    fn may_cut(&self) -> bool {
        match self.settings.when_late {
            WhenLate::Queue => self.in_flight < self.settings.max_queued_batches.min(MAX_IN_FLIGHT),
            WhenLate::Merge => self.in_flight == 0,
        }
    }

    /// Room has come: cut what waited, as one batch.
    fn catch_up(&mut self) {
        if let Some((_, latest)) = self.missed
            && self.may_cut()
            && !self.is_paused
            && !self.is_finished
        {
            self.cut(latest, false);
        }
    }

    fn cut(&mut self, tick: Timestamp, is_last: bool) {
        let oldest = self.missed.take().map_or(tick, |(oldest, _)| oldest);
        let mut cut = self.schedule.cut(&self.sources, tick, oldest, self.clock.now());
        cut.is_last = is_last;
        self.in_flight += 1;
        // The channel holds more than may be in flight. It is closed only when the run is over: then nobody wants it.
        let _ = self.cuts.send(cut);
    }
}
