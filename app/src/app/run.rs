//! The engine, driven: started at the first run, told of every edit that matters, listened to in every frame.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui;
use weir_engine::pipeline::Pipeline;
use weir_engine::runtime::{ClockKind, Command, EngineOptions, Event, Probe, Recording, RunState, preview_change};
use weir_engine::spec::PortRef;

use super::services::{Engine, StartEngine};
use crate::live::Live;
use crate::state::{AppState, Pace};

/// Events taken in per frame, so that a fast engine cannot hold up the window.
const EVENTS_PER_FRAME: usize = 512;
/// The window is redrawn at most this often for the engine's sake.
const REDRAW_EVERY: Duration = Duration::from_millis(33);

/// A change that is under way for so long is foreseen: what it will do to state.
const FORESEE_AFTER_SECS: f64 = 0.25;

/// Rows of every port that are kept of each batch.
const GLIMPSED_ROWS: usize = 24;

/// Starts, feeds and hears the engine.
pub(super) struct Runner {
    start: StartEngine,
    running: Option<Running>,
}

struct Running {
    engine: Box<dyn Engine>,
    /// The folder it was started for.
    folder: PathBuf,
    /// The document's meaning it was last told of.
    told_meaning: Option<u64>,
    /// The pipeline it was last told of, and when.
    told: Option<(Arc<Pipeline>, f64)>,
    /// Whether it was worked out what that will do.
    is_foreseen: bool,
    /// Whether it has neither applied nor refused that yet.
    is_unanswered: bool,
    /// The ports it was last told to preview.
    told_ports: Option<Vec<PortRef>>,
    /// The probes it was last told of.
    told_probes: Vec<Probe>,
    /// The pace it was last told of.
    told_pace: Pace,
    /// What it was last told to record.
    told_recording: Option<Recording>,
}

impl Runner {
    pub(super) fn new(start: StartEngine) -> Self {
        Self { start, running: None }
    }

    /// Runs or resumes.
    pub(super) fn run(&mut self, state: &AppState, context: &egui::Context) -> Result<(), String> {
        self.send_pipeline(state, context, Command::Run)
    }

    /// One batch.
    pub(super) fn step(&mut self, state: &AppState, context: &egui::Context) -> Result<(), String> {
        self.send_pipeline(state, context, Command::Step)
    }

    /// Holds or ends the run.
    pub(super) fn send(&mut self, command: Command) -> Result<(), String> {
        match &self.running {
            Some(running) if !running.engine.send(command) => Err(crate::i18n::tr("run.busy").to_owned()),
            Some(_) | None => Ok(()),
        }
    }

    fn send_pipeline(
        &mut self,
        state: &AppState,
        context: &egui::Context,
        command: fn(Arc<Pipeline>) -> Command,
    ) -> Result<(), String> {
        let running = self.running_for(state, context)?;
        running.tell_pace(state);
        running.tell_probes(state);
        let pipeline = Arc::new(state.document.pipeline().clone());
        if !running.engine.send(command(Arc::clone(&pipeline))) {
            return Err(crate::i18n::tr("run.busy").to_owned());
        }
        running.told_meaning = Some(state.document.meaning_revision());
        running.told = Some((pipeline, context.time()));
        Ok(())
    }

    /// The engine of this document's folder, started if need be.
    fn running_for(&mut self, state: &AppState, context: &egui::Context) -> Result<&mut Running, String> {
        let folder = state.folder();
        let running = if let Some(running) = self.running.take().filter(|running| running.folder == folder) {
            running
        } else {
            let options = EngineOptions {
                folder: folder.clone(),
                clock: state.pace.clock,
                glimpsed_rows: GLIMPSED_ROWS,
                ..EngineOptions::default()
            };
            let context = context.clone();
            let waker = Arc::new(move || context.request_repaint_after(REDRAW_EVERY));
            let engine = (self.start)(options, waker)
                .map_err(|error| crate::i18n::trf("run.no_engine", &[("why", &error.to_string())]))?;
            let told_pace = Pace { clock: state.pace.clock, speed: None };
            Running {
                engine,
                folder,
                told_meaning: None,
                told: None,
                is_foreseen: false,
                is_unanswered: false,
                told_ports: None,
                told_probes: Vec::new(),
                told_pace,
                told_recording: None,
            }
        };
        Ok(self.running.insert(running))
    }

    /// Takes in what the engine told; `true` if there is more.
    pub(super) fn drain(&mut self, live: &mut Live) -> bool {
        let Some(running) = &mut self.running else { return false };
        for _ in 0..EVENTS_PER_FRAME {
            match running.engine.try_event() {
                Some(event) => {
                    let is_applied = matches!(event, Event::Applied(_));
                    if is_applied || matches!(event, Event::Refused(_) | Event::State(RunState::Stopped)) {
                        running.is_unanswered = false;
                        live.outlook = None;
                    }
                    live.absorb(event);
                    // A run begins with the pipeline it was told of.
                    if (is_applied || (live.running.is_none() && live.is_active()))
                        && let Some((pipeline, _)) = &running.told
                    {
                        live.runs(Arc::clone(pipeline));
                    }
                }
                None => return false,
            }
        }
        true
    }

