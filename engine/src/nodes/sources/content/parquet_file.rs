//! The blocks of a Parquet file, row group by row group: a damaged group costs its own rows only.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;

use super::bounded::BoundedFile;
use super::columns::Columns;
use super::footer::check_footer;
use super::table_rows::{BLOCK_ROWS, Blocks, Lost};

/// The blocks that are left.
pub(super) struct ParquetBlocks {
    file: BoundedFile,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    schema: SchemaRef,
    /// The group being read, and the rows that came of it.
    reader: Option<(ParquetRecordBatchReader, u64)>,
    group: usize,
}

impl ParquetBlocks {
    /// Reads what the file says of itself. The error goes on after `the Parquet file x`.
    pub(super) fn open(
        file: BoundedFile,
        wanted: &dyn Fn(&SchemaRef) -> Result<Columns, String>,
    ) -> Result<(Self, Columns), String> {
        check_footer(&file)?;
        let unreadable = |error: parquet::errors::ParquetError| format!("cannot be read: {error}; write it anew");
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(unreadable)?;
        let columns = wanted(metadata.schema())?;
        // Only the columns that are asked for are read, and stand in the blocks in the file's order.
        let roots = columns.roots();
        let mask = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
        let schema = Arc::new(metadata.schema().project(&roots).map_err(|error| error.to_string())?);
        let columns = columns.within(&roots);
        Ok((Self { file, metadata, mask, schema, reader: None, group: 0 }, columns))
    }

    /// Leaves the group that is being read.
    fn leave(&mut self, what: impl std::fmt::Display) -> Lost {
        let came = self.reader.take().map_or(0, |(_, came)| came);
        let total = self.metadata.metadata().row_groups().get(self.group).map_or(0, RowGroupMetaData::num_rows);
        self.group += 1;
        let rows = u64::try_from(total).unwrap_or(0).saturating_sub(came);
        Lost { rows, what: format!("row group {}: {what}", self.group) }
    }
}

impl Blocks for ParquetBlocks {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn next(&mut self) -> Option<Result<RecordBatch, Lost>> {
        loop {
            if self.group >= self.metadata.metadata().num_row_groups() {
                return None;
            }
            let Some((reader, came)) = &mut self.reader else {
                let opened = self.file.try_clone().map_err(|error| error.to_string()).and_then(|file| {
                    ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                        .with_row_groups(vec![self.group])
                        .with_projection(self.mask.clone())
                        .with_batch_size(BLOCK_ROWS)
                        .build()
                        .map_err(|error| error.to_string())
                });
                match opened {
                    Ok(reader) => self.reader = Some((reader, 0)),
                    Err(error) => return Some(Err(self.leave(error))),
                }
                continue;
            };
            match reader.next() {
                Some(Ok(block)) => {
                    *came += block.num_rows() as u64;
                    return Some(Ok(block));
                }
                Some(Err(error)) => return Some(Err(self.leave(error))),
                None => {
                    self.reader = None;
                    self.group += 1;
                }
            }
        }
    }

    fn skip(&mut self) -> Lost {
        self.leave("it is damaged")
    }
}
