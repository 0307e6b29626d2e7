//! The canvas: the graph as a picture that can be edited.

use eframe::egui;

use crate::action::Actions;
use crate::command::Command;
use crate::state::AppState;

/// The canvas' own state: what is in view and what the pointer is doing. The graph is not here.
#[derive(Debug, Default)]
pub struct Canvas {}

impl Canvas {
    /// Draws the graph and turns gestures into actions.
    pub fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let _ = (ui, state, actions);
    }

    /// Performs a command of the view or of the selection; `false` if it is not the canvas' to perform.
    pub fn command(&mut self, command: Command, state: &AppState, actions: &mut Actions) -> bool {
        let _ = (command, state, actions);
        false
    }

    /// Brings a node into view.
    pub fn reveal(&mut self, node: weir_engine::spec::NodeId) {
        let _ = node;
    }

    /// The world position in the middle of the view, where nodes added without a pointer go.
    pub fn center(&self) -> egui::Pos2 {
        egui::Pos2::ZERO
    }
}
