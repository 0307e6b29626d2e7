//! Frames: titled rectangles behind the nodes, with a note inside.

use eframe::egui::{Align2, Painter, Stroke, StrokeKind, pos2, vec2};

use super::gesture::Gesture;
use super::hit::Hit;
use super::scene::FrameBox;
use super::text::{line, lines, place, proportional, stepped};
use super::widget::Canvas;
use crate::state::AppState;

const TITLE: f32 = 14.0;
const NOTE: f32 = 12.5;
/// Smallest size a text is still drawn at.
const LEGIBLE: f32 = 5.0;

impl Canvas {
    /// Draws the visible frames.
    pub(super) fn paint_frames(&self, painter: &Painter, state: &AppState) {
        let visible = self.view.visible();
        for frame in self.scene.frames.iter().filter(|frame| visible.intersects(frame.rect)) {
            self.paint_frame(painter, frame, state);
        }
    }

    fn paint_frame(&self, painter: &Painter, frame: &FrameBox, state: &AppState) {
        let theme = &state.theme;
        let zoom = self.view.zoom();
        let rect = self.view.rect_to_screen(frame.rect);
        let rounding = 10.0 * zoom;
        let is_selected = state.selection.frames.contains(&frame.id);
        let is_hovered = matches!(&self.hover, Hit::FrameTitle(id) | Hit::FrameCorner(id) if *id == frame.id);
        let stroke = if is_selected {
            Stroke::new(2.0, theme.accent)
        } else if is_hovered {
            Stroke::new(1.0, theme.text_weak)
        } else {
            Stroke::new(1.0, theme.border)
        };
        painter.rect_filled(rect, rounding, theme.surface_raised.gamma_multiply(0.45));
        painter.rect_stroke(rect, rounding, stroke, StrokeKind::Inside);
        let inset = 12.0 * zoom;
        let width = rect.width() - 2.0 * inset;
        // A title stays legible when zoomed out: it is what one navigates by.
        let title_size = stepped(TITLE, zoom).max(10.0_f32.min(rect.height() * 0.5));
        if title_size >= LEGIBLE {
            let title = line(painter, &frame.title, proportional(title_size), theme.text, width);
            let at = pos2(rect.left() + inset, rect.top() + (16.0 * zoom).max(title_size * 0.7));
            place(painter, at, Align2::LEFT_CENTER, title, theme.text);
        }
        let note_size = stepped(NOTE, zoom);
        if note_size >= LEGIBLE && !frame.note.is_empty() {
            let rows = super::minimap::to_rows((rect.height() - 44.0 * zoom) / (note_size * 1.35));
            let note = lines(painter, &frame.note, proportional(note_size), theme.text_weak, width, rows);
            place(painter, rect.min + vec2(inset, 34.0 * zoom), Align2::LEFT_TOP, note, theme.text_weak);
        }
        let is_resizing = matches!(&self.gesture, Gesture::Resizing(resizing) if resizing.frame == frame.id);
        if is_hovered || is_selected || is_resizing {
            for step in [5.0, 9.0, 13.0] {
                let from = rect.max - vec2(step, 4.0);
                painter.line_segment([from, rect.max - vec2(4.0, step)], Stroke::new(1.0, theme.text_weak));
            }
        }
    }
}
