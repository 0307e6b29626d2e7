//! A field for a number: exact typing, arrow keys for small steps, and a slider where the range suits one.
//!
//! What cannot be read as a number is stored as it was typed, so that the check can say what is wrong with it.

use eframe::egui::{self, Key, RichText, TextEdit};
use serde_json::Value;

use super::draft;
use super::field::{Field, plain_text};
use super::touch::Touch;

/// Up to this range a slider's pixels are fine enough to be linear.
const LINEAR_RANGE: f64 = 1_000.0;
/// Beyond this range a slider helps nobody.
const SLIDER_RANGE: f64 = 1e9;

/// What tells a whole number's field from a fraction's.
pub(super) struct Numeric {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) unit: &'static str,
    /// One press of an arrow key.
    pub(super) step: f64,
    /// Whether a slider helps at all, where the range suits one.
    pub(super) has_slider: bool,
    /// Reads what was typed.
    pub(super) parse: fn(&str) -> Option<Value>,
    /// Makes the value of a slider's position.
    pub(super) of_slider: fn(f64) -> Value,
}

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, numeric: &Numeric) -> Touch {
    let typed = text_ui(ui, field, numeric);
    let range = numeric.max - numeric.min;
    if field.is_compact || !numeric.has_slider || !range.is_finite() || range > SLIDER_RANGE {
        return typed;
    }
    typed.or(slider_ui(ui, field, numeric, range))
}

fn text_ui(ui: &mut egui::Ui, field: &Field<'_>, numeric: &Numeric) -> Touch {
    let id = field.id("number");
    let value = field.value.cloned();
    let mut text = draft::load(ui, id, &value, |value| value.as_ref().map(plain_text).unwrap_or_default());
    let steps = if ui.memory(|memory| memory.has_focus(id)) { arrow_steps(ui) } else { 0.0 };
    let mut edit = TextEdit::singleline(&mut text).id(id).desired_width(f32::INFINITY).hint_text(field.hint());
    if !numeric.unit.is_empty() {
        edit = edit.suffix(RichText::new(numeric.unit).small().color(field.theme().text_weak));
    }
    let response = field.named(ui.add(edit));
    if steps != 0.0 {
        let now = field.effective().and_then(|value| value.as_f64()).unwrap_or(numeric.min);
        let stepped = (numeric.of_slider)((now + steps * numeric.step).clamp(numeric.min, numeric.max));
        return Touch::held(id, stepped);
    }
    if !response.changed() {
        return Touch::none();
    }
    let trimmed = text.trim();
    let value = match (numeric.parse)(trimmed) {
        Some(number) => Some(number),
        None if trimmed.is_empty() => None,
        None => Some(Value::String(text.clone())),
    };
    draft::store(ui, id, text, value.clone());
    Touch { value: Some(value), held_by: Some(id), ask: None }
}

/// Steps asked for by the arrow keys; ten at once with Shift.
fn arrow_steps(ui: &egui::Ui) -> f64 {
    ui.input(|input| {
        let size = if input.modifiers.shift { 10.0 } else { 1.0 };
        let up = f64::from(u8::from(input.key_pressed(Key::ArrowUp)));
        let down = f64::from(u8::from(input.key_pressed(Key::ArrowDown)));
        (up - down) * size
    })
}

fn slider_ui(ui: &mut egui::Ui, field: &Field<'_>, numeric: &Numeric, range: f64) -> Touch {
    let before = field.effective().and_then(|value| value.as_f64()).unwrap_or(numeric.min);
    let mut at = before;
    ui.spacing_mut().slider_width = ui.available_width();
    let is_logarithmic = range > LINEAR_RANGE && numeric.min >= 0.0;
    let mut slider = egui::Slider::new(&mut at, numeric.min..=numeric.max)
        .clamping(egui::SliderClamping::Never)
        .logarithmic(is_logarithmic)
        .smallest_positive(numeric.step)
        .show_value(false);
    if numeric.step >= 1.0 {
        slider = slider.step_by(1.0);
    }
    let response = field.named(ui.add(slider));
    if response.changed() && (numeric.of_slider)(at) != (numeric.of_slider)(before) {
        Touch::held(response.id, (numeric.of_slider)(at))
    } else {
        Touch::none()
    }
}
