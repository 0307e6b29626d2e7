//! On or off. The title stands beside the box, so that it can be clicked too.

use eframe::egui;

use super::field::Field;
use super::touch::Touch;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    let mut is_on = field.effective().and_then(|value| value.as_bool()).unwrap_or_default();
    let response = ui.checkbox(&mut is_on, field.title()).on_hover_text(field.doc());
    let response = field.named(response);
    if response.changed() { Touch::set(is_on) } else { Touch::none() }
}
