//! Points in time and spans between them, in whole microseconds: the resolution of Spark's timestamps.

use std::fmt;
use std::time::Duration;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// A non-negative span of time in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub i64);

impl Timestamp {
    /// 2026-01-01T00:00:00Z, where a run on the virtual clock starts unless told otherwise.
    pub const VIRTUAL_START: Self = Self(1_767_225_600_000_000);

    /// This point moved later by `span`.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This point moved earlier by `span`.
    #[must_use]
    pub fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The span from `earlier` to this point; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0).max(0))
    }

    /// The latest multiple of `span` since the epoch that is at or before this point.
    #[must_use]
    pub fn floor_to(self, span: Span) -> Self {
        if span.0 <= 0 { self } else { Self(self.0.saturating_sub(self.0.rem_euclid(span.0))) }
    }
}

impl Span {
    /// `millis` thousandths of a second.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// `secs` whole seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// In seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// In milliseconds.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e3
    }

    /// As the standard library's duration.
    pub fn to_std(self) -> Duration {
        Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    /// ISO-8601 in UTC; fraction digits only where they are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match chrono::DateTime::from_timestamp_micros(self.0) {
            Some(time) if self.0.rem_euclid(1_000_000) == 0 => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%SZ")),
            Some(time) if self.0.rem_euclid(1_000) == 0 => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.3fZ")),
            Some(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.6fZ")),
            None => write!(f, "{} us", self.0),
        }
    }
}

impl std::str::FromStr for Timestamp {
    type Err = String;

    /// Reads ISO-8601 with an offset, as [`fmt::Display`] writes it: `2026-01-01T00:00:00Z`.
    fn from_str(text: &str) -> Result<Self, String> {
        chrono::DateTime::parse_from_rfc3339(text.trim())
            .map(|time| Self(time.timestamp_micros()))
            .map_err(|_| format!("`{text}` is not a point in time; write it like `2026-01-01T00:00:00Z`"))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::duration::format(*self))
    }
}
