//! A duration on a logarithmic slider with an exact entry beside it; one drag is one gesture.

use eframe::egui;
use weir_engine::spec::{Span, duration};

/// What happened to the slider in this frame. Several may happen at once: a click begins, sets and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SliderStep {
    /// A drag began.
    pub began: bool,
    /// The new value.
    pub set: Option<Span>,
    /// A drag ended.
    pub ended: bool,
}

/// The slider. Its ends are what the hand reaches; the entry takes all the allowed range.
#[derive(Debug, Clone)]
pub struct IntervalSlider<'a> {
    /// The value now.
    pub value: Span,
    /// The slider's ends.
    pub reach: std::ops::RangeInclusive<Span>,
    /// What may be entered.
    pub allowed: std::ops::RangeInclusive<Span>,
    /// What it is called in the accessibility tree.
    pub name: &'a str,
    /// The slider's width.
    pub width: f32,
}

impl IntervalSlider<'_> {
    /// Draws both and says what was done to them.
    pub fn ui(self, ui: &mut egui::Ui) -> SliderStep {
        let slider = self.slider_ui(ui);
        let entry = self.entry_ui(ui);
        SliderStep {
            began: slider.began || entry.began,
            set: slider.set.or(entry.set),
            ended: slider.ended || entry.ended,
        }
    }

    fn slider_ui(&self, ui: &mut egui::Ui) -> SliderStep {
        let mut millis = self.value.as_millis_f64();
        let reach = self.reach.start().as_millis_f64()..=self.reach.end().as_millis_f64();
        let response = ui
            .scope(|ui| {
                ui.spacing_mut().slider_width = self.width;
                ui.add(
                    egui::Slider::new(&mut millis, reach)
                        .logarithmic(true)
                        .clamping(egui::SliderClamping::Never)
                        .smart_aim(false)
                        .show_value(false),
                )
            })
            .inner
            .accessible_name(self.name);
        step(&response, response.changed().then(|| rounded(millis)).filter(|span| *span != self.value))
    }

    fn entry_ui(&self, ui: &mut egui::Ui) -> SliderStep {
        let mut millis = self.value.as_millis_f64();
        let speed = (millis * 0.01).max(0.1);
        let allowed = self.allowed.start().as_millis_f64()..=self.allowed.end().as_millis_f64();
        let response = ui
            .add_sized(
                [72.0, ui.spacing().interact_size.y],
                egui::DragValue::new(&mut millis)
                    .range(allowed)
                    .speed(speed)
                    .update_while_editing(false)
                    .custom_formatter(|millis, _| written(millis))
                    .custom_parser(parsed),
            )
            .on_hover_text(crate::i18n::tr("toolbar.interval_entry"));
        let exact = if response.dragged() { rounded(millis) } else { whole(millis) };
        step(&response, response.changed().then_some(exact).filter(|span| *span != self.value))
    }
}

fn step(response: &egui::Response, set: Option<Span>) -> SliderStep {
    SliderStep { began: response.drag_started(), set, ended: response.drag_stopped() }
}

/// What the field shows: the shortest way to write it.
fn written(millis: f64) -> String {
    let span = whole(millis);
    let secs = span.as_secs_f64();
    if span.0 % 1_000_000 != 0 && span.0 > 1_000_000 && span.0 < 60_000_000 {
        format!("{secs}s")
    } else {
        duration::format(span)
    }
}

/// What was typed: a duration, or a bare number of milliseconds.
fn parsed(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse::<f64>().ok().or_else(|| duration::parse(text).ok().map(Span::as_millis_f64))
}

/// Two leading digits: as fine as a hand on a slider can mean it.
fn rounded(millis: f64) -> Span {
    if millis <= 0.0 || !millis.is_finite() {
        return Span::from_millis(1);
    }
    let unit = 10f64.powf(millis.log10().floor() - 1.0).max(1.0);
    whole((millis / unit).round() * unit)
}

#[expect(clippy::cast_possible_truncation, reason = "a slider's milliseconds are far below 2^53")]
fn whole(millis: f64) -> Span {
    Span((millis * 1_000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_sets_round_values() {
        for (millis, expected) in [(10.4, 10), (234.0, 230), (1_049.0, 1_000), (1_051.0, 1_100), (59_700.0, 60_000)] {
            assert_eq!(rounded(millis), Span::from_millis(expected), "{millis}");
        }
    }

    #[test]
    fn people_type_durations_or_milliseconds() {
        for (text, millis) in [("200ms", 200.0), (" 1.5s ", 1_500.0), ("1m", 60_000.0), ("250", 250.0)] {
            assert_eq!(parsed(text), Some(millis), "{text}");
        }
        assert_eq!(parsed("soon"), None);
    }

    #[test]
    fn what_is_shown_can_be_typed_back() {
        for millis in [10.0, 999.0, 1_000.0, 1_500.0, 12_300.0, 90_000.0, 3_600_000.0] {
            assert_eq!(parsed(&written(millis)), Some(millis), "{}", written(millis));
        }
    }
}
