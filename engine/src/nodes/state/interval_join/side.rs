//! What a join remembers of one side: its rows, and where those of a key stand, in the order of their times.
//!
//! Rows lie in columns addressed by slots, which are used again once a row is gone. Per key a list of (time, slot)
//! makes the rows of a time range one slice of it.

use arrow::array::ArrayRef;

use crate::aggregate::{AggregateError, ColumnStore, Expiry, compact};

/// The key of a row that equals no other.
pub(super) const NO_KEY: u32 = u32::MAX;

/// The key of a slot that is free.
const FREE: u32 = u32::MAX - 1;

/// One remembered row of a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    time: i64,
    /// Where the row lies.
    pub(super) slot: u32,
}

/// The rows of one side.
#[derive(Default)]
pub(super) struct Side {
    rows: ColumnStore,
    keys: Vec<u32>,
    times: Vec<i64>,
    is_matched: Vec<bool>,
    free: Vec<u32>,
    index: Vec<Vec<Entry>>,
    expiry: Expiry,
    live: usize,
}

/// A row to remember.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fresh {
    /// Its key's number.
    pub(super) key: u32,
    /// Its event time; 0 where none is asked for.
    pub(super) time: i64,
    /// From when on it can be forgotten.
    pub(super) deadline: Option<i64>,
    /// Whether it has had a match.
    pub(super) is_matched: bool,
}

impl Side {
    /// Remembers rows, one for each row of the columns.
    pub(super) fn insert(&mut self, fresh: &[Fresh], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let mut slots = Vec::with_capacity(fresh.len());
        let mut unsorted = Vec::new();
        for row in fresh {
            let slot = self.slot()?;
            let at = slot as usize;
            (self.keys[at], self.times[at], self.is_matched[at]) = (row.key, row.time, row.is_matched);
            if let Some(deadline) = row.deadline {
                self.expiry.set(slot, deadline);
            }
            if row.key != NO_KEY {
                let key = row.key as usize;
                if key >= self.index.len() {
                    self.index.resize_with(key + 1, Vec::new);
                }
                let entries = &mut self.index[key];
                if entries.last().is_some_and(|last| last.time > row.time) {
                    unsorted.push(key);
                }
                entries.push(Entry { time: row.time, slot });
            }
            slots.push(slot);
        }
        unsorted.sort_unstable();
        unsorted.dedup();
        for key in unsorted {
            self.index[key].sort_by_key(|entry| entry.time);
        }
        self.live += slots.len();
        self.rows.put(&slots, columns.iter().map(compact).collect())
    }

    /// The rows of a key whose time lies in `[from, to]`, in the order of their times, then of their arrival.
    pub(super) fn matches(&self, key: u32, from: i64, to: i64) -> &[Entry] {
        let Some(entries) = self.index.get(key as usize) else { return &[] };
        let first = entries.partition_point(|entry| entry.time < from);
        let rest = &entries[first..];
        &rest[..rest.partition_point(|entry| entry.time <= to)]
    }

    /// The columns of these rows.
    pub(super) fn gather(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        self.rows.gather(slots)
    }

    /// Notes a match. Gives whether it is the row's first.
    pub(super) fn note_match(&mut self, slot: u32) -> bool {
        self.is_matched.get_mut(slot as usize).is_some_and(|is_matched| !std::mem::replace(is_matched, true))
    }

    /// Whether the row has had a match.
    pub(super) fn is_matched(&self, slot: u32) -> bool {
        self.is_matched.get(slot as usize).copied().unwrap_or_default()
    }

    /// The rows that fall due, in the order of their times. They stay until they are removed.
    pub(super) fn due(&mut self, now: i64) -> Vec<u32> {
        let mut due = self.expiry.take_due(now);
        due.sort_by_key(|&slot| self.times[slot as usize]);
        due
    }

    /// Forgets rows.
    pub(super) fn remove(&mut self, slots: &[u32]) {
        let mut keys = Vec::with_capacity(slots.len());
        for &slot in slots {
            let key = std::mem::replace(&mut self.keys[slot as usize], FREE);
            if key != NO_KEY && key != FREE {
                keys.push(key);
            }
            if key != FREE {
                self.expiry.clear(slot);
                self.free.push(slot);
                self.live -= 1;
            }
        }
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let entries = &mut self.index[key as usize];
            entries.retain(|entry| self.keys[entry.slot as usize] != FREE);
            if entries.is_empty() {
                *entries = Vec::new();
            }
        }
        self.rows.remove(slots);
    }

    /// Gives every row the deadline that `of` gives for its time.
    pub(super) fn set_deadlines(&mut self, of: impl Fn(i64) -> Option<i64>) {
        self.expiry = Expiry::default();
        for (slot, (&key, &time)) in (0u32..).zip(self.keys.iter().zip(&self.times)) {
            if key != FREE
                && let Some(deadline) = of(time)
            {
                self.expiry.set(slot, deadline);
            }
        }
    }

    /// Whether the key has rows.
    pub(super) fn has(&self, key: u32) -> bool {
        self.index.get(key as usize).is_some_and(|entries| !entries.is_empty())
    }

    /// Follows keys that were counted anew: `numbers[i]` is what `kept[i]` is called now.
    pub(super) fn renumber(&mut self, kept: &[u32], numbers: &[u32]) {
        let mut index = Vec::new();
        index.resize_with(kept.len(), Vec::new);
        for (&old, &new) in kept.iter().zip(numbers) {
            let Some(entries) = self.index.get_mut(old as usize) else { continue };
            for entry in entries.iter() {
                self.keys[entry.slot as usize] = new;
            }
            index[new as usize] = std::mem::take(entries);
        }
        self.index = index;
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        let entries: usize = self.index.iter().map(Vec::capacity).sum();
        self.rows.size()
            + self.expiry.size()
            + self.keys.capacity() * (size_of::<u32>() + size_of::<i64>() + size_of::<bool>())
            + entries * size_of::<Entry>()
            + self.index.capacity() * size_of::<Vec<Entry>>()
    }

    fn slot(&mut self) -> Result<u32, AggregateError> {
        if let Some(slot) = self.free.pop() {
            return Ok(slot);
        }
        let slot = u32::try_from(self.keys.len()).ok().filter(|&slot| slot < FREE).ok_or_else(|| {
            AggregateError("more than four thousand million rows wait for a match; shorten the time range".to_owned())
        })?;
        self.keys.push(FREE);
        self.times.push(0);
        self.is_matched.push(false);
        Ok(slot)
    }
}
