//! Puts lines together from bytes that come in pieces cut anywhere.
//!
//! The law: however the bytes are cut, the lines are those of the whole split at `\n`, each without one trailing
//! `\r`, read as UTF-8 with U+FFFD for what is not. A line longer than the limit is cut there and the stream goes on
//! behind its newline, so memory is bounded by the limit whatever a peer sends.

use super::TextBlock;

/// What had to be repaired.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::nodes) struct LineFaults {
    /// Lines cut off at the limit.
    pub(in crate::nodes) too_long: u64,
    /// Other lines with bytes that are no UTF-8.
    pub(in crate::nodes) invalid_utf8: u64,
}

impl LineFaults {
    /// Lines with any fault.
    pub(in crate::nodes) fn lines(self) -> u64 {
        self.too_long + self.invalid_utf8
    }
}

impl std::ops::AddAssign for LineFaults {
    fn add_assign(&mut self, other: Self) {
        self.too_long += other.too_long;
        self.invalid_utf8 += other.invalid_utf8;
    }
}

/// The unfinished line at the end of what was pushed so far.
#[derive(Debug, Default)]
pub(in crate::nodes) struct LineAssembler {
    /// At most one byte more than the limit: a `\r` there would not count.
    partial: Vec<u8>,
    /// The limit was passed: bytes are thrown away up to the next newline.
    skipping: bool,
}

impl LineAssembler {
    /// Takes bytes in; the lines they complete go to `block`.
    pub(in crate::nodes) fn push(&mut self, bytes: &[u8], max_line_bytes: usize, block: &mut TextBlock) -> LineFaults {
        let mut faults = LineFaults::default();
        let mut rest = bytes;
        while let Some(length) = memchr::memchr(b'\n', rest) {
            let (head, tail) = rest.split_at(length);
            rest = tail.get(1..).unwrap_or_default();
            if self.partial.is_empty() && !self.skipping {
                faults += add_line(head, max_line_bytes, block);
            } else {
                self.extend(head, max_line_bytes);
                faults += self.end_line(max_line_bytes, block);
            }
        }
        self.extend(rest, max_line_bytes);
        faults
    }

    /// The peer is done: what is left is a line too, unless there is nothing left.
    pub(in crate::nodes) fn finish(&mut self, max_line_bytes: usize, block: &mut TextBlock) -> LineFaults {
        if self.partial.is_empty() && !self.skipping {
            return LineFaults::default();
        }
        self.end_line(max_line_bytes, block)
    }

    fn extend(&mut self, bytes: &[u8], max_line_bytes: usize) {
        if self.skipping {
            return;
        }
        let room = max_line_bytes.saturating_add(1).saturating_sub(self.partial.len());
        self.skipping = bytes.len() > room;
        self.partial.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end_line(&mut self, max_line_bytes: usize, block: &mut TextBlock) -> LineFaults {
        let faults = if self.skipping {
            add_cut_line(&self.partial, max_line_bytes, block)
        } else {
            add_line(&self.partial, max_line_bytes, block)
        };
        self.partial.clear();
        self.skipping = false;
        faults
    }
}

/// How many of these bytes may be taken so that they end at most so many lines.
pub(in crate::nodes) fn within_lines(bytes: &[u8], lines: usize) -> usize {
    if bytes.len() <= lines {
        return bytes.len();
    }
    let last = lines.checked_sub(1).and_then(|before| memchr::memchr_iter(b'\n', bytes).nth(before));
    if lines == 0 { 0 } else { last.map_or(bytes.len(), |newline| newline + 1) }
}

fn add_line(line: &[u8], max_line_bytes: usize, block: &mut TextBlock) -> LineFaults {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > max_line_bytes {
        return add_cut_line(line, max_line_bytes, block);
    }
    if let Ok(text) = std::str::from_utf8(line) {
        block.push(text);
        return LineFaults::default();
    }
    block.push(&String::from_utf8_lossy(line));
    LineFaults { invalid_utf8: 1, ..LineFaults::default() }
}

/// A character that the limit cuts in two is left out whole: it is not the peer's fault.
fn add_cut_line(line: &[u8], max_line_bytes: usize, block: &mut TextBlock) -> LineFaults {
    let kept = line.get(..max_line_bytes).unwrap_or(line);
    let mut chunks = kept.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        block.write(chunk.valid());
        let is_cut_character = chunks.peek().is_none() && is_incomplete(chunk.invalid());
        if !chunk.invalid().is_empty() && !is_cut_character {
            block.write("\u{FFFD}");
        }
    }
    block.end_line();
    LineFaults { too_long: 1, ..LineFaults::default() }
}

