//! Functions of dates and times. The session's zone is UTC.

mod add;
mod calendar;
mod difference;
mod kernel;
mod make;
mod names;
mod parts;
mod pattern;
mod text;
mod truncate;
mod unit;
mod unix;
mod zone;

use super::Entry;

pub(in crate::expr) use add::months_on;
pub(in crate::expr) use calendar::MICROS_PER_DAY;
pub(in crate::expr) use pattern::Pattern;

/// All of them, by file.
pub(super) const ENTRIES: &[&[Entry]] = &[
    add::ENTRIES,
    difference::ENTRIES,
    make::ENTRIES,
    names::ENTRIES,
    parts::ENTRIES,
    text::ENTRIES,
    truncate::ENTRIES,
    unix::ENTRIES,
    zone::ENTRIES,
];

#[cfg(test)]
mod tests;
