//! Gives every distinct key a number, in the order in which keys are first seen.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion_expr::EmitTo;
use datafusion_physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion_physical_plan::aggregates::order::GroupOrdering;

use super::numbers::NumberTable;
use super::strings::StringTable;
use super::{AggregateError, ColumnStore, compact};

/// A table of keys for one piece of work. Without key columns all rows are one group, which always exists.
pub struct Interner {
    table: Table,
    groups: Vec<usize>,
}

enum Table {
    /// One group, always.
    Keyless,
    /// One text column.
    Text(StringTable),
    /// One column of 64-bit numbers.
    Number(NumberTable),
    /// Anything else.
    Values(Box<dyn GroupValues>),
}

impl Interner {
    /// For keys of this schema.
    pub fn new(keys: &SchemaRef) -> Result<Self, AggregateError> {
        let only = if let [only] = keys.fields().as_ref() { Some(only.data_type()) } else { None };
        let table = if keys.fields().is_empty() {
            Table::Keyless
        } else if only == Some(&DataType::Utf8View) {
            Table::Text(StringTable::default())
        } else if let Some(numbers) = only.and_then(NumberTable::new) {
            Table::Number(numbers)
        } else {
            Table::Values(new_group_values(Arc::clone(keys), &GroupOrdering::None)?)
        };
        Ok(Self { table, groups: Vec::new() })
    }

    /// Per row the number of its key.
    pub fn intern(&mut self, keys: &[ArrayRef], rows: usize) -> Result<&[usize], AggregateError> {
        match &mut self.table {
            Table::Keyless => {
                self.groups.clear();
                self.groups.resize(rows, 0);
            }
            Table::Text(table) => {
                let texts = keys.first().and_then(|column| column.as_string_view_opt());
                let texts =
                    texts.ok_or_else(|| AggregateError("the key is no text; this is a bug in Weir".to_owned()))?;
                table.intern(texts, &mut self.groups)?;
            }
            Table::Number(table) => {
                let numbers = keys.first().ok_or_else(|| AggregateError("a key is missing".to_owned()))?;
                table.intern(numbers, &mut self.groups)?;
            }
            Table::Values(values) => values.intern(keys, &mut self.groups)?,
        }
        Ok(&self.groups)
    }

    /// The numbers that [`Self::intern`] gave last.
    pub fn groups(&self) -> &[usize] {
        &self.groups
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        match &self.table {
            Table::Keyless => 1,
            Table::Text(table) => table.len(),
            Table::Number(table) => table.len(),
            Table::Values(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether keys can be read by number while they stay: not from DataFusion's tables.
    fn is_readable(&self) -> bool {
        match self.table {
            Table::Text(_) | Table::Number(_) => true,
            Table::Keyless | Table::Values(_) => false,
        }
    }

    /// The key columns of these numbers, where they are readable.
    fn gather(&self, groups: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        match &self.table {
            Table::Text(table) => Ok(vec![table.gather(groups)?]),
            Table::Number(table) => Ok(vec![table.gather(groups)?]),
            Table::Keyless | Table::Values(_) => Ok(Vec::new()),
        }
    }

    /// Takes all keys out, in their order. Their buffers are their own: no batch stays alive through them.
    pub fn take(&mut self) -> Result<Vec<ArrayRef>, AggregateError> {
        match &mut self.table {
            Table::Text(table) if table.len() > 0 => Ok(vec![table.take()?]),
            Table::Number(table) if table.len() > 0 => Ok(vec![table.take()?]),
            Table::Values(values) if !values.is_empty() => {
                let groups = values.len();
                let keys = values.emit(EmitTo::All)?;
                // Over several columns, emitting leaves the emptied groups in the hash table.
                values.clear_shrink(groups);
                Ok(keys)
            }
            Table::Keyless | Table::Text(_) | Table::Number(_) | Table::Values(_) => Ok(Vec::new()),
        }
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        let table = match &self.table {
            Table::Keyless => 0,
            Table::Text(table) => table.size(),
            Table::Number(table) => table.size(),
            Table::Values(values) => values.size(),
        };
        table + self.groups.capacity() * size_of::<usize>()
    }
}

/// A table of keys that lives as long as its operator: the keys can be read by number at any time, and dropped.
pub struct Registry {
    schema: SchemaRef,
    interner: Interner,
    /// The keys once more, where the table does not let itself be read.
    keys: ColumnStore,
}

impl Registry {
    /// For keys of this schema.
    pub fn new(schema: &SchemaRef) -> Result<Self, AggregateError> {
        Ok(Self { schema: Arc::clone(schema), interner: Interner::new(schema)?, keys: ColumnStore::default() })
    }

    /// Numbers the keys of a batch, new ones at the end.
    pub fn intern(&mut self, keys: &[ArrayRef], rows: usize) -> Result<Vec<u32>, AggregateError> {
        if self.schema.fields().is_empty() {
            return Ok(vec![0; rows]);
        }
        if rows == 0 {
            return Ok(Vec::new());
        }
        let before = self.interner.len();
        let groups =
            self.interner.intern(keys, rows)?.iter().map(|&group| number(group)).collect::<Result<Vec<_>, _>>()?;
        let after = self.interner.len();
        if after > before && !self.interner.is_readable() {
            let first = first_rows(&groups, before, after);
            let columns: Vec<_> = keys
                .iter()
                .map(|column| take(column, &first, None).map(|new| compact(&new)))
                .collect::<Result<_, _>>()?;
            let fresh: Vec<u32> = (number(before)?..number(after)?).collect();
            self.keys.put(&fresh, columns)?;
        }
        Ok(groups)
    }

    /// How many numbers are given out.
    pub fn len(&self) -> usize {
        self.interner.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.interner.is_empty()
    }

    /// The key columns of these numbers.
    pub fn keys(&self, groups: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        if self.schema.fields().is_empty() {
            return Ok(Vec::new());
        }
        if self.interner.is_readable() { self.interner.gather(groups) } else { self.keys.gather(groups) }
    }

    /// Keeps only these numbers and counts them anew from 0. Gives the new number of each.
    pub fn retain(&mut self, groups: &[u32]) -> Result<Vec<u32>, AggregateError> {
        if self.schema.fields().is_empty() {
            return Ok(groups.to_vec());
        }
        let mut fresh = Self::new(&self.schema)?;
        let numbers = if groups.is_empty() { Vec::new() } else { fresh.intern(&self.keys(groups)?, groups.len())? };
        *self = fresh;
        Ok(numbers)
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        self.interner.size() + self.keys.size()
    }
}

pub(super) fn number(group: usize) -> Result<u32, AggregateError> {
    u32::try_from(group)
        .map_err(|_| AggregateError("more than four thousand million keys; group by something coarser".to_owned()))
}

/// The first row of each group in `before..after`.
fn first_rows(groups: &[u32], before: usize, after: usize) -> UInt32Array {
    let mut first = vec![u32::MAX; after - before];
    for (row, &group) in (0u32..).zip(groups) {
        if let Some(slot) = (group as usize).checked_sub(before).and_then(|new| first.get_mut(new))
            && *slot == u32::MAX
        {
            *slot = row;
        }
    }
    UInt32Array::from(first)
}
