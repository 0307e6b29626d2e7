//! A file read as a whole, for those that keep it in memory.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;

use super::file::{FileRows, cannot_read};
use super::{Content, CsvDialect, Format};
use crate::nodes::sources::rows::FieldParam;
use crate::plan::NodeError;

/// Rows that take more are refused: what is kept in memory must leave room for the rest.
pub(in crate::nodes) const MAX_ROW_BYTES: u64 = 1 << 30;
/// Longer lines are cut there.
const MAX_LINE_BYTES: usize = 1 << 20;

/// A file of typed rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::nodes) struct WholeFile {
    path: PathBuf,
    content: Content,
}

/// Tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nodes) struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
}

/// What a file holds.
#[derive(Debug, Clone)]
pub(in crate::nodes) struct WholeRows {
    /// Its rows.
    pub(in crate::nodes) rows: RecordBatch,
    /// Lines that did not fit the fields.
    pub(in crate::nodes) rejected: u64,
}

impl Stamp {
    /// The stamp of a file with these facts.
    pub(in crate::nodes) fn of(facts: &std::fs::Metadata) -> Self {
        Self { modified: facts.modified().ok(), len: facts.len() }
    }
}

impl WholeFile {
    /// A file of delimited values.
    pub(in crate::nodes) fn csv(path: PathBuf, fields: Vec<FieldParam>, dialect: CsvDialect) -> Self {
        Self::new(path, fields, Format::Csv(dialect))
    }

    /// A file with a JSON object per line.
    pub(in crate::nodes) fn json_lines(path: PathBuf, fields: Vec<FieldParam>) -> Self {
        Self::new(path, fields, Format::JsonLines)
    }

    /// A Parquet file.
    pub(in crate::nodes) fn parquet(path: PathBuf, fields: Vec<FieldParam>) -> Self {
        Self::new(path, fields, Format::Parquet)
    }

    /// An Arrow file.
    pub(in crate::nodes) fn arrow(path: PathBuf, fields: Vec<FieldParam>) -> Self {
        Self::new(path, fields, Format::Arrow)
    }

    fn new(path: PathBuf, fields: Vec<FieldParam>, format: Format) -> Self {
        Self { path, content: Content { format, fields, max_line_bytes: MAX_LINE_BYTES } }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How its rows stand in it.
    pub(super) fn format(&self) -> &Format {
        &self.content.format
    }

    /// The state the file is in.
    pub(in crate::nodes) fn stamp(&self) -> Result<Stamp, NodeError> {
        let facts = std::fs::metadata(&self.path).map_err(|error| cannot_read(&self.path, &error))?;
        Ok(Stamp::of(&facts))
    }

    /// All rows.
    pub(in crate::nodes) fn read(&self) -> Result<WholeRows, NodeError> {
        let mut input = FileRows::open(&self.path, &self.content)?;
        let mut blocks = Vec::new();
        let mut bytes = 0u64;
        while let Some(block) = input.next_block()? {
            bytes += bytes_of(&block);
            if bytes > MAX_ROW_BYTES {
                return Err(too_large(&self.path));
            }
            blocks.push(block);
        }
        let rows = concat_batches(&self.content.schema(), &blocks)?;
        Ok(WholeRows { rows, rejected: input.rejected.count })
    }
}

/// The refusal of a file whose rows take too much memory. A small file may unpack to that.
pub(in crate::nodes) fn too_large(path: &Path) -> NodeError {
    NodeError::pipeline(format!(
        "the rows of {} take more than 1 GiB, too much to keep in memory; make the file smaller, or read it as a stream \
         with Replay file",
        path.display()
    ))
}

/// What rows of declared fields take. (What the arrays themselves say counts a buffer again for every slice of it.)
pub(in crate::nodes) fn bytes_of(rows: &RecordBatch) -> u64 {
    rows.columns().iter().map(bytes_of_column).sum()
}

fn bytes_of_column(column: &ArrayRef) -> u64 {
    if let Some(texts) = column.as_string_view_opt() {
        return texts.lengths().map(|length| 16 + u64::from(length)).sum();
    }
    let own = |width: u64| width * column.len() as u64;
    match (column.as_list_opt::<i32>(), column.data_type().primitive_width()) {
        (Some(lists), _) => own(4) + bytes_of_column(lists.values()),
        (None, width) => own(width.map_or(8, |width| width.max(8) as u64)),
    }
}
