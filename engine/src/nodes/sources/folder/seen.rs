//! Which files were taken, at bounded memory.
//!
//! The law: a file that was taken is never taken again unless it changes, however many there are. What is forgotten is
//! always the oldest, and whatever is not newer than something forgotten counts as taken.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::{Duration, SystemTime};

/// Files whose last change is longer ago than this, counted from the newest, are forgotten.
const REMEMBERED_FOR: Duration = Duration::from_hours(7 * 24);
/// More files than these are not remembered.
const MAX_REMEMBERED: usize = 100_000;

/// A file as it was at a look. The order is the one files are taken in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileVersion {
    /// When it was changed last.
    pub(super) modified: SystemTime,
    /// Its name in the folder.
    pub(super) name: OsString,
    /// Its bytes.
    pub(super) size: u64,
}

/// The files taken so far.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    files: BTreeSet<FileVersion>,
    /// The newest one that was forgotten.
    forgotten: Option<FileVersion>,
    max: usize,
}

impl Seen {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { files: BTreeSet::new(), forgotten: None, max: MAX_REMEMBERED }
    }

    /// Whether the file was not taken as it is now.
    pub(super) fn is_new(&self, file: &FileVersion) -> bool {
        self.forgotten.as_ref().is_none_or(|forgotten| file > forgotten) && !self.files.contains(file)
    }

    /// Remembers a file. A time of change in the future must not make the present look old.
    pub(super) fn insert(&mut self, file: FileVersion, now: SystemTime) {
        self.files.insert(file);
        let newest = self.files.last().map_or(now, |file| file.modified.min(now));
        let oldest = newest.checked_sub(REMEMBERED_FOR);
        while let Some(first) = self.files.first() {
            let is_old = oldest.is_some_and(|oldest| first.modified < oldest);
            if !is_old && self.files.len() <= self.max {
                break;
            }
            self.forgotten = self.files.pop_first().max(self.forgotten.take());
        }
    }

    /// Makes a file count as not taken, because it was found but given to no batch.
    pub(super) fn remove(&mut self, file: &FileVersion) {
        self.files.remove(file);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: u64 = 24 * 60 * 60;

    fn file(name: &str, days: u64) -> FileVersion {
        FileVersion { modified: at(days), name: name.into(), size: 1 }
    }

    fn at(days: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(days * DAY)
    }

    proptest! {
        #[test]
        fn nothing_is_taken_twice_and_little_is_remembered(
            found in prop::collection::vec((0u64..30, 0u8..20), 1..80),
            max in 1usize..10,
        ) {
            let mut seen = Seen { max, ..Seen::new() };
            let mut taken = Vec::new();
            for (days, name) in found {
                let file = file(&name.to_string(), days);
                if seen.is_new(&file) {
                    prop_assert!(!taken.contains(&file));
                    seen.insert(file.clone(), at(30));
                    taken.push(file);
                }
                prop_assert!(seen.files.len() <= max);
            }
        }

        #[test]
        fn in_the_order_of_their_age_all_are_taken(
            mut found in prop::collection::vec((0u64..30, 0u8..20), 1..80),
            max in 1usize..10,
        ) {
            found.sort_by_key(|(days, name)| (*days, name.to_string()));
            found.dedup();
            let mut seen = Seen { max, ..Seen::new() };
            for (days, name) in found {
                let file = file(&name.to_string(), days);
                prop_assert!(seen.is_new(&file), "{file:?}");
                seen.insert(file, at(30));
            }
        }
    }

    #[test]
    fn a_changed_file_is_new_and_a_file_older_than_a_week_forgotten() {
        let mut seen = Seen::new();
        seen.insert(file("a", 1), at(20));
        assert!(!seen.is_new(&file("a", 1)) && seen.is_new(&file("a", 2)));
        assert!(seen.is_new(&file("late", 0)), "nothing was forgotten yet");
        seen.insert(file("b", 10), at(20));
        assert_eq!(seen.files.len(), 1);
        assert!(!seen.is_new(&file("a", 1)) && !seen.is_new(&file("late", 0)) && seen.is_new(&file("c", 5)));
    }

    #[test]
    fn a_file_from_the_future_does_not_make_the_present_old() {
        let mut seen = Seen::new();
        seen.insert(file("today", 20), at(20));
        seen.insert(file("future", 9_000), at(20));
        assert!(seen.is_new(&file("yesterday", 19)));
    }
}
