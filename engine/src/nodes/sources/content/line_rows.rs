//! One pass through a file of lines: blocks of rows, in order, at bounded memory.

use std::fs::File;
use std::io::{ErrorKind, Read, Take};
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;

use super::file::cannot_read;
use super::packing::{Packing, Unpacked};
use super::{Content, Decoder, Rejected};
use crate::nodes::sources::lines::{LineAssembler, LineFaults, TextBlock};
use crate::plan::NodeError;

/// One read, and roughly one block.
const READ_BYTES: usize = 256 << 10;

/// A pass through the file.
#[derive(Debug)]
pub(super) struct LineRows {
    input: Unpacked,
    path: PathBuf,
    max_line_bytes: usize,
    decoder: Decoder,
    assembler: LineAssembler,
    /// Lines read and not yet decoded.
    pending: TextBlock,
    next_line: u64,
    has_begun: bool,
    is_over: bool,
    /// Lines repaired so far.
    pub(super) faults: LineFaults,
    /// Lines that did not fit so far.
    pub(super) rejected: Rejected,
}

impl LineRows {
    /// Reads as much of an open file as it may, and its header if it has one.
    pub(super) fn new(input: Take<File>, path: &Path, content: &Content) -> Result<Self, NodeError> {
        let mut rows = Self {
            input: Unpacked::new(input, path).map_err(|error| cannot_read(path, &error))?,
            path: path.to_owned(),
            max_line_bytes: content.max_line_bytes,
            decoder: Decoder::new(content),
            assembler: LineAssembler::default(),
            pending: TextBlock::default(),
            next_line: 1,
            has_begun: false,
            is_over: false,
            faults: LineFaults::default(),
            rejected: Rejected::default(),
        };
        // An empty file has no header to be wrong.
        if content.has_header() {
            rows.read_header(content)?;
        }
        Ok(rows)
    }

    /// The next rows; `None` at the end of the file. Never empty.
    pub(super) fn next_block(&mut self) -> Result<Option<RecordBatch>, NodeError> {
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
                Ok(0) => self.end(),
                Ok(count) => {
                    let mut read = bytes.get(..count).unwrap_or_default();
                    if !std::mem::replace(&mut self.has_begun, true) {
                        read = without_mark(read, &self.path)?;
                    }
                    self.faults += self.assembler.push(read, limit, &mut self.pending);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The system's own errors have a number; the others say that what was unpacked makes no sense.
                Err(error) if self.input.packing != Packing::None && error.raw_os_error().is_none() => {
                    // Half a line is no line: it is part of what is missing.
                    self.is_over = true;
                    let line = self.next_line + self.pending.line_count() as u64;
                    let packing = self.input.packing.name();
                    let what = if error.kind() == ErrorKind::UnexpectedEof { "is cut off" } else { "is damaged" };
                    self.rejected.add(format!("line {line}: the {packing} data {what}, so the rest is missing"));
                }
                Err(error) => return Err(cannot_read(&self.path, &error)),
            }
        }
        Ok(self.pending.line_count() > 0)
    }

    fn end(&mut self) {
        self.is_over = true;
        self.faults += self.assembler.finish(self.max_line_bytes, &mut self.pending);
    }

    /// Takes the header off the pending lines. Comments may stand above it.
    fn read_header(&mut self, content: &Content) -> Result<(), NodeError> {
        let is_comment = |line: &str| match &content.format {
            super::Format::Csv(dialect) => dialect.is_comment(line),
            super::Format::Text | super::Format::JsonLines | super::Format::Parquet | super::Format::Arrow => false,
        };
        while self.fill()? {
            let block = std::mem::take(&mut self.pending);
            let mut lines = block.iter();
            let header = lines.by_ref().find(|line| {
                self.next_line += 1;
                !is_comment(line)
            });
            let Some(header) = header else { continue };
            lines.for_each(|line| self.pending.push(line));
            let name = self.path.display().to_string();
            self.decoder = Decoder::below(header, content, &name).map_err(NodeError::data)?;
            return Ok(());
        }
        Ok(())
    }
}

/// The first bytes of a file without the mark that says they are UTF-8. Another encoding is refused by its own mark:
/// its lines would be no text.
fn without_mark<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a [u8], NodeError> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let sentence = format!("the file {} is UTF-16; save it as UTF-8", path.display());
        return Err(NodeError::data(sentence));
    }
    Ok(bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes))
}
