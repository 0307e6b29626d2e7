//! Splits text into pieces that are views into the text's own buffers.
//!
//! A `Utf8View` value is a 16-byte view: up to 12 bytes lie in the view itself, longer text is a prefix of 4 bytes and
//! a place in a shared buffer. A piece of a row therefore needs no copy of its text, only a new view on the row's
//! buffer, and splitting runs at a few nanoseconds per piece. Separators of one byte are found eight bytes at a time
//! (SWAR), longer ones by `memchr::memmem`, patterns by the regex.

use std::sync::Arc;

use arrow::array::{Array, StringViewArray};
use arrow::buffer::{Buffer, NullBuffer, ScalarBuffer};
use memchr::memmem;
use regex::Regex;

/// Longest text that lies in the view itself.
const INLINE: usize = 12;

/// Where to cut.
#[derive(Debug, Clone)]
pub(super) enum Separator {
    /// At one ASCII character.
    Byte(u8),
    /// At a longer text.
    Text(Box<memmem::Finder<'static>>),
    /// At each match.
    Pattern(Regex),
}

/// What becomes of empty pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drop {
    /// They are kept.
    None,
    /// Those at the end of a row go, as `String.split` of Java does; a row without any separator stays as it is.
    Trailing,
    /// All go.
    All,
}

impl Separator {
    /// At this text, taken literally; it is not empty.
    pub(super) fn plain(text: &str) -> Self {
        match text.as_bytes() {
            &[byte] if byte.is_ascii() => Self::Byte(byte),
            bytes => Self::Text(Box::new(memmem::Finder::new(bytes).into_owned())),
        }
    }
}

/// All pieces of all rows, in order; rows that are null have none. If `parents` is given, it gets the row of each piece.
pub(super) fn split(
    input: &StringViewArray,
    separator: &Separator,
    drop: Drop,
    parents: Option<&mut Vec<u32>>,
) -> StringViewArray {
    let mut pieces = Pieces { views: Vec::with_capacity(input.len() * 4), drop };
    match separator {
        Separator::Byte(byte) => each_row(input, &mut pieces, parents, |pieces, row| split_byte(pieces, row, *byte)),
        Separator::Text(finder) => each_row(input, &mut pieces, parents, |pieces, row| {
            let width = finder.needle().len();
            let mut start = 0;
            for at in finder.find_iter(row.bytes) {
                pieces.push(row, start, at);
                start = at + width;
            }
            pieces.push(row, start, row.bytes.len());
        }),
        Separator::Pattern(pattern) => each_row(input, &mut pieces, parents, |pieces, row| {
            let text = std::str::from_utf8(row.bytes).unwrap_or_default();
            let mut start = 0;
            for found in pattern.find_iter(text) {
                // Java's rule: an empty match at the very start cuts nothing off.
                if found.end() > 0 {
                    pieces.push(row, start, found.start());
                    start = found.end();
                }
            }
            pieces.push(row, start, row.bytes.len());
        }),
    }
    view::array(pieces.views, input)
}

/// One row: its bytes and where they lie.
#[derive(Clone, Copy)]
struct Row<'a> {
    bytes: &'a [u8],
    /// From the row's start to its buffer's end, at least `bytes` long: lets short pieces be read 16 bytes at once.
    ahead: &'a [u8],
    buffer: u32,
    offset: u32,
}

struct Pieces {
    views: Vec<u128>,
    drop: Drop,
}

impl Pieces {
    #[inline]
    fn push(&mut self, row: Row<'_>, start: usize, end: usize) {
        if start == end && self.drop == Drop::All {
            return;
        }
        self.views.push(view::of(row, start, end));
    }

    /// Takes back the empty pieces at the end of a row whose pieces start at `first`.
    fn end_row(&mut self, first: usize) {
        // One piece means that no separator was found: Java gives the row as it is, even if empty.
        if self.drop != Drop::Trailing || self.views.len() == first + 1 {
            return;
        }
        while self.views.len() > first && self.views.last().is_some_and(|view| *view == 0) {
            self.views.pop();
        }
    }
}

