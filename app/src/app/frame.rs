//! One frame of the window, from listening to applying.

use eframe::egui;
use weir_engine::analysis::analyse;

use super::WeirApp;
use crate::action::{Action, Actions};
use crate::edits::surviving;
use crate::panels::{self, DockContext};

impl WeirApp {
    /// Listens, draws, applies.
    pub(super) fn frame(&mut self, ui: &mut egui::Ui, window: Option<&eframe::Frame>) {
        let context = ui.ctx().clone();
        self.listen(&context);
        self.tend_staged();
        self.note_time(&context);
        self.look.apply(&context, &mut self.state);
        self.settle();
        let mut actions = std::mem::take(&mut self.pending);
        if !self.overlay.blocks_keys() {
            super::keys::collect(&context, &self.state, &mut actions);
        }
        dropped_files(&context, &mut actions);
        self.draw(ui, &mut actions);
        self.apply_all(&context, window, actions);
        self.settle();
        self.runner.sync(&self.state, panels::ports_of_interest(&self.state), &context);
        self.runner.foresee(&mut self.state, &context);
        self.documents.watch_dialog(&context, &mut self.files, &mut self.overlay);
        self.watch_pictures(&context, window);
        self.tend_window(&context);
        self.look_at_file(&context);
        self.keep_journal(&context);
        if !context.egui_is_using_pointer() {
            self.remember_settings();
        }
    }

    /// Takes in what the engine and the files answered since the last frame.
    pub(super) fn listen(&mut self, context: &egui::Context) {
        if self.runner.drain(&mut self.state.live) {
            context.request_repaint();
        }
        if let Some(wait) = self.state.live.diagnose(context.time()) {
            context.request_repaint_after(std::time::Duration::from_secs_f64(wait.max(0.01)));
        }
        self.tell_recorded(context);
        while let Some(event) = self.files.poll() {
            self.take_in(context, event);
        }
    }

    /// Notes when what takes time began.
    fn note_time(&mut self, context: &egui::Context) {
        let now = context.time();
        if self.state.live.is_active() {
            self.state.live.began_at.get_or_insert(now);
        }
        self.state.live.changing_since = self.runner.unanswered_since();
        if let Some(wait) = self.state.jobs.tick(now) {
            context.request_repaint_after(std::time::Duration::from_secs_f64(wait));
        }
    }

    /// Makes what is derived from the document fit it again.
    pub(super) fn settle(&mut self) {
        let revision = self.state.document.revision();
        if self.seen_revision == Some(revision) {
            return;
        }
        self.seen_revision = Some(revision);
        let pipeline = self.state.document.pipeline();
        if self.state.level.is_some_and(|open| pipeline.subflow(open).is_none()) {
            self.state.level = None;
        }
        self.state.selection = surviving(pipeline, &self.state.selection);
        if self.state.watched.as_ref().is_some_and(|port| pipeline.node(port.node).is_none()) {
            self.state.watched = None;
        }
        self.state.analysis = analyse(pipeline, &self.state.folder());
    }

    fn draw(&mut self, ui: &mut egui::Ui, actions: &mut Actions) {
        panels::menu_bar(ui, &self.state, actions);
        panels::toolbar(ui, &self.state, actions);
        panels::status_bar(ui, &self.state, self.runner.is_change_pending(&self.state), actions);
        let mut context = DockContext { state: &self.state, views: &mut self.views, actions };
        if self.dock.ui(ui, &mut context) {
            self.state.settings.layout = self.dock.to_value();
        }
        let home = self.documents.dialog_folder(&self.state);
        let mut answers = panels::OverlayAnswers::default();
        panels::overlay(ui.ctx(), &mut self.overlay, &self.state, &home, actions, &mut answers);
        panels::progress(ui.ctx(), &self.state, actions);
        self.toasts.ui(ui.ctx(), &self.state.theme);
        self.take_answers(ui.ctx(), answers);
    }

    /// The title, and whether the window may close.
    fn tend_window(&mut self, context: &egui::Context) {
        let mark = if self.state.document.is_dirty() { "• " } else { "" };
        let title = format!("{mark}{} — Weir", self.state.title());
        if self.look.title != title {
            context.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.look.title = title;
        }
        self.look.watch_place(context, &mut self.state.settings);
        let wants_to_close = context.input(|input| input.viewport().close_requested());
        if wants_to_close && !self.documents.may_close && self.state.document.is_dirty() {
            context.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.ask_or_proceed(context, None, super::documents::Intent::Quit);
        }
    }

    /// Writes the settings if they changed since they were last written.
    pub(super) fn remember_settings(&mut self) {
        if self.state.settings != self.saved_settings {
            let text = self.state.settings.to_text();
            if self.files.send(crate::files::FileRequest::WriteSettings(text)) {
                self.saved_settings = self.state.settings.clone();
            }
        }
    }
}

fn dropped_files(context: &egui::Context, actions: &mut Actions) {
    let dropped = context.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_path_buf()));
    if let Some(path) = dropped.filter(|path| !path.as_os_str().is_empty()) {
        actions.push(Action::OpenFile(path));
    }
}
