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
    if response.changed() { Touch::typed(id, text) } else { Touch::none() }
}
