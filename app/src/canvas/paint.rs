//! What lies below and above nodes and wires: the grid, the rectangle of a selection, the empty state.

use eframe::egui::{self, Align2, Id, Mesh, Painter, Pos2, Rect, Stroke, StrokeKind, vec2};

use super::boxes::GRID;
use super::gesture::Gesture;
use super::text::{lines, place, proportional};
use super::widget::Canvas;
use crate::i18n::tr;
use crate::state::AppState;

/// Screen pixels between two dots of the grid: at least.
const LEAST_SPACING: f32 = 18.0;

impl Canvas {
    /// Dots on every few steps of the grid, as one mesh.
    pub(super) fn paint_grid(&self, painter: &Painter, state: &AppState) {
        let screen = self.view.screen();
        painter.rect_filled(screen, 0.0, state.theme.canvas);
        let mut step = GRID * 3.0;
        while step * self.view.zoom() < LEAST_SPACING {
            step *= 2.0;
        }
        let visible = self.view.visible();
        let first = ((visible.min.to_vec2() / step).floor() * step).to_pos2();
        let size = vec2(1.5, 1.5) * self.view.zoom().clamp(0.8, 1.6);
        let mut dots = Mesh::default();
        let mut y = first.y;
        while y <= visible.max.y {
            let mut x = first.x;
            while x <= visible.max.x {
                let at = self.view.to_screen(Pos2::new(x, y));
                dots.add_colored_rect(Rect::from_center_size(at, size), state.theme.grid);
                x += step;
            }
            y += step;
        }
        painter.add(dots);
    }

    /// The rectangle being drawn around what to select.
    pub(super) fn paint_selecting(&self, painter: &Painter, state: &AppState) {
        let Gesture::Selecting(selecting) = &self.gesture else { return };
        let rect = self.view.rect_to_screen(Rect::from_two_pos(selecting.from, selecting.to));
        painter.rect_filled(rect, 2.0, state.theme.accent.gamma_multiply(0.10));
        painter.rect_stroke(rect, 2.0, Stroke::new(1.0, state.theme.accent), StrokeKind::Inside);
    }

    /// What to do when there is nothing yet.
    pub(super) fn empty_ui(&self, ui: &egui::Ui, painter: &Painter, state: &AppState) {
        if !self.scene.nodes.is_empty() || !self.scene.frames.is_empty() {
            return;
        }
        let screen = self.view.screen();
        let width = (screen.width() - 64.0).clamp(80.0, 440.0);
        let center = screen.center();
        let title = lines(painter, tr("canvas.empty.title"), proportional(20.0), state.theme.text, width, 2);
        let title = place(painter, center - vec2(0.0, 8.0), Align2::CENTER_BOTTOM, title, state.theme.text);
        let hint = lines(painter, tr("canvas.empty.hint"), proportional(14.0), state.theme.text_weak, width, 6);
        let hint = place(painter, center + vec2(0.0, 8.0), Align2::CENTER_TOP, hint, state.theme.text_weak);
        let response = ui.interact(title.union(hint), Id::unique("weir canvas empty"), egui::Sense::hover());
        response.widget_info(|| {
            let text = format!("{} {}", tr("canvas.empty.title"), tr("canvas.empty.hint"));
            egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, text)
        });
    }
}
