//! The columns of a link as a compact table: name and type in Spark's words.

use eframe::egui::{self, RichText};
use weir_engine::plan::{LinkType, type_word};

use crate::i18n::{tr, trf};
use crate::theme::Theme;

use super::section::note_ui;
use super::signs;

/// Rows of the table drawn at most.
const MAX_COLUMNS: usize = 200;

/// Draws what a link carries.
pub(super) fn schema_ui(ui: &mut egui::Ui, link: &LinkType, theme: &Theme) {
    if let Some(window) = &link.window {
        let (length, slide) = (window.length.to_string(), window.slide.to_string());
        note_ui(ui, &trf("inspector.ports.window", &[("length", &length), ("slide", &slide)]), theme);
    }
    if link.schema.fields().is_empty() {
        note_ui(ui, tr("inspector.ports.no_columns"), theme);
    }
    for field in link.schema.fields().iter().take(MAX_COLUMNS) {
        egui::Sides::new().shrink_left().truncate().show(
            ui,
            |ui| ui.label(RichText::new(field.name()).monospace().color(theme.text)),
            |ui| {
                let word = type_word(field.data_type());
                ui.add(
                    egui::Label::new(RichText::new(word).monospace().size(signs::SMALL).color(theme.text_weak))
                        .truncate(),
                );
            },
        );
    }
}
