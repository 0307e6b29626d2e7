//! A whole number.

use eframe::egui;
use serde_json::Value;

use super::field::Field;
use super::numeric::{self, Numeric};
use super::touch::Touch;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, min: i64, max: i64) -> Touch {
    let numeric = Numeric {
        min: min as f64,
        max: max as f64,
        unit: "",
        step: 1.0,
        has_slider: true,
        parse: read,
        of_slider: |at| whole(at).into(),
    };
    numeric::ui(ui, field, &numeric)
}

/// The number of a TCP port: nobody looks for one by sliding.
pub(super) fn port_ui(ui: &mut egui::Ui, field: &Field<'_>) -> Touch {
    let numeric = Numeric {
        min: 1.0,
        max: f64::from(u16::MAX),
        unit: "",
        step: 1.0,
        has_slider: false,
        parse: read,
        of_slider: |at| whole(at).into(),
    };
    numeric::ui(ui, field, &numeric)
}

/// Reads a whole number; people group digits with `_` or `,`.
fn read(text: &str) -> Option<Value> {
    let digits: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    digits.parse::<i64>().ok().map(Value::from)
}

#[expect(clippy::cast_possible_truncation, reason = "casts from floats saturate, and sliders stay within the bounds")]
fn whole(at: f64) -> i64 {
    at.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_digits_are_numbers_and_words_are_not() {
        assert_eq!(read("1_000"), Some(Value::from(1_000)));
        assert_eq!(read("-12,000"), Some(Value::from(-12_000)));
        for text in ["", "1.5", "ten", "99999999999999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
