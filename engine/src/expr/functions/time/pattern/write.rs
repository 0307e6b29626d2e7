//! Shows a time by a pattern, in UTC.

use std::fmt::Write;

use super::super::calendar::{Day, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND, parted};
use super::item::{Field, Item, Pattern};
use super::names::{MONTHS, QUARTERS, WEEKDAYS, at, short};

impl Pattern {
    /// The time as text.
    pub(in crate::expr::functions) fn write(&self, micros: i64, out: &mut String) {
        let (days, time) = parted(micros);
        let moment = Moment { day: Day::at(days), time };
        moment.write_all(&self.items, out);
    }
}

struct Moment {
    day: Day,
    time: i64,
}

impl Moment {
    fn write_all(&self, items: &[Item], out: &mut String) {
        for item in items {
            match item {
                Item::Text(text) => out.push_str(text),
                Item::Field(field, count) => self.write(*field, *count, out),
                Item::Optional(items) => self.write_all(items, out),
            }
        }
    }

    fn write(&self, field: Field, count: usize, out: &mut String) {
        let hour = self.time / MICROS_PER_HOUR;
        let text = match field {
            Field::Era => self.era(count),
            Field::Year => return self.write_year(count, out),
            Field::Quarter if count == 3 => return number(self.day.quarter(), 1, "Q", out),
            Field::Quarter if count == 4 => at(&QUARTERS, self.day.quarter() - 1),
            Field::Quarter => return number(self.day.quarter(), count, "", out),
            Field::Month if count == 3 => short(at(&MONTHS, self.day.month - 1)),
            Field::Month if count == 4 => at(&MONTHS, self.day.month - 1),
            Field::Month => return number(self.day.month, count, "", out),
            Field::DayOfMonth => return number(self.day.day, count, "", out),
            Field::DayOfYear => return number(self.day.of_year(), count, "", out),
            Field::Weekday if count == 4 => at(&WEEKDAYS, self.day.weekday()),
            Field::Weekday => short(at(&WEEKDAYS, self.day.weekday())),
            Field::HalfDay if hour < 12 => "AM",
            Field::HalfDay => "PM",
            Field::Hour => return number(hour, count, "", out),
            Field::ClockHour => return number((hour + 23) % 24 + 1, count, "", out),
            Field::HalfDayHour => return number(hour % 12, count, "", out),
            Field::HalfDayClockHour => return number((hour + 11) % 12 + 1, count, "", out),
            Field::Minute => return number(self.time / MICROS_PER_MINUTE % 60, count, "", out),
            Field::Second => return number(self.time / MICROS_PER_SECOND % 60, count, "", out),
            Field::Fraction => {
                let digits = format!("{:06}000", self.time % MICROS_PER_SECOND);
                return out.push_str(digits.get(..count).unwrap_or(&digits));
            }
            Field::ZoneName if count == 4 => "Coordinated Universal Time",
            Field::ZoneName | Field::ZoneId => "UTC",
            Field::ZoneLocalised => "GMT",
            Field::OffsetRfc if count == 4 => "GMT",
            Field::OffsetRfc if count == 5 => "Z",
            Field::OffsetOrZ => "Z",
            Field::Offset if count == 1 => "+00",
            Field::Offset if matches!(count, 2 | 4) => "+0000",
            Field::OffsetRfc => "+0000",
            Field::Offset => "+00:00",
        };
        out.push_str(text);
    }

    fn era(&self, count: usize) -> &'static str {
        match (self.day.year > 0, count) {
            (true, 4) => "Anno Domini",
            (true, 5) => "A",
            (true, _) => "AD",
            (false, 4) => "Before Christ",
            (false, 5) => "B",
            (false, _) => "BC",
        }
    }

    /// Two letters are the last two digits; a year of more than four gets a sign from four letters on.
    fn write_year(&self, count: usize, out: &mut String) {
        let year = self.day.year;
        if count == 2 {
            return number(year.abs() % 100, 2, "", out);
        }
        let digits = year.unsigned_abs().to_string();
        let sign = match year < 0 {
            true => "-",
            false if count >= 4 && digits.len() > count => "+",
            false => "",
        };
        out.push_str(sign);
        out.push_str(&"0".repeat(count.saturating_sub(digits.len())));
        out.push_str(&digits);
    }
}

fn number(number: i64, width: usize, before: &str, out: &mut String) {
    // Writing to a text cannot fail.
    let _ = write!(out, "{before}{number:0width$}");
}
