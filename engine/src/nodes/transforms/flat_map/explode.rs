//! Unfolds lists: one row for each item.

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use arrow::compute::take;
use arrow::error::ArrowError;

/// All items of all lists, in order, and the row of each; lists that are null or empty have none.
pub(super) fn explode(lists: &ArrayRef) -> Result<(ArrayRef, Vec<u32>), ArrowError> {
    let lists: &ListArray = lists
        .as_list_opt()
        .ok_or_else(|| ArrowError::InvalidArgumentError("the column to explode is no list".to_owned()))?;
    let mut parents = Vec::with_capacity(lists.values().len());
    let mut items = Vec::with_capacity(lists.values().len());
    for (row, window) in lists.value_offsets().windows(2).enumerate() {
        if lists.is_null(row) {
            continue;
        }
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        let range = window[0].unsigned_abs()..window[1].unsigned_abs();
        parents.resize(parents.len() + range.len(), row);
        items.extend(range);
    }
    let values = take(lists.values(), &UInt32Array::from(items), None)?;
    Ok((values, parents))
}
