//! One parameter: its title, its editor, a way back to the default, and what is wrong with it.

use eframe::egui::{self, RichText};
use serde_json::Value;
use weir_engine::pipeline::Edit;
use weir_engine::spec::{ParamKind, ParamSpec};

use crate::action::Actions;
use crate::i18n::trf;

use super::field::{EditorContext, Field};
use super::touch::Touch;
use super::{
    choice, code, column, columns, duration, expression, file, gesture, integer, number, problems, rows, secret, signs,
    staged, text, toggle,
};

/// Width of the titles beside the editors of a row.
const COMPACT_TITLE_WIDTH: f32 = 84.0;

/// Draws a parameter and asks for the edits a person makes to it. `path` is its name in the node's parameters;
/// `value` what was entered so far.
pub fn param_ui(
    ui: &mut egui::Ui,
    spec: &ParamSpec,
    path: &str,
    value: Option<&Value>,
    context: &EditorContext<'_>,
    actions: &mut Actions,
) {
    let mut field = Field::new(spec, path, value, context);
    let touch = ui.push_id(("param", context.node.0, path), |ui| full_ui(ui, &mut field)).inner;
    if let Some(value) = touch.value {
        let label = trf("inspector.step.set", &[("param", field.title())]);
        gesture::before_edit(ui.ctx(), touch.held_by, context.in_gesture, &label, actions);
        actions.edit(label, Edit::SetParam { node: context.node, param: path.to_owned(), value });
    }
    if let Some(ask) = touch.ask {
        actions.push(ask);
    }
    gesture::settle(ui.ctx(), actions);
}

/// The title above the editor.
fn full_ui(ui: &mut egui::Ui, field: &mut Field<'_>) -> Touch {
    let touch = if matches!(field.spec.kind, ParamKind::Toggle) {
        let (touch, reset) =
            egui::Sides::new().shrink_left().show(ui, |ui| toggle::ui(ui, field), |ui| reset_ui(ui, field));
        touch.or(reset)
    } else {
        let reset = title_row_ui(ui, field);
        editor_ui(ui, field).or(reset)
    };
    problems::problems_ui(ui, field.problems(), field.theme());
    touch.or(staged::ui(ui, field))
}

fn title_row_ui(ui: &mut egui::Ui, field: &mut Field<'_>) -> Touch {
    let (title, reset) = egui::Sides::new().shrink_left().truncate().show(
        ui,
        |ui| title_ui(ui, field),
        |ui| {
            let reset = reset_ui(ui, field);
            if matches!(field.spec.kind, ParamKind::Expression { .. }) {
                expression::result_type_ui(ui, field);
            }
            reset
        },
    );
    field.label = Some(title);
    reset
}

fn title_ui(ui: &mut egui::Ui, field: &Field<'_>) -> egui::Id {
    let text = RichText::new(field.title()).color(field.theme().text);
    ui.label(text).on_hover_text(field.doc()).id
}

/// The way back to the default, shown while something else is entered.
fn reset_ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    if !field.is_overridden() || !field.has_default() {
        return Touch::none();
    }
    let hint = field.hint();
    let help = if hint.is_empty() {
        trf("inspector.reset.empty", &[("param", field.title())])
    } else {
        trf("inspector.reset.to", &[("param", field.title()), ("default", &hint)])
    };
    let button = egui::Button::new(signs::sign(signs::RESET).color(field.theme().text_weak)).frame_when_inactive(false);
    let name = trf("inspector.reset", &[("param", &field.name())]);
    if ui.add(button.small()).on_hover_text(help).accessible_name(name).clicked() {
        Touch::clear()
    } else {
        Touch::none()
    }
}

/// The title beside the editor, as in the cards of rows.
pub(super) fn compact_ui(ui: &mut egui::Ui, field: &mut Field<'_>) -> Touch {
    if matches!(field.spec.kind, ParamKind::Rows { .. } | ParamKind::Toggle) {
        return full_ui(ui, field);
    }
    let touch = ui
        .horizontal_top(|ui| {
            let height = ui.spacing().interact_size.y;
            let title = ui.allocate_ui_with_layout(
                egui::vec2(COMPACT_TITLE_WIDTH, height),
                egui::Layout::left_to_right(egui::Align::Center),
                |ui| {
                    ui.set_width(COMPACT_TITLE_WIDTH);
                    let text = RichText::new(field.title()).color(field.theme().text_weak);
                    ui.add(egui::Label::new(text).truncate()).on_hover_text(field.doc()).id
                },
            );
            field.label = Some(title.inner);
            ui.vertical(|ui| {
                let touch = editor_ui(ui, field);
                if matches!(field.spec.kind, ParamKind::Expression { .. }) {
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                        expression::result_type_ui(ui, field);
                    });
                }
                touch
            })
            .inner
        })
        .inner;
    problems::problems_ui(ui, field.problems(), field.theme());
    touch
}

fn editor_ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    match field.spec.kind {
        ParamKind::Text => text::ui(ui, field),
        ParamKind::Code { language } => code::ui(ui, field, language),
        ParamKind::Integer { min, max } => integer::ui(ui, field, min, max),
        ParamKind::Port => integer::port_ui(ui, field),
        ParamKind::Number { min, max, unit } => number::ui(ui, field, min, max, unit),
        ParamKind::Duration { min_millis, max_millis } => duration::ui(ui, field, min_millis, max_millis),
        ParamKind::Toggle => toggle::ui(ui, field),
        ParamKind::Choice { options } => choice::ui(ui, field, options),
        ParamKind::Column { accepts } => column::ui(ui, field, accepts),
        ParamKind::Columns { accepts } => columns::ui(ui, field, accepts),
        ParamKind::Expression { .. } => expression::ui(ui, field),
        ParamKind::File { writes, extensions } => file::ui(ui, field, writes, extensions),
        ParamKind::Secret => secret::ui(ui, field),
        ParamKind::Rows { fields } => rows::ui(ui, field, fields),
    }
}
