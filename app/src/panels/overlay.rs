//! What lies over the whole window: at most one thing at a time.

use std::path::{Path, PathBuf};

use eframe::egui;
use weir_engine::analysis::NodeReach;
use weir_engine::pipeline::Edit;

use super::command_palette::CommandPalette;
use super::disk::DiskAnswer;
use super::file_dialog::FileDialog;
use super::recovered::RecoveredAnswer;
use super::unsaved::UnsavedAnswer;
use super::{about, agree, disk, lose, recovered, settings, shortcuts, unsaved, welcome};
use crate::action::Actions;
use crate::app::Intent;
use crate::command::Command;
use crate::files::{Lost, Purpose, Stamp};
use crate::staged::Held;
use crate::state::AppState;

/// Between a dialog's edge and its content.
const MARGIN: f32 = 16.0;

/// What lies over the window.
pub(crate) enum Overlay {
    /// Nothing.
    None,
    /// Samples and recent files.
    Welcome,
    /// All commands, by typing.
    CommandPalette(CommandPalette),
    /// All shortcuts.
    Shortcuts,
    /// What this program is.
    About,
    /// Whether to save before this is done.
    Unsaved(Intent),
    /// The in-app file dialog.
    File(FileDialog),
    /// What an earlier run left behind unsaved.
    Recovered(Vec<Lost>),
    /// The document's file was changed by someone else.
    Disk {
        /// What it holds now.
        now: Stamp,
        /// Whether it was noticed because the document was to be saved.
        while_saving: bool,
    },
    /// What a pipeline that was not made here would touch.
    Agree {
        /// All of it.
        touched: Vec<NodeReach>,
        /// How to run it then.
        command: Command,
    },
    /// An edit of the running pipeline that would lose state for good.
    Lose(Box<Held>),
    /// The program's settings.
    Settings,
}

/// What was answered in it.
#[derive(Debug, Default)]
pub(crate) struct OverlayAnswers {
    /// What becomes of unsaved changes before an intent.
    pub(crate) unsaved: Option<(Intent, UnsavedAnswer)>,
    /// A folder the file dialog wants to see, and the suffixes of the files in it.
    pub(crate) list: Option<(PathBuf, &'static [&'static str])>,
    /// A file was chosen: what for, and which.
    pub(crate) chosen: Option<(Purpose, PathBuf)>,
    /// What becomes of something an earlier run left behind.
    pub(crate) recovered: Option<RecoveredAnswer>,
    /// What becomes of a file that was changed to this by someone else.
    pub(crate) disk: Option<(Stamp, DiskAnswer)>,
    /// What a pipeline touches was agreed to; it is to be run this way.
    pub(crate) agreed: Option<Command>,
    /// State is given up for this step: its name, and the edit.
    pub(crate) given_up: Option<(String, Edit)>,
    /// A question was left without an answer.
    pub(crate) cancelled: bool,
    /// Whether the welcome view is to be shown at start.
    pub(crate) show_welcome: Option<bool>,
}

impl Overlay {
    /// The command palette, with nothing typed yet.
    pub(crate) fn command_palette() -> Self {
        Self::CommandPalette(CommandPalette::default())
    }

    /// Whether it is the welcome view.
    pub(crate) fn is_welcome(&self) -> bool {
        matches!(self, Self::Welcome)
    }

    /// Whether shortcuts wait until it is answered. The welcome view lets them pass: F5 runs.
    pub(crate) fn blocks_keys(&self) -> bool {
        match self {
            Self::None | Self::Welcome => false,
            Self::CommandPalette(_)
            | Self::Shortcuts
            | Self::About
            | Self::Unsaved(_)
            | Self::File(_)
            | Self::Recovered(_)
            | Self::Disk { .. }
            | Self::Agree { .. }
            | Self::Lose(_)
            | Self::Settings => true,
        }
    }
}

/// Draws it.
pub(crate) fn overlay(
    context: &egui::Context,
    overlay: &mut Overlay,
    state: &AppState,
    home: &Path,
    actions: &mut Actions,
    answers: &mut OverlayAnswers,
) {
    let is_done = match overlay {
        Overlay::None => false,
        Overlay::Welcome => welcome::ui(context, state, actions, answers),
        Overlay::CommandPalette(palette) => palette.ui(context, state, actions),
        Overlay::Shortcuts => shortcuts::ui(context, state),
        Overlay::About => about::ui(context, state),
        Overlay::Unsaved(intent) => unsaved::ui(context, state, intent, answers),
        Overlay::File(dialog) => dialog.ui(context, state, home, answers),
        Overlay::Recovered(lost) => recovered::ui(context, state, lost, answers),
        Overlay::Disk { now, while_saving } => disk::ui(context, state, *now, *while_saving, answers),
        Overlay::Agree { touched, command } => agree::ui(context, state, touched, *command, answers),
        Overlay::Lose(held) => lose::ui(context, state, held, answers),
        Overlay::Settings => settings::ui(context, state, actions),
    };
    if is_done {
        *overlay = Overlay::None;
    }
}

/// A dialog in the middle of the window with the rest dimmed; `true` if it was closed by Escape or a click beside it.
pub(super) fn modal(context: &egui::Context, name: &'static str, width: f32, add: impl FnOnce(&mut egui::Ui)) -> bool {
    let frame = egui::Frame::popup(&context.global_style()).inner_margin(MARGIN);
    let response = egui::Modal::new(egui::Id::unique(name)).frame(frame).show(context, |ui| {
        let room = ui.ctx().content_rect().size() - egui::vec2(64.0, 96.0) - egui::Vec2::splat(2.0 * MARGIN);
        ui.set_width(width.min(room.x.max(240.0)));
        // What is higher than the window scrolls: the way out is never beyond its edge.
        let height = room.y.max(160.0);
        let scrolled = egui::ScrollArea::vertical().max_height(height).min_scrolled_height(height);
        scrolled.auto_shrink([false, true]).show(ui, add);
    });
    response.should_close()
}

/// The answers at a dialog's foot, the usual one first and rightmost: one line, however high the window is.
pub(super) fn answers_ui(ui: &mut egui::Ui, add: impl FnOnce(&mut egui::Ui)) {
    let line = egui::vec2(ui.available_width(), ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(line, egui::Layout::right_to_left(egui::Align::Center), add);
}
