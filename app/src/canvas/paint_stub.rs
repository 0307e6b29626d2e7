//! What leads out of an open subflow: a short dashed end at the pin, with the names of what lies beyond.

use eframe::egui::{Align2, Painter, Rect, Shape, Stroke, StrokeKind, vec2};

use super::scene::Side;
use super::text::{line, place, proportional, stepped};
use super::widget::Canvas;
use crate::state::AppState;

/// Length of the end, in world units.
const REACH: f32 = 28.0;
const SIZE: f32 = 11.0;
/// The widest pill, in world units.
const MAX_WIDTH: f32 = 132.0;

impl Canvas {
    /// Draws the ends of wires that cross the border.
    pub(super) fn paint_stubs(&self, painter: &Painter, state: &AppState) {
        let theme = &state.theme;
        let (zoom, visible) = (self.view.zoom(), self.view.visible().expand(REACH + MAX_WIDTH));
        for stub in &self.scene.stubs {
            let Some(at) = self.scene.port_at(stub.side, &stub.port).filter(|at| visible.contains(*at)) else {
                continue;
            };
            let at = self.view.to_screen(at);
            let (direction, align) = match stub.side {
                Side::Input => (-1.0, Align2::RIGHT_CENTER),
                Side::Output => (1.0, Align2::LEFT_CENTER),
            };
            let end = at + vec2(direction * REACH * zoom, 0.0);
            painter.extend(Shape::dashed_line(&[at, end], Stroke::new(1.5, theme.wire), 4.0, 3.0));
            let font = proportional(stepped(SIZE, zoom).max(8.0));
            let names = line(painter, &stub.names.join(", "), font, theme.text_weak, MAX_WIDTH * zoom.max(0.6));
            let text = align.anchor_size(end + vec2(direction * 6.0, 0.0), names.size());
            let pill: Rect = text.expand2(vec2(6.0, 2.0));
            painter.rect(pill, pill.height() / 2.0, theme.surface, Stroke::new(1.0, theme.border), StrokeKind::Inside);
            place(painter, text.center(), Align2::CENTER_CENTER, names, theme.text_weak);
        }
    }
}
