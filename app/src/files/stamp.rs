//! What a file held at some moment, so that a change by someone else is noticed before it is overwritten.
//!
//! The content counts, not the time of change: a file that was only touched, or checked out again as it was, is the
//! same.

use std::hash::{DefaultHasher, Hasher};
use std::io::Read;
use std::path::Path;

use weir_engine::format;

/// A file's content as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64);

impl Stamp {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        Self(hasher.finish())
    }

    /// Of what a file holds now; `None` where it is gone or cannot be read.
    pub(super) fn of_file(path: &Path) -> Option<Self> {
        let about = std::fs::metadata(path).ok()?;
        // Reading from a pipe or a device might never end.
        if !about.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).ok()?;
        file.take(format::MAX_BYTES + 1).read_to_end(&mut bytes).ok()?;
        Some(Self::of(&bytes))
    }
}
