//! The engine, driven: started at the first run, told of every edit that matters, listened to in every frame.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui;
use weir_engine::runtime::{Command, EngineOptions};
use weir_engine::spec::PortRef;

use super::services::{Engine, StartEngine};
use crate::live::Live;
use crate::state::AppState;

/// Events taken in per frame, so that a fast engine cannot hold up the window.
const EVENTS_PER_FRAME: usize = 512;
/// The window is redrawn at most this often for the engine's sake.
const REDRAW_EVERY: Duration = Duration::from_millis(33);

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
    /// The ports it was last told to preview.
    told_ports: Option<Vec<PortRef>>,
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
        command: fn(Arc<weir_engine::pipeline::Pipeline>) -> Command,
    ) -> Result<(), String> {
        let running = self.running_for(state, context)?;
        if !running.engine.send(command(Arc::new(state.document.pipeline().clone()))) {
            return Err(crate::i18n::tr("run.busy").to_owned());
        }
        running.told_meaning = Some(state.document.meaning_revision());
        Ok(())
    }

    /// The engine of this document's folder, started if need be.
    fn running_for(&mut self, state: &AppState, context: &egui::Context) -> Result<&mut Running, String> {
        let folder = state.folder();
        let running = if let Some(running) = self.running.take().filter(|running| running.folder == folder) {
            running
        } else {
            let options = EngineOptions { folder: folder.clone(), ..EngineOptions::default() };
            let context = context.clone();
            let waker = Arc::new(move || context.request_repaint_after(REDRAW_EVERY));
            let engine = (self.start)(options, waker)
                .map_err(|error| crate::i18n::trf("run.no_engine", &[("why", &error.to_string())]))?;
            Running { engine, folder, told_meaning: None, told_ports: None }
        };
        Ok(self.running.insert(running))
    }

    /// Takes in what the engine told; `true` if there is more.
    pub(super) fn drain(&mut self, live: &mut Live) -> bool {
        let Some(running) = &self.running else { return false };
        for _ in 0..EVENTS_PER_FRAME {
            match running.engine.try_event() {
                Some(event) => live.absorb(event),
                None => return false,
            }
        }
        true
    }

    /// Tells the engine what changed: at most one new pipeline and one new choice of ports per frame. What it was too
    /// busy to take is told again in a later frame.
    pub(super) fn sync(&mut self, state: &AppState, ports: Vec<PortRef>, context: &egui::Context) {
        let Some(running) = &mut self.running else { return };
        if !state.live.is_active() {
            return;
        }
        let meaning = state.document.meaning_revision();
        if running.told_meaning != Some(meaning) {
            let pipeline = Arc::new(state.document.pipeline().clone());
            if running.engine.send(Command::Apply(pipeline)) {
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

    /// Ends the engine at once: another document takes its place.
    pub(super) fn forget(&mut self) {
        self.running = None;
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