    /// Works out what the change under way will do to state, once it has rested for a moment: a drag that changes it
    /// in every frame costs nothing.
    pub(super) fn foresee(&mut self, state: &mut AppState, context: &egui::Context) {
        let Some(running) = self.running.as_mut().filter(|running| running.is_unanswered) else { return };
        let (Some((told, since)), false) = (&running.told, running.is_foreseen) else { return };
        let wait = since + FORESEE_AFTER_SECS - context.time();
        if wait > 0.0 {
            context.request_repaint_after(Duration::from_secs_f64(wait));
            return;
        }
        running.is_foreseen = true;
        let report = state.live.history.latest();
        let holds_state = report.is_some_and(|report| report.nodes.iter().any(|node| node.state_rows > 0));
        if let Some(before) = state.live.running.as_deref().filter(|_| holds_state) {
            state.live.outlook = Some(preview_change(before, told, &running.folder, report.map(AsRef::as_ref)));
        }
    }

    /// Tells the engine what changed: at most one new pipeline and one new choice of ports per frame. What it was too
    /// busy to take is told again in a later frame.
    pub(super) fn sync(&mut self, state: &AppState, ports: Vec<PortRef>, context: &egui::Context) {
        let Some(running) = &mut self.running else { return };
        if !state.live.is_active() {
            return;
        }
        let is_told = running.tell_pace(state) && running.tell_probes(state) && running.tell_recording(state);
        if !is_told {
            context.request_repaint_after(REDRAW_EVERY);
        }
        let meaning = state.document.meaning_revision();
        if running.told_meaning != Some(meaning) {
            let pipeline = Arc::new(state.document.pipeline().clone());
            if running.engine.send(Command::Apply(Arc::clone(&pipeline))) {
                running.is_unanswered = true;
                running.is_foreseen = false;
                running.told = Some((pipeline, context.time()));
                running.told_meaning = Some(meaning);
            } else {
                context.request_repaint_after(REDRAW_EVERY);
            }
        }
        if running.told_ports.as_ref() != Some(&ports) {
            if running.engine.send(Command::Select(ports.clone())) {
                running.told_ports = Some(ports);
            } else {
                context.request_repaint_after(REDRAW_EVERY);
            }
        }
    }

    /// Whether the running engine has not yet answered to the document's last change.
    pub(super) fn is_change_pending(&self, state: &AppState) -> bool {
        let Some(running) = self.running.as_ref().filter(|_| state.live.is_active()) else { return false };
        running.told_meaning != Some(state.document.meaning_revision()) || running.is_unanswered
    }

    /// When the engine was told of the change it has not answered to yet.
    pub(super) fn unanswered_since(&self) -> Option<f64> {
        let running = self.running.as_ref().filter(|running| running.is_unanswered)?;
        running.told.as_ref().map(|(_, at)| *at)
    }

    /// Ends the engine at once: another document takes its place.
    pub(super) fn forget(&mut self) {
        self.running = None;
    }
}

impl Running {
    /// `false` if the engine was too busy to hear it.
    fn tell_pace(&mut self, state: &AppState) -> bool {
        // The wall clock has a speed of its own.
        let pace = match state.pace.clock {
            ClockKind::Wall => Pace { speed: None, ..state.pace },
            ClockKind::Virtual => state.pace,
        };
        if self.told_pace.clock != pace.clock {
            if !self.engine.send(Command::Clock(pace.clock)) {
                return false;
            }
            self.told_pace.clock = pace.clock;
        }
        if self.told_pace.speed != pace.speed {
            if !self.engine.send(Command::Speed(pace.speed)) {
                return false;
            }
            self.told_pace.speed = pace.speed;
        }
        true
    }

    fn tell_probes(&mut self, state: &AppState) -> bool {
        let probe =
            |(port, expression): (&PortRef, &String)| Probe { port: port.clone(), expression: expression.clone() };
        let probes: Vec<_> = state.probes.iter().map(probe).collect();
        if self.told_probes != probes {
            if !self.engine.send(Command::Probe(probes.clone())) {
                return false;
            }
            self.told_probes = probes;
        }
        true
    }

    fn tell_recording(&mut self, state: &AppState) -> bool {
        if self.told_recording != state.recording {
            if !self.engine.send(Command::Record(state.recording.clone())) {
                return false;
            }
            self.told_recording.clone_from(&state.recording);
        }
        true
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
