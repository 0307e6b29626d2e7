//! A file read as a whole, for those that keep it in memory.

use std::path::PathBuf;
use std::time::SystemTime;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;

use super::file::{FileRows, cannot_read};
use super::{Content, Format};
use crate::nodes::sources::rows::FieldParam;
use crate::plan::NodeError;

/// Larger files are refused: what is kept in memory must leave room for the rest.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// Longer lines are cut there.
const MAX_LINE_BYTES: usize = 1 << 20;

/// A file of typed rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::nodes) struct WholeFile {
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
    /// The file's state before it was read.
    pub(in crate::nodes) stamp: Stamp,
}

impl WholeFile {
    /// A file of delimited values.
    pub(in crate::nodes) fn csv(path: PathBuf, fields: Vec<FieldParam>, has_header: bool, delimiter: char) -> Self {
        Self::new(path, fields, Format::Csv { has_header, delimiter })
    }

    /// A file with a JSON object per line.
    pub(in crate::nodes) fn json_lines(path: PathBuf, fields: Vec<FieldParam>) -> Self {
        Self::new(path, fields, Format::JsonLines)
    }

    fn new(path: PathBuf, fields: Vec<FieldParam>, format: Format) -> Self {
        Self { content: Content { path, format, fields, loops: false, max_line_bytes: MAX_LINE_BYTES } }
    }

    /// The state the file is in.
    pub(in crate::nodes) fn stamp(&self) -> Result<Stamp, NodeError> {
        let facts = std::fs::metadata(&self.content.path).map_err(|error| cannot_read(&self.content, &error))?;
        Ok(Stamp { modified: facts.modified().ok(), len: facts.len() })
    }

    /// All rows.
    pub(in crate::nodes) fn read(&self) -> Result<WholeRows, NodeError> {
        let stamp = self.stamp()?;
        if stamp.len > MAX_FILE_BYTES {
            return Err(NodeError::pipeline(format!(
                "the file {} has more than 1 GiB, too much to keep in memory; make it smaller, or read it as a stream \
                 and join",
                self.content.path.display()
            )));
        }
        let mut input = FileRows::open(&self.content)?;
        let mut blocks = Vec::new();
        while let Some(block) = input.next_block()? {
            blocks.push(block);
        }
        let rows = concat_batches(&self.content.schema(), &blocks)?;
        Ok(WholeRows { rows, rejected: input.rejected.count, stamp })
    }
}
