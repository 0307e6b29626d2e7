//! A row per key, which can be read, replaced and removed by the key's number.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;

use super::{AggregateError, ColumnStore, Registry, Renumbered, compact};

/// Fewer removed keys than this are not worth a new table.
const MIN_REMOVED: usize = 1024;

/// A table of keys with a row for each. A removed key keeps its number until [`Self::tidy`] counts anew.
pub struct KeyedStore {
    is_keyless: bool,
    keys: Registry,
    rows: ColumnStore,
    live: usize,
}

impl KeyedStore {
    /// For keys of this schema.
    pub fn new(keys: &SchemaRef) -> Result<Self, AggregateError> {
        let is_keyless = keys.fields().is_empty();
        Ok(Self { is_keyless, keys: Registry::new(keys)?, rows: ColumnStore::default(), live: 0 })
    }

    /// Numbers the keys of some rows. A new key has no row until one is put.
    pub fn intern(&mut self, keys: &[ArrayRef], rows: usize) -> Result<Vec<u32>, AggregateError> {
        self.keys.intern(keys, rows)
    }

    /// Whether the key of this number has a row.
    pub fn contains(&self, id: u32) -> bool {
        self.rows.contains(id)
    }

    /// Writes a row for each of these (distinct) numbers.
    pub fn put(&mut self, ids: &[u32], columns: Vec<ArrayRef>) -> Result<(), AggregateError> {
        self.live += ids.iter().filter(|&&id| !self.rows.contains(id)).count();
        self.rows.put(ids, columns)
    }

    /// The rows of these numbers. All must have one.
    pub fn gather(&self, ids: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        self.rows.gather(ids)
    }

    /// The key columns of these numbers.
    pub fn keys(&self, ids: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        self.keys.keys(ids)
    }

    /// Removes the rows of these numbers.
    pub fn remove(&mut self, ids: &[u32]) {
        self.live -= self.rows.remove(ids);
    }

    /// The numbers that have a row, in order.
    pub fn ids(&self) -> Vec<u32> {
        (0u32..).take(self.keys.len()).filter(|&id| self.rows.contains(id)).collect()
    }

    /// How many numbers are given out, removed ones included.
    pub fn numbers(&self) -> usize {
        self.keys.len()
    }

    /// How many keys have a row.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether none has.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Lets go of removed keys where that is worth it. Gives the new numbers of the others.
    pub fn tidy(&mut self) -> Result<Option<Renumbered>, AggregateError> {
        if self.is_keyless || self.keys.len() < 2 * self.live + MIN_REMOVED {
            return Ok(None);
        }
        let kept = self.ids();
        let columns = if kept.is_empty() { Vec::new() } else { self.rows.gather(&kept)? };
        let numbers = self.keys.retain(&kept)?;
        self.rows = ColumnStore::default();
        self.rows.put(&numbers, columns.iter().map(compact).collect())?;
        Ok(Some(Renumbered { kept, numbers }))
    }

    /// Replaces the rows' columns by what `convert` makes of them and their row count.
    pub fn convert(
        &mut self,
        convert: impl FnMut(Vec<ArrayRef>, usize) -> Result<Vec<ArrayRef>, AggregateError>,
    ) -> Result<(), AggregateError> {
        self.rows.convert(convert)
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        self.keys.size() + self.rows.size()
    }
}

/// Key columns as they are compared: equal keys are equal in bits.
pub fn comparable(columns: &[ArrayRef]) -> Vec<ArrayRef> {
    columns.iter().map(|column| super::spec::normalised(column)).collect()
}

/// The columns of a batch at these positions, as they are compared.
pub fn key_columns(batch: &arrow::record_batch::RecordBatch, positions: &[usize]) -> Vec<ArrayRef> {
    positions.iter().filter_map(|&at| batch.columns().get(at)).map(super::spec::normalised).collect()
}

/// The fields at these positions as a schema of keys.
pub fn key_schema(schema: &SchemaRef, positions: &[usize]) -> SchemaRef {
    let fields = positions.iter().filter_map(|&at| schema.fields().get(at)).map(Arc::clone).collect::<Vec<_>>();
    Arc::new(arrow::datatypes::Schema::new(fields))
}
