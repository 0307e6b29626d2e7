//! The settings in a file: read strictly, and written only where they differ from the defaults, so that a better
//! default reaches old files.

use super::error::FormatError;
use super::json::{Located, Tree};
use super::read::{Reader, brief};
use super::record::SettingsRecord;
use super::write::without;
use crate::pipeline::{
    Backpressure, IntervalSettings, RateSettings, Setting, Settings, Trigger, WatermarkPolicy, WhenLate,
};
use crate::spec::{Span, Timestamp, duration};

/// Every field this version knows.
const KNOWN: [&str; 21] = [
    "auto_interval",
    "auto_interval_max",
    "auto_interval_min",
    "auto_interval_target",
    "backpressure",
    "gain_derivative",
    "gain_integral",
    "gain_proportional",
    "initial_rate",
    "interval",
    "max_buffered_bytes",
    "max_buffered_rows",
    "max_queued_batches",
    "max_rate",
    "max_state_bytes",
    "min_rate",
    "seed",
    "start_time",
    "trigger",
    "watermark_policy",
    "when_late",
];

const BACKPRESSURE: [(&str, Backpressure); 3] =
    [("off", Backpressure::Off), ("spark", Backpressure::Spark), ("damped", Backpressure::Damped)];
const TRIGGERS: [(&str, Trigger); 2] =
    [("interval", Trigger::Interval), ("as_soon_as_possible", Trigger::AsSoonAsPossible)];

const POLICIES: [(&str, WatermarkPolicy); 2] = [("min", WatermarkPolicy::Min), ("max", WatermarkPolicy::Max)];

/// Reads one setting as a person writes it on a command line: `backpressure`, `damped`. The error is a sentence.
pub fn setting(name: &str, text: &str) -> Result<Setting, String> {
    if !KNOWN.contains(&name) {
        let known = KNOWN.join(", ");
        return Err(format!("a pipeline has no setting `{name}`; its settings are {known}"));
    }
    let quoted = serde_json::Value::from(text.trim()).to_string();
    let mut wrong = None;
    // Numbers are written bare, everything else is text.
    for json in [text, &quoted] {
        let Ok(value) = super::json::read(json) else { continue };
        match Reader::of(json).setting(name, &value, name) {
            Ok(Some(setting)) => return Ok(setting),
            Ok(None) => {}
            Err(FormatError::Content { message, .. }) => wrong = Some(message),
            Err(error) => wrong = Some(error.to_string()),
        }
    }
    Err(format!("{name} {}", wrong.unwrap_or_else(|| "cannot be read".to_owned())))
}

