//! The columns of a link as a compact table: name and type in Spark's words.

use eframe::egui::{self, RichText};
use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::expr::type_name;
use weir_engine::plan::LinkType;
use weir_engine::window::LinkWindow;

use crate::i18n::{tr, trf};
use crate::theme::Theme;

use super::preview::sample_value;
use super::section::note_ui;
use super::signs;

/// Rows of the table drawn at most.
const MAX_COLUMNS: usize = 200;

/// What a windowed link is cut by.
fn window_in_words(window: &LinkWindow) -> String {
    match window {
        LinkWindow::Arrival(window) => trf(
            "inspector.ports.window",
            &[("length", &window.length.to_string()), ("slide", &window.slide.to_string())],
        ),
        LinkWindow::Event(window) => trf(
            "inspector.ports.event_window",
            &[
                ("length", &window.length.to_string()),
                ("slide", &window.slide.to_string()),
                ("column", &window.time.column),
            ],
        ),
        LinkWindow::Session(window) => trf("inspector.ports.session_window", &[("gap", &window.gap.to_string())]),
        LinkWindow::Count(window) => trf(
            "inspector.ports.count_window",
            &[("rows", &window.rows.to_string()), ("slide", &window.slide.to_string())],
        ),
    }
}

/// Draws what a link carries; each column with a value that has just passed, where rows are known.
pub(super) fn schema_ui(ui: &mut egui::Ui, link: &LinkType, sample: Option<&RecordBatch>, theme: &Theme) {
    if let Some(window) = &link.window {
        note_ui(ui, &window_in_words(window), theme);
    }
    if link.schema.fields().is_empty() {
        note_ui(ui, tr("inspector.ports.no_columns"), theme);
    }
    for field in link.schema.fields().iter().take(MAX_COLUMNS) {
        egui::Sides::new().shrink_left().truncate().show(
            ui,
            |ui| {
                ui.label(RichText::new(field.name()).monospace().color(theme.text));
                if let Some(value) = sample.and_then(|rows| sample_value(rows, field.name())) {
                    let text = RichText::new(value).size(signs::SMALL).color(theme.text_weak);
                    ui.add(egui::Label::new(text).truncate()).on_hover_text(tr("inspector.ports.sample"));
                }
            },
            |ui| {
                let word = type_name(field.data_type());
                ui.add(
                    egui::Label::new(RichText::new(word).monospace().size(signs::SMALL).color(theme.text_weak))
                        .truncate(),
                );
            },
        );
    }
}
