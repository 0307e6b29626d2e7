//! Lines out of bytes, the way every text source frames them: for whoever wants to look at them without a source.

use super::{LineAssembler, LineFaults, TextBlock};

/// The lines of a stream that is over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Framed {
    /// The lines, without their newlines.
    pub lines: Vec<String>,
    /// How many of them were cut off at the limit.
    pub too_long: u64,
    /// How many others held bytes that are no UTF-8.
    pub invalid_utf8: u64,
}

/// Frames bytes that come in these pieces, with lines of at most so many bytes.
pub fn frame<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, max_line_bytes: usize) -> Framed {
    let (mut assembler, mut block) = (LineAssembler::default(), TextBlock::default());
    let mut faults = LineFaults::default();
    for piece in pieces {
        faults += assembler.push(piece, max_line_bytes, &mut block);
    }
    faults += assembler.finish(max_line_bytes, &mut block);
    let LineFaults { too_long, invalid_utf8 } = faults;
    Framed { lines: block.iter().map(str::to_owned).collect(), too_long, invalid_utf8 }
}
