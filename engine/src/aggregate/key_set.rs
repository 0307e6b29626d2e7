//! A set of keys that can forget: what deduplication remembers.
//!
//! The keys lie in the hash table alone, without a second copy. A forgotten key is only crossed out; once more are
//! crossed out than not, the table is built anew from the others, so that forgetting costs a constant per key.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter;
use arrow::datatypes::SchemaRef;

use super::{AggregateError, Interner, Renumbered, compact};

/// Fewer crossed-out keys than this are not worth a new table.
const MIN_FORGOTTEN: usize = 1024;

/// Keys seen and not forgotten.
pub struct KeySet {
    schema: SchemaRef,
    interner: Interner,
    known: Vec<bool>,
    live: usize,
}

/// What became of the keys of some rows.
pub struct Inserted {
    /// Per row the number of its key.
    pub ids: Vec<u32>,
    /// Per row whether it is the first of its key.
    pub is_first: Vec<bool>,
}

impl KeySet {
    /// For keys of this schema.
    pub fn new(schema: &SchemaRef) -> Result<Self, AggregateError> {
        Ok(Self { schema: SchemaRef::clone(schema), interner: Interner::new(schema)?, known: Vec::new(), live: 0 })
    }

    /// The key columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds the keys of some rows, in their order.
    pub fn insert(&mut self, keys: &[ArrayRef], rows: usize) -> Result<Inserted, AggregateError> {
        if rows == 0 {
            return Ok(Inserted { ids: Vec::new(), is_first: Vec::new() });
        }
        let groups = self.interner.intern(keys, rows)?;
        let mut inserted = Inserted { ids: Vec::with_capacity(rows), is_first: Vec::with_capacity(rows) };
        for &group in groups {
            if group >= self.known.len() {
                self.known.resize(group + 1, false);
            }
            let is_first = !std::mem::replace(&mut self.known[group], true);
            self.live += usize::from(is_first);
            inserted.is_first.push(is_first);
            inserted.ids.push(super::interner::number(group)?);
        }
        Ok(inserted)
    }

    /// Forgets keys.
    pub fn forget(&mut self, ids: &[u32]) {
        for &id in ids {
            if let Some(known) = self.known.get_mut(id as usize)
                && std::mem::replace(known, false)
            {
                self.live -= 1;
            }
        }
    }

    /// Lets go of forgotten keys where that is worth it. Gives the new numbers of the others.
    pub fn tidy(&mut self) -> Result<Option<Renumbered>, AggregateError> {
        if self.known.len() < 2 * self.live + MIN_FORGOTTEN {
            return Ok(None);
        }
        let kept: Vec<u32> = (0u32..).zip(&self.known).filter(|(_, known)| **known).map(|(id, _)| id).collect();
        let mask = BooleanArray::new(BooleanBuffer::from_iter(self.known.iter().copied()), None);
        let keys = self.interner.take()?;
        self.known.clear();
        self.live = 0;
        let keys = keys.iter().map(|column| filter(column, &mask).map(|column| compact(&column)));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let numbers = self.insert(&keys, kept.len())?.ids;
        Ok(Some(Renumbered { kept, numbers }))
    }

    /// How many keys are known.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        self.interner.size() + self.known.capacity()
    }
}
