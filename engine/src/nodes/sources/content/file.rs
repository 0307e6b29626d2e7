//! One pass through the file: blocks of rows, in order, at bounded memory.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Take};
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;

use super::{Content, Decoder, Rejected};
use crate::nodes::sources::lines::{LineAssembler, LineFaults, TextBlock};
use crate::plan::NodeError;

/// One read, and roughly one block.
const READ_BYTES: usize = 256 << 10;

/// A pass through the file.
#[derive(Debug)]
pub(in crate::nodes::sources) struct FileRows {
    input: Take<File>,
    path: PathBuf,
    max_line_bytes: usize,
    decoder: Decoder,
    assembler: LineAssembler,
    /// Lines read and not yet decoded.
    pending: TextBlock,
    next_line: u64,
    is_over: bool,
    /// Lines repaired so far.
    pub(in crate::nodes::sources) faults: LineFaults,
    /// Lines that did not fit so far.
    pub(in crate::nodes::sources) rejected: Rejected,
}

impl FileRows {
    /// Opens the file, and reads its header if it has one.
    pub(in crate::nodes::sources) fn open(path: &Path, content: &Content) -> Result<Self, NodeError> {
        let input = File::open(path).map_err(|error| cannot_read(path, &error))?;
        Self::new(input.take(u64::MAX), path, content)
    }

    /// Reads as much of an open file as it may.
    pub(in crate::nodes::sources) fn new(input: Take<File>, path: &Path, content: &Content) -> Result<Self, NodeError> {
        let mut rows = Self {
            input,
            path: path.to_owned(),
            max_line_bytes: content.max_line_bytes,
            decoder: Decoder::new(content),
            assembler: LineAssembler::default(),
            pending: TextBlock::default(),
            next_line: 1,
            is_over: false,
            faults: LineFaults::default(),
            rejected: Rejected::default(),
        };
        // An empty file has no header to be wrong.
        if content.has_header() && rows.fill()? {
            rows.read_header(content)?;
        }
        Ok(rows)
    }

    /// The next rows; `None` at the end of the file. Never empty.
    pub(in crate::nodes::sources) fn next_block(&mut self) -> Result<Option<RecordBatch>, NodeError> {
        loop {
            if self.pending.line_count() == 0 && !self.fill()? {
                return Ok(None);
            }
            let lines = std::mem::take(&mut self.pending);
            let first_line = self.next_line;
            self.next_line += lines.line_count() as u64;
            let rows = self.decoder.decode(lines, first_line, &mut self.rejected)?;
            if rows.num_rows() > 0 {
                return Ok(Some(rows));
            }
        }
    }

    /// Reads until there is a line; `false` at the end of the file.
    fn fill(&mut self) -> Result<bool, NodeError> {
        let mut bytes = vec![0; READ_BYTES];
        let limit = self.max_line_bytes;
        while self.pending.line_count() == 0 && !self.is_over {
            match self.input.read(&mut bytes) {
                Ok(0) => {
                    self.is_over = true;
                    self.faults += self.assembler.finish(limit, &mut self.pending);
                }
                Ok(count) => {
                    let read = bytes.get(..count).unwrap_or_default();
                    self.faults += self.assembler.push(read, limit, &mut self.pending);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(cannot_read(&self.path, &error)),
            }
        }
        Ok(self.pending.line_count() > 0)
    }

    /// Takes the header off the pending lines.
    fn read_header(&mut self, content: &Content) -> Result<(), NodeError> {
        let lines = std::mem::take(&mut self.pending);
        let mut lines = lines.iter();
        let header = lines.next().unwrap_or_default();
        lines.for_each(|line| self.pending.push(line));
        self.next_line += 1;
        let name = self.path.display().to_string();
        self.decoder = Decoder::below(header, content, &name).map_err(NodeError::data)?;
        Ok(())
    }
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
