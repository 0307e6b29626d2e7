//! When each key is to be looked at next.
//!
//! A flat array of times, of which every block knows its earliest. What is due is found by looking only into blocks
//! that have something due; moving a time costs one write, whatever the number of keys. A time may be too early: the
//! key is then looked at for nothing, and says when to come again.

/// Never.
pub(super) const NEVER: i64 = i64::MAX;

/// Keys of one block: small enough that a block with one due key is no burden.
const BLOCK: usize = 1_024;

/// A time per key.
#[derive(Debug, Default)]
pub(super) struct Dues {
    times: Vec<i64>,
    /// Per block a time that none of its keys is before.
    earliest: Vec<i64>,
}

impl Dues {
    /// Makes sure that there are so many keys; new ones are due never.
    pub(super) fn cover(&mut self, keys: usize) {
        if keys > self.times.len() {
            self.times.resize(keys, NEVER);
            self.earliest.resize(keys.div_ceil(BLOCK), NEVER);
        }
    }

    /// Looks at a key at this time, or when it was to be looked at anyway if that is earlier.
    pub(super) fn lower(&mut self, key: u32, time: i64) {
        if let Some(due) = self.times.get_mut(key as usize)
            && time < *due
        {
            *due = time;
            if let Some(earliest) = self.earliest.get_mut(key as usize / BLOCK) {
                *earliest = time.min(*earliest);
            }
        }
    }

    /// The earliest time at which a key is to be looked at; it may be too early.
    pub(super) fn next(&self) -> Option<i64> {
        self.earliest.iter().copied().min().filter(|earliest| *earliest != NEVER)
    }

    /// Takes out the keys that are due by this time, ascending; they are due never from now on.
    pub(super) fn take(&mut self, by: i64) -> Vec<u32> {
        let mut due = Vec::new();
        for (block, earliest) in self.earliest.iter_mut().enumerate().filter(|(_, earliest)| **earliest <= by) {
            *earliest = NEVER;
            let start = block * BLOCK;
            let end = (start + BLOCK).min(self.times.len());
            for (key, time) in (start..end).zip(&mut self.times[start..end]) {
                if *time <= by && *time != NEVER {
                    *time = NEVER;
                    due.extend(u32::try_from(key));
                } else {
                    *earliest = (*earliest).min(*time);
                }
            }
        }
        due
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        (self.times.capacity() + self.earliest.capacity()) * size_of::<i64>()
    }
}
