//! Why a file could not be read or written: a sentence with the place and what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::VERSION;

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The file itself cannot be read.
    #[error("{} cannot be opened: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// It is not JSON.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong and what to do.
        message: String,
    },
    /// It was written by a later version of the program.
    #[error("written by a newer Weir (format {found}); this one reads up to {VERSION}; update Weir")]
    Newer {
        /// The format of the file.
        found: u64,
    },
    /// It is JSON, but not a pipeline.
    #[error("{at} (line {line}, column {column}): {message}")]
    Content {
        /// Where, as a path: `nodes.n3.params`.
        at: String,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong and what to do.
        message: String,
    },
}

/// Why a file could not be written. The file on disk is then as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The file or its folder may not be written.
    #[error("{} is read-only; save under another name or allow writing", .0.display())]
    ReadOnly(PathBuf),
    /// Something else has this name.
    #[error("{} is not a file; save under another name", .0.display())]
    NotAFile(PathBuf),
    /// The folder is missing.
    #[error("the folder {} does not exist; create it or save elsewhere", .0.display())]
    NoFolder(PathBuf),
    /// No space is left.
    #[error("the disk is full, so {} was not saved; free some space and save again", .0.display())]
    Full(PathBuf),
    /// The previous version could not be put aside.
    #[error("the previous version could not be kept as {}: {reason}; save under another name", path.display())]
    Backup {
        /// Where it should have gone.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Anything else the system reports.
    #[error("{} could not be saved: {reason}; try again or save elsewhere", path.display())]
    System {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl FormatError {
    /// In plain words, why the system does not give the file's content.
    pub(super) fn from_io(path: &Path, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file; check the path".to_owned(),
            io::ErrorKind::PermissionDenied => "reading it is not allowed; ask its owner".to_owned(),
            _ => error.to_string(),
        };
        Self::File { path: path.to_owned(), reason }
    }
}

impl SaveError {
    /// In plain words, why the system does not take the file.
    pub(super) fn from_io(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path.to_owned()),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path.to_owned()),
            io::ErrorKind::NotFound => Self::NoFolder(super::disk::folder_of(path).to_owned()),
            io::ErrorKind::IsADirectory => Self::NotAFile(path.to_owned()),
            _ => Self::System { path: path.to_owned(), reason: error.to_string() },
        }
    }
}
