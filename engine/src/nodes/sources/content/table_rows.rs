//! One pass through a file of columns: its blocks as rows of the declared fields.
//!
//! The libraries that read such files are made for files that are whole. So each step is taken behind a guard: what
//! panics on a damaged file loses the block it stands in, which is counted, and nothing else.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::arrow_file::ArrowBlocks;
use super::bounded::BoundedFile;
use super::columns::Columns;
use super::parquet_file::ParquetBlocks;
use super::{Content, Format, Rejected};
use crate::plan::NodeError;

/// Rows of one block at most.
pub(super) const BLOCK_ROWS: usize = 8_192;

/// A part of the file that cannot be read.
#[derive(Debug)]
pub(super) struct Lost {
    /// Its rows, as far as the file tells.
    pub(super) rows: u64,
    /// Which part, and what is wrong with it.
    pub(super) what: String,
}

/// Gives the blocks of a file, one after the other.
pub(super) trait Blocks: Send {
    /// The file's columns.
    fn schema(&self) -> SchemaRef;

    /// The next block; after one that is lost comes the one behind it.
    fn next(&mut self) -> Option<Result<RecordBatch, Lost>>;

    /// Goes on behind the block that made [`Self::next`] panic.
    fn skip(&mut self) -> Lost;
}

/// A pass through the file.
pub(super) struct TableRows {
    blocks: Box<dyn Blocks>,
    columns: Columns,
    /// A block on its way out, and how much of it is out.
    current: Option<(RecordBatch, usize)>,
    /// Rows before the next.
    position: u64,
    path: PathBuf,
    /// Rows that did not fit or could not be read so far.
    pub(super) rejected: Rejected,
}

impl fmt::Debug for TableRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableRows").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Opens a file of columns.
pub(super) fn open_blocks(
    file: BoundedFile,
    path: &Path,
    format: &Format,
    wanted: &dyn Fn(&SchemaRef) -> Result<Columns, String>,
) -> Result<(Box<dyn Blocks>, Columns), NodeError> {
    let opened = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Parquet => {
            ParquetBlocks::open(file, wanted).map(|(blocks, columns)| (Box::new(blocks) as Box<dyn Blocks>, columns))
        }
        Format::Arrow => {
            ArrowBlocks::open(file, wanted).map(|(blocks, columns)| (Box::new(blocks) as Box<dyn Blocks>, columns))
        }
        Format::Text | Format::Csv(_) | Format::JsonLines => Err("it is a file of lines".to_owned()),
    }));
    let kind = if *format == Format::Parquet { "Parquet" } else { "Arrow" };
    match opened {
        Ok(Ok(opened)) => Ok(opened),
        Ok(Err(wrong)) => Err(NodeError::data(format!("the {kind} file {} {wrong}", path.display()))),
        Err(_) => Err(NodeError::data(format!(
            "the {kind} file {} cannot be read: it is damaged; write it anew",
            path.display()
        ))),
    }
}

impl TableRows {
    /// From the first row on.
    pub(super) fn new(file: BoundedFile, path: &Path, content: &Content) -> Result<Self, NodeError> {
        let wanted = |schema: &SchemaRef| Columns::new(&content.fields, schema);
        let (blocks, columns) = open_blocks(file, path, &content.format, &wanted)?;
        let rejected = Rejected::default();
        Ok(Self { blocks, columns, current: None, position: 0, path: path.to_owned(), rejected })
    }

    /// The next rows; `None` at the end of the file. Never empty.
    pub(super) fn next_block(&mut self) -> Result<Option<RecordBatch>, NodeError> {
        loop {
            let Some((block, done)) = self.current.take() else {
                match self.read() {
                    None => return Ok(None),
                    Some(Ok(block)) => self.current = Some((block, 0)),
                    Some(Err(lost)) => {
                        self.position += lost.rows;
                        self.rejected.add_many(lost.rows.max(1), lost.what);
                    }
                }
                continue;
            };
            let count = BLOCK_ROWS.min(block.num_rows() - done);
            if count == 0 {
                continue;
            }
            let piece = block.slice(done, count);
            self.current = Some((block, done + count));
            let shaped =
                catch_unwind(AssertUnwindSafe(|| self.columns.shape(&piece, self.position, &mut self.rejected)));
            self.position += count as u64;
            match shaped {
                Ok(Ok(rows)) if rows.num_rows() > 0 => return Ok(Some(rows)),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    self.rejected.add_many(count as u64, format!("row {}: {error}", self.position));
                }
                Err(_) => {
                    self.rejected.add_many(count as u64, format!("row {}: the rows are damaged", self.position));
                }
            }
        }
    }

    fn read(&mut self) -> Option<Result<RecordBatch, Lost>> {
        let blocks = &mut self.blocks;
        catch_unwind(AssertUnwindSafe(|| blocks.next())).unwrap_or_else(|_| Some(Err(self.blocks.skip())))
    }
}
