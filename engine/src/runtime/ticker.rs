//! The thread that cuts batches on time, also while an earlier one is still being computed.
//!
//! It alone owns the schedule. Late batches queue up to a bound or merge, as the settings say; at the bound nothing is
//! cut, so that sources fill up and hold their peers back. The bound is one of batches, of rows and of bytes.

use std::sync::Arc;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::control::Directions;
use super::cutter::{CutBatch, Schedule, Sources};
use super::queue::Queue;
use crate::pipeline::{Settings, Trigger, WhenLate};
use crate::plan::Clock;
use crate::spec::{Span, Timestamp};

/// Shortest time between two batches that follow each other as soon as possible.
const SOONEST: Span = Span::from_millis(10);

/// Batches that may wait whatever the settings say.
const MAX_WAITING: u32 = 4_096;

/// What the ticker is told.
pub enum TickCommand {
    /// A new plan: its sources, settings, and what the controllers make of them.
    Plan(Sources, Box<Settings>, Directions),
    /// Cut nothing until told.
    Pause,
    /// Go on.
    Resume,
    /// Cut one batch now.
    Step,
    /// A batch was computed; from now on the controllers say this.
    Done(Directions),
    /// Cut what has arrived as the last batch.
    Finish,
}

/// The ticker's thread, ended by dropping it.
pub struct Ticker {
    commands: Sender<TickCommand>,
    /// Batches to compute, in order.
    pub cuts: Receiver<CutBatch>,
}

/// What the thread does, apart from waiting.
pub struct Ticking {
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    sources: Sources,
    settings: Settings,
    queue: Arc<Queue>,
    is_paused: bool,
    /// The oldest and the latest tick that passed without a cut: the next batch covers both.
    missed: Option<(Timestamp, Timestamp)>,
    /// When the interval changed last: multiples of a shorter one that had passed by then were no ticks.
    changed: Timestamp,
    is_finished: bool,
}

impl Ticker {
    /// Starts ticking.
    pub fn start(mut ticking: Ticking, is_paused: bool) -> std::io::Result<Self> {
        let (commands, inbox) = bounded(1_024);
        // More than may wait: one is being computed, and a step or the end of the run cuts one without asking.
        let (cuts, outbox) = bounded(MAX_WAITING as usize + 8);
        ticking.is_paused = is_paused;
        std::thread::Builder::new().name("weir-ticks".to_owned()).spawn(move || ticking.run(&inbox, &cuts))?;
        Ok(Self { commands, cuts: outbox })
    }

    /// Tells the ticker something.
    pub fn tell(&self, command: TickCommand) {
        // The thread ends only when this sender is gone.
        let _ = self.commands.send(command);
    }
}

impl Ticking {
    /// Nothing has ticked yet.
    pub fn new(
        clock: Arc<dyn Clock>,
        schedule: Schedule,
        sources: Sources,
        settings: Settings,
        queue: Arc<Queue>,
    ) -> Self {
        let changed = schedule.last_tick;
        Self { clock, schedule, sources, settings, queue, is_paused: false, missed: None, changed, is_finished: false }
    }

