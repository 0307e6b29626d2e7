//! The inspector: the selected node's parameters, generated from its kind's specs.

use eframe::egui;

use crate::action::Actions;
use crate::state::AppState;

/// The inspector's own state: half-typed text and which section is open.
#[derive(Debug, Default)]
pub struct Inspector {}

impl Inspector {
    /// Draws the inspector for the selection.
    pub fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let _ = (ui, state, actions);
    }
}
