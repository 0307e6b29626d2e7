//! The versioned file format. Only types of this module are serialized.
//!
//! A file is JSON for people as much as for programs: sorted, so that it diffs well; logic and layout apart, so that
//! moving a node never touches what it computes; and complete, so that what this version does not know survives being
//! opened and saved by it. Whatever is loaded and saved again is identical to the byte from then on. Reading is strict
//! and says where: no file, however damaged or hostile, gets further than a sentence with a place.

mod disk;
mod error;
mod json;
mod keys;
mod layout;
mod print;
mod read;
mod record;
mod settings;
mod subflows;
#[cfg(test)]
mod tests;
mod write;

pub use disk::{MAX_BYTES, open, open_watched, save_atomically};
pub use error::{FormatError, SaveError};
pub use read::{Loaded, MAX_NODES, MAX_WIRES, load};
pub use record::schema;
pub use settings::setting;
pub use write::save;

/// The newest format this version reads. A file says the oldest one that computes the same from it, so that whoever
/// uses nothing new can share files with an older version.
pub const VERSION: u64 = 2;
/// The first format, in which every node works.
const FIRST_VERSION: u64 = 1;
/// The format that knows muted and bypassed nodes.
const MODES_VERSION: u64 = 2;
