//! Copies of rows that pin nothing: what leaves the batch (previews, presented tables) must not keep its buffers alive.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use crate::plan::Chunk;

/// The first `limit` rows of the chunks, copied; all of them for `None`.
pub fn first_rows(chunks: &[Chunk], limit: Option<usize>) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut left = limit.unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    for chunk in chunks {
        if left == 0 {
            break;
        }
        let count = chunk.rows.num_rows().min(left);
        left -= count;
        if count > 0 {
            rows.push(copy(&chunk.rows.slice(0, count))?);
        }
    }
    Ok(rows)
}

fn copy(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let count = u32::try_from(batch.num_rows()).map_err(|error| ArrowError::ComputeError(error.to_string()))?;
    let all = UInt32Array::from_iter_values(0..count);
    let columns = batch.columns().iter().map(|column| copy_column(column, &all)).collect::<Result<Vec<_>, _>>()?;
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options)
}

fn copy_column(column: &ArrayRef, all: &UInt32Array) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Utf8View => Ok(Arc::new(column.as_string_view().gc())),
        DataType::BinaryView => Ok(Arc::new(column.as_binary_view().gc())),
        _ => take(column.as_ref(), all, None),
    }
}

/// Bytes the rows hold, not counting what only their buffers hold.
pub fn bytes_of(chunks: &[Chunk]) -> u64 {
    chunks.iter().flat_map(|chunk| chunk.rows.columns()).map(column_bytes).sum()
}

fn column_bytes(column: &ArrayRef) -> u64 {
    match column.data_type() {
        DataType::Utf8View => view_bytes(column.as_string_view().views()),
        DataType::BinaryView => view_bytes(column.as_binary_view().views()),
        _ => column.to_data().get_slice_memory_size().unwrap_or(0) as u64,
    }
}

/// A view is 16 bytes whose lowest 32 bits are the length; text longer than 12 bytes lies in a buffer beside.
fn view_bytes(views: &[u128]) -> u64 {
    const LENGTH: u128 = u32::MAX as u128;
    views.iter().map(|view| 16 + u64::try_from(view & LENGTH).ok().filter(|length| *length > 12).unwrap_or(0)).sum()
}
