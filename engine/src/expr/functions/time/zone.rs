//! Time zones by their names, and `from_utc_timestamp`, `to_utc_timestamp`.

use arrow::array::timezone::Tz;
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone};

use super::calendar::{MICROS_PER_DAY, MICROS_PER_SECOND};
use super::kernel::timestamp;
use crate::expr::functions::prelude::*;

const TAKES: Takes = Takes::these(&[Param::Timestamp, Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "from_utc_timestamp",
        "from_utc_timestamp(timestamp, zone)",
        "What a clock in a zone ('Europe/Berlin', '+05:30') shows at a time of UTC.",
        TAKES,
        Gives::Timestamp,
        |args| shifted(args, Zone::from_utc),
    )
    .total(),
    Entry::own(
        "to_utc_timestamp",
        "to_utc_timestamp(timestamp, zone)",
        "The time of UTC at which a clock in a zone shows this.",
        TAKES,
        Gives::Timestamp,
        |args| shifted(args, Zone::to_utc),
    )
    .total(),
];

/// A time zone.
#[derive(Debug, Clone, Copy)]
pub(super) enum Zone {
    /// Always so many microseconds ahead of UTC.
    Fixed(i64),
    /// By the rules of a region.
    Region(Tz),
}

impl Zone {
    /// The zone of this name: a region, an offset, `Z`, or `UTC`, `GMT`, `UT` with an offset behind.
    pub(super) fn named(name: &str) -> Result<Self, ExprError> {
        let refused = || {
            ExprError::new(format!(
                "there is no time zone `{name}`; write a region such as 'Europe/Berlin', or an offset such as '+05:30'"
            ))
        };
        let bare = ["UTC", "GMT", "UT"].into_iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        if matches!(bare, "" | "Z") && !name.is_empty() {
            return Ok(Self::Fixed(0));
        }
        if bare.starts_with(['+', '-']) {
            return offset(bare).map(Self::Fixed).ok_or_else(refused);
        }
        // Names such as `EST5EDT` are regions to Java as well; bare numbers are not.
        let is_region = name.starts_with(|c: char| c.is_ascii_alphabetic());
        name.parse().ok().filter(|_| is_region).map(Self::Region).ok_or_else(refused)
    }

    /// What a clock there shows at a time of UTC.
    #[expect(clippy::wrong_self_convention, reason = "the time comes from UTC, not the zone")]
    pub(super) fn from_utc(self, micros: i64) -> Option<i64> {
        micros.checked_add(self.ahead_at(micros)?)
    }

    /// The time at which a clock there shows this: the earlier of two; where the clock leaps over it, as if it had not.
    pub(super) fn to_utc(self, local: i64) -> Option<i64> {
        let ahead = match self {
            Self::Fixed(ahead) => ahead,
            Self::Region(zone) => match zone.offset_from_local_datetime(&naive(local)?) {
                MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => micros_of(&offset),
                MappedLocalTime::None => self.ahead_at(local.checked_sub(MICROS_PER_DAY)?)?,
            },
        };
        local.checked_sub(ahead)
    }

    fn ahead_at(self, micros: i64) -> Option<i64> {
        match self {
            Self::Fixed(ahead) => Some(ahead),
            Self::Region(zone) => Some(micros_of(&zone.offset_from_utc_datetime(&naive(micros)?))),
        }
    }
}

fn micros_of(offset: &impl Offset) -> i64 {
    i64::from(offset.fix().local_minus_utc()) * MICROS_PER_SECOND
}

fn naive(micros: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc())
}

/// `+5`, `+05`, `+05:30`, `+0530`, `+05:30:15`, up to 18 hours.
pub(super) fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let mut parts: Vec<&str> = digits.split(':').collect();
    if parts.len() == 1 && matches!(digits.len(), 4 | 6) && digits.is_ascii() {
        parts = (0..digits.len() / 2).map(|at| &digits[at * 2..at * 2 + 2]).collect();
    }
    let mut seconds = 0;
    for (index, (part, unit)) in parts.iter().zip([3_600, 60, 1]).enumerate() {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit()) && (part.len() == 2 || part.len() == 1);
        let number: i64 = part.parse().ok().filter(|_| is_number)?;
        if index > 0 && number > 59 {
            return None;
        }
        seconds += number * unit;
    }
    (parts.len() <= 3 && seconds <= 18 * 3_600).then_some(sign * seconds * MICROS_PER_SECOND)
}

fn shifted(args: &Args<'_>, shift: fn(Zone, i64) -> Option<i64>) -> Result<ArrayRef, ExprError> {
    let (times, name) = (args.numbers::<TimestampMicrosecondType>(0)?, args.text(1)?);
    let mut last: Option<(String, Zone)> = None;
    numbers::<TimestampMicrosecondType>(args, |row| {
        let Some((micros, name)) = times.get(row).zip(name.get(row)) else { return Ok(None) };
        let zone = match &last {
            Some((known, zone)) if known == name => *zone,
            _ => {
                let zone = Zone::named(name)?;
                last = Some((name.to_owned(), zone));
                zone
            }
        };
        timestamp(shift(zone, micros)).map(Some)
    })
}
