//! What each command of the table does.

use eframe::egui;
use weir_engine::pipeline::NodeMode;
use weir_engine::runtime::{ClockKind, Command as EngineCommand};

use super::WeirApp;
use super::apply::count_label;
use super::documents::Intent;
use crate::action::{Action, Actions, Selection};
use crate::command::Command;
use crate::edits;
use crate::i18n::{self, Language, tr};
use crate::panels::{Overlay, Pane, Tone};
use crate::settings::{ThemeChoice, WireStyle};

impl WeirApp {
    pub(super) fn command(
        &mut self,
        context: &egui::Context,
        window: Option<&eframe::Frame>,
        command: Command,
        caused: &mut Actions,
    ) {
        if self.views.canvas.command(command, &self.state, caused) {
            return;
        }
        match command {
            Command::New => self.ask_or_proceed(context, window, Intent::New),
            Command::Open => self.ask_or_proceed(context, window, Intent::OpenDialog),
            Command::Save => self.save(context, window),
            Command::SaveAs => self.save_as(context, window),
            Command::Quit => self.ask_or_proceed(context, window, Intent::Quit),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::Copy => self.copy(context),
            Command::Cut => self.cut(context),
            Command::Paste => context.send_viewport_cmd(egui::ViewportCommand::RequestPaste),
            Command::Duplicate => self.duplicate(),
            Command::Delete => self.delete(),
            Command::DeleteAndHeal => self.delete_and_heal(),
            Command::SelectAll => {
                self.state.selection = edits::select_all(self.state.document.pipeline(), self.state.level);
            }
            Command::Mute => self.toggle_mode(NodeMode::Muted),
            Command::Bypass => self.toggle_mode(NodeMode::Bypassed),
            Command::Group => self.group(),
            Command::Unpack => self.unpack(),
            Command::ExportSvg => self.export_svg(context, window),
            Command::ExportPng => self.export_png(context, window),
            Command::ToggleWires => self.toggle_wires(),
            Command::Outline => self.dock.show(Pane::Outline),
            Command::QuickAdd
            | Command::Frame
            | Command::Note
            | Command::Rename
            | Command::SelectUpstream
            | Command::SelectDownstream
            | Command::OpenSubflow
            | Command::LeaveSubflow
            | Command::AlignLeft
            | Command::AlignCenter
            | Command::AlignRight
            | Command::AlignTop
            | Command::AlignMiddle
            | Command::AlignBottom
            | Command::DistributeAcross
            | Command::DistributeDown
            | Command::AutoLayout
            | Command::Fit
            | Command::ZoomIn
            | Command::ZoomOut
            | Command::ZoomReset => {}
            Command::Run => self.run(context),
            Command::Pause => self.tell_engine(EngineCommand::Pause),
            Command::Step => self.step(context),
            Command::Stop => self.tell_engine(EngineCommand::Stop),
            Command::Live => self.state.live.shown_batch = None,
            Command::ShowCulprit => self.show_culprit(caused),
            Command::ToggleClock => self.toggle_clock(),
            Command::Record => self.record(context, window),
            Command::ReplayRecording => self.replay_recording(),
            Command::ClearProbes => self.clear_probes(),
            Command::ExportCsv => self.export_csv(context, window),
            Command::ExportPlots | Command::ExportTimeline => self.export_panel(context, command),
            Command::Welcome => self.overlay = Overlay::Welcome,
            Command::CommandPalette => self.overlay = Overlay::command_palette(),
            Command::Shortcuts => self.overlay = Overlay::Shortcuts,
            Command::Settings => self.overlay = Overlay::Settings,
            Command::About => self.overlay = Overlay::About,
            Command::ToggleTheme => self.toggle_theme(),
            Command::ToggleLanguage => self.toggle_language(),
        }
    }

    fn show_culprit(&self, caused: &mut Actions) {
        let held = self.state.live.held.as_ref().map(|held| held.0);
        let node = held.or_else(|| self.state.live.culprit.as_ref().map(|culprit| culprit.node));
        node.into_iter().for_each(|node| caused.push(Action::Reveal(node)));
    }

    fn clear_probes(&mut self) {
        self.state.probes.clear();
        self.state.live.probed.clear();
    }

    /// What is merely held is taken back first.
    fn undo(&mut self) {
        if self.state.staged.take().is_none() {
            self.state.document.undo();
        }
    }

    fn redo(&mut self) {
        self.state.document.redo();
    }

    fn copy(&self, context: &egui::Context) {
        if let Some(text) = edits::copy(self.state.document.pipeline(), &self.state.selection) {
            context.copy_text(text);
        }
    }