fn each_row(
    input: &StringViewArray,
    pieces: &mut Pieces,
    mut parents: Option<&mut Vec<u32>>,
    mut split: impl FnMut(&mut Pieces, Row<'_>),
) {
    let buffers: &[Buffer] = input.data_buffers();
    let nulls: Option<&NullBuffer> = input.nulls();
    for (index, view) in input.views().iter().enumerate() {
        if nulls.is_some_and(|nulls| nulls.is_null(index)) {
            continue;
        }
        let inline = view.to_le_bytes();
        let first = pieces.views.len();
        split(pieces, view::row(*view, &inline, buffers));
        pieces.end_row(first);
        if let Some(parents) = parents.as_deref_mut() {
            let row = u32::try_from(index).unwrap_or(u32::MAX);
            parents.resize(parents.len() + pieces.views.len() - first, row);
        }
    }
}

/// Finds the separator eight bytes at a time: a byte of `word ^ pattern` is zero where it stands.
fn split_byte(pieces: &mut Pieces, row: Row<'_>, separator: u8) {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let pattern = u64::from_ne_bytes([separator; 8]);
    let mut start = 0;
    let (words, rest) = row.bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ pattern;
        // 0x80 in each byte that is zero, exactly: no carry crosses a byte.
        let mut found = !(((differs & LOW) + LOW) | differs | LOW);
        while found != 0 {
            let at = index * 8 + (found.trailing_zeros() / 8) as usize;
            pieces.push(row, start, at);
            start = at + 1;
            found &= found - 1;
        }
    }
    let tail = words.len() * 8;
    for (index, byte) in rest.iter().enumerate() {
        if *byte == separator {
            pieces.push(row, start, tail + index);
            start = tail + index + 1;
        }
    }
    pieces.push(row, start, row.bytes.len());
}

/// Making and reading views. The only unsafe code of the engine's transforms.
mod view {
    #![expect(unsafe_code, reason = "checking every view again would cost several times what splitting does")]

    use super::{Arc, Buffer, INLINE, Row, ScalarBuffer, StringViewArray};

    /// The bytes a view stands for. `inline` is the view in little-endian bytes.
    #[inline]
    pub(super) fn row<'a>(view: u128, inline: &'a [u8; 16], buffers: &'a [Buffer]) -> Row<'a> {
        let len = (view & 0xffff_ffff) as usize;
        if len <= INLINE {
            return Row { bytes: &inline[4..4 + len], ahead: &inline[4..], buffer: 0, offset: 0 };
        }
        let (buffer, offset) = (part(view, 64), part(view, 96));
        let ahead = &buffers[buffer as usize][offset as usize..];
        Row { bytes: &ahead[..len], ahead, buffer, offset }
    }

    /// The view of the bytes `[start, end)` of a row.
    #[inline]
    pub(super) fn of(row: Row<'_>, start: usize, end: usize) -> u128 {
        let len = end - start;
        if len > INLINE {
            // A row is at most 4 GiB long and lies in its buffer, so that the sum is a place of that buffer.
            let offset = row.offset.wrapping_add(low(start));
            let prefix = u32::from_le_bytes([
                row.bytes[start],
                row.bytes[start + 1],
                row.bytes[start + 2],
                row.bytes[start + 3],
            ]);
            let (len, prefix) = (u128::from(low(len)), u128::from(prefix) << 32);
            return len | prefix | u128::from(row.buffer) << 64 | u128::from(offset) << 96;
        }
        let word = if let Some(word) = row.ahead[start..].first_chunk::<16>() {
            u128::from_le_bytes(*word)
        } else {
            let mut word = [0; 16];
            word[..len].copy_from_slice(&row.bytes[start..end]);
            u128::from_le_bytes(word)
        };
        let mask = (1u128 << (len * 8)) - 1;
        (word & mask) << 32 | len as u128
    }

