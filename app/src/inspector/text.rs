//! A line of free text.

use eframe::egui::{self, TextEdit};

use super::field::Field;
use super::squiggle;
use super::touch::Touch;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    let mut text = field.text();
    let id = field.id("text");
    let font = egui::TextStyle::Body.resolve(ui.style());
    let mut layouter = squiggle::layouter(field.marks(), font, field.theme().text, false);
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .desired_width(f32::INFINITY)
        .hint_text(field.hint())
        .layouter(&mut layouter);
    let response = field.named(ui.add(edit));
    if !text.is_empty() && text.chars().all(|letter| letter == ' ') {
        blanks_ui(ui, response.rect, text.len(), field.theme().text_weak);
    }
    if response.changed() { Touch::typed(id, text) } else { Touch::none() }
}

/// Shows blanks as dots where there is nothing else: a separator of one blank must not look like none.
fn blanks_ui(ui: &egui::Ui, rect: egui::Rect, count: usize, color: egui::Color32) {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let at = rect.left_center() + egui::vec2(ui.spacing().button_padding.x, 0.0);
    ui.painter().text(at, egui::Align2::LEFT_CENTER, "·".repeat(count.min(64)), font, color);
}