    fn cut(&mut self, context: &egui::Context) {
        self.copy(context);
        let count = self.state.selection.nodes.len() + self.state.selection.subflows.len();
        let label = count_label(tr("edit.cut_one"), "edit.cut_many", count);
        if let Some(edit) = edits::delete(self.state.document.pipeline(), &self.state.selection) {
            self.edit(label, edit);
        }
    }

    fn duplicate(&mut self) {
        if let Some(text) = edits::copy(self.state.document.pipeline(), &self.state.selection) {
            self.paste(&text, None);
        }
    }

    fn delete(&mut self) {
        let selection = &self.state.selection;
        let count = selection.nodes.len() + selection.wires.len() + selection.frames.len() + selection.subflows.len();
        let label = count_label(tr("edit.delete_one"), "edit.delete_many", count);
        if let Some(edit) = edits::delete(self.state.document.pipeline(), selection) {
            self.edit(label, edit);
        }
    }

    fn delete_and_heal(&mut self) {
        let count = self.state.selection.nodes.len();
        let label = count_label(tr("edit.heal_one"), "edit.heal_many", count);
        if let Some(edit) = edits::delete_and_heal(self.state.document.pipeline(), &self.state.selection) {
            self.edit(label, edit);
        }
    }

    fn toggle_mode(&mut self, mode: NodeMode) {
        let label = match mode {
            NodeMode::On => tr("edit.mode_on"),
            NodeMode::Muted => tr("edit.mute"),
            NodeMode::Bypassed => tr("edit.bypass"),
        };
        match edits::toggle_mode(self.state.document.pipeline(), &self.state.selection, mode) {
            Ok(Some(edit)) => _ = self.edit(label, edit),
            Ok(None) => {}
            Err(why) => self.toasts.queue(Tone::Error, why.to_owned()),
        }
    }

    fn group(&mut self) {
        let (selection, level) = (self.state.selection.clone(), self.state.level);
        let name = tr("canvas.subflow.new");
        if let Some((id, edit)) = edits::group(&mut self.state.document, &selection, level, name)
            && self.edit(tr("edit.group"), edit)
        {
            self.state.selection = Selection::subflow(id);
        }
    }

    fn unpack(&mut self) {
        let Some(id) = self.state.selection.subflows.first().copied() else { return };
        if let Some((held, edit)) = edits::unpack(self.state.document.pipeline(), id)
            && self.edit(tr("edit.unpack"), edit)
        {
            self.state.selection = held;
        }
    }

    fn toggle_wires(&mut self) {
        self.state.settings.wires = match self.state.settings.wires {
            WireStyle::Curved => WireStyle::Angular,
            WireStyle::Angular => WireStyle::Curved,
        };
    }

    fn run(&mut self, context: &egui::Context) {
        if self.can_run(context) && self.may_run(Command::Run) {
            let outcome = self.runner.run(&self.state, context);
            self.began(context, outcome);
        }
    }

    fn step(&mut self, context: &egui::Context) {
        if self.can_run(context) && self.may_run(Command::Step) {
            let outcome = self.runner.step(&self.state, context);
            self.began(context, outcome);
        }
    }

    /// A pipeline with errors is not sent: the list of them says more than the engine's refusal would.
    fn can_run(&mut self, context: &egui::Context) -> bool {
        self.settle();
        if self.state.analysis.is_runnable() {
            return true;
        }
        self.dock.show(Pane::Problems);
        self.toasts.add(context, Tone::Error, tr("run.has_problems").to_owned());
        false
    }

    /// A stranger's pipeline runs only after the person has seen and agreed to what it touches.
    fn may_run(&mut self, command: Command) -> bool {
        let touched = self.to_agree();
        if touched.is_empty() {
            return true;
        }
        self.overlay = Overlay::Agree { touched, command };
        false
    }

    fn began(&mut self, context: &egui::Context, outcome: Result<(), String>) {
        match outcome {
            Ok(()) if self.overlay.is_welcome() => self.overlay = Overlay::None,
            Ok(()) => {}
            Err(why) => self.toasts.add(context, Tone::Error, why),
        }
    }

    pub(super) fn tell_engine(&mut self, command: EngineCommand) {
        if let Err(why) = self.runner.send(command) {
            self.toasts.queue(Tone::Error, why);
        }
    }

    fn toggle_clock(&mut self) {
        self.state.pace.clock = match self.state.pace.clock {
            ClockKind::Wall => ClockKind::Virtual,
            ClockKind::Virtual => ClockKind::Wall,
        };
    }

    fn toggle_theme(&mut self) {
        self.state.settings.theme = if self.state.theme.is_dark { ThemeChoice::Light } else { ThemeChoice::Dark };
    }

    fn toggle_language(&mut self) {
        let other = match i18n::language() {
            Language::English => Language::Chinese,
            Language::Chinese | Language::Stretched => Language::English,
        };
        self.state.settings.language = Some(other.tag().to_owned());
    }
}
