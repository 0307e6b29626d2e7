//! The canvas as a drawing of its own, whole and sharp, whatever part of it is on the screen.

use eframe::egui::{self, Id, LayerId, Order, Painter, Pos2, Rect, Ui, UiBuilder};

use super::hit::Hit;
use super::widget::Canvas;
use crate::drawing::{Drawing, glyphs};
use crate::state::AppState;

/// Pixels per world unit, unless that would be too many.
const SCALE: f32 = 2.0;
/// The longest side, in pixels.
const MAX_SIDE: f32 = 8_192.0;
/// World units around everything.
const MARGIN: f32 = 32.0;

impl Canvas {
    /// The open level as it looks without selection, focus or pointer; `None` if it is empty. To be called during a frame.
    pub fn picture(&mut self, context: &egui::Context, state: &AppState) -> Option<Drawing> {
        let bounds = self.scene.bounds()?.expand(MARGIN);
        let pixels_per_point = context.pixels_per_point();
        let scale = SCALE.min(MAX_SIDE / bounds.size().max_elem());
        let zoom = scale / pixels_per_point;
        let screen = Rect::from_min_size(Pos2::ZERO, bounds.size() * zoom);
        let kept = (self.view, std::mem::take(&mut self.hover), self.focus.take());
        self.view.show_exactly(bounds.min, zoom, screen);
        let layer = LayerId::new(Order::Background, Id::unique("weir canvas picture"));
        let mut ui = Ui::new(
            context.clone(),
            Id::unique("weir canvas picture"),
            UiBuilder::new().layer_id(layer).max_rect(screen),
        );
        ui.set_clip_rect(screen);
        self.paint_still(&mut ui, &Painter::new(context.clone(), layer, screen), state);
        drop(ui);
        (self.view, self.hover, self.focus) = kept;
        let list = context.graphics_mut(|graphics| std::mem::take(graphics.entry(layer)));
        let shapes = list.all_entries().cloned().collect();
        let size = screen.size() * pixels_per_point;
        Some(Drawing {
            size: [whole(size.x), whole(size.y)],
            pixels_per_point,
            background: state.theme.canvas,
            primitives: context.tessellate(shapes, pixels_per_point),
            glyphs: glyphs(context),
        })
    }

    fn paint_still(&mut self, ui: &mut Ui, painter: &Painter, state: &AppState) {
        debug_assert!(matches!(self.hover, Hit::Empty), "nothing is under the pointer in a picture");
        self.paint_grid(painter, state);
        self.paint_frames(painter, state);
        self.notes_ui(ui, state);
        self.paint_wires(painter, state, 0.0);
        self.paint_stubs(painter, state);
        self.paint_rates(painter, state);
        self.paint_nodes(painter, state);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the longest side")]
fn whole(length: f32) -> usize {
    length.ceil().clamp(1.0, MAX_SIDE) as usize
}
