//! Several lines of code, with line numbers once there are several.

use eframe::egui::{self, Align2, TextEdit, TextStyle};
use weir_engine::spec::Language;

use super::draft;
use super::field::{Field, plain_text};
use super::squiggle;
use super::touch::Touch;

/// Room for the line numbers.
const GUTTER: i8 = 26;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, language: Language) -> Touch {
    let id = field.id("code");
    // Code is rarely written from nothing, so the default stands there to be changed. Only while it is being typed can
    // the text be empty: then nothing is entered, and the default comes back with the focus gone.
    let value = field.value.cloned();
    let mut text = draft::load(ui, id, &value, |_| field.effective().as_deref().map(plain_text).unwrap_or_default());
    let font = TextStyle::Monospace.resolve(ui.style());
    let mut layouter = squiggle::layouter(field.marks(), font, field.theme().text, true);
    let is_numbered = text.contains('\n');
    let mut edit = TextEdit::multiline(&mut text)
        .id(id)
        .font(TextStyle::Monospace)
        .desired_width(f32::INFINITY)
        .desired_rows(rows_at_first(language, field.is_compact))
        .layouter(&mut layouter);
    if is_numbered {
        edit = edit.margin(egui::Margin { left: GUTTER, right: 4, top: 4, bottom: 4 });
    }
    let output = edit.show(ui);
    if is_numbered {
        numbers_ui(ui, &output, field);
    }
    let response = field.named(output.response.response);
    if !response.changed() {
        return Touch::none();
    }
    let touch = Touch::typed(id, text.clone());
    draft::store(ui, id, text, touch.value.clone().flatten());
    touch
}

/// A regular expression is usually one line; the others rarely are.
fn rows_at_first(language: Language, is_compact: bool) -> usize {
    match language {
        Language::Regex => 1,
        Language::PlainText | Language::Json | Language::Sql => {
            if is_compact {
                2
            } else {
                4
            }
        }
    }
}

/// Paints the number of each line beside its first row; wrapped rows have none.
fn numbers_ui(ui: &egui::Ui, output: &egui::text_edit::TextEditOutput, field: &Field<'_>) {
    let font = TextStyle::Small.resolve(ui.style());
    let left = output.galley_pos.x - 8.0;
    let mut number = 1;
    let mut starts_line = true;
    for row in &output.galley.rows {
        if starts_line {
            let at = egui::pos2(left, output.galley_pos.y + row.rect().center().y);
            ui.painter().text(at, Align2::RIGHT_CENTER, number, font.clone(), field.theme().text_weak);
            number += 1;
        }
        starts_line = row.ends_with_newline;
    }
}
