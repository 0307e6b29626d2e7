//! The table of keys for one text column: the commonest grouping, and the one where finding the key is most of the
//! work.
//!
//! Arrow's view of a text of at most twelve bytes holds all of it, so such keys are hashed and compared as one 128-bit
//! number and the text is never looked at. Longer ones are compared by their view's length and first bytes before their
//! text is. Views of longer texts point into blocks of the table's own: no batch stays alive through a key.

use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewArray};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use hashbrown::{DefaultHashBuilder, HashTable};

use super::AggregateError;
use super::views::{Blocks, INLINE, length, text};

/// Rows whose hashes are computed ahead of their lookups, so that the lookups can overlap.
const AHEAD: usize = 64;

/// Numbers texts in the order in which they are first seen; null is a key of its own.
#[derive(Default)]
pub(super) struct StringTable {
    hasher: DefaultHashBuilder,
    short: HashTable<Short>,
    long: HashTable<Long>,
    /// Per group its key, as a view into `blocks`.
    views: Vec<u128>,
    null: Option<u32>,
    blocks: Blocks,
}

/// A key within its view. Two halves, so that it packs tighter than a `u128`.
struct Short {
    low: u64,
    high: u64,
    group: u32,
}

/// A key that is longer than its view.
struct Long {
    hash: u64,
    group: u32,
}

impl StringTable {
    /// Per row the number of its key.
    pub(super) fn intern(&mut self, keys: &StringViewArray, groups: &mut Vec<usize>) -> Result<(), AggregateError> {
        groups.clear();
        groups.reserve(keys.len());
        let buffers = keys.data_buffers();
        let nulls = keys.nulls().filter(|nulls| nulls.null_count() > 0);
        let mut hashes = [0u64; AHEAD];
        for (at, views) in keys.views().chunks(AHEAD).enumerate() {
            for (hash, view) in hashes.iter_mut().zip(views) {
                *hash = match length(*view) {
                    0..=INLINE => self.hasher.hash_one(*view),
                    _ => self.hasher.hash_one(text(*view, buffers)),
                };
            }
            for (row, (&view, &hash)) in views.iter().zip(&hashes).enumerate() {
                let is_null = nulls.is_some_and(|nulls| nulls.is_null(at * AHEAD + row));
                let group = if is_null {
                    self.null_group()?
                } else if length(view) <= INLINE {
                    self.short_group(view, hash)?
                } else {
                    self.long_group(view, text(view, buffers), hash)?
                };
                groups.push(group as usize);
            }
        }
        Ok(())
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.views.len()
    }

    /// The keys of these numbers.
    pub(super) fn gather(&self, groups: &[u32]) -> Result<ArrayRef, AggregateError> {
        let mut blocks = Blocks::default();
        let view = |&group: &u32| {
            let view = self.views.get(group as usize).copied().unwrap_or_default();
            blocks.adopt(view, self.blocks.blocks())
        };
        let views = groups.iter().map(view).collect::<Result<Vec<_>, _>>()?;
        let nulls = self.null.map(|null| groups.iter().map(|&group| group != null).collect::<NullBuffer>());
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        Ok(Arc::new(StringViewArray::try_new(ScalarBuffer::from(views), blocks.into_buffers(), nulls)?))
    }

    /// Takes all keys out, in their order; the table keeps its memory.
    pub(super) fn take(&mut self) -> Result<ArrayRef, AggregateError> {
        let views = std::mem::take(&mut self.views);
        let nulls = self.null.take().map(|null| {
            let null = null as usize;
            (0..views.len()).map(|group| group != null).collect::<NullBuffer>()
        });
        let blocks = std::mem::take(&mut self.blocks).into_buffers();
        self.short.clear();
        self.long.clear();
        Ok(Arc::new(StringViewArray::try_new(ScalarBuffer::from(views), blocks, nulls)?))
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        self.short.allocation_size()
            + self.long.allocation_size()
            + self.views.capacity() * size_of::<u128>()
            + self.blocks.size()
    }

