//! The parts of a pattern.

use crate::expr::ExprError;

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// This very text.
    Text(String),
    /// A field, written with so many letters.
    Field(Field, usize),
    /// What may be missing when it is read.
    Optional(Vec<Item>),
}

/// A field of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Era,
    Year,
    Quarter,
    Month,
    DayOfMonth,
    DayOfYear,
    Weekday,
    HalfDay,
    /// 0 to 23.
    Hour,
    /// 1 to 24.
    ClockHour,
    /// 0 to 11.
    HalfDayHour,
    /// 1 to 12.
    HalfDayClockHour,
    Minute,
    Second,
    Fraction,
    ZoneName,
    ZoneId,
    /// `GMT+8`.
    ZoneLocalised,
    /// `X`: `Z` or an offset.
    OffsetOrZ,
    /// `x`.
    Offset,
    /// `Z`.
    OffsetRfc,
}

impl Field {
    /// The field of a letter, with the most letters it may be written with.
    fn of(letter: char) -> Option<(Self, usize)> {
        Some(match letter {
            'G' => (Self::Era, 5),
            'y' => (Self::Year, 6),
            'Q' | 'q' => (Self::Quarter, 4),
            'M' | 'L' => (Self::Month, 4),
            'd' => (Self::DayOfMonth, 2),
            'D' => (Self::DayOfYear, 3),
            'E' => (Self::Weekday, 4),
            'a' => (Self::HalfDay, 1),
            'H' => (Self::Hour, 2),
            'k' => (Self::ClockHour, 2),
            'K' => (Self::HalfDayHour, 2),
            'h' => (Self::HalfDayClockHour, 2),
            'm' => (Self::Minute, 2),
            's' => (Self::Second, 2),
            'S' => (Self::Fraction, 9),
            'z' => (Self::ZoneName, 4),
            'V' => (Self::ZoneId, 2),
            'O' => (Self::ZoneLocalised, 4),
            'X' => (Self::OffsetOrZ, 5),
            'x' => (Self::Offset, 5),
            'Z' => (Self::OffsetRfc, 5),
            _ => return None,
        })
    }

    /// Whether it is written in digits with this number of letters, so that a field before it knows where to end.
    pub(super) fn is_number(self, letters: usize) -> bool {
        match self {
            Self::Month | Self::Quarter => letters <= 2,
            Self::Year
            | Self::DayOfMonth
            | Self::DayOfYear
            | Self::Hour
            | Self::ClockHour
            | Self::HalfDayHour
            | Self::HalfDayClockHour
            | Self::Minute
            | Self::Second
            | Self::Fraction => true,
            Self::Era
            | Self::Weekday
            | Self::HalfDay
            | Self::ZoneName
            | Self::ZoneId
            | Self::ZoneLocalised
            | Self::OffsetOrZ
            | Self::Offset
            | Self::OffsetRfc => false,
        }
    }
}

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::expr) struct Pattern {
    pub(super) items: Vec<Item>,
}

impl Pattern {
    /// Reads a pattern.
    pub(in crate::expr) fn new(text: &str) -> Result<Self, ExprError> {
        let mut open: Vec<Vec<Item>> = vec![Vec::new()];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let item = match c {
                '\'' => {
                    if chars.next_if_eq(&'\'').is_some() {
                        Item::Text("'".to_owned())
                    } else {
                        Item::Text(quoted(&mut chars)?)
                    }
                }
                '[' => {
                    open.push(Vec::new());
                    continue;
                }
                ']' => match (open.pop(), open.is_empty()) {
                    (Some(items), false) => Item::Optional(items),
                    _ => return Err(ExprError::new(format!("the pattern '{text}' has a `]` without its `[`"))),
                },
                '{' | '}' | '#' => {
                    return Err(ExprError::new(format!("`{c}` in a pattern stands between single quotes")));
                }
                letter if letter.is_ascii_alphabetic() => {
                    let mut count = 1;
                    while chars.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    field(letter, count)?
                }
                other => Item::Text(other.to_string()),
            };
            if let Some(items) = open.last_mut() {
                items.push(item);
            }
        }
        match (open.pop(), open.is_empty()) {
            (Some(items), true) => Ok(Self { items }),
            _ => Err(ExprError::new(format!("the pattern '{text}' has a `[` without its `]`"))),
        }
    }
}

fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, ExprError> {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        if c != '\'' {
            text.push(c);
        } else if chars.next_if_eq(&'\'').is_some() {
            text.push('\'');
        } else {
            return Ok(text);
        }
    }
    Err(ExprError::new("the pattern has a quote that is not closed"))
}

fn field(letter: char, count: usize) -> Result<Item, ExprError> {
    let Some((field, most)) = Field::of(letter) else {
        let advice = match letter {
            'Y' => "; the year is `yyyy`",
            'u' | 'e' | 'c' => "; the day of the week is `E`",
            'w' | 'W' => "; the week is `weekofyear(date)`",
            _ => "; other letters stand between single quotes",
        };
        return Err(ExprError::new(format!("`{letter}` means nothing in a pattern of dates and times{advice}")));
    };
    let is_fitting = count <= most
        && (field != Field::ZoneId || count == 2)
        && (field != Field::ZoneLocalised || count != 2 && count != 3);
    if !is_fitting {
        let letters = letter.to_string().repeat(count);
        return Err(ExprError::new(format!(
            "`{letters}` means nothing in a pattern of dates and times; the field takes at most {most} letters"
        )));
    }
    Ok(Item::Field(field, count))
}

/// The pattern of each row: read anew only where it changes.
#[derive(Debug, Default)]
pub(in crate::expr::functions) struct Patterns {
    last: Option<(String, Pattern)>,
}

impl Patterns {
    /// The pattern that was read.
    pub(in crate::expr::functions) fn get(&mut self, text: &str) -> Result<&Pattern, ExprError> {
        if !matches!(&self.last, Some((known, _)) if known == text) {
            self.last = Some((text.to_owned(), Pattern::new(text)?));
        }
        match &self.last {
            Some((_, pattern)) => Ok(pattern),
            None => Err(ExprError::new("a pattern is missing")),
        }
    }
}
