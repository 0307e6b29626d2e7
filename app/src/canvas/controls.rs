//! The small bar bottom left: zoom, fit, minimap.

use eframe::egui::{self, Align, Button, Frame, Layout, Margin, Rect, RichText, Stroke, UiBuilder, Vec2, vec2};

use super::view::ZOOM_STEP;
use super::widget::Canvas;
use crate::i18n::{tr, trf};
use crate::state::AppState;

const SIZE: Vec2 = vec2(320.0, 34.0);
const MARGIN: f32 = 12.0;

impl Canvas {
    /// Draws the bar.
    pub(super) fn controls_ui(&mut self, ui: &mut egui::Ui, state: &AppState) {
        let screen = self.view.screen();
        if screen.width() < SIZE.x || screen.height() < 4.0 * SIZE.y {
            return;
        }
        let theme = &state.theme;
        let corner = screen.left_bottom() + vec2(MARGIN, -MARGIN - SIZE.y);
        let builder = UiBuilder::new()
            .id_salt("weir canvas controls")
            .max_rect(Rect::from_min_size(corner, SIZE))
            .layout(Layout::left_to_right(Align::Center));
        ui.scope_builder(builder, |ui| {
            let frame = Frame::NONE
                .fill(theme.surface)
                .stroke(Stroke::new(1.0, theme.border))
                .corner_radius(6.0)
                .inner_margin(Margin::symmetric(4, 3));
            frame.show(ui, |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                self.zoom_buttons(ui);
                if button(ui, RichText::new(tr("canvas.fit")), tr("canvas.fit.hint"), 0.0).clicked() {
                    self.is_fit_wanted = true;
                }
                let label = if self.is_minimap_off { tr("canvas.minimap.show") } else { tr("canvas.minimap.hide") };
                if button(ui, RichText::new(tr("canvas.minimap.short")), label, 0.0).clicked() {
                    self.is_minimap_off = !self.is_minimap_off;
                }
            });
        });
    }

    fn zoom_buttons(&mut self, ui: &mut egui::Ui) {
        let center = self.view.screen().center();
        if button(ui, RichText::new("−"), tr("canvas.zoom_out"), 24.0).clicked() {
            self.view.zoom_about(center, 1.0 / ZOOM_STEP);
        }
        let percent = trf("canvas.percent", &[("value", &format!("{:.0}", self.view.zoom() * 100.0))]);
        if button(ui, RichText::new(percent), tr("canvas.zoom_reset"), 52.0).clicked() {
            self.view.zoom_about(center, 1.0 / self.view.zoom());
        }
        if button(ui, RichText::new("+"), tr("canvas.zoom_in"), 24.0).clicked() {
            self.view.zoom_about(center, ZOOM_STEP);
        }
    }
}

fn button(ui: &mut egui::Ui, text: RichText, hint: &'static str, width: f32) -> egui::Response {
    let response = ui.add(Button::new(text).frame_when_inactive(false).min_size(vec2(width, 26.0)));
    response.on_hover_text(hint).accessible_name(hint)
}
