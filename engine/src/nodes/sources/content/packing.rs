//! How a file of lines is packed: gzip or Zstandard, by the suffix of its name.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read, Take};
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nodes) enum Packing {
    /// Not at all.
    None,
    /// gzip: `.gz`.
    Gzip,
    /// Zstandard: `.zst`.
    Zstd,
}

impl Packing {
    /// The packing a name tells, and the name without the suffix that tells it.
    pub(in crate::nodes) fn of(name: &str) -> (Self, &str) {
        let path = Path::new(name);
        let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
        let packing = match suffix.to_ascii_lowercase().as_str() {
            "gz" | "gzip" => Self::Gzip,
            "zst" | "zstd" => Self::Zstd,
            _ => return (Self::None, name),
        };
        (packing, name.get(..name.len() - suffix.len() - 1).unwrap_or(name))
    }

    /// What people call it.
    pub(in crate::nodes) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
        }
    }
}

/// The bytes of a file, unpacked as they are read.
pub(super) struct Unpacked {
    reader: Box<dyn Read + Send>,
    /// How it is packed.
    pub(super) packing: Packing,
}

impl Unpacked {
    /// As its name says. (A reader of Zstandard keeps at most 128 MiB, whatever the file asks for.)
    pub(super) fn new(file: Take<File>, path: &Path) -> std::io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let packing = Packing::of(&name).0;
        let reader: Box<dyn Read + Send> = match packing {
            Packing::None => Box::new(file),
            Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(file))),
            Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(file)?),
        };
        Ok(Self { reader, packing })
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl fmt::Debug for Unpacked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacked").field("packing", &self.packing).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_tells_the_packing_whatever_its_case() {
        assert_eq!(Packing::of("a/b.csv.gz"), (Packing::Gzip, "a/b.csv"));
        assert_eq!(Packing::of("*.jsonl.ZST"), (Packing::Zstd, "*.jsonl"));
        assert_eq!(Packing::of("b.csv"), (Packing::None, "b.csv"));
        assert_eq!(Packing::of("gz"), (Packing::None, "gz"));
    }
}