    fn run(mut self, inbox: &Receiver<TickCommand>, cuts: &Sender<CutBatch>) {
        loop {
            let received = match self.due() {
                Some(due) => inbox.recv_timeout(due.since(self.clock.now()).to_std()),
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let cut = match received {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            for cut in cut {
                // Closed only when the run is over: then nobody wants it.
                let _ = cuts.send(cut);
            }
        }
    }

    /// When there is something to do; `None`: not until told.
    pub fn due(&self) -> Option<Timestamp> {
        if self.is_paused || self.is_finished {
            return None;
        }
        match self.settings.trigger {
            Trigger::Interval => Some(self.next_tick()),
            Trigger::AsSoonAsPossible if self.queue.is_empty() => Some(self.schedule.last_tick.plus(SOONEST)),
            Trigger::AsSoonAsPossible => None,
        }
    }

    /// Does what it is told, which may cut a batch.
    pub fn obey(&mut self, command: TickCommand) -> Vec<CutBatch> {
        let mut cuts = Vec::new();
        match command {
            TickCommand::Plan(sources, settings, directions) => {
                self.sources = sources;
                self.schedule.max_rows = settings.max_buffered_rows;
                self.settings = *settings;
                self.direct(&directions);
            }
            TickCommand::Pause => self.is_paused = true,
            TickCommand::Resume => {
                self.is_paused = false;
                self.skip_pause();
            }
            TickCommand::Step => {
                self.skip_pause();
                cuts.push(self.cut(self.just_now(), false));
            }
            TickCommand::Done(directions) => {
                self.direct(&directions);
                cuts.extend(self.catch_up());
            }
            TickCommand::Finish => {
                cuts.push(self.cut(self.just_now(), true));
                self.is_finished = true;
            }
        }
        cuts
    }

    fn direct(&mut self, directions: &Directions) {
        if directions.interval != self.schedule.interval {
            self.changed = self.clock.now().floor_to(directions.interval);
        }
        self.schedule.direct(directions);
    }

    /// Now, as a tick: after the last one.
    fn just_now(&self) -> Timestamp {
        self.clock.now().max(self.schedule.last_tick.plus(Span(1)))
    }

    /// Ticks that passed during a pause are no batches: what arrived then belongs to the next one.
    fn skip_pause(&mut self) {
        let latest = self.clock.now().floor_to(self.schedule.interval);
        self.schedule.last_tick = self.schedule.last_tick.max(latest);
        self.missed = None;
    }

    /// All ticks that are due.
    pub fn tick(&mut self) -> Vec<CutBatch> {
        let now = self.clock.now();
        let mut cuts = Vec::new();
        if self.settings.trigger == Trigger::AsSoonAsPossible {
            if self.queue.is_empty() && now >= self.schedule.last_tick.plus(SOONEST) {
                cuts.push(self.cut(now, false));
            }
            return cuts;
        }
        while self.next_tick() <= now {
            let tick = self.next_tick();
            if self.may_cut() {
                cuts.push(self.cut(tick, false));
            } else {
                let oldest = self.missed.map_or(tick, |(oldest, _)| oldest);
                self.missed = Some((oldest, now.floor_to(self.schedule.interval).max(tick)));
            }
        }
        cuts
    }

    fn next_tick(&self) -> Timestamp {
        let passed = self.missed.map_or(self.schedule.last_tick, |(_, latest)| latest);
        passed.floor_to(self.schedule.interval).plus(self.schedule.interval).max(self.changed)
    }

    /// Whether a batch cut now would find room: none is in flight, or late ones may queue and the queue has room.
    fn may_cut(&self) -> bool {
        if self.queue.is_empty() {
            return true;
        }
        match self.settings.when_late {
            WhenLate::Merge => false,
            WhenLate::Queue => {
                let waiting = self.queue.waiting();
                waiting.batches < self.settings.max_queued_batches.min(MAX_WAITING)
                    && waiting.most_rows < self.settings.max_buffered_rows
                    && self.buffered_bytes() < self.settings.max_buffered_bytes
            }
        }
    }

    /// What the sources hold in memory: rows for batches that are cut, and rows for none yet.
    fn buffered_bytes(&self) -> u64 {
        self.sources.values().map(|source| source.status().buffered_bytes).fold(0, u64::saturating_add)
    }

    /// Room has come: cut what waited, as one batch.
    fn catch_up(&mut self) -> Option<CutBatch> {
        let (_, latest) = self.missed?;
        (self.may_cut() && !self.is_paused && !self.is_finished).then(|| self.cut(latest, false))
    }

    fn cut(&mut self, tick: Timestamp, is_last: bool) -> CutBatch {
        let oldest = self.missed.take().map_or(tick, |(oldest, _)| oldest);
        let mut cut = self.schedule.cut(&self.sources, tick, oldest, self.clock.now());
        cut.is_last = is_last;
        self.queue.push(&cut);
        cut
    }
}
