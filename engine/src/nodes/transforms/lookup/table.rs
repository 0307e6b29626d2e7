//! The file in memory, laid out by key.

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;

use super::origin::Stamps;
use crate::nodes::sources::content::WholeRows;
use crate::nodes::transforms::joining::{Index, JoinKeys, KeyTable};
use crate::plan::{NodeError, StateSize};

/// Keys that the file lacks and that are remembered before the table of keys is made anew.
const MAX_STRANGERS: usize = 1 << 16;

/// The file's rows, to be found by key.
pub(super) struct Table {
    content: WholeRows,
    stamps: Stamps,
    keys: Vec<ArrayRef>,
    numbers: KeyTable,
    index: Index,
    /// How many of the numbers are keys of the file.
    known: usize,
}

impl Table {
    /// Lays the rows out by these keys.
    pub(super) fn new(content: WholeRows, stamps: Stamps, keys: &JoinKeys) -> Result<Self, NodeError> {
        let columns = keys.of_right(&content.rows)?;
        let mut numbers = keys.table()?;
        let groups = numbers.groups(&columns, content.rows.num_rows())?;
        let known = numbers.len();
        Ok(Self { index: Index::new(&groups, known), content, stamps, keys: columns, numbers, known })
    }

    /// Per row the number of its key. Numbers of keys that the file lacks have no rows in the index.
    pub(super) fn groups(&mut self, rows: &RecordBatch, keys: &JoinKeys) -> Result<Vec<u32>, NodeError> {
        let groups = self.numbers.groups(&keys.of_left(rows)?, rows.num_rows())?;
        // Looking a key up enters it. What the file lacks is thrown out before it outgrows the file, which costs no
        // more than a share of what entering it did.
        if self.numbers.len() - self.known > self.known.max(MAX_STRANGERS) {
            let mut numbers = keys.table()?;
            numbers.groups(&self.keys, self.content.rows.num_rows())?;
            self.numbers = numbers;
        }
        Ok(groups)
    }

    /// The file's rows.
    pub(super) fn rows(&self) -> &RecordBatch {
        &self.content.rows
    }

    /// Where the rows of each key are.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// Lines of the file that did not fit.
    pub(super) fn rejected(&self) -> u64 {
        self.content.rejected
    }

    /// The state of the file that was read.
    pub(super) fn stamps(&self) -> Stamps {
        self.stamps
    }

    /// The same laid out by other keys.
    pub(super) fn with_keys(self, keys: &JoinKeys) -> Result<Self, NodeError> {
        Self::new(self.content, self.stamps, keys)
    }

    /// How much it takes.
    pub(super) fn size(&self) -> StateSize {
        let bytes = self.content.rows.get_array_memory_size() + self.index.size() + self.numbers.size();
        StateSize { rows: self.content.rows.num_rows() as u64, bytes: bytes as u64 }
    }
}
