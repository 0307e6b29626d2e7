//! Backpressure and automatic interval among the pipeline's settings: what is off shows only its switch.

use std::fmt;

use eframe::egui;
use weir_engine::pipeline::{Backpressure, IntervalSettings, RateSettings, Setting, Settings};

use super::{Form, note_ui, read_count, read_interval};
use crate::i18n::{tr, trf};
use crate::panels::{backpressure_facts, interval_facts};

/// A number that may be left out.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Optional(Option<u64>);

impl fmt::Display for Optional {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |number| number.fmt(f))
    }
}

impl Form<'_> {
    /// Whether and how sources are held to what the pipeline can do.
    pub(super) fn backpressure_ui(&mut self, ui: &mut egui::Ui, settings: &Settings) {
        let rates = &settings.rates;
        let options = [
            (Backpressure::Off, "inspector.settings.backpressure.off"),
            (Backpressure::Damped, "inspector.settings.backpressure.damped"),
            (Backpressure::Spark, "inspector.settings.backpressure.spark"),
        ];
        let key = "inspector.settings.backpressure";
        self.choice_ui(ui, key, rates.backpressure, &options, Setting::Backpressure);
        if rates.backpressure == Backpressure::Off {
            return;
        }
        for limit in backpressure_facts(self.state) {
            note_ui(ui, &limit, &self.state.theme);
        }
        let (initial, max) = (Optional(rates.initial_rate), Optional(rates.max_rate));
        self.text_ui(ui, "inspector.settings.initial_rate", initial, read_optional, |rate| {
            Setting::InitialRate(rate.0)
        });
        self.text_ui(ui, "inspector.settings.min_rate", rates.min_rate, read_count, Setting::MinRate);
        self.text_ui(ui, "inspector.settings.max_rate", max, read_optional, |rate| Setting::MaxRate(rate.0));
        let proportional = Setting::ProportionalGain;
        self.text_ui(ui, "inspector.settings.gain_proportional", rates.proportional, read_gain, proportional);
        self.text_ui(ui, "inspector.settings.gain_integral", rates.integral, read_gain, Setting::IntegralGain);
        self.text_ui(ui, "inspector.settings.gain_derivative", rates.derivative, read_gain, Setting::DerivativeGain);
    }

    /// Whether the batch interval finds itself, and where.
    pub(super) fn auto_interval_ui(&mut self, ui: &mut egui::Ui, settings: &Settings) {
        let auto = &settings.auto_interval;
        let options = [(false, "inspector.settings.auto_interval.off"), (true, "inspector.settings.auto_interval.on")];
        self.choice_ui(ui, "inspector.settings.auto_interval", auto.is_on, &options, Setting::AutoInterval);
        if !auto.is_on {
            return;
        }
        if let Some(moved) = interval_facts(self.state) {
            note_ui(ui, &moved, &self.state.theme);
        }
        let (min, max) = (Setting::AutoIntervalMin, Setting::AutoIntervalMax);
        self.text_ui(ui, "inspector.settings.auto_interval_min", auto.min, read_interval, min);
        self.text_ui(ui, "inspector.settings.auto_interval_max", auto.max, read_interval, max);
        let target = Setting::AutoIntervalTarget;
        self.text_ui(ui, "inspector.settings.auto_interval_target", auto.target, read_target, target);
    }
}

/// The explanation under one of these settings.
pub(super) fn help_of(key: &str) -> Option<&'static str> {
    Some(match key {
        "inspector.settings.backpressure" => tr("inspector.settings.backpressure.help"),
        "inspector.settings.initial_rate" => tr("inspector.settings.initial_rate.help"),
        "inspector.settings.min_rate" => tr("inspector.settings.min_rate.help"),
        "inspector.settings.max_rate" => tr("inspector.settings.max_rate.help"),
        "inspector.settings.gain_proportional" => tr("inspector.settings.gain_proportional.help"),
        "inspector.settings.gain_integral" => tr("inspector.settings.gain_integral.help"),
        "inspector.settings.gain_derivative" => tr("inspector.settings.gain_derivative.help"),
        "inspector.settings.auto_interval" => tr("inspector.settings.auto_interval.help"),
        "inspector.settings.auto_interval_min" => tr("inspector.settings.auto_interval_min.help"),
        "inspector.settings.auto_interval_max" => tr("inspector.settings.auto_interval_max.help"),
        "inspector.settings.auto_interval_target" => tr("inspector.settings.auto_interval_target.help"),
        _ => return None,
    })
}

/// Reads a whole number from one up, or nothing.
fn read_optional(text: &str) -> Result<Optional, String> {
    if text.trim().is_empty() { Ok(Optional(None)) } else { read_count(text).map(|number| Optional(Some(number))) }
}

fn read_gain(text: &str) -> Result<f64, String> {
    read_within(text, RateSettings::GAINS)
}

fn read_target(text: &str) -> Result<f64, String> {
    read_within(text, IntervalSettings::TARGETS)
}

fn read_within(text: &str, (min, max): (f64, f64)) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| (min..=max).contains(number));
    number
        .ok_or_else(|| trf("inspector.settings.number_bounds", &[("min", &min.to_string()), ("max", &max.to_string())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_may_be_left_out() {
        assert_eq!(read_optional("  "), Ok(Optional(None)));
        assert_eq!(read_optional("1,000"), Ok(Optional(Some(1_000))));
        assert!(read_optional("0").is_err());
        assert_eq!(Optional(None).to_string(), "");
    }

    #[test]
    fn gains_and_targets_have_bounds() {
        assert_eq!(read_gain(" 0.5 "), Ok(0.5));
        assert!(read_gain("-1").is_err() && read_gain("11").is_err() && read_gain("NaN").is_err());
        assert!(read_target("0").is_err());
    }
}
