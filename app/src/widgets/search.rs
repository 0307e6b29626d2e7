//! A search field: a magnifier, the text, and a cross that empties it.

use eframe::egui::{self, Key, Modifiers};

use super::Icon;

/// Draws the field over the whole width. Escape empties it.
pub fn search_field(ui: &mut egui::Ui, text: &mut String, hint: &str) -> egui::Response {
    let mut response = ui
        .scope(|ui| {
            ui.set_width(ui.available_width());
            ui.add(
                egui::TextEdit::singleline(text)
                    .hint_text(hint.to_owned())
                    .prefix(Icon::Search.atom(14.0))
                    .align(egui::Align2::LEFT_CENTER)
                    .desired_width(f32::INFINITY)
                    .min_size(egui::vec2(0.0, ui.spacing().interact_size.y)),
            )
        })
        .inner;
    let hint = hint.to_owned();
    response = response.accessible_name(hint);
    if response.has_focus() && !text.is_empty() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
    {
        text.clear();
        response.mark_changed();
    }
    response
}
