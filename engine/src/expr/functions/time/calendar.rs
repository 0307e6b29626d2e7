//! Days, months and years of the proleptic Gregorian calendar, over all that 32-bit days and 64-bit microseconds hold.
//!
//! After Howard Hinnant's `chrono`-compatible date algorithms: years begin in March, so that the leap day is the last.

pub(super) const MICROS_PER_SECOND: i64 = 1_000_000;
pub(super) const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;
pub(super) const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
pub(in crate::expr) const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

const DAYS_PER_ERA: i64 = 146_097;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
}

impl Day {
    /// The day so many days after 1970-01-01.
    pub(super) fn at(days: i64) -> Self {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(DAYS_PER_ERA);
        let of_era = shifted.rem_euclid(DAYS_PER_ERA);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day: of_year - (153 * from_march + 2) / 5 + 1 }
    }

    /// The day, where there is such a one.
    pub(super) fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let exists = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
        exists.then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01.
    pub(super) fn number(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let from_march = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let of_year = (153 * from_march + 2) / 5 + self.day - 1;
        era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
    }

    /// Months since the year 0.
    pub(super) fn months(self) -> i64 {
        self.year * 12 + self.month - 1
    }

    /// The same day so many months on; the last of the month where it has no such day.
    pub(super) fn plus_months(self, months: i64) -> Self {
        let total = self.months() + months;
        let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
        Self { year, month, day: self.day.min(days_in_month(year, month)) }
    }

    /// 1 to 4.
    pub(super) fn quarter(self) -> i64 {
        (self.month - 1) / 3 + 1
    }

    /// 1 to 366.
    pub(super) fn of_year(self) -> i64 {
        self.number() - Self { month: 1, day: 1, ..self }.number() + 1
    }

    /// 0 for Monday to 6 for Sunday.
    pub(super) fn weekday(self) -> i64 {
        weekday(self.number())
    }

    /// The year and number of its week by ISO 8601: weeks begin on Monday and belong to the year of their Thursday.
    pub(super) fn week(self) -> (i64, i64) {
        let thursday = Self::at(self.number() - self.weekday() + 3);
        (thursday.year, (thursday.of_year() - 1) / 7 + 1)
    }
}

/// 0 for Monday to 6 for Sunday.
pub(super) fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

pub(super) fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// A timestamp as its day and the microseconds of that day.
pub(super) fn parted(micros: i64) -> (i64, i64) {
    (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY))
}

/// The timestamp of a day and its microseconds; `None` where it has no room in 64 bits.
pub(super) fn joined(days: i64, micros: i64) -> Option<i64> {
    // The first day of all begins before what 64 bits hold.
    let total = i128::from(days) * i128::from(MICROS_PER_DAY) + i128::from(micros);
    i64::try_from(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        let mut last = Day::at(-800_000);
        for days in -799_999..800_000 {
            let day = Day::at(days);
            assert_eq!(day.number(), days);
            let is_next = (day.year, day.month, day.day) == (last.year, last.month, last.day + 1)
                || day.day == 1 && last.day == days_in_month(last.year, last.month);
            assert!(is_next, "{day:?}");
            last = day;
        }
        assert_eq!(Day::at(0), Day { year: 1970, month: 1, day: 1 });
        assert_eq!(Day::at(i64::from(i32::MAX)).number(), i64::from(i32::MAX));
        assert_eq!(Day::at(i64::from(i32::MIN)).number(), i64::from(i32::MIN));
    }

    #[test]
    fn weeks_are_those_of_the_standard() {
        for (year, month, day, week) in [
            (2024, 1, 1, (2024, 1)),
            (2023, 1, 1, (2022, 52)),
            (2020, 12, 31, (2020, 53)),
            (2021, 1, 3, (2020, 53)),
            (2024, 12, 30, (2025, 1)),
        ] {
            assert_eq!(Day::new(year, month, day).unwrap().week(), week);
        }
    }
}
