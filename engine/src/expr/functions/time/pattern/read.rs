//! Makes a time of a text by a pattern, strictly: every field in its width, nothing left over, no day that does not
//! exist. What the pattern does not name is that of 1970-01-01 00:00:00 in UTC.

use super::super::calendar::{Day, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND, joined};
use super::super::zone::{Zone, offset};
use super::item::{Field, Item, Pattern};
use super::names::{MONTHS, QUARTERS, WEEKDAYS, short};
use crate::expr::{ExprError, shorten};

impl Pattern {
    /// The time a text says.
    pub(in crate::expr::functions) fn read(&self, text: &str) -> Result<i64, ExprError> {
        let mut found = Found::default();
        let refused = |why: String| {
            let what = format!("`{}` does not fit the pattern: {why}", shorten(text));
            ExprError::advising(what, "the function's `try_` form gives null")
        };
        let rest = read_all(&self.items, text, &mut found).map_err(&refused)?;
        if !rest.is_empty() {
            return Err(refused(format!("`{}` is left over", shorten(rest))));
        }
        found.time().map_err(refused)
    }
}

/// What was read.
#[derive(Debug, Clone, Default)]
struct Found {
    fields: Vec<(Field, i64)>,
    zone: Option<Zone>,
}

type Refused = String;

fn read_all<'t>(items: &[Item], mut text: &'t str, found: &mut Found) -> Result<&'t str, Refused> {
    for (index, item) in items.iter().enumerate() {
        text = match item {
            Item::Text(wanted) => {
                let there = text.get(..wanted.len()).filter(|there| there.eq_ignore_ascii_case(wanted));
                match there {
                    Some(_) => &text[wanted.len()..],
                    None => return Err(format!("`{wanted}` is expected where `{}` stands", shorten(text))),
                }
            }
            Item::Optional(items) => {
                let before = found.clone();
                match read_all(items, text, found) {
                    Ok(rest) => rest,
                    Err(_) => {
                        *found = before;
                        text
                    }
                }
            }
            Item::Field(field, count) => read_field(*field, *count, text, behind(&items[index + 1..]), found)?,
        };
    }
    Ok(text)
}

/// How many digits the fields directly behind take, which a year of any length has to leave to them.
fn behind(items: &[Item]) -> usize {
    let widths = items.iter().map_while(|item| match item {
        Item::Field(field, count) if field.is_number(*count) => Some(*count),
        Item::Field(_, _) | Item::Text(_) | Item::Optional(_) => None,
    });
    widths.sum()
}

fn read_field<'t>(
    field: Field,
    count: usize,
    text: &'t str,
    behind: usize,
    found: &mut Found,
) -> Result<&'t str, Refused> {
    match field {
        Field::Month if count >= 3 => named(&MONTHS, count == 3, field, text, found, 1),
        Field::Weekday => named(&WEEKDAYS, count < 4, field, text, found, 0),
        Field::Quarter if count == 4 => named(&QUARTERS, false, field, text, found, 1),
        Field::Quarter if count == 3 => named(&["Q1", "Q2", "Q3", "Q4"], false, field, text, found, 1),
        Field::HalfDay => named(&["AM", "PM"], false, field, text, found, 0),
        Field::Era if count == 4 => named(&["Before Christ", "Anno Domini"], false, field, text, found, 0),
        Field::Era => named(&["BC", "AD"], false, field, text, found, 0),
        Field::ZoneName
        | Field::ZoneId
        | Field::ZoneLocalised
        | Field::OffsetOrZ
        | Field::Offset
        | Field::OffsetRfc => zone(field, text, found),
        Field::Fraction => {
            let digits = leading_digits(text).min(count);
            if digits == 0 {
                return Err(format!("digits are expected where `{}` stands", shorten(text)));
            }
            let scaled = format!("{:0<9}", &text[..digits]);
            found.put(field, scaled.parse::<i64>().map_err(|error| error.to_string())? / 1_000)?;
            Ok(&text[digits..])
        }
        Field::Year if count == 2 => {
            let (year, rest) = digits(text, 2, 2)?;
            found.put(field, 2000 + year)?;
            Ok(rest)
        }
        Field::Year => {
            let (sign, digits_at) = match text.as_bytes().first() {
                Some(b'-') => (-1, &text[1..]),
                Some(b'+') if count >= 4 => (1, &text[1..]),
                _ => (1, text),
            };
            let most = leading_digits(digits_at).saturating_sub(behind).min(6);
            // Without a sign a year has as many digits as letters, from four letters on.
            let most = if count >= 4 && digits_at.len() == text.len() { most.min(count) } else { most };
            let (year, rest) = digits(digits_at, count, most.max(count))?;
            found.put(field, sign * year)?;
            Ok(rest)
        }
        _ => {
            let most = match (count, field) {
                (1, Field::DayOfYear) => 3,
                (1, _) => 2,
                (count, Field::DayOfYear) if count < 3 => 3,
                (count, _) => count,
            };
            // One letter takes what there is, unless the fields behind need it.
            let most = if behind > 0 { count } else { most };
            let (number, rest) = digits(text, count, most)?;
            found.put(field, number)?;
            Ok(rest)
        }
    }
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn digits(text: &str, least: usize, most: usize) -> Result<(i64, &str), Refused> {
    let count = leading_digits(text).min(most);
    if count < least {
        return Err(format!("{least} digits are expected where `{}` stands", shorten(text)));
    }
    let (number, rest) = text.split_at(count);
    Ok((number.parse().map_err(|_| format!("`{number}` is too large"))?, rest))
}

