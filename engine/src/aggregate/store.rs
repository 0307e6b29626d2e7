//! Columns addressed by group id, of which some rows are replaced in every batch.
//!
//! Numbers, texts and truth values are written in place: a batch costs what it touches, and a row takes what its values
//! take. Where a column holds lists or structs, which Arrow can only append, rows go into segments that are merged now
//! and then.

mod dense;
mod segments;
#[cfg(test)]
mod tests;

use arrow::array::ArrayRef;

use self::dense::Dense;
use self::segments::Segments;
use super::AggregateError;

/// Columns by group id.
#[derive(Default)]
pub struct ColumnStore {
    /// None as long as nothing was written.
    rows: Option<Rows>,
}

enum Rows {
    InPlace(Dense),
    Appended(Segments),
}

impl ColumnStore {
    /// Whether the id has a row.
    pub fn contains(&self, id: u32) -> bool {
        match &self.rows {
            None => false,
            Some(Rows::InPlace(rows)) => rows.contains(id),
            Some(Rows::Appended(rows)) => rows.contains(id),
        }
    }

    /// Writes a row for each of these (distinct) ids.
    pub fn put(&mut self, ids: &[u32], columns: Vec<ArrayRef>) -> Result<(), AggregateError> {
        if ids.is_empty() {
            return Ok(());
        }
        let rows = self.rows.get_or_insert_with(|| match Dense::like(&columns) {
            Some(dense) => Rows::InPlace(dense),
            None => Rows::Appended(Segments::default()),
        });
        match rows {
            Rows::InPlace(rows) => rows.put(ids, &columns),
            Rows::Appended(rows) => rows.put(ids, columns),
        }
    }

    /// The rows of these ids, in this order. All of them must have one.
    pub fn gather(&self, ids: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        match &self.rows {
            None => ids.first().map_or(Ok(Vec::new()), |&id| Err(missing(id))),
            Some(Rows::InPlace(rows)) => rows.gather(ids),
            Some(Rows::Appended(rows)) => rows.gather(ids),
        }
    }

    /// Removes the rows of these ids. Gives how many there were.
    pub fn remove(&mut self, ids: &[u32]) -> usize {
        match &mut self.rows {
            None => 0,
            Some(Rows::InPlace(rows)) => rows.remove(ids),
            Some(Rows::Appended(rows)) => rows.remove(ids),
        }
    }

    /// Replaces the columns by what `convert` makes of them and their row count.
    pub fn convert(
        &mut self,
        convert: impl FnOnce(Vec<ArrayRef>, usize) -> Result<Vec<ArrayRef>, AggregateError>,
    ) -> Result<(), AggregateError> {
        let ids = match &self.rows {
            None => return Ok(()),
            Some(Rows::InPlace(rows)) => rows.ids(),
            Some(Rows::Appended(rows)) => rows.ids(),
        };
        let converted = if ids.is_empty() { Vec::new() } else { convert(self.gather(&ids)?, ids.len())? };
        *self = Self::default();
        self.put(&ids, converted)
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        match &self.rows {
            None => 0,
            Some(Rows::InPlace(rows)) => rows.size(),
            Some(Rows::Appended(rows)) => rows.size(),
        }
    }
}

fn missing(id: u32) -> AggregateError {
    AggregateError(format!("group {id} has no state; this is a bug in Weir"))
}