fn is_incomplete(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pushes the bytes cut into pieces of these lengths (over and over) and checks the bound after each.
    fn assemble(bytes: &[u8], cuts: &[usize], limit: usize) -> (Vec<String>, LineFaults) {
        let (mut lines, mut block, mut faults) =
            (LineAssembler::default(), TextBlock::default(), LineFaults::default());
        let mut rest = bytes;
        for cut in cuts.iter().cycle() {
            let (piece, tail) = rest.split_at((*cut).min(rest.len()));
            faults += lines.push(piece, limit, &mut block);
            assert!(lines.partial.len() <= limit + 1, "an unfinished line of {} bytes", lines.partial.len());
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
        faults += lines.finish(limit, &mut block);
        (block.iter().map(str::to_owned).collect(), faults)
    }

    /// The whole at once, split naively: text of each line, and whether it is longer than the limit.
    fn naive(bytes: &[u8], limit: usize) -> Vec<(String, bool, bool)> {
        let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        for line in &mut lines {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
        lines
            .into_iter()
            .map(|line| {
                let text = String::from_utf8_lossy(&line).into_owned();
                (text, line.len() > limit, String::from_utf8(line).is_err())
            })
            .collect()
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => "[a-c ]{0,6}".prop_map(String::into_bytes),
            3 => Just(b"\n".to_vec()),
            1 => Just(b"\r".to_vec()),
            1 => Just(b"\r\n".to_vec()),
            2 => "[äß漢😀]{0,3}".prop_map(String::into_bytes),
            1 => prop::collection::vec(any::<u8>(), 0..4),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_cut_of_the_bytes_gives_the_lines_of_the_whole(
            bytes in bytes(),
            cuts in prop::collection::vec(1usize..9, 1..6),
            limit in 1usize..24,
        ) {
            let (lines, faults) = assemble(&bytes, &cuts, limit);
            let expected = naive(&bytes, limit);
            prop_assert_eq!(lines.len(), expected.len());
            for (line, (text, is_long, _)) in lines.iter().zip(&expected) {
                if *is_long {
                    prop_assert!(text.starts_with(line.as_str()), "{line:?} is no beginning of {text:?}");
                } else {
                    prop_assert_eq!(line, text);
                }
            }
            let too_long = expected.iter().filter(|(_, long, _)| *long).count() as u64;
            let invalid = expected.iter().filter(|(_, long, invalid)| !long && *invalid).count() as u64;
            prop_assert_eq!(faults, LineFaults { too_long, invalid_utf8: invalid });
        }

        #[test]
        fn a_cut_line_loses_at_most_a_part_of_one_character(text in "[aä漢😀]{8,40}", limit in 4usize..8) {
            let (lines, faults) = assemble(text.as_bytes(), &[3], limit);
            prop_assert_eq!(faults.too_long, 1);
            prop_assert!(text.starts_with(&lines[0]));
            prop_assert!(lines[0].len() <= limit && lines[0].len() + 4 > limit, "{}", lines[0].len());
        }
    }

    #[test]
    fn bytes_are_taken_up_to_the_line_that_still_fits() {
        let taken = |lines| within_lines(b"a\n\nbc\nd", lines);
        assert_eq!([0, 1, 2, 3, 4, usize::MAX].map(taken), [0, 2, 3, 6, 7, 7]);
    }

    #[test]
    fn a_carriage_return_does_not_make_a_line_too_long() {
        let (lines, faults) = assemble(b"abcd\r\nabcde\r\n", &[1], 4);
        assert_eq!(lines, ["abcd", "abcd"]);
        assert_eq!(faults.too_long, 1);
    }

    #[test]
    fn nothing_gives_no_line_but_a_newline_gives_an_empty_one() {
        assert!(assemble(b"", &[1], 4).0.is_empty());
        assert_eq!(assemble(b"\n", &[1], 4).0, [""]);
        assert_eq!(assemble(b"a\n\nb", &[1], 4).0, ["a", "", "b"]);
    }
}