fn named<'t>(
    names: &[&str],
    is_short: bool,
    field: Field,
    text: &'t str,
    found: &mut Found,
    first: i64,
) -> Result<&'t str, Refused> {
    for (number, name) in (first..).zip(names) {
        let name = if is_short { short(name) } else { name };
        if text.get(..name.len()).is_some_and(|there| there.eq_ignore_ascii_case(name)) {
            found.put(field, number)?;
            return Ok(&text[name.len()..]);
        }
    }
    Err(format!(
        "a name such as `{}` is expected where `{}` stands",
        names.first().copied().unwrap_or_default(),
        shorten(text)
    ))
}

fn zone<'t>(field: Field, text: &'t str, found: &mut Found) -> Result<&'t str, Refused> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | ':' | '/' | '_');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_name = matches!(field, Field::ZoneName | Field::ZoneId | Field::ZoneLocalised);
    let zone = match (name, field) {
        ("Z", Field::OffsetOrZ | Field::OffsetRfc) => Some(Zone::Fixed(0)),
        (name, _) if is_name => Zone::named(name).ok(),
        (name, _) => offset(name).map(Zone::Fixed),
    };
    found.zone = Some(zone.ok_or_else(|| format!("a time zone is expected where `{}` stands", shorten(text)))?);
    Ok(rest)
}

impl Found {
    /// A field named twice must say the same twice.
    fn put(&mut self, field: Field, number: i64) -> Result<(), Refused> {
        match self.get(field) {
            Some(known) if known != number => Err("it says the same field in two ways".to_owned()),
            _ => {
                self.fields.push((field, number));
                Ok(())
            }
        }
    }

    fn get(&self, field: Field) -> Option<i64> {
        self.fields.iter().find(|(known, _)| *known == field).map(|(_, number)| *number)
    }

    fn bounded(&self, field: Field, least: i64, most: i64) -> Result<Option<i64>, Refused> {
        match self.get(field) {
            Some(number) if !(least..=most).contains(&number) => {
                Err(format!("{number} is not between {least} and {most}"))
            }
            found => Ok(found),
        }
    }

    fn time(&self) -> Result<i64, Refused> {
        let day = self.day()?;
        let is_weekday = self.get(Field::Weekday).is_none_or(|weekday| weekday == day.weekday());
        let is_quarter = self.bounded(Field::Quarter, 1, 4)?.is_none_or(|quarter| quarter == day.quarter());
        if !is_weekday || !is_quarter {
            return Err("the day of the week, or the quarter, is that of another date".to_owned());
        }
        let minute = self.bounded(Field::Minute, 0, 59)?.unwrap_or(0);
        let second = self.bounded(Field::Second, 0, 59)?.unwrap_or(0);
        let time = self.hour()? * MICROS_PER_HOUR
            + minute * MICROS_PER_MINUTE
            + second * MICROS_PER_SECOND
            + self.get(Field::Fraction).unwrap_or(0);
        let local = joined(day.number(), time);
        let utc = local.and_then(|local| self.zone.map_or(Some(local), |zone| zone.to_utc(local)));
        utc.ok_or_else(|| "the time lies beyond what a timestamp holds".to_owned())
    }

    fn day(&self) -> Result<Day, Refused> {
        let year = match (self.get(Field::Year), self.get(Field::Era)) {
            (Some(year), Some(0)) => 1 - year,
            (Some(year), _) => year,
            (None, _) => 1970,
        };
        let month = self.bounded(Field::Month, 1, 12)?;
        let of_month = self.bounded(Field::DayOfMonth, 1, 31)?;
        if let Some(of_year) = self.bounded(Field::DayOfYear, 1, 366)? {
            let first = Day { year, month: 1, day: 1 };
            let day = Day::at(first.number() + of_year - 1);
            let is_same =
                month.is_none_or(|month| month == day.month) && of_month.is_none_or(|of_month| of_month == day.day);
            return if day.year == year && is_same { Ok(day) } else { Err(format!("the year {year} has no such day")) };
        }
        let (month, of_month) = (month.unwrap_or(1), of_month.unwrap_or(1));
        Day::new(year, month, of_month).ok_or_else(|| format!("there is no day {year}-{month:02}-{of_month:02}"))
    }

    fn hour(&self) -> Result<i64, Refused> {
        let half = self.get(Field::HalfDay).unwrap_or(0);
        let of_half = match self.bounded(Field::HalfDayClockHour, 1, 12)? {
            Some(hour) => Some(hour % 12),
            None => self.bounded(Field::HalfDayHour, 0, 11)?,
        };
        let of_day = match self.bounded(Field::ClockHour, 1, 24)? {
            Some(hour) => Some(hour % 24),
            None => self.bounded(Field::Hour, 0, 23)?,
        };
        match (of_day, of_half) {
            (Some(hour), of_half) => {
                let is_half = self.get(Field::HalfDay).is_none_or(|half| half == hour / 12);
                let is_same = of_half.is_none_or(|of_half| of_half == hour % 12);
                if is_half && is_same { Ok(hour) } else { Err("it says the hour in two ways".to_owned()) }
            }
            (None, Some(of_half)) => Ok(of_half + 12 * half),
            (None, None) if self.get(Field::HalfDay).is_some() => Ok(12 * half),
            (None, None) => Ok(0),
        }
    }
}
