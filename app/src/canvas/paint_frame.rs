//! Frames: titled rectangles behind the nodes, in a colour of their own if one was chosen, with a markdown note inside.

use eframe::egui::{self, Align2, FontId, Painter, Rect, Stroke, StrokeKind, TextStyle, UiBuilder, pos2, vec2};
use egui_commonmark::CommonMarkViewer;

use super::gesture::Gesture;
use super::hit::Hit;
use super::scene::FrameBox;
use super::text::{line, place, proportional, stepped};
use super::widget::Canvas;
use crate::draw::tint_color;
use crate::state::AppState;
use crate::theme::Theme;

const TITLE: f32 = 14.0;
const NOTE: f32 = 12.5;
/// Smallest size a text is still drawn at.
const LEGIBLE: f32 = 5.0;
/// Smallest size of a note while nodes show all they have.
const LEAST_NOTE: f32 = 9.0;
/// Where the note begins, in world units: beside the edge, below the title.
const NOTE_AT: egui::Vec2 = vec2(12.0, 34.0);

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
        let is_hovered = matches!(&self.hover, Hit::FrameTitle(id) | Hit::FrameEdge(id, _) if *id == frame.id);
        let tint = tint_color(frame.tint, theme);
        let (fill, edge) = match tint {
            Some(color) => (Theme::mix(theme.canvas, color, 0.10), Theme::mix(theme.border, color, 0.55)),
            None => (Theme::mix(theme.canvas, theme.surface_raised, 0.45), theme.border),
        };
        let stroke = if is_selected {
            Stroke::new(2.0, theme.accent)
        } else if is_hovered {
            Stroke::new(1.0, theme.text_weak)
        } else {
            Stroke::new(1.0, edge)
        };
        painter.rect_filled(rect, rounding, fill);
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
        let is_resizing = matches!(&self.gesture, Gesture::Resizing(resizing) if resizing.frame == frame.id);
        if is_hovered || is_selected || is_resizing {
            for step in [5.0, 9.0, 13.0] {
                let from = rect.max - vec2(step, 4.0);
                painter.line_segment([from, rect.max - vec2(4.0, step)], Stroke::new(1.0, theme.text_weak));
            }
        }
    }

    /// Shows the notes of visible frames, as far as they can be read.
    pub(super) fn notes_ui(&mut self, ui: &mut egui::Ui, state: &AppState) {
        let (visible, size) = (self.view.visible(), stepped(NOTE, self.view.zoom()));
        if size < LEGIBLE {
            return;
        }
        let size = if self.view.is_detailed() { size.max(LEAST_NOTE) } else { size };
        for frame in &self.scene.frames {
            let is_shown = visible.intersects(frame.rect) && !frame.note.is_empty();
            let rect = self.view.rect_to_screen(frame.rect);
            let inset = NOTE_AT * self.view.zoom();
            let area = Rect::from_min_max(rect.min + inset, rect.max - vec2(inset.x, inset.x));
            if !is_shown || !area.is_positive() {
                continue;
            }
            let builder = UiBuilder::new().id_salt(("weir canvas note", frame.id)).max_rect(area);
            let mut ui = ui.new_child(builder);
            ui.set_clip_rect(area.expand(1.0).intersect(ui.clip_rect()));
            set_note_style(&mut ui, size, state);
            CommonMarkViewer::new().show(&mut ui, &mut self.markdown, &frame.note);
        }
    }
}

/// Everything in a note scales with the picture.
fn set_note_style(ui: &mut egui::Ui, size: f32, state: &AppState) {
    let style = ui.style_mut();
    style.text_styles.insert(TextStyle::Body, FontId::proportional(size));
    style.text_styles.insert(TextStyle::Button, FontId::proportional(size));
    style.text_styles.insert(TextStyle::Small, FontId::proportional(size * 0.85));
    style.text_styles.insert(TextStyle::Monospace, FontId::monospace(size * 0.95));
    style.text_styles.insert(TextStyle::Heading, FontId::proportional(size * 1.35));
    style.spacing.item_spacing = vec2(size * 0.3, size * 0.4);
    style.spacing.indent = size * 1.2;
    style.visuals.override_text_color = Some(state.theme.text_weak);
}
