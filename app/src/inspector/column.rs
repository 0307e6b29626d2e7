//! One column of the input: typed freely with completion, or picked from the list of those that fit.

use eframe::egui::{self, CompletionPopup, RectAlign, RichText, TextEdit};
use weir_engine::expr::type_name;
use weir_engine::spec::Accepts;

use crate::i18n::{tr, trf};

use super::completion::{self, Column, completions};
use super::field::Field;
use super::signs;
use super::touch::Touch;

/// Width of the button that opens the list.
const LIST_BUTTON: f32 = 30.0;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, accepts: Accepts) -> Touch {
    let fitting = fitting_columns(field, accepts);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let typed = text_ui(ui, field, &fitting);
        let picked = list_ui(ui, field, &fitting, &[]);
        typed.or(picked.map_or_else(Touch::none, Touch::set))
    })
    .inner
}

fn text_ui(ui: &mut egui::Ui, field: &Field<'_>, fitting: &[Column]) -> Touch {
    let mut text = field.text();
    let id = field.id("column");
    let known = known_type(field, &text);
    let mut edit = TextEdit::singleline(&mut text)
        .desired_width(ui.available_width() - LIST_BUTTON - ui.spacing().item_spacing.x)
        .hint_text(field.hint());
    if let Some(word) = known {
        edit = edit.suffix(RichText::new(word).small().color(field.theme().text_weak));
    }
    let output = completing(ui, id, edit, fitting);
    let response = field.named(output.text_edit.response.response);
    if response.changed() || output.accepted.is_some() { Touch::typed(id, text) } else { Touch::none() }
}

/// A text field in which column names complete.
pub(super) fn completing(
    ui: &mut egui::Ui,
    id: egui::Id,
    edit: TextEdit<'_>,
    fitting: &[Column],
) -> egui::CompletionOutput {
    CompletionPopup::new(id).word_boundary(|_| false).align(RectAlign::BOTTOM_START).show(ui, edit, |query| {
        let candidates = completions("", query.word, fitting, &[]).into_iter();
        // Here a name stands alone, so it needs no backticks.
        candidates
            .map(|mut candidate| {
                candidate.insert.clone_from(&candidate.name);
                completion::suggestion(candidate)
            })
            .collect()
    })
}

/// The button with the list of columns that fit; gives the one picked.
pub(super) fn list_ui(ui: &mut egui::Ui, field: &Field<'_>, fitting: &[Column], without: &[String]) -> Option<String> {
    let mut picked = None;
    let button = egui::containers::menu::MenuButton::new(signs::sign(signs::LIST)).ui(ui, |ui| {
        ui.set_min_width(180.0);
        let mut offered = fitting.iter().filter(|column| !without.contains(&column.name)).peekable();
        if offered.peek().is_none() {
            ui.label(RichText::new(tr("inspector.columns.none")).color(field.theme().text_weak));
        }
        for column in offered {
            let detail = RichText::new(&column.type_word).small().color(field.theme().text_weak);
            if ui.add(egui::Button::new(&column.name).right_text(detail).frame_when_inactive(false)).clicked() {
                picked = Some(column.name.clone());
            }
        }
    });
    button.0.accessible_name(trf("inspector.columns.pick", &[("param", &field.name())]));
    picked
}

/// The columns of the input whose type fits.
pub(super) fn fitting_columns(field: &Field<'_>, accepts: Accepts) -> Vec<Column> {
    let fields = field.context.input.into_iter().flat_map(|link| link.schema.fields());
    fields
        .filter(|column| accepts.fits(column.data_type()))
        .map(|column| Column { name: column.name().clone(), type_word: type_name(column.data_type()) })
        .collect()
}

/// The type of the column of this name, whether it fits or not; names are case-insensitive.
pub(super) fn known_type(field: &Field<'_>, name: &str) -> Option<String> {
    let columns = completion::columns_of(field.context.input);
    columns.into_iter().find(|column| column.name.eq_ignore_ascii_case(name)).map(|column| column.type_word)
}
