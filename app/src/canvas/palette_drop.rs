//! Dropping a kind from the palette: a ghost shows where the node will lie, a wire under it lights up and is interrupted.

use eframe::egui::{self, DragAndDrop, Pos2, Rect, Response, StrokeKind};
use weir_engine::nodes;
use weir_engine::spec::WireKey;

use super::boxes::{kind_title, size_of_new};
use super::edits;
use super::hit;
use super::text::{line, place, proportional, stepped};
use super::widget::Canvas;
use crate::action::{Action, Actions, PaletteDrag};
use crate::state::AppState;

/// Where a dragged kind would go.
#[derive(Debug, Clone)]
pub(crate) struct Ghost {
    kind: String,
    rect: Rect,
    /// The wire it would interrupt.
    pub(crate) onto: Option<WireKey>,
}

impl Canvas {
    /// Follows a dragged kind and adds its node on release.
    pub(super) fn palette_drop(&mut self, ui: &egui::Ui, response: &Response, state: &AppState, actions: &mut Actions) {
        self.ghost = None;
        let Some(drag) = DragAndDrop::payload::<PaletteDrag>(ui.ctx()) else { return };
        let Some(at) = ui.input(|input| input.pointer.interact_pos()) else { return };
        if !response.rect.contains(at) || ui.ctx().layer_id_at(at).is_some_and(|layer| layer != response.layer_id) {
            return;
        }
        let ghost = self.ghost_at(ui, &drag.kind, at, state);
        if ui.input(|input| input.pointer.any_released()) {
            DragAndDrop::clear_payload(ui.ctx());
            self.remember(&ghost.kind);
            actions.push(Action::AddNode { kind: ghost.kind, at: ghost.rect.min, wire_to: None, onto: ghost.onto });
        } else {
            self.ghost = Some(ghost);
        }
    }

    fn ghost_at(&mut self, ui: &egui::Ui, kind: &str, at: Pos2, state: &AppState) -> Ghost {
        let known = nodes::kind(kind);
        let size = known.map_or(egui::vec2(168.0, 48.0), |kind| size_of_new(ui, kind, &mut self.measure));
        let corner = self.view.to_world(at) - size / 2.0;
        let corner = if state.settings.snap_to_grid { edits::snapped(corner) } else { corner };
        let can_stand_between = known.is_some_and(|kind| !kind.inputs.is_empty() && !kind.outputs.is_empty());
        let onto = hit::wire_under(&self.scene, self.view, at)
            .filter(|_| can_stand_between && hit::node_under(&self.scene, self.view, &state.selection, at).is_none())
            .and_then(|hit| hit.wire().cloned());
        Ghost { kind: kind.to_owned(), rect: Rect::from_min_size(corner, size), onto }
    }

    /// Draws the ghost.
    pub(super) fn paint_ghost(&self, painter: &egui::Painter, state: &AppState) {
        let Some(ghost) = &self.ghost else { return };
        let theme = &state.theme;
        let zoom = self.view.zoom();
        let rect = self.view.rect_to_screen(ghost.rect);
        let known = nodes::kind(&ghost.kind);
        let color = known.map_or(theme.accent, |kind| theme.category(kind.category));
        let rounding = super::paint_node::ROUNDING * zoom;
        painter.rect_filled(rect, rounding, theme.surface.gamma_multiply(0.85));
        painter.rect_stroke(rect, rounding, egui::Stroke::new(1.5, color), StrokeKind::Inside);
        let title = known.map_or(ghost.kind.as_str(), |kind| kind_title(kind));
        let galley = line(painter, title, proportional(stepped(14.0, zoom).max(10.0)), theme.text, rect.width() - 8.0);
        place(painter, rect.center(), egui::Align2::CENTER_CENTER, galley, theme.text);
    }
}