impl Reader<'_> {
    pub(super) fn settings(&mut self, value: &Located) -> Result<Settings, FormatError> {
        let mut settings = Settings::default();
        for field in self.object(value, "settings")? {
            let path = format!("settings.{}", field.name);
            if let Some(setting) = self.setting(&field.name, &field.value, &path)? {
                settings.set(&setting);
            } else {
                settings.extra.insert(field.name.clone(), field.value.to_value());
                self.warn_unknown(&path);
            }
        }
        Ok(settings)
    }

    /// One setting; `None` for a name this version does not know.
    fn setting(&self, name: &str, value: &Located, path: &str) -> Result<Option<Setting>, FormatError> {
        let rate = || self.whole(value, path, 1, u64::MAX);
        let gain = || self.number(value, path, RateSettings::GAINS);
        Ok(Some(match name {
            "auto_interval" => Setting::AutoInterval(self.choice(value, path, &[("off", false), ("on", true)])?),
            "auto_interval_max" => Setting::AutoIntervalMax(self.interval(value, path)?),
            "auto_interval_min" => Setting::AutoIntervalMin(self.interval(value, path)?),
            "auto_interval_target" => {
                Setting::AutoIntervalTarget(self.number(value, path, IntervalSettings::TARGETS)?)
            }
            "backpressure" => Setting::Backpressure(self.choice(value, path, &BACKPRESSURE)?),
            "gain_derivative" => Setting::DerivativeGain(gain()?),
            "gain_integral" => Setting::IntegralGain(gain()?),
            "gain_proportional" => Setting::ProportionalGain(gain()?),
            "initial_rate" => Setting::InitialRate(Some(rate()?)),
            "interval" => Setting::Interval(self.interval(value, path)?),
            "max_buffered_bytes" => Setting::MaxBufferedBytes(rate()?),
            "max_buffered_rows" => Setting::MaxBufferedRows(rate()?),
            "max_queued_batches" => {
                let count = self.whole(value, path, 1, u64::from(u32::MAX))?;
                Setting::MaxQueuedBatches(u32::try_from(count).unwrap_or(u32::MAX))
            }
            "max_rate" => Setting::MaxRate(Some(rate()?)),
            "max_state_bytes" => {
                Setting::MaxStateBytes(self.whole(value, path, Settings::MIN_STATE_BYTES, u64::MAX)?)
            }
            "min_rate" => Setting::MinRate(rate()?),
            "seed" => Setting::Seed(self.whole(value, path, 0, u64::MAX)?),
            "start_time" => Setting::StartTime(self.time(value, path)?),
            "trigger" => Setting::Trigger(self.choice(value, path, &TRIGGERS)?),
            "watermark_policy" => Setting::WatermarkPolicy(self.choice(value, path, &POLICIES)?),
            "when_late" => {
                let options = [("queue", WhenLate::Queue), ("merge", WhenLate::Merge)];
                Setting::WhenLate(self.choice(value, path, &options)?)
            }
            _ => return Ok(None),
        }))
    }

    fn whole(&self, value: &Located, path: &str, min: u64, max: u64) -> Result<u64, FormatError> {
        match value.as_u64().filter(|number| (min..=max).contains(number)) {
            Some(number) => Ok(number),
            None => self.wrong(value.at, path, format!("must be a whole number from {min} to {max}")),
        }
    }

    fn number(&self, value: &Located, path: &str, (min, max): (f64, f64)) -> Result<f64, FormatError> {
        let number = match &value.tree {
            Tree::Plain(plain) => plain.as_f64(),
            Tree::List(_) | Tree::Object(_) => None,
        };
        match number.filter(|number| (min..=max).contains(number)) {
            Some(number) => Ok(number),
            None => self.wrong(value.at, path, format!("must be a number from {min} to {max}")),
        }
    }

    fn interval(&self, value: &Located, path: &str) -> Result<Span, FormatError> {
        let (min, max) = (Settings::MIN_INTERVAL, Settings::MAX_INTERVAL);
        match duration::parse(&self.text(value, path)?) {
            Ok(span) if (min..=max).contains(&span) => Ok(span),
            Ok(span) => {
                self.wrong(value.at, path, format!("{span} is outside {min} to {max}; choose an interval within"))
            }
            Err(wrong) => self.wrong(value.at, path, wrong),
        }
    }

    fn time(&self, value: &Located, path: &str) -> Result<Timestamp, FormatError> {
        let text = self.text(value, path)?;
        let time = chrono::DateTime::parse_from_rfc3339(&text).map(|time| Timestamp(time.timestamp_micros()));
        match time {
            Ok(time) if (Settings::MIN_START..=Settings::MAX_START).contains(&time) => Ok(time),
            Ok(_) | Err(_) => {
                let message = format!("`{}` is not a time; write it like 2026-01-01T00:00:00Z", brief(&text));
                self.wrong(value.at, path, message)
            }
        }
    }

    fn choice<T: Copy>(&self, value: &Located, path: &str, options: &[(&str, T)]) -> Result<T, FormatError> {
        if let Some((_, choice)) = options.iter().find(|(name, _)| value.as_text() == Some(name)) {
            return Ok(*choice);
        }
        let names: Vec<_> = options.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        self.wrong(value.at, path, format!("must be {}", names.join(" or ")))
    }
}

/// What of the settings is written.
pub(super) fn record(settings: &Settings) -> SettingsRecord {
    let usual = Settings::default();
    let (rates, usual_rates) = (&settings.rates, &usual.rates);
    let (auto, usual_auto) = (&settings.auto_interval, &usual.auto_interval);
    SettingsRecord {
        auto_interval: other(auto.is_on, usual_auto.is_on).map(Into::into),
        auto_interval_max: other(auto.max, usual_auto.max).map(|span| span.to_string()),
        auto_interval_min: other(auto.min, usual_auto.min).map(|span| span.to_string()),
        auto_interval_target: other(auto.target, usual_auto.target),
        backpressure: other(rates.backpressure, usual_rates.backpressure).map(Into::into),
        gain_derivative: other(rates.derivative, usual_rates.derivative),
        gain_integral: other(rates.integral, usual_rates.integral),
        gain_proportional: other(rates.proportional, usual_rates.proportional),
        initial_rate: rates.initial_rate,
        interval: other(settings.interval, usual.interval).map(|span| span.to_string()),
        max_buffered_bytes: other(settings.max_buffered_bytes, usual.max_buffered_bytes),
        max_buffered_rows: other(settings.max_buffered_rows, usual.max_buffered_rows),
        max_queued_batches: other(settings.max_queued_batches, usual.max_queued_batches),
        max_rate: rates.max_rate,
        max_state_bytes: other(settings.max_state_bytes, usual.max_state_bytes),
        min_rate: other(rates.min_rate, usual_rates.min_rate),
        seed: other(settings.seed, usual.seed),
        start_time: other(settings.start_time, usual.start_time).map(|time| time.to_string()),
        trigger: other(settings.trigger, usual.trigger).map(Into::into),
        watermark_policy: other(settings.watermark_policy, usual.watermark_policy).map(Into::into),
        when_late: other(settings.when_late, usual.when_late).map(Into::into),
        extra: without(&settings.extra, &KNOWN),
    }
}

/// The value, if it is not the usual one.
fn other<T: PartialEq>(value: T, usual: T) -> Option<T> {
    if value == usual { None } else { Some(value) }
}
