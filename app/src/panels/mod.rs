//! The panels around the canvas, and what lies over all of them: dialogs, welcome view, command palette, toasts.

mod about;
mod agree;
mod batches;
mod command_palette;
mod control;
mod data;
mod disk;
mod dock;
mod file_dialog;
mod log;
mod lose;
mod menu;
mod outline;
mod overlay;
mod palette;
mod problems;
mod progress;
mod recovered;
mod settings;
mod shortcuts;
mod status;
mod toasts;
mod toolbar;
mod unsaved;
mod waterfall;
mod welcome;
mod why;

pub(crate) use control::{backpressure_facts, interval_facts, limit_facts, move_label};
pub(crate) use data::ports_of_interest;
pub(crate) use disk::DiskAnswer;
pub(crate) use dock::{Dock, DockContext, Pane};
pub(crate) use file_dialog::FileDialog;
pub(crate) use menu::menu_bar;
pub(crate) use overlay::{Overlay, OverlayAnswers, overlay};
pub(crate) use progress::ui as progress;
pub(crate) use recovered::RecoveredAnswer;
pub(crate) use status::{culprit_sentence, status_bar};
pub(crate) use toasts::{Toasts, Tone};
pub(crate) use toolbar::{grouped, toolbar};
pub(crate) use unsaved::UnsavedAnswer;
pub(crate) use why::{line as why_line, silent_ui as why_silent_ui};

/// The panels with state of their own.
#[derive(Debug, Default)]
pub(crate) struct Panels {
    palette: palette::Palette,
    outline: outline::Outline,
    data: data::Data,
    log: log::Log,
}
