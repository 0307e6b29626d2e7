//! A duration: typed as people write it, or dragged on a logarithmic slider that acts live.

use eframe::egui::{self, TextEdit};
use weir_engine::spec::{Span, duration};

use super::field::Field;
use super::squiggle;
use super::touch::Touch;

pub(super) fn ui(ui: &mut egui::Ui, field: &Field<'_>, min_millis: i64, max_millis: i64) -> Touch {
    let mut text = field.text();
    let id = field.id("duration");
    let font = egui::TextStyle::Body.resolve(ui.style());
    let mut layouter = squiggle::layouter(field.marks(), font, field.theme().text, false);
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .desired_width(f32::INFINITY)
        .hint_text(field.hint())
        .layouter(&mut layouter);
    let response = field.named(ui.add(edit));
    let typed = if response.changed() { Touch::typed(id, text) } else { Touch::none() };
    if field.is_compact {
        return typed;
    }
    let (min, max) = (Span::from_millis(min_millis), Span::from_millis(max_millis));
    // While the text cannot be read, the slider stands where it would without it.
    let read = |value: &serde_json::Value| duration::parse(value.as_str()?).ok();
    let default = || field.spec.default.to_json().as_ref().and_then(read);
    let now = field.value.and_then(read).or_else(default).unwrap_or(min);
    let (response, dragged) = slider_ui(ui, now, min, max);
    let response = field.named(response);
    typed.or(dragged.map_or_else(Touch::none, |span| Touch::held(response.id, duration::format(span))))
}

/// The slider alone: where it was moved to, if it was moved.
pub(super) fn slider_ui(ui: &mut egui::Ui, now: Span, min: Span, max: Span) -> (egui::Response, Option<Span>) {
    let mut millis = now.as_millis_f64();
    ui.spacing_mut().slider_width = ui.available_width();
    let slider = egui::Slider::new(&mut millis, min.as_millis_f64()..=max.as_millis_f64())
        .clamping(egui::SliderClamping::Never)
        .logarithmic(true)
        .smallest_positive(1.0)
        .smart_aim(false)
        .show_value(false);
    let response = ui.add(slider);
    let span = snap(millis).clamp(min, max);
    let is_moved = response.changed() && span != now;
    (response, is_moved.then_some(span))
}

/// The nearest duration a person would have typed: steps grow with the span.
fn snap(millis: f64) -> Span {
    const STEPS: [(f64, f64); 7] = [
        (100.0, 1.0),
        (1_000.0, 10.0),
        (10_000.0, 100.0),
        (60_000.0, 1_000.0),
        (600_000.0, 5_000.0),
        (3_600_000.0, 60_000.0),
        (86_400_000.0, 300_000.0),
    ];
    let step = STEPS.iter().find(|(below, _)| millis < *below).map_or(3_600_000.0, |(_, step)| *step);
    #[expect(clippy::cast_possible_truncation, reason = "casts from floats saturate")]
    Span::from_millis(((millis / step).round() * step) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_gives_durations_a_person_would_type() {
        for (millis, text) in [
            (37.4, "37ms"),
            (437.0, "440ms"),
            (1_234.0, "1s 200ms"),
            (29_700.0, "30s"),
            (127_000.0, "2m 5s"),
            (1_810_000.0, "30m"),
            (90_000_000.0, "1d 1h"),
        ] {
            assert_eq!(duration::format(snap(millis)), text);
        }
    }
}
