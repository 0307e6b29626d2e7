//! Lets go of the batches that state came from.
//!
//! A text view points into the buffers of the batch it was read from: one word kept would keep a whole batch alive.
//! Whatever is remembered goes through here first.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;

/// The same values in buffers of their own, where the type would share its source's.
pub fn compact(array: &ArrayRef) -> ArrayRef {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other types of arrow own their values")]
    match array.data_type() {
        DataType::Utf8View => Arc::new(array.as_string_view().gc()),
        DataType::BinaryView => Arc::new(array.as_binary_view().gc()),
        DataType::List(field) => {
            let lists = array.as_list::<i32>();
            let values = compact(lists.values());
            ListArray::try_new(Arc::clone(field), lists.offsets().clone(), values, lists.nulls().cloned())
                .map_or_else(|_| Arc::clone(array), |lists| Arc::new(lists) as ArrayRef)
        }
        DataType::Struct(fields) => {
            let parts = array.as_struct();
            let columns = parts.columns().iter().map(compact).collect();
            StructArray::try_new(fields.clone(), columns, parts.nulls().cloned())
                .map_or_else(|_| Arc::clone(array), |parts| Arc::new(parts) as ArrayRef)
        }
        _ => Arc::clone(array),
    }
}

/// All columns of a batch, compacted.
pub fn compact_batch(batch: &RecordBatch) -> RecordBatch {
    let columns = batch.columns().iter().map(compact).collect::<Vec<_>>();
    if columns.is_empty() {
        return batch.clone();
    }
    RecordBatch::try_new(batch.schema(), columns).unwrap_or_else(|_| batch.clone())
}
