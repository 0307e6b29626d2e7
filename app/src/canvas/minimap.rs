//! The whole graph at a glance, bottom right, while it does not fit: click or drag in it to go there.

use eframe::egui::{self, Id, Pos2, Rect, Sense, Stroke, StrokeKind, Vec2, vec2};

use super::widget::Canvas;
use crate::i18n::tr;
use crate::state::AppState;

const SIZE: Vec2 = vec2(184.0, 120.0);
const MARGIN: f32 = 12.0;

impl Canvas {
    /// Draws it and follows the pointer in it.
    pub(super) fn minimap_ui(&mut self, ui: &egui::Ui, state: &AppState) {
        let Some(bounds) = self.scene.bounds() else { return };
        let visible = self.view.visible();
        let screen = self.view.screen();
        let is_small = screen.width() < SIZE.x * 2.5 || screen.height() < SIZE.y * 2.5;
        if self.is_minimap_off || is_small || visible.contains_rect(bounds) {
            return;
        }
        let rect = Rect::from_min_size(screen.max - SIZE - Vec2::splat(MARGIN), SIZE);
        let world = bounds.union(visible).expand(40.0);
        let inner = rect.shrink(5.0);
        let scale = (inner.size() / world.size()).min_elem();
        let to_map = |at: Pos2| inner.center() + (at - world.center()) * scale;
        let rect_to_map = |part: Rect| Rect::from_min_max(to_map(part.min), to_map(part.max));

        let response = ui.interact(rect, Id::unique("weir canvas minimap"), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Image, true, tr("canvas.minimap")));
        if let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked()) {
            self.view.center_on(world.center() + (at - inner.center()) / scale);
        }

        let theme = &state.theme;
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect_filled(rect, 6.0, theme.surface.gamma_multiply(0.94));
        for frame in &self.scene.frames {
            painter.rect_filled(rect_to_map(frame.rect), 1.0, theme.surface_raised);
        }
        for node in &self.scene.nodes {
            let color = if node.nodes().iter().any(|id| state.live.failures.contains_key(id)) {
                theme.error
            } else if node.id.is_in(&state.selection) {
                theme.accent
            } else {
                node.kind.map_or(theme.text_weak, |kind| theme.category(kind.category)).gamma_multiply(0.75)
            };
            let shown = rect_to_map(node.rect);
            painter.rect_filled(Rect::from_center_size(shown.center(), shown.size().max(Vec2::splat(2.0))), 1.0, color);
        }
        let window = rect_to_map(visible);
        painter.rect_filled(window, 2.0, theme.accent.gamma_multiply(0.08));
        painter.rect_stroke(window, 2.0, Stroke::new(1.5, theme.accent), StrokeKind::Inside);
        ui.painter().rect_stroke(rect, 6.0, Stroke::new(1.0, theme.border), StrokeKind::Inside);
    }
}
