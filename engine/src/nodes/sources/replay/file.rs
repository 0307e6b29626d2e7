//! One pass through the file: blocks of rows, in order, at bounded memory.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};

use arrow::record_batch::RecordBatch;

use super::csv::split;
use super::decode::{Decoder, Rejected};
use super::{Content, Format};
use crate::nodes::sources::lines::{LineAssembler, LineFaults, TextBlock};
use crate::plan::NodeError;

/// One read, and roughly one block.
const READ_BYTES: usize = 256 << 10;

/// A pass through the file.
#[derive(Debug)]
pub(super) struct FileRows {
    input: File,
    content: Content,
    decoder: Decoder,
    assembler: LineAssembler,
    /// Lines read and not yet decoded.
    pending: TextBlock,
    next_line: u64,
    is_over: bool,
    /// Lines repaired so far.
    pub(super) faults: LineFaults,
    /// Lines that did not fit so far.
    pub(super) rejected: Rejected,
}

impl FileRows {
    /// Opens the file, and reads its header if it has one.
    pub(super) fn open(content: &Content) -> Result<Self, NodeError> {
        let input = File::open(&content.path).map_err(|error| cannot_read(content, &error))?;
        let mut rows = Self {
            input,
            content: content.clone(),
            decoder: Decoder::Text,
            assembler: LineAssembler::default(),
            pending: TextBlock::default(),
            next_line: 1,
            is_over: false,
            faults: LineFaults::default(),
            rejected: Rejected::default(),
        };
        rows.decoder = match content.format {
            Format::Text => Decoder::Text,
            Format::JsonLines => Decoder::JsonLines { fields: content.fields.clone() },
            Format::Csv { has_header, delimiter } => {
                let positions =
                    if has_header { rows.read_header(delimiter)? } else { (0..content.fields.len()).collect() };
                Decoder::Csv { fields: content.fields.clone(), positions, delimiter }
            }
        };
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
        let limit = self.content.max_line_bytes;
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
                Err(error) => return Err(cannot_read(&self.content, &error)),
            }
        }
        Ok(self.pending.line_count() > 0)
    }

    /// Where each field's values are. Takes the header off the pending lines. An empty file has no rows to be wrong.
    fn read_header(&mut self, delimiter: char) -> Result<Vec<usize>, NodeError> {
        if !self.fill()? {
            return Ok((0..self.content.fields.len()).collect());
        }
        let lines = std::mem::take(&mut self.pending);
        let mut lines = lines.iter();
        let header = lines.next().unwrap_or_default();
        lines.for_each(|line| self.pending.push(line));
        self.next_line += 1;
        let name = self.content.path.display();
        let header = header.strip_prefix('\u{FEFF}').unwrap_or(header);
        let names = split(header, delimiter)
            .map_err(|wrong| NodeError::data(format!("the header of {name} cannot be read: {wrong}; correct it")))?;
        let position = |field: &crate::nodes::sources::rows::FieldParam| {
            let wanted = field.path().trim().to_lowercase();
            names.iter().position(|name| name.text.trim().to_lowercase() == wanted).ok_or_else(|| {
                let list: Vec<_> = names.iter().map(|name| format!("`{}`", name.text.trim())).collect();
                NodeError::data(format!(
                    "the header of {name} has no column `{}`; it has {}. Correct the field, or switch the header off",
                    field.path(),
                    list.join(", ")
                ))
            })
        };
        self.content.fields.iter().map(position).collect()
    }
}

pub(super) fn cannot_read(content: &Content, error: &Error) -> NodeError {
    let name = content.path.display();
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
