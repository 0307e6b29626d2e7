//! A SQL expression: monospace, with completion of columns and functions, the mistake underlined, and the type of the
//! result beside the title as soon as it compiles.
//!
//! Enter leaves the field, Shift+Enter breaks the line; while the completion popup is open, Enter and Tab take the
//! chosen name, Escape closes it.

use eframe::egui::{
    self, CompletionPopup, Key, KeyboardShortcut, Modifiers, RectAlign, RichText, TextBuffer as _, TextEdit, TextStyle,
};
use weir_engine::expr::{Expression, type_name};
use weir_engine::plan::LinkType;

use super::completion::{self, completions};
use super::field::Field;
use super::signs;
use super::squiggle;
use super::touch::Touch;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    let mut text = field.text();
    let id = field.id("expression");
    let font = TextStyle::Monospace.resolve(ui.style());
    let mut layouter = squiggle::layouter(field.marks(), font, field.theme().text, true);
    let edit = TextEdit::multiline(&mut text)
        .font(TextStyle::Monospace)
        .desired_width(f32::INFINITY)
        .desired_rows(1)
        .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter))
        .hint_text(RichText::new(field.hint()).monospace())
        .layouter(&mut layouter);
    let columns = completion::columns_of(field.context.input);
    let functions = completion::functions();
    let output = CompletionPopup::new(id).word_boundary(completion::is_boundary).align(RectAlign::BOTTOM_START).show(
        ui,
        edit,
        |query| {
            let text = query.text.to_owned();
            let before = text.char_range(0.into()..query.word_range.start);
            completions(before, query.word, &columns, functions).into_iter().map(completion::suggestion).collect()
        },
    );
    let response = field.named(output.text_edit.response.response);
    if response.has_focus() {
        super::preview::preview_ui(ui, field, &text);
    }
    if response.changed() || output.accepted.is_some() {
        return Touch::typed(id, text);
    }
    if response.has_focus() && !output.is_open && ui.input(enter_alone) {
        response.surrender_focus();
    }
    Touch::none()
}

fn enter_alone(input: &egui::InputState) -> bool {
    input.key_pressed(Key::Enter) && input.modifiers.is_none()
}

/// The type of the result, if the expression compiles against the input's columns.
pub(super) fn result_type_ui(ui: &mut egui::Ui, field: &Field<'_>) {
    let Some(input) = field.context.input else { return };
    let Some(source) = field.effective().and_then(|value| value.as_str().map(str::to_owned)) else { return };
    if let Some(word) = result_type(ui, field.id("type"), &source, input) {
        ui.label(RichText::new(format!("= {word}")).monospace().size(signs::SMALL).color(field.theme().text_weak));
    }
}

/// What was found out about one text over one input.
#[derive(Clone)]
struct Compiled {
    source: String,
    input: LinkType,
    word: Option<String>,
}

/// Compiles at most once per text and schema.
fn result_type(ui: &egui::Ui, id: egui::Id, source: &str, input: &LinkType) -> Option<String> {
    let known: Option<Compiled> = ui.data(|data| data.get_temp(id));
    if let Some(known) = known
        && known.source == source
        && known.input == *input
    {
        return known.word;
    }
    let compiled = Expression::compile(source, &input.schema).ok();
    let word = compiled.map(|expression| type_name(expression.field().data_type()));
    let compiled = Compiled { source: source.to_owned(), input: input.clone(), word: word.clone() };
    ui.data_mut(|data| data.insert_temp(id, compiled));
    word
}
