//! The blocks of an Arrow IPC file (Feather 2), each held against the file's length before it is read.
//!
//! The library believes what the file says of its lengths, and reserves memory accordingly. Here a block must lie
//! within the file, and what it says its buffers unpack to must be within reason.

use std::sync::Arc;

use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::reader::{FileDecoder, read_footer_length};
use arrow::ipc::{Block, root_as_footer, root_as_message};
use arrow::record_batch::RecordBatch;
use parquet::file::reader::Length;

use super::bounded::BoundedFile;
use super::columns::Columns;
use super::table_rows::{Blocks, Lost};

/// What one block may unpack to.
const MAX_BLOCK_BYTES: i64 = 1 << 30;
/// The rows one block may have.
const MAX_BLOCK_ROWS: i64 = 1 << 26;

/// The blocks that are left.
pub(super) struct ArrowBlocks {
    file: BoundedFile,
    decoder: FileDecoder,
    schema: SchemaRef,
    blocks: Vec<Block>,
    next: usize,
}

impl ArrowBlocks {
    /// Reads what the file says of itself. The error goes on after `the Arrow file x`.
    pub(super) fn open(
        file: BoundedFile,
        wanted: &dyn Fn(&SchemaRef) -> Result<Columns, String>,
    ) -> Result<(Self, Columns), String> {
        let broken = || "cannot be read: it is no Arrow file, or it is cut off; write it anew".to_owned();
        let end = file.len().checked_sub(10).ok_or_else(broken)?;
        let tail: [u8; 10] = file.read_at(end, 10).ok().and_then(|tail| tail.try_into().ok()).ok_or_else(broken)?;
        let length = read_footer_length(tail).map_err(|_| broken())? as u64;
        let start = end.checked_sub(length).ok_or_else(broken)?;
        let bytes = file.read_at(start, length).map_err(|_| broken())?;
        let footer = root_as_footer(&bytes).map_err(|_| broken())?;
        let schema = Arc::new(fb_to_schema(footer.schema().ok_or_else(broken)?));
        let mut decoder = FileDecoder::new(Arc::clone(&schema), footer.version());
        for block in footer.dictionaries().into_iter().flatten() {
            let buffer = read_block(&file, block)?;
            decoder.read_dictionary(block, &buffer).map_err(|error| format!("cannot be read: {error}"))?;
        }
        let blocks = footer.recordBatches().into_iter().flatten().copied().collect();
        let columns = wanted(&schema)?;
        Ok((Self { file, decoder, schema, blocks, next: 0 }, columns))
    }
}

impl Blocks for ArrowBlocks {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn next(&mut self) -> Option<Result<RecordBatch, Lost>> {
        loop {
            let block = *self.blocks.get(self.next)?;
            self.next += 1;
            let read = read_block(&self.file, &block)
                .and_then(|buffer| self.decoder.read_record_batch(&block, &buffer).map_err(|error| error.to_string()));
            match read {
                Ok(Some(rows)) => return Some(Ok(rows)),
                Ok(None) => {}
                Err(what) => return Some(Err(Lost { rows: 0, what: format!("block {}: {what}", self.next) })),
            }
        }
    }

    fn skip(&mut self) -> Lost {
        Lost { rows: 0, what: format!("block {}: it is damaged", self.next) }
    }
}

/// The bytes of a block.
fn read_block(file: &BoundedFile, block: &Block) -> Result<Buffer, String> {
    let place = || {
        let start = u64::try_from(block.offset()).ok()?;
        let head = u64::try_from(block.metaDataLength()).ok()?;
        let body = u64::try_from(block.bodyLength()).ok()?;
        Some((start, head, head.checked_add(body)?))
    };
    let (start, head, length) = place().ok_or("its place makes no sense")?;
    let bytes = file.read_at(start, length).map_err(|_| "it does not lie within the file".to_owned())?;
    let head = usize::try_from(head).map_err(|_| "its place makes no sense".to_owned())?;
    check_lengths(&bytes, head).ok_or("its lengths make no sense")?;
    Ok(Buffer::from_vec(bytes))
}

/// Holds the lengths in a block against reason; `None` where they fail.
fn check_lengths(bytes: &[u8], head: usize) -> Option<()> {
    let (metadata, body) = bytes.split_at_checked(head)?;
    // A marker and a length stand before the message; older files have the length alone.
    let skipped = if metadata.starts_with(&[0xFF; 4]) { 8 } else { 4 };
    let message = root_as_message(metadata.get(skipped..)?).ok()?;
    let rows = message.header_as_record_batch().or_else(|| message.header_as_dictionary_batch()?.data())?;
    if rows.length() < 0 || rows.length() > MAX_BLOCK_ROWS {
        return None;
    }
    let is_within = |node: &arrow::ipc::FieldNode| node.length() <= MAX_BLOCK_BYTES;
    if !rows.nodes().into_iter().flatten().all(is_within) {
        return None;
    }
    let mut total = 0i64;
    for buffer in rows.buffers().into_iter().flatten() {
        let start = usize::try_from(buffer.offset()).ok()?;
        let length = usize::try_from(buffer.length()).ok()?;
        let bytes = body.get(start..start.checked_add(length)?)?;
        let unpacked = match (rows.compression(), bytes.first_chunk::<8>()) {
            (Some(_), Some(prefix)) => i64::from_le_bytes(*prefix).max(buffer.length()),
            (Some(_) | None, _) => buffer.length(),
        };
        total = total.checked_add(unpacked)?;
    }
    (total <= MAX_BLOCK_BYTES).then_some(())
}
