//! What a panel says while it has nothing to show: never just a void.

use eframe::egui::{self, RichText};

/// A title and a sentence that says what would fill the place, in the middle of what is left.
pub fn empty_state(ui: &mut egui::Ui, title: &str, hint: &str) {
    let room = ui.available_size();
    let width = room.x.min(360.0);
    ui.allocate_ui_with_layout(room, egui::Layout::top_down(egui::Align::Center), |ui| {
        ui.add_space(((room.y - 64.0) * 0.4).max(8.0));
        ui.set_max_width(width);
        ui.label(RichText::new(title).strong());
        ui.add_space(-2.0);
        ui.add(egui::Label::new(RichText::new(hint).weak()).wrap());
    });
}
