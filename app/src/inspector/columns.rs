//! Several columns of the input, in order: a chip each, and a field to add more.

use eframe::egui::{self, Frame, Key, RichText, TextEdit};
use serde_json::Value;
use weir_engine::spec::Accepts;

use crate::i18n::{tr, trf};

use super::column::{completing, fitting_columns, known_type, list_ui};
use super::field::Field;
use super::signs;
use super::touch::Touch;

/// Width of the button that opens the list.
const LIST_BUTTON: f32 = 30.0;
/// Width of a letter, roughly.
const LETTER: f32 = 8.0;
/// Width of a chip's buttons and margins.
const BUTTONS: f32 = 56.0;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, accepts: Accepts) -> Touch {
    let effective = field.effective();
    let list = effective.as_deref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let chosen: Vec<String> = list.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
    let changed = chips_ui(ui, field, &chosen).or_else(|| add_ui(ui, field, accepts, &chosen));
    changed.map_or_else(Touch::none, Touch::set)
}

/// The chips; gives the new list if one was moved or removed.
fn chips_ui(ui: &mut egui::Ui, field: &Field<'_>, chosen: &[String]) -> Option<Vec<String>> {
    let mut changed = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for (index, name) in chosen.iter().enumerate() {
            match chip_ui(ui, field, index, name) {
                Some(Pressed::Earlier) => {
                    let mut list = chosen.to_vec();
                    list.swap(index, index - 1);
                    changed = Some(list);
                }
                Some(Pressed::Remove) => {
                    let mut list = chosen.to_vec();
                    list.remove(index);
                    changed = Some(list);
                }
                None => {}
            }
        }
    });
    changed
}

enum Pressed {
    Earlier,
    Remove,
}

fn chip_ui(ui: &mut egui::Ui, field: &Field<'_>, index: usize, name: &str) -> Option<Pressed> {
    let theme = field.theme();
    let mut pressed = None;
    let longest = letters_that_fit(ui);
    let known = known_type(field, name);
    // A frame does not wrap by itself, so it is told beforehand where it will not fit.
    let letters = name.chars().count().min(longest) + known.as_ref().map_or(0, String::len);
    if ui.available_size_before_wrap().x < letters as f32 * LETTER + BUTTONS {
        ui.end_row();
    }
    let frame = Frame::new().fill(theme.surface_raised).stroke((1.0, theme.border)).corner_radius(10);
    frame.inner_margin(egui::Margin::symmetric(6, 1)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let small = |sign: &str| egui::Button::new(signs::sign(sign)).frame_when_inactive(false).small();
        if index > 0 {
            let help = trf("inspector.columns.earlier", &[("column", name)]);
            if ui.add(small(signs::EARLIER)).on_hover_text(&help).accessible_name(help).clicked() {
                pressed = Some(Pressed::Earlier);
            }
        }
        let color = if known.is_some() || field.context.input.is_none() { theme.text } else { theme.error };
        let shown = ui.label(RichText::new(shortened(name, longest)).color(color));
        if name.chars().count() > longest {
            shown.on_hover_text(name);
        }
        if let Some(word) = &known {
            ui.label(RichText::new(word).small().color(theme.text_weak));
        }
        let help = trf("inspector.columns.remove", &[("column", name)]);
        if ui.add(small(signs::REMOVE)).on_hover_text(&help).accessible_name(help).clicked() {
            pressed = Some(Pressed::Remove);
        }
    });
    pressed
}

/// Letters of a name that fit into a chip as wide as the panel, beside its type and its buttons.
fn letters_that_fit(ui: &egui::Ui) -> usize {
    const BESIDE: f32 = 120.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from floats saturate")]
    let letters = ((ui.max_rect().width() - BESIDE) / LETTER) as usize;
    letters.max(8)
}

/// A name cut to so many letters, the last of which then says that it was cut.
fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    name.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// The field for one more; gives the new list once a name is complete: by Enter, by leaving the field, from the list.
fn add_ui(ui: &mut egui::Ui, field: &Field<'_>, accepts: Accepts, chosen: &[String]) -> Option<Vec<String>> {
    let fitting = fitting_columns(field, accepts);
    let id = field.id("add column");
    let mut text = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_default();
    let added = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let edit = TextEdit::singleline(&mut text)
                .desired_width(ui.available_width() - LIST_BUTTON - ui.spacing().item_spacing.x)
                .hint_text(tr("inspector.columns.add"));
            let output = completing(ui, id, edit, &fitting);
            let response = field.named(output.text_edit.response.response);
            let is_entered = output.accepted.is_some()
                || response.lost_focus()
                || (response.has_focus() && !output.is_open && ui.input(|input| input.key_pressed(Key::Enter)));
            let typed = (is_entered && !text.trim().is_empty()).then(|| text.trim().to_owned());
            let picked = list_ui(ui, field, &fitting, chosen);
            typed.or(picked)
        })
        .inner;
    if added.is_some() {
        text.clear();
    }
    ui.data_mut(|data| data.insert_temp(id, text));
    let added = added.filter(|name| !chosen.contains(name))?;
    Some(chosen.iter().cloned().chain([added]).collect())
}
