//! When group ids fall due.
//!
//! Every id with a deadline stands in exactly one bucket of a second. A later deadline does not move it: when its
//! bucket comes up it is looked at again and filed where it belongs then. So refreshing a key costs two writes, looking
//! for what is due costs what is due, and a tick at which nothing falls due costs nothing.

use std::collections::BTreeMap;

/// The deadline of an id that has none.
const NEVER: i64 = i64::MAX;
/// The bucket of an id that stands in none.
const UNFILED: i64 = i64::MIN;
/// Microseconds of a bucket.
const BUCKET: i64 = 1_000_000;

/// Deadlines by id, in microseconds.
#[derive(Debug, Default)]
pub struct Expiry {
    deadlines: Vec<i64>,
    filed: Vec<i64>,
    buckets: BTreeMap<i64, Vec<u32>>,
}

/// Ids that were counted anew: `kept[i]` is now called `numbers[i]`, all others are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renumbered {
    /// The old ids.
    pub kept: Vec<u32>,
    /// Their new ones.
    pub numbers: Vec<u32>,
}

impl Expiry {
    /// Gives an id a deadline, in place of the one it has.
    pub fn set(&mut self, id: u32, deadline: i64) {
        let slot = id as usize;
        if slot >= self.deadlines.len() {
            self.deadlines.resize(slot + 1, NEVER);
            self.filed.resize(slot + 1, UNFILED);
        }
        self.deadlines[slot] = deadline;
        let is_filed_in_time = self.filed[slot] != UNFILED && self.filed[slot] <= bucket_of(deadline);
        if deadline != NEVER && !is_filed_in_time {
            self.file(id, bucket_of(deadline));
        }
    }

    /// The same, unless it would come earlier than the one the id has.
    pub fn extend(&mut self, id: u32, deadline: i64) {
        if self.deadline(id).is_none_or(|current| current < deadline) {
            self.set(id, deadline);
        }
    }

    /// The id's deadline.
    pub fn deadline(&self, id: u32) -> Option<i64> {
        self.deadlines.get(id as usize).copied().filter(|&deadline| deadline != NEVER)
    }

    /// Takes an id's deadline away.
    pub fn clear(&mut self, id: u32) {
        if let Some(deadline) = self.deadlines.get_mut(id as usize) {
            *deadline = NEVER;
        }
    }

    /// Takes out the ids whose deadline is at or before `now`, in their order.
    pub fn take_due(&mut self, now: i64) -> Vec<u32> {
        let mut due = Vec::new();
        let last = bucket_of(now);
        while let Some(first) = self.buckets.first_entry()
            && *first.key() <= last
        {
            let bucket = *first.key();
            let ids = first.remove();
            let mut later = Vec::new();
            for id in ids {
                let slot = id as usize;
                if self.filed[slot] != bucket {
                    continue;
                }
                self.filed[slot] = UNFILED;
                let deadline = self.deadlines[slot];
                if deadline <= now && deadline != NEVER {
                    self.deadlines[slot] = NEVER;
                    due.push(id);
                } else if deadline != NEVER {
                    later.push(id);
                }
            }
            for id in later {
                self.file(id, bucket_of(self.deadlines[id as usize]));
            }
            if bucket == last {
                break;
            }
        }
        due.sort_unstable();
        due
    }

    /// Moves every deadline, because ids live longer or shorter from now on.
    pub fn shift(&mut self, by: i64) {
        let moved = |deadline: i64| if deadline == NEVER { NEVER } else { deadline.saturating_add(by).min(NEVER - 1) };
        let deadlines = self.deadlines.iter().map(|&deadline| moved(deadline)).collect();
        self.rebuild(deadlines);
    }

    /// Follows ids that were counted anew.
    pub fn renumber(&mut self, renumbered: &Renumbered) {
        let mut deadlines = vec![NEVER; renumbered.kept.len()];
        for (&old, &new) in renumbered.kept.iter().zip(&renumbered.numbers) {
            if let (Some(slot), Some(&deadline)) = (deadlines.get_mut(new as usize), self.deadlines.get(old as usize)) {
                *slot = deadline;
            }
        }
        self.rebuild(deadlines);
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        (self.deadlines.capacity() + self.filed.capacity()) * size_of::<i64>()
            + self.buckets.values().map(|ids| ids.capacity() * size_of::<u32>()).sum::<usize>()
    }

    fn rebuild(&mut self, deadlines: Vec<i64>) {
        *self = Self::default();
        for (id, deadline) in (0u32..).zip(deadlines) {
            self.set(id, deadline);
        }
    }

    fn file(&mut self, id: u32, bucket: i64) {
        self.filed[id as usize] = bucket;
        self.buckets.entry(bucket).or_default().push(id);
    }
}

fn bucket_of(deadline: i64) -> i64 {
    deadline.div_euclid(BUCKET)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_that_is_refreshed_waits_for_its_latest_deadline() {
        let mut expiry = Expiry::default();
        expiry.set(0, 1_500_000);
        expiry.set(1, 1_600_000);
        expiry.extend(0, 9_000_000);
        expiry.extend(0, 2_000_000);
        assert_eq!(expiry.take_due(1_599_999), [] as [u32; 0]);
        assert_eq!(expiry.take_due(1_600_000), [1]);
        assert_eq!(expiry.take_due(8_999_999), [] as [u32; 0]);
        assert_eq!(expiry.take_due(9_000_000), [0]);
        assert_eq!(expiry.take_due(i64::MAX), [] as [u32; 0]);
    }

    proptest! {
        #[test]
        fn what_is_due_is_what_a_look_at_every_id_finds(
            steps in prop::collection::vec((0u8..4, 0u32..12, -3_000_000i64..30_000_000), 1..80),
        ) {
            let mut expiry = Expiry::default();
            let mut model: BTreeMap<u32, i64> = BTreeMap::new();
            for (step, id, time) in steps {
                match step {
                    0 => { expiry.set(id, time); model.insert(id, time); }
                    1 => {
                        expiry.extend(id, time);
                        let deadline = model.entry(id).or_insert(time);
                        *deadline = (*deadline).max(time);
                    }
                    2 => { expiry.clear(id); model.remove(&id); }
                    _ => {
                        let due: Vec<u32> = model.iter().filter(|(_, at)| **at <= time).map(|(id, _)| *id).collect();
                        model.retain(|_, at| *at > time);
                        prop_assert_eq!(expiry.take_due(time), due);
                    }
                }
            }
        }
    }
}
