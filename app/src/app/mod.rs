//! The application: owns the state, draws the views, applies what they ask for.
//!
//! One frame is: take in what the engine and the files answered, draw every view from the read-only state, then apply
//! the actions they collected, in order. Nothing else changes the document.

mod apply;
mod commands;
mod documents;
mod exports;
mod frame;
mod infer;
mod keys;
mod look;
mod picture;
mod recorder;
mod recover;
mod run;
mod services;
mod staging;
mod strangers;

use eframe::egui;
use weir_engine::pipeline::Document;

use crate::action::Actions;
use crate::canvas::Canvas;
use crate::command::Command;
use crate::files::Files;
use crate::inspector::Inspector;
use crate::live::LogLine;
use crate::panels::{Dock, Overlay, Panels, Toasts};
use crate::plots::Plots;
use crate::samples;
use crate::settings::Settings;
use crate::state::AppState;
use crate::timeline::Timeline;

pub(crate) use documents::Intent;
pub(crate) use look::LEAST_SIZE;
pub use services::{Engine, Services, StartEngine, start_real_engine};

/// The designer.
pub struct WeirApp {
    /// What the views read.
    pub state: AppState,
    views: Views,
    dock: Dock,
    overlay: Overlay,
    toasts: Toasts,
    files: Box<dyn Files>,
    documents: documents::Documents,
    journaling: recover::Journaling,
    runner: run::Runner,
    pictures: exports::Pictures,
    look: look::Look,
    /// Actions that came from outside the views: files dropped, commands of a test.
    pending: Actions,
    /// The document's revision that analysis and selection belong to.
    seen_revision: Option<u64>,
    saved_settings: Settings,
}

/// Every view with state of its own.
pub(crate) struct Views {
    pub(crate) canvas: Canvas,
    pub(crate) inspector: Inspector,
    pub(crate) plots: Plots,
    pub(crate) timeline: Timeline,
    pub(crate) panels: Panels,
}

impl WeirApp {
    /// The designer with the first sample, ready to run. Nothing runs yet, and no file is opened.
    pub fn new(services: Services) -> Self {
        let mut state = AppState::new(Document::default());
        state.settings = services.settings.clone();
        if let Some(note) = services.settings_note {
            state.live.note(LogLine {
                time: None,
                node: None,
                is_error: true,
                failed: None,
                message: crate::i18n::trf("log.settings_damaged", &[("why", &note)]),
            });
        }
        let mut app = Self {
            views: Views {
                canvas: Canvas::default(),
                inspector: Inspector::default(),
                plots: Plots::default(),
                timeline: Timeline::default(),
                panels: Panels::default(),
            },
            dock: Dock::new(state.settings.layout.as_ref()),
            overlay: Overlay::None,
            toasts: Toasts::default(),
            files: services.files,
            documents: documents::Documents::new(services.sample_folder, services.home),
            journaling: recover::Journaling::default(),
            runner: run::Runner::new(services.start_engine),
            pictures: exports::Pictures::default(),
            look: look::Look::new(services.system_language, services.preload_fonts),
            pending: Actions::default(),
            seen_revision: None,
            saved_settings: services.settings,
            state,
        };
        app.look.choose_language(&app.state.settings);
        app.show_sample(samples::FIRST);
        if app.state.settings.show_welcome {
            app.overlay = Overlay::Welcome;
        }
        app.look_for_lost_work();
        app
    }

    /// Opens this file first, instead of the welcome view.
    pub fn open_at_start(&mut self, path: std::path::PathBuf) {
        self.overlay = Overlay::None;
        self.pending.push(crate::action::Action::OpenFile(path));
    }

    /// Performs a command, as if it had been chosen from a menu; it takes effect in the next frame.
    pub fn perform(&mut self, command: Command) {
        self.pending.push(crate::action::Action::Command(command));
    }

    /// Asks for something as a view would; it takes effect in the next frame.
    pub fn ask(&mut self, action: crate::action::Action) {
        self.pending.push(action);
    }

    /// One frame, without a window around it.
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        self.frame(ui, None);
    }
}

impl eframe::App for WeirApp {
    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.frame(ui, Some(frame));
    }

    /// The window is hidden or about to be drawn: the engine must be listened to in both cases.
    fn logic(&mut self, context: &egui::Context, _frame: &mut eframe::Frame) {
        self.listen(context);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.runner.forget();
        self.remember_settings();
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
