//! One pass through a file: blocks of rows, in order, at bounded memory, whatever the format.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::Path;

use arrow::record_batch::RecordBatch;

use super::bounded::BoundedFile;
use super::line_rows::LineRows;
use super::packing::Packing;
use super::table_rows::TableRows;
use super::{Content, Format, Rejected};
use crate::nodes::sources::lines::LineFaults;
use crate::plan::NodeError;

/// A pass through the file.
#[derive(Debug)]
pub(in crate::nodes::sources) struct FileRows {
    reader: Reader,
    /// Lines repaired so far.
    pub(in crate::nodes::sources) faults: LineFaults,
    /// Rows that did not fit so far.
    pub(in crate::nodes::sources) rejected: Rejected,
}

#[derive(Debug)]
enum Reader {
    /// Line by line.
    Lines(Box<LineRows>),
    /// Columns.
    Table(Box<TableRows>),
}

impl FileRows {
    /// Opens the file, and reads its header if it has one.
    pub(in crate::nodes::sources) fn open(path: &Path, content: &Content) -> Result<Self, NodeError> {
        Self::new(open(path)?, None, path, content)
    }

    /// Reads an open file; of a file that was seen shorter, only so many bytes.
    pub(in crate::nodes::sources) fn new(
        input: File,
        len: Option<u64>,
        path: &Path,
        content: &Content,
    ) -> Result<Self, NodeError> {
        let reader = match content.format {
            Format::Text | Format::Csv(_) | Format::JsonLines => {
                Reader::Lines(Box::new(LineRows::new(input.take(len.unwrap_or(u64::MAX)), path, content)?))
            }
            Format::Parquet | Format::Arrow => {
                Reader::Table(Box::new(TableRows::new(bounded(input, len, path)?, path, content)?))
            }
        };
        let mut rows = Self { reader, faults: LineFaults::default(), rejected: Rejected::default() };
        rows.take_counts();
        Ok(rows)
    }

    /// The next rows; `None` at the end of the file. Never empty.
    pub(in crate::nodes::sources) fn next_block(&mut self) -> Result<Option<RecordBatch>, NodeError> {
        let block = match &mut self.reader {
            Reader::Lines(lines) => lines.next_block(),
            Reader::Table(table) => table.next_block(),
        };
        self.take_counts();
        block
    }

    fn take_counts(&mut self) {
        match &self.reader {
            Reader::Lines(lines) => {
                self.faults = lines.faults;
                self.rejected.clone_from(&lines.rejected);
            }
            Reader::Table(table) => self.rejected.clone_from(&table.rejected),
        }
    }
}

/// The file, open.
pub(super) fn open(path: &Path) -> Result<File, NodeError> {
    File::open(path).map_err(|error| cannot_read(path, &error))
}

/// An open file of columns. Those are packed inside, so a packed name is a mistake.
pub(super) fn bounded(input: File, len: Option<u64>, path: &Path) -> Result<BoundedFile, NodeError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if Packing::of(&name).0 != Packing::None {
        return Err(NodeError::data(format!(
            "the file {} holds columns, which are packed inside; unpack it first",
            path.display()
        )));
    }
    let metadata = input.metadata().map_err(|error| cannot_read(path, &error))?;
    if metadata.is_dir() {
        return Err(cannot_read(path, &ErrorKind::IsADirectory.into()));
    }
    let len = len.unwrap_or(u64::MAX).min(metadata.len());
    Ok(BoundedFile::new(input, len))
}

/// The sentence for a file that cannot be opened or read.
pub(super) fn cannot_read(path: &Path, error: &Error) -> NodeError {
    let name = path.display();
    NodeError::environment(if error.kind() == ErrorKind::NotFound {
        format!("the file {name} does not exist; put it there or choose another")
    } else if error.kind() == ErrorKind::PermissionDenied {
        format!("the file {name} may not be read; change its permissions or choose another")
    } else if error.kind() == ErrorKind::IsADirectory {
        format!("{name} is a folder; choose a file in it")
    } else {
        format!("the file {name} cannot be read: {error}")
    })
}
