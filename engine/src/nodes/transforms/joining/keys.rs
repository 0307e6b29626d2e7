//! Numbers for the keys of both sides, equal where the keys are.

use arrow::array::{Array, ArrayRef};
use arrow::buffer::NullBuffer;
use arrow::datatypes::SchemaRef;

use super::{NONE, NullKeys};
use crate::aggregate::{AggregateError, Interner};
use crate::plan::NodeError;

/// A table of keys that numbers them in the order in which they are first seen.
pub(in crate::nodes::transforms) struct KeyTable {
    interner: Interner,
    nulls: NullKeys,
}

impl KeyTable {
    /// For keys of this schema.
    pub(in crate::nodes::transforms) fn new(keys: &SchemaRef, nulls: NullKeys) -> Result<Self, AggregateError> {
        Ok(Self { interner: Interner::new(keys)?, nulls })
    }

    /// Per row the number of its key; [`NONE`] for a key that equals no other. Without key columns all rows are equal.
    pub(in crate::nodes::transforms) fn groups(
        &mut self,
        keys: &[ArrayRef],
        rows: usize,
    ) -> Result<Vec<u32>, NodeError> {
        if u32::try_from(rows).is_err() {
            let sentence = "more than 4 billion rows cannot be joined at once; shorten the batch or the window";
            return Err(NodeError::data(sentence));
        }
        if rows == 0 {
            return Ok(Vec::new());
        }
        let nulls = match self.nulls {
            NullKeys::Never => null_rows(keys),
            NullKeys::Equal => None,
        };
        let groups = self.interner.intern(keys, rows)?.iter();
        // There are never more keys than rows of the two sides, and either has fewer rows than `NONE`.
        let number = |group: &usize| u32::try_from(*group).unwrap_or(NONE);
        Ok(match nulls {
            None => groups.map(number).collect(),
            Some(nulls) => {
                groups.zip(nulls.iter()).map(|(group, is_valid)| if is_valid { number(group) } else { NONE }).collect()
            }
        })
    }

    /// How many keys there are.
    pub(in crate::nodes::transforms) fn len(&self) -> usize {
        self.interner.len()
    }

    /// Takes all keys out, in the order of their numbers.
    pub(in crate::nodes::transforms) fn take(&mut self) -> Result<Vec<ArrayRef>, AggregateError> {
        self.interner.take()
    }

    /// Bytes, roughly.
    pub(in crate::nodes::transforms) fn size(&self) -> usize {
        self.interner.size()
    }
}

/// Which rows have a null in any of their keys (as invalid); `None` if there is none.
pub(in crate::nodes::transforms) fn null_rows(keys: &[ArrayRef]) -> Option<NullBuffer> {
    let nulls = keys.iter().fold(None, |all: Option<NullBuffer>, key| {
        NullBuffer::union(all.as_ref(), key.logical_nulls().as_ref())
    });
    nulls.filter(|nulls| nulls.null_count() > 0)
}