    /// The pieces as an array that shares the input's buffers.
    pub(super) fn array(views: Vec<u128>, input: &StringViewArray) -> StringViewArray {
        let buffers: Arc<[Buffer]> = input.data_buffers().iter().cloned().collect();
        // SAFETY: `new_unchecked` asks for what `try_new` checks.
        // 1. Every view comes from `of`. A view of at most 12 bytes holds these bytes and zeros behind them (`mask`).
        //    A longer one names the buffer of its row and an offset such that `offset + len` does not exceed the row's
        //    end, since `start <= end <= row.bytes.len()`; the row itself was valid in the input, whose buffers are
        //    handed on unchanged and in the same order. A piece longer than 12 bytes comes from a row longer than 12
        //    bytes, so the row's buffer and offset are real.
        // 2. The prefix is the first four bytes of the piece.
        // 3. The bytes are valid UTF-8: rows are, and cuts lie only before and behind matches of an ASCII byte, of a
        //    whole UTF-8 text or of a regex over text. UTF-8 is self-synchronising, so these are character borders.
        // 4. There is no null buffer, so that its length cannot differ.
        unsafe { StringViewArray::new_unchecked(ScalarBuffer::from(views), buffers, None) }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low 32 bits are meant")]
    const fn part(view: u128, shift: u32) -> u32 {
        (view >> shift) as u32
    }

    #[expect(clippy::cast_possible_truncation, reason = "rows are shorter than 4 GiB: their length is 32 bits wide")]
    const fn low(value: usize) -> u32 {
        value as u32
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::StringViewBuilder;
    use proptest::prelude::*;

    use super::*;

    /// The oracle: the standard library's `split`, row by row.
    fn naive(rows: &[Option<String>], separator: &str, drop: Drop) -> Vec<(String, u32)> {
        let mut all = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let Some(row) = row else { continue };
            let mut pieces: Vec<String> = row.split(separator).map(str::to_owned).collect();
            match drop {
                Drop::None => {}
                Drop::All => pieces.retain(|piece| !piece.is_empty()),
                Drop::Trailing => {
                    if pieces.len() > 1 {
                        while pieces.last().is_some_and(String::is_empty) {
                            pieces.pop();
                        }
                    }
                }
            }
            all.extend(pieces.into_iter().map(|piece| (piece, u32::try_from(index).unwrap())));
        }
        all
    }

    /// Rows over several small buffers, as they come from many reads.
    fn array(rows: &[Option<String>], block: u32) -> StringViewArray {
        let mut builder = StringViewBuilder::new().with_fixed_block_size(block);
        for row in rows {
            builder.append_option(row.as_ref());
        }
        builder.finish()
    }

    fn check(rows: &[Option<String>], input: &StringViewArray, separator: &str, drop: Drop, as_pattern: bool) {
        let kind = if as_pattern {
            Separator::Pattern(Regex::new(&regex::escape(separator)).unwrap())
        } else {
            Separator::plain(separator)
        };
        let mut parents = Vec::new();
        let pieces = split(input, &kind, drop, Some(&mut parents));
        // The checked constructor accepts what the unchecked one was given.
        let checked = StringViewArray::try_new(pieces.views().clone(), pieces.data_buffers().to_vec(), None);
        checked.unwrap();
        let found: Vec<_> = pieces.iter().flatten().map(str::to_owned).zip(parents).collect();
        assert_eq!(found, naive(rows, separator, drop));
        assert_eq!(pieces.len(), found.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn pieces_equal_those_of_the_standard_library(
            rows in prop::collection::vec(prop::option::weighted(0.9, "([ab ,é世]{0,40}|[a-z ]{0,200}| {0,20})"), 0..12),
            separator in prop::sample::select(vec![" ", ",", "a", "é", "世", ", ", "ab", "  "]),
            drop in prop::sample::select(vec![Drop::None, Drop::Trailing, Drop::All]),
            block in 16u32..300,
            skip in 0usize..6,
            as_pattern in any::<bool>(),
        ) {
            let input = array(&rows, block);
            check(&rows, &input, separator, drop, as_pattern);
            let skip = skip.min(rows.len());
            let slice = input.slice(skip, rows.len() - skip);
            check(&rows[skip..], &slice, separator, drop, as_pattern);
        }
    }

    #[test]
    fn no_text_is_copied() {
        let input = array(&[Some("a rather long word: incomprehensibilities".to_owned())], 1_000);
        let pieces = split(&input, &Separator::plain(" "), Drop::None, None);
        assert_eq!(pieces.data_buffers()[0].as_ptr(), input.data_buffers()[0].as_ptr());
        assert_eq!(pieces.value(4), "incomprehensibilities");
    }

    #[test]
    fn patterns_cut_as_java_does() {
        let input = array(&[Some("abc".to_owned()), Some("1, 2;3".to_owned())], 1_000);
        let pieces = |pattern: &str| {
            let separator = Separator::Pattern(Regex::new(pattern).unwrap());
            split(&input, &separator, Drop::None, None).iter().flatten().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(pieces("[,;] *"), ["abc", "1", "2", "3"]);
        assert_eq!(pieces("")[..4], ["a", "b", "c", ""]);
    }
}
