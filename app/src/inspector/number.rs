//! A number with a unit.

use eframe::egui;
use serde_json::Value;

use super::field::Field;
use super::numeric::{self, Numeric};
use super::touch::Touch;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, min: f64, max: f64, unit: &'static str) -> Touch {
    let step = if max - min <= 10.0 { 0.1 } else { 1.0 };
    let of_slider = |at| tidy(at).into();
    numeric::ui(ui, field, &Numeric { min, max, unit, step, has_slider: true, parse: read, of_slider })
}

fn read(text: &str) -> Option<Value> {
    let digits: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    let number: f64 = digits.parse().ok()?;
    let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
    if is_whole && let Ok(whole) = digits.parse::<i64>() {
        return Some(whole.into());
    }
    serde_json::Number::from_f64(number).map(Value::Number)
}

/// Three significant digits: nobody means the rest of what a slider gives.
fn tidy(at: f64) -> f64 {
    if at == 0.0 || !at.is_finite() {
        return 0.0;
    }
    let scale = 10f64.powf(2.0 - at.abs().log10().floor());
    (at * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_stored_without_a_fraction() {
        assert_eq!(read("12"), Some(Value::from(12)));
        assert_eq!(read("0.25"), Some(Value::from(0.25)));
        assert_eq!(read("fast"), None);
        assert_eq!(read("NaN"), None);
    }

    #[test]
    fn a_slider_gives_three_digits() {
        assert!((tidy(1_234.567) - 1_230.0).abs() < 1e-9);
        assert!((tidy(0.012_345) - 0.0123).abs() < 1e-12);
    }
}
