//! A table typed in place: a card per row, with the fields' own editors in compact form.

use eframe::egui::{self, Frame, RichText};
use serde_json::{Map, Value};
use weir_engine::spec::{ParamSpec, is_visible};

use crate::action::Action;
use crate::i18n::{tr, trf};

use super::field::Field;
use super::param;
use super::problems;
use super::signs;
use super::touch::Touch;

/// Cards drawn at most; a table longer than this is edited in the file.
const MAX_CARDS: usize = 200;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, fields: &'static [ParamSpec]) -> Touch {
    let effective = field.effective();
    let Some(rows) = effective.as_deref().map_or(Some(&[][..]), |value| value.as_array().map(Vec::as_slice)) else {
        // Whatever stands there, the check has said what is wrong with it; it can be taken away.
        let is_cleared = ui.button(tr("inspector.rows.clear")).clicked();
        return if is_cleared { Touch::clear() } else { Touch::none() };
    };
    let mut touch = Touch::none();
    for (index, row) in rows.iter().enumerate().take(MAX_CARDS) {
        let change = ui.push_id(index, |ui| card_ui(ui, field, fields, index, rows.len(), row)).inner;
        touch = touch.or(change.applied(rows, index));
    }
    if rows.len() > MAX_CARDS {
        let (shown, count) = (MAX_CARDS.to_string(), rows.len().to_string());
        ui.label(trf("inspector.rows.more", &[("shown", &shown), ("count", &count)]));
    }
    ui.horizontal_wrapped(|ui| {
        let name = trf("inspector.rows.add", &[("param", &field.name())]);
        let button = ui.button((signs::sign(signs::ADD), tr("inspector.rows.add.short"))).on_hover_text(&name);
        if button.accessible_name(name).clicked() {
            return Touch::set(rows.iter().cloned().chain([Value::Object(Map::new())]).collect::<Vec<_>>());
        }
        touch.or(infer_ui(ui, field))
    })
    .inner
}

/// For fields that the node's file can tell: reads it and fills them in.
fn infer_ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    if !weir_engine::nodes::can_infer(field.context.kind, &field.path) {
        return Touch::none();
    }
    let name = trf("inspector.rows.infer", &[("param", &field.name())]);
    let button = ui.button(tr("inspector.rows.infer.short")).on_hover_text(tr("inspector.rows.infer.hint"));
    let is_asked = button.accessible_name(name).clicked();
    let ask = is_asked.then(|| Action::Infer { node: field.context.node, param: field.path.clone() });
    Touch { ask, ..Touch::none() }
}

/// What happened to one row.
enum Change {
    None,
    /// The row moves to another place.
    Move(usize),
    Remove,
    /// A field changed.
    Field(String, Touch),
}

impl Change {
    /// The change as one of the whole table.
    fn applied(self, rows: &[Value], index: usize) -> Touch {
        let mut rows = rows.to_vec();
        match self {
            Self::None => Touch::none(),
            Self::Move(to) => {
                let row = rows.remove(index);
                rows.insert(to, row);
                Touch::set(rows)
            }
            Self::Remove => {
                rows.remove(index);
                Touch::set(rows)
            }
            Self::Field(name, touch) => {
                let value = touch.value.map(|value| {
                    set_field(&mut rows, index, name, value);
                    Some(Value::Array(rows))
                });
                Touch { value, ..touch }
            }
        }
    }
}

fn set_field(rows: &mut [Value], index: usize, name: String, value: Option<Value>) {
    let Some(Value::Object(row)) = rows.get_mut(index) else { return };
    match value {
        Some(value) => row.insert(name, value),
        None => row.remove(&name),
    };
}

fn card_ui(
    ui: &mut egui::Ui,
    field: &Field<'_>,
    fields: &'static [ParamSpec],
    index: usize,
    count: usize,
    row: &Value,
) -> Change {
    let theme = field.theme();
    let frame = Frame::new().stroke((1.0, theme.border)).corner_radius(4).inner_margin(egui::Margin::symmetric(6, 4));
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let mut change = head_ui(ui, field, index, count);
            problems::problems_ui(ui, field.problems_at(format!("{}[{index}]", field.path)), theme);
            let Some(values) = row.as_object() else {
                ui.monospace(row.to_string());
                return change;
            };
            for spec in fields.iter().filter(|spec| is_visible(spec, fields, values)) {
                let mut nested = field.nested(spec, index, values.get(spec.name));
                let touch = ui.push_id(spec.name, |ui| param::compact_ui(ui, &mut nested)).inner;
                if touch.value.is_some() || touch.ask.is_some() {
                    change = Change::Field(spec.name.to_owned(), touch);
                }
            }
            change
        })
        .inner
}

/// The row's number and the buttons that move and remove it.
fn head_ui(ui: &mut egui::Ui, field: &Field<'_>, index: usize, count: usize) -> Change {
    let theme = field.theme();
    let row = field.row_name(index);
    let mut change = Change::None;
    egui::Sides::new().show(
        ui,
        |ui| ui.label(RichText::new(format!("#{}", index + 1)).small().color(theme.text_weak)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let mut press = |sign: &str, name: String, is_enabled: bool| {
                let button = egui::Button::new(signs::sign(sign)).frame_when_inactive(false).small();
                ui.add_enabled(is_enabled, button).on_hover_text(&name).accessible_name(name).clicked()
            };
            if press(signs::REMOVE, trf("inspector.rows.remove", &[("row", &row)]), true) {
                change = Change::Remove;
            }
            if press(signs::DOWN, trf("inspector.rows.down", &[("row", &row)]), index + 1 < count) {
                change = Change::Move(index + 1);
            }
            if press(signs::UP, trf("inspector.rows.up", &[("row", &row)]), index > 0) {
                change = Change::Move(index - 1);
            }
        },
    );
    change
}
