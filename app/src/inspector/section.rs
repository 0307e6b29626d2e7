//! A titled part of the inspector that can be folded away.

use eframe::egui::{self, RichText};

use crate::theme::Theme;

/// Draws a section; whether it is open is remembered by `salt`.
pub(super) fn section_ui(
    ui: &mut egui::Ui,
    salt: &str,
    title: &str,
    theme: &Theme,
    contents: impl FnOnce(&mut egui::Ui),
) {
    ui.add_space(6.0);
    egui::CollapsingHeader::new(RichText::new(title).strong().color(theme.text))
        .id_salt(("inspector section", salt))
        .default_open(true)
        .show_unindented(ui, contents);
}

/// A line `name ... value` of a section, the value at the right.
pub(super) fn fact_ui(ui: &mut egui::Ui, name: &str, value: &str, theme: &Theme) {
    egui::Sides::new().shrink_left().truncate().show(
        ui,
        |ui| ui.label(RichText::new(name).color(theme.text_weak)),
        |ui| ui.label(RichText::new(value).color(theme.text)),
    );
}

/// A weak explanation that wraps.
pub(super) fn note_ui(ui: &mut egui::Ui, text: &str, theme: &Theme) {
    ui.add(egui::Label::new(RichText::new(text).small().color(theme.text_weak)).wrap());
}
