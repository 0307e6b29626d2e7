//! Numbers as people read them: `1.2k`, `250 ms`, `3.4 MB`.

use weir_engine::spec::{Span, Timestamp};

/// What a plot's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Rows per second.
    RowsPerSecond,
    /// Milliseconds.
    Millis,
    /// Batches.
    Batches,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// A value with its unit, for tooltips and headers.
    pub(super) fn full(self, value: f64) -> String {
        match self {
            Self::RowsPerSecond => crate::i18n::trf("control.rate", &[("rate", &compact(value))]),
            Self::Millis => millis(value),
            Self::Batches => compact(value),
            Self::Bytes => bytes(value),
        }
    }

    /// A value on an axis, as short as it can be.
    pub(super) fn short(self, value: f64) -> String {
        match self {
            Self::RowsPerSecond | Self::Batches => compact(value),
            Self::Millis => millis(value),
            Self::Bytes => bytes(value),
        }
    }
}

/// A number in at most three digits: `950`, `1.2k`, `34M`.
pub(crate) fn compact(value: f64) -> String {
    scaled(value, "", &["", "k", "M", "G", "T"])
}

/// Bytes in decimal units.
pub(super) fn bytes(value: f64) -> String {
    scaled(value, " ", &["B", "kB", "MB", "GB", "TB"])
}

/// Milliseconds in the unit that suits them: `0.3 ms`, `250 ms`, `1.5 s`, `2 min`.
pub(crate) fn millis(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if size == 0.0 => "0 ms".to_owned(),
        _ if size < 0.999_5 => format!("{} µs", digits(value * 1e3)),
        _ if size < 999.5 => format!("{} ms", digits(value)),
        _ if size < 59_950.0 => format!("{} s", digits(value / 1e3)),
        _ if size < 3_597_000.0 => format!("{} min", digits(value / 60e3)),
        _ => format!("{} h", digits(value / 3_600e3)),
    }
}

/// A span in the unit that suits it.
pub(crate) fn span(span: Span) -> String {
    millis(span.as_millis_f64())
}

/// A moment's time of day, with as many digits of its fraction as it has: `12:05:10`, `12:05:10.250`.
pub(crate) fn clock_time(time: Timestamp) -> String {
    let text = time.to_string();
    let clock = text.get(11..).unwrap_or(&text).trim_end_matches('Z');
    match clock.split_once('.') {
        Some((whole, fraction)) => {
            let fraction = fraction.get(..3).unwrap_or(fraction).trim_end_matches('0');
            if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
        }
        None => clock.to_owned(),
    }
}

/// A part of one, in whole percent.
pub(crate) fn percent(part: f64) -> String {
    let whole = (part * 100.0).round();
    format!("{} %", if whole == 0.0 { 0.0 } else { whole })
}

fn scaled(value: f64, gap: &str, suffixes: &[&str]) -> String {
    let (mut rest, mut index) = (value, 0);
    while rest.abs() >= 999.5 && index + 1 < suffixes.len() {
        rest /= 1e3;
        index += 1;
    }
    format!("{}{gap}{}", digits(rest), suffixes.get(index).unwrap_or(&""))
}

/// Three significant digits below 10, whole numbers from 100 on, no needless zeros.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_their_unit() {
        for (value, text) in [(0.0, "0"), (7.0, "7"), (1.26, "1.26"), (950.0, "950"), (1_234.0, "1.23k"), (2e6, "2M")] {
            assert_eq!(compact(value), text);
        }
        for (value, text) in [
            (0.0, "0 ms"),
            (0.25, "250 µs"),
            (12.34, "12.3 ms"),
            (250.0, "250 ms"),
            (1_000.0, "1 s"),
            (1_500.0, "1.5 s"),
            (30_000.0, "30 s"),
            (120_000.0, "2 min"),
            (5_400_000.0, "1.5 h"),
        ] {
            assert_eq!(millis(value), text);
        }
        assert_eq!(bytes(3_400_000.0), "3.4 MB");
        assert_eq!(bytes(12.0), "12 B");
        assert_eq!(percent(0.988), "99 %");
        assert_eq!(percent(-0.12), "-12 %");
        assert_eq!(percent(-0.001), "0 %");
    }
}
