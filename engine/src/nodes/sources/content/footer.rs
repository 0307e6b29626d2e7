//! A look over a Parquet file's footer before the library reads it.
//!
//! The footer is written in Thrift's compact protocol, where a list says how long it is. The library reserves memory
//! for some lists by that word alone; a damaged word would end the program. So every length is held against the bytes
//! that are there: an entry takes at least one.

use super::bounded::BoundedFile;
use parquet::file::reader::Length;

/// Deeper than any real footer nests.
const MAX_DEPTH: usize = 32;
/// Longer footers are refused: the longest real ones have some MiB.
const MAX_FOOTER_BYTES: u64 = 256 << 20;

/// Refuses what is no Parquet file, or cut off, or has a footer that cannot be true. The error goes on after `the
/// Parquet file x`.
pub(super) fn check_footer(file: &BoundedFile) -> Result<(), String> {
    let broken = || "cannot be read: it is no Parquet file, or it is cut off; write it anew".to_owned();
    let end = file.len();
    let tail = end.checked_sub(8).and_then(|at| file.read_at(at, 8).ok()).ok_or_else(broken)?;
    let (length, magic) = tail.split_at(4);
    if magic == b"PARE" {
        return Err("is encrypted, which is not supported; write it without encryption".to_owned());
    }
    let length = u64::from(u32::from_le_bytes(length.try_into().map_err(|_| broken())?));
    if magic != b"PAR1" || length > MAX_FOOTER_BYTES {
        return Err(broken());
    }
    let start = end.checked_sub(8 + length).ok_or_else(broken)?;
    let footer = file.read_at(start, length).map_err(|_| broken())?;
    let mut walk = Walk { rest: &footer };
    walk.fields(0).ok_or_else(|| "cannot be read: its footer is damaged; write it anew".to_owned())
}

/// The bytes not yet passed. Every step answers `None` where the bytes make no sense.
struct Walk<'a> {
    rest: &'a [u8],
}

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A structure: fields up to the stop.
    fn fields(&mut self, depth: usize) -> Option<()> {
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            if head >> 4 == 0 {
                self.varint()?;
            }
            // A field of a truth value has it in its type.
            if !matches!(head & 0x0F, 1 | 2) {
                self.value(head & 0x0F, depth + 1)?;
            }
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match kind {
            1..=3 => self.skip(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                self.list(head & 0x0F, count, depth)
            }
            11 => {
                let count = self.varint()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                if count > self.rest.len() as u64 {
                    return None;
                }
                for _ in 0..count {
                    self.value(kinds >> 4, depth + 1)?;
                    self.value(kinds & 0x0F, depth + 1)?;
                }
                Some(())
            }
            12 => self.fields(depth + 1),
            13 => self.skip(16),
            _ => None,
        }
    }

    fn list(&mut self, kind: u8, count: u64, depth: usize) -> Option<()> {
        if count > self.rest.len() as u64 {
            return None;
        }
        (0..count).try_for_each(|_| self.value(kind, depth + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walks(bytes: &[u8]) -> bool {
        Walk { rest: bytes }.fields(0).is_some()
    }

    #[test]
    fn a_list_that_claims_more_than_there_is_is_refused() {
        // Field 1 is a list of two numbers, then the stop.
        assert!(walks(&[0x19, 0x25, 2, 4, 0]));
        assert!(!walks(&[0x19, 0xF5, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 2, 4, 0]));
        assert!(!walks(&[0x18, 0x05, b'a', 0]), "a text that is cut off");
        assert!(!walks(&[0x1C; 64]), "structures without end");
        assert!(!walks(&[]));
    }
}
