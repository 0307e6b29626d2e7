//! The instruments: plots per batch, always with the batch interval drawn, and the verdict in words.

use eframe::egui;

use crate::action::Actions;
use crate::state::AppState;

/// The plots' own state: what span is in view.
#[derive(Debug, Default)]
pub struct Plots {}

impl Plots {
    /// Draws the plots.
    pub fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let _ = (ui, state, actions);
    }
}

/// One line for the toolbar: headroom and stability in words, with a small gauge.
pub fn headroom_ui(ui: &mut egui::Ui, state: &AppState) {
    let _ = (ui, state);
}
