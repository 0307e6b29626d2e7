//! How far a folder has been read: what was taken, what waits for a batch, and what batches were given.

use std::collections::{BTreeSet, VecDeque};
use std::time::SystemTime;

use super::Existing;
use super::pattern::Pattern;
use super::seen::{FileVersion, Seen};
use crate::nodes::sources::content::Rejected;
use crate::nodes::sources::lines::LineFaults;
use crate::plan::{Cut, Range};
use crate::spec::Timestamp;

/// Files that wait for a batch at most; the others are found again later.
const MAX_WAITING: usize = 10_000;
/// A batch takes no further file once it has so many bytes.
const MAX_BATCH_BYTES: u64 = 256 << 20;

/// A file that was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// As it was.
    pub(super) file: FileVersion,
    /// When.
    pub(super) at: Timestamp,
    /// Whether it was read before, so that it need not be counted again.
    pub(super) is_counted: bool,
}

/// What became of the files read so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Files read.
    pub(super) read: u64,
    /// Files that could not be read.
    pub(super) missed: u64,
    /// Why the last one could not.
    pub(super) last_missed: Option<String>,
    /// Lines repaired.
    pub(super) faults: LineFaults,
    /// Lines that did not fit.
    pub(super) rejected: Rejected,
}

/// Positions count files from 0, in the order batches were given them.
#[derive(Debug)]
pub(super) struct Progress {
    seen: Seen,
    /// Found at the last look, and taken if the next one finds them unchanged.
    unsettled: BTreeSet<FileVersion>,
    /// Whether files already there were dealt with.
    has_begun: bool,
    waiting: VecDeque<Found>,
    waiting_bytes: u64,
    /// Given to batches that are not done.
    planned: VecDeque<Found>,
    /// Position of the first of them.
    first: u64,
    last_found: Timestamp,
    pub(super) tally: Tally,
}

impl Progress {
    /// Nothing found.
    pub(super) fn new() -> Self {
        Self {
            seen: Seen::new(),
            unsettled: BTreeSet::new(),
            has_begun: false,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            planned: VecDeque::new(),
            first: 0,
            last_found: Timestamp(i64::MIN),
            tally: Tally::default(),
        }
    }

    /// For other files of the same folder, or the same read in another way: what batches were given stays taken.
    pub(super) fn anew(&self) -> Self {
        let mut seen = self.seen.clone();
        for found in &self.waiting {
            seen.remove(&found.file);
        }
        Self { seen, has_begun: self.has_begun, last_found: self.last_found, ..Self::new() }
    }

    /// There is no folder yet: whatever will lie in it has appeared since.
    pub(super) fn begin_without_folder(&mut self) {
        self.has_begun = true;
    }

    /// Takes in what a look found: files that are new and did not change since the look before wait for a batch.
    pub(super) fn look(&mut self, files: Vec<FileVersion>, pattern: &Pattern, existing: Existing, now: Timestamp) {
        let wall = system_time(now);
        let begins = !std::mem::replace(&mut self.has_begun, true);
        if begins && existing == Existing::Ignore {
            for file in files {
                self.seen.insert(file, wall);
            }
            return;
        }
        // A clock that was set back must not disorder the arrivals.
        self.last_found = self.last_found.max(now);
        let settled = std::mem::take(&mut self.unsettled);
        for file in files {
            if !self.seen.is_new(&file) || !pattern.fits(&file.name.to_string_lossy()) {
                continue;
            }
            if settled.contains(&file) && self.waiting.len() < MAX_WAITING {
                self.seen.insert(file.clone(), wall);
                self.waiting_bytes += file.size;
                self.waiting.push_back(Found { file, at: self.last_found, is_counted: false });
            } else if self.unsettled.len() < 2 * MAX_WAITING {
                self.unsettled.insert(file);
            }
        }
    }

    /// Gives a batch the files found before its tick, whole ones: the limit on rows can only say whether any.
    pub(super) fn plan(&mut self, cut: &Cut, max_files: usize) -> Range {
        let from = self.first + self.planned.len() as u64;
        let mut range = Range { from, to: from, since: cut.from, until: cut.until };
        let (mut files, mut bytes) = (0, 0);
        while cut.max_rows > 0 && files < max_files && bytes < MAX_BATCH_BYTES {
            let Some(found) = self.waiting.pop_front_if(|found| found.at < cut.until) else { break };
            self.waiting_bytes -= found.file.size;
            files += 1;
            bytes += found.file.size;
            range.to += 1;
            range.since = range.since.min(found.at);
            self.planned.push_back(found);
        }
        range
    }

    /// The files of a range; `None` where they were let go.
    pub(super) fn files(&self, range: &Range) -> Option<Vec<Found>> {
        let start = usize::try_from(range.from.checked_sub(self.first)?).ok()?;
        let count = usize::try_from(range.to.checked_sub(range.from)?).ok()?;
        let files: Vec<_> = self.planned.iter().skip(start).take(count).cloned().collect();
        (files.len() == count).then_some(files)
    }

    /// Counts the files of a range that were not counted yet: `tallies` has one for each.
    pub(super) fn count(&mut self, range: &Range, tallies: Vec<Tally>) {
        for (position, tally) in (range.from..).zip(tallies) {
            let index = position.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
            let Some(found) = index.and_then(|index| self.planned.get_mut(index)) else { continue };
            if !std::mem::replace(&mut found.is_counted, true) {
                self.tally.append(tally);
            }
        }
    }

    /// Lets go of the files before this position.
    pub(super) fn forget(&mut self, before: u64) {
        while self.first < before && self.planned.pop_front().is_some() {
            self.first += 1;
        }
    }

    /// Files that wait, and their bytes.
    pub(super) fn backlog(&self) -> (usize, u64) {
        (self.waiting.len(), self.waiting_bytes)
    }
}

impl Tally {
    fn append(&mut self, other: Self) {
        self.read += other.read;
        self.missed += other.missed;
        self.last_missed = other.last_missed.or(self.last_missed.take());
        self.faults += other.faults;
        self.rejected.append(other.rejected);
    }
}

fn system_time(now: Timestamp) -> SystemTime {
    let micros = u64::try_from(now.0).unwrap_or(0);
    SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::from_micros(micros)).unwrap_or(SystemTime::UNIX_EPOCH)
}