    fn short_group(&mut self, view: u128, hash: u64) -> Result<u32, AggregateError> {
        let (low, high) = halves(view);
        if let Some(found) = self.short.find(hash, |key| key.low == low && key.high == high) {
            return Ok(found.group);
        }
        let group = self.push(view)?;
        let hasher = &self.hasher;
        self.short.insert_unique(hash, Short { low, high, group }, |key| hasher.hash_one(whole(key.low, key.high)));
        Ok(group)
    }

    fn long_group(&mut self, view: u128, bytes: &[u8], hash: u64) -> Result<u32, AggregateError> {
        let start = halves(view).0;
        let (views, blocks) = (&self.views, self.blocks.blocks());
        let is_same = |key: &Long| {
            let own = views[key.group as usize];
            key.hash == hash && halves(own).0 == start && text(own, blocks) == bytes
        };
        if let Some(found) = self.long.find(hash, is_same) {
            return Ok(found.group);
        }
        let kept = self.blocks.keep(bytes)?;
        let group = self.push(kept)?;
        self.long.insert_unique(hash, Long { hash, group }, |key| key.hash);
        Ok(group)
    }

    fn null_group(&mut self) -> Result<u32, AggregateError> {
        if let Some(group) = self.null {
            return Ok(group);
        }
        let group = self.push(0)?;
        self.null = Some(group);
        Ok(group)
    }

    fn push(&mut self, view: u128) -> Result<u32, AggregateError> {
        let group = u32::try_from(self.views.len()).map_err(|_| {
            AggregateError("more than four thousand million keys; group by something coarser".to_owned())
        })?;
        self.views.push(view);
        Ok(group)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is cut in two")]
fn halves(view: u128) -> (u64, u64) {
    (view as u64, (view >> 64) as u64)
}

fn whole(low: u64, high: u64) -> u128 {
    u128::from(low) | u128::from(high) << 64
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;
    use proptest::prelude::*;

    use super::*;

    fn word() -> impl Strategy<Value = Option<String>> {
        prop_oneof![
            1 => Just(None),
            2 => Just(Some(String::new())),
            // Around the twelve bytes that a view holds, with shared beginnings.
            8 => "[ab]{0,3}".prop_map(Some),
            8 => "(prefix_of|other)[ab]{3,7}".prop_map(Some),
            4 => "语{3,6}[ab]{0,2}".prop_map(Some),
            1 => "[a-c]{40}".prop_map(Some),
        ]
    }

    proptest! {
        #[test]
        fn keys_are_numbered_as_they_come_and_taken_out_in_that_order(
            rounds in prop::collection::vec(prop::collection::vec(prop::collection::vec(word(), 0..150), 1..4), 1..4),
        ) {
            let mut table = StringTable::default();
            for batches in rounds {
                let mut seen: Vec<Option<String>> = Vec::new();
                for words in &batches {
                    let keys: StringViewArray = words.iter().map(Option::as_deref).collect();
                    let mut groups = vec![99; 3];
                    table.intern(&keys.slice(0, keys.len()), &mut groups).unwrap();
                    let expected: Vec<usize> = words
                        .iter()
                        .map(|word| {
                            seen.iter().position(|known| known == word).unwrap_or_else(|| {
                                seen.push(word.clone());
                                seen.len() - 1
                            })
                        })
                        .collect();
                    prop_assert_eq!(groups, expected);
                    prop_assert_eq!(table.len(), seen.len());
                }
                let backwards: Vec<u32> = (0..u32::try_from(seen.len()).unwrap()).rev().collect();
                let read = table.gather(&backwards).unwrap();
                let expected: StringViewArray = seen.iter().rev().map(Option::as_deref).collect();
                prop_assert_eq!(read.as_string_view(), &expected);
                let taken = table.take().unwrap();
                let expected: StringViewArray = seen.iter().map(Option::as_deref).collect();
                prop_assert_eq!(taken.to_data(), expected.to_data());
                prop_assert_eq!(table.len(), 0);
            }
        }
    }

    #[test]
    fn a_slice_of_a_batch_is_read_from_its_own_beginning() {
        let keys = StringViewArray::from(vec![Some("a"), None, Some("much longer than a view"), Some("a")]);
        let mut groups = Vec::new();
        let mut table = StringTable::default();
        table.intern(&keys.slice(1, 3), &mut groups).unwrap();
        assert_eq!(groups, [0, 1, 2]);
        assert!(table.size() > 0);
    }
}
