//! The table of keys for one column of 64-bit numbers: ids of users, orders, devices.
//!
//! The key lies in the hash table itself, so that a lookup among millions goes to one place in memory. Beside it stand
//! only the keys in their order.

use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use hashbrown::{DefaultHashBuilder, HashTable};

use super::AggregateError;
use super::interner::number;

/// Rows whose hashes are computed ahead of their lookups, so that the lookups can overlap.
const AHEAD: usize = 64;

/// Numbers keys in the order in which they are first seen; null is a key of its own.
pub(super) struct NumberTable {
    data_type: DataType,
    hasher: DefaultHashBuilder,
    slots: HashTable<Slot>,
    /// Per group its key.
    keys: Vec<i64>,
    null: Option<u32>,
}

/// A key in two halves, so that it packs tighter than an `i64` beside its group.
struct Slot {
    low: u32,
    high: u32,
    group: u32,
}

impl Slot {
    fn key(&self) -> u64 {
        u64::from(self.low) | u64::from(self.high) << 32
    }
}

impl NumberTable {
    /// For keys of this type, if they are 64-bit numbers on links.
    pub(super) fn new(data_type: &DataType) -> Option<Self> {
        if !matches!(data_type, DataType::Int64 | DataType::Timestamp(TimeUnit::Microsecond, _)) {
            return None;
        }
        Some(Self {
            data_type: data_type.clone(),
            hasher: DefaultHashBuilder::default(),
            slots: HashTable::new(),
            keys: Vec::new(),
            null: None,
        })
    }

    /// Per row the number of its key.
    pub(super) fn intern(&mut self, keys: &ArrayRef, groups: &mut Vec<usize>) -> Result<(), AggregateError> {
        let values = match (keys.as_primitive_opt::<Int64Type>(), keys.as_primitive_opt::<TimestampMicrosecondType>()) {
            (Some(numbers), _) => numbers.values(),
            (None, Some(times)) => times.values(),
            (None, None) => return Err(AggregateError("the key is no number; this is a bug in Weir".to_owned())),
        };
        groups.clear();
        groups.reserve(values.len());
        let nulls = keys.nulls().filter(|nulls| nulls.null_count() > 0);
        let mut hashes = [0u64; AHEAD];
        for (at, part) in values.chunks(AHEAD).enumerate() {
            for (hash, key) in hashes.iter_mut().zip(part) {
                *hash = self.hasher.hash_one(key.cast_unsigned());
            }
            for (row, (&key, &hash)) in part.iter().zip(&hashes).enumerate() {
                let is_null = nulls.is_some_and(|nulls| nulls.is_null(at * AHEAD + row));
                let group = if is_null { self.null_group()? } else { self.group(key, hash)? };
                groups.push(group as usize);
            }
        }
        Ok(())
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys of these numbers.
    pub(super) fn gather(&self, groups: &[u32]) -> Result<ArrayRef, AggregateError> {
        let keys = groups.iter().map(|&group| self.keys.get(group as usize).copied().unwrap_or_default()).collect();
        let nulls = self.null.map(|null| groups.iter().map(|&group| group != null).collect());
        self.column(keys, nulls)
    }

    /// Takes all keys out, in their order; the table keeps its memory.
    pub(super) fn take(&mut self) -> Result<ArrayRef, AggregateError> {
        let keys = std::mem::take(&mut self.keys);
        let nulls = self.null.take().map(|null| (0..keys.len()).map(|group| group != null as usize).collect());
        self.slots.clear();
        self.column(keys, nulls)
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        self.slots.allocation_size() + self.keys.capacity() * size_of::<i64>()
    }

    fn column(&self, keys: Vec<i64>, nulls: Option<NullBuffer>) -> Result<ArrayRef, AggregateError> {
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        let numbers = Int64Array::try_new(ScalarBuffer::from(keys), nulls)?;
        Ok(match &self.data_type {
            DataType::Int64 => Arc::new(numbers),
            times => Arc::new(numbers.reinterpret_cast::<TimestampMicrosecondType>().with_data_type(times.clone())),
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "it is cut in two")]
    fn group(&mut self, key: i64, hash: u64) -> Result<u32, AggregateError> {
        let bits = key.cast_unsigned();
        if let Some(found) = self.slots.find(hash, |slot| slot.key() == bits) {
            return Ok(found.group);
        }
        let group = number(self.keys.len())?;
        self.keys.push(key);
        let hasher = &self.hasher;
        let slot = Slot { low: bits as u32, high: (bits >> 32) as u32, group };
        self.slots.insert_unique(hash, slot, |slot| hasher.hash_one(slot.key()));
        Ok(group)
    }

    fn null_group(&mut self) -> Result<u32, AggregateError> {
        if let Some(group) = self.null {
            return Ok(group);
        }
        let group = number(self.keys.len())?;
        self.keys.push(0);
        self.null = Some(group);
        Ok(group)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::TimestampMicrosecondArray;
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = Option<i64>> {
        prop_oneof![1 => Just(None), 8 => (-20i64..20).prop_map(Some), 4 => any::<i64>().prop_map(Some)]
    }

    proptest! {
        #[test]
        fn numbers_are_counted_as_they_come_and_read_by_number(
            rounds in prop::collection::vec(prop::collection::vec(prop::collection::vec(key(), 0..150), 1..4), 1..4),
        ) {
            let mut table = NumberTable::new(&DataType::Int64).unwrap();
            for batches in rounds {
                let mut seen: Vec<Option<i64>> = Vec::new();
                for keys in &batches {
                    let column: ArrayRef = Arc::new(keys.iter().copied().collect::<Int64Array>());
                    let mut groups = vec![99; 3];
                    table.intern(&column, &mut groups).unwrap();
                    let expected: Vec<usize> = keys
                        .iter()
                        .map(|key| {
                            seen.iter().position(|known| known == key).unwrap_or_else(|| {
                                seen.push(*key);
                                seen.len() - 1
                            })
                        })
                        .collect();
                    prop_assert_eq!(groups, expected);
                }
                let backwards: Vec<u32> = (0..u32::try_from(seen.len()).unwrap()).rev().collect();
                let expected: ArrayRef = Arc::new(seen.iter().rev().copied().collect::<Int64Array>());
                prop_assert_eq!(&table.gather(&backwards).unwrap(), &expected);
                let expected: ArrayRef = Arc::new(seen.iter().copied().collect::<Int64Array>());
                prop_assert_eq!(&table.take().unwrap(), &expected);
                prop_assert_eq!(table.len(), 0);
            }
        }
    }

    #[test]
    fn times_come_out_as_times_of_their_zone() {
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![Some(7), None]).with_timezone("UTC"));
        let mut table = NumberTable::new(times.data_type()).unwrap();
        table.intern(&times, &mut Vec::new()).unwrap();
        assert_eq!(&table.gather(&[0, 1]).unwrap(), &times);
        assert!(NumberTable::new(&DataType::Float64).is_none());
    }
}
