//! One file that is open: where reading stands in it, and which file it is whatever its name is now.

use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use arrow::record_batch::RecordBatch;

use crate::nodes::sources::content::{Content, Decoder, Rejected};
use crate::nodes::sources::lines::{LineAssembler, LineFaults, TextBlock, within_lines};
use crate::plan::NodeError;

/// One read, and roughly one block.
const READ_BYTES: usize = 256 << 10;

/// Tells files apart. While a file is open its number is given to no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(
    #[cfg(unix)] (u64, u64),
    /// Where there are no numbers, a file made at another time is another file.
    #[cfg(not(unix))]
    Option<std::time::SystemTime>,
);

/// An open file.
#[derive(Debug)]
pub(super) struct Opened {
    input: File,
    pub(super) identity: Identity,
    /// Bytes read.
    offset: u64,
    bytes: Vec<u8>,
    /// Which of the bytes were read but belong to lines that nobody had room for yet.
    unread: Range<usize>,
    assembler: LineAssembler,
    /// `None` until the header was read.
    decoder: Option<Decoder>,
    next_line: u64,
}

/// Rows and what was wrong with the lines they were read from.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) rows: Option<RecordBatch>,
    pub(super) faults: LineFaults,
    pub(super) rejected: Rejected,
}

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self(metadata.created().ok())
    }
}

impl Opened {
    /// Opens a file at its beginning.
    pub(super) fn at_beginning(path: &Path, content: &Content) -> Result<Self, Error> {
        let input = File::open(path)?;
        let metadata = input.metadata()?;
        if metadata.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let decoder = (!content.has_header()).then(|| Decoder::new(content));
        let identity = Identity::of(&metadata);
        Ok(Self {
            input,
            identity,
            offset: 0,
            bytes: vec![0; READ_BYTES],
            unread: 0..0,
            assembler: LineAssembler::default(),
            decoder,
            next_line: 1,
        })
    }

    /// Moves behind the last newline: what is not a whole line yet is still to come. The header is read on the way.
    pub(super) fn skip_to_end(&mut self, path: &Path, content: &Content) -> Result<(), NodeError> {
        let cannot = |error: Error| NodeError::environment(format!("{} cannot be read: {error}", path.display()));
        let end = start_of_last_line(&mut self.input, content.max_line_bytes).map_err(cannot)?;
        if end > 0 && self.decoder.is_none() {
            let header = first_line(&mut self.input, content.max_line_bytes).map_err(cannot)?;
            self.read_header(&header, path, content)?;
        }
        self.input.seek(SeekFrom::Start(end)).map_err(cannot)?;
        self.offset = end;
        Ok(())
    }

    /// Reads a block, of at most so many lines; `None` at the end of the file.
    pub(super) fn read(&mut self, path: &Path, content: &Content, lines: usize) -> Result<Option<Lines>, NodeError> {
        if self.unread.is_empty() {
            let count = loop {
                match self.input.read(&mut self.bytes) {
                    Ok(count) => break count,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => {
                        return Err(NodeError::environment(format!("{} cannot be read: {error}", path.display())));
                    }
                }
            };
            if count == 0 {
                return Ok(None);
            }
            self.offset = self.offset.saturating_add(count as u64);
            self.unread = 0..count;
        }
        let mut block = TextBlock::default();
        let read = self.bytes.get(self.unread.clone()).unwrap_or_default();
        let read = read.get(..within_lines(read, lines)).unwrap_or(read);
        self.unread.start += read.len();
        let faults = self.assembler.push(read, content.max_line_bytes, &mut block);
        self.decode(block, faults, path, content).map(Some)
    }

    /// The file is done: what is left without a newline is a line too.
    pub(super) fn finish(&mut self, path: &Path, content: &Content) -> Result<Lines, NodeError> {
        let mut block = TextBlock::default();
        let faults = self.assembler.finish(content.max_line_bytes, &mut block);
        self.decode(block, faults, path, content)
    }

    /// Whether the file is shorter than what was read of it.
    pub(super) fn is_truncated(&self) -> bool {
        self.input.metadata().is_ok_and(|metadata| metadata.len() < self.offset)
    }

    /// Begins once more, after [`Self::finish`].
    pub(super) fn rewind(&mut self, content: &Content) -> Result<(), Error> {
        self.input.seek(SeekFrom::Start(0))?;
        self.offset = 0;
        self.next_line = 1;
        self.decoder = (!content.has_header()).then(|| Decoder::new(content));
        Ok(())
    }

    fn decode(
        &mut self,
        mut block: TextBlock,
        faults: LineFaults,
        path: &Path,
        content: &Content,
    ) -> Result<Lines, NodeError> {
        if self.decoder.is_none() && block.line_count() > 0 {
            let lines = std::mem::take(&mut block);
            let mut lines = lines.iter();
            self.read_header(lines.next().unwrap_or_default(), path, content)?;
            lines.for_each(|line| block.push(line));
        }
        let mut read = Lines { faults, ..Lines::default() };
        let count = block.line_count() as u64;
        if let (Some(decoder), true) = (&self.decoder, count > 0) {
            read.rows = Some(decoder.decode(block, self.next_line, &mut read.rejected)?);
            self.next_line += count;
        }
        Ok(read)
    }

    fn read_header(&mut self, header: &str, path: &Path, content: &Content) -> Result<(), NodeError> {
        let decoder = Decoder::below(header, content, &path.display().to_string()).map_err(NodeError::data)?;
        self.decoder = Some(decoder);
        self.next_line += 1;
        Ok(())
    }
}

/// Behind the last newline; at the end where the last line is longer than the limit.
fn start_of_last_line(input: &mut File, max_line_bytes: usize) -> Result<u64, Error> {
    let length = input.metadata()?.len();
    let from = length.saturating_sub(max_line_bytes as u64);
    input.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    input.by_ref().take(length - from).read_to_end(&mut bytes)?;
    Ok(match memchr::memrchr(b'\n', &bytes) {
        Some(newline) => from + newline as u64 + 1,
        None if from == 0 => 0,
        None => length,
    })
}

/// The first line, as far as the limit allows.
fn first_line(input: &mut File, max_line_bytes: usize) -> Result<String, Error> {
    input.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    // A carriage return and the newline do not count.
    input.by_ref().take(max_line_bytes as u64 + 2).read_to_end(&mut bytes)?;
    let (mut assembler, mut block) = (LineAssembler::default(), TextBlock::default());
    assembler.push(&bytes, max_line_bytes, &mut block);
    assembler.finish(max_line_bytes, &mut block);
    Ok(block.iter().next().unwrap_or_default().to_owned())
}
