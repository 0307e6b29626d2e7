//! The folder of a file sink: names, leftovers of earlier runs, and publishing by rename.

use std::fs::{self, File};
use std::io::{BufWriter, Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::format::{PACKED_SUFFIXES, SUFFIXES};
use crate::plan::NodeError;

/// What to do with files of an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IfExists {
    /// Do not start.
    Refuse,
    /// Number on behind them.
    Append,
    /// Remove them.
    Replace,
}

/// Where files go. `part-000000000012.csv` is published, `.part-000000000012.csv.tmp` is not yet.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    suffix: &'static str,
}

const PREFIX: &str = "part-";
const STAGED: &str = ".tmp";

impl Folder {
    /// Nothing is touched yet.
    pub(super) fn new(path: PathBuf, suffix: &'static str) -> Self {
        Self { path, suffix }
    }

    /// Whether another sink writes into the same folder, in whichever format.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        self.path == other.path
    }

    /// Makes the folder if it is missing, but not the one around it: a typo must not grow a tree.
    pub(super) fn make(&self) -> Result<(), NodeError> {
        match fs::create_dir(&self.path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.path.is_dir() => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(NodeError::environment(format!(
                "{} is a file, not a folder; choose another folder",
                self.path.display()
            ))),
            Err(error) => Err(self.cannot_write(&error)),
        }
    }

    /// The number behind the last published file, 0 if there is none.
    pub(super) fn next_number(&self) -> Result<u64, NodeError> {
        Ok(self.published()?.into_iter().map(|(number, _)| number + 1).max().unwrap_or(0))
    }

    /// Removes all published files.
    pub(super) fn clear(&self) -> Result<(), NodeError> {
        for (_, path) in self.published()? {
            fs::remove_file(path).map_err(|error| self.cannot_write(&error))?;
        }
        Ok(())
    }

    /// Removes what was staged and never published.
    pub(super) fn remove_leftovers(&self) -> Result<(), NodeError> {
        for path in self.entries()? {
            let name = file_name(&path);
            let staged = name.strip_prefix('.').and_then(|name| name.strip_suffix(STAGED));
            if staged.is_some_and(|name| number_of(name).is_some()) {
                fs::remove_file(&path).map_err(|error| self.cannot_write(&error))?;
            }
        }
        Ok(())
    }

    /// Writes the file under its hidden name, down to the disk.
    pub(super) fn stage(
        &self,
        number: u64,
        write: impl FnOnce(&mut BufWriter<File>) -> Result<(), Error>,
    ) -> Result<(), NodeError> {
        let staged = self.staged_path(number);
        let write_all = || {
            let mut out = BufWriter::new(File::create(&staged)?);
            write(&mut out)?;
            out.flush()?;
            out.get_ref().sync_all()
        };
        write_all().map_err(|error| {
            // Half a file helps nobody, least of all on a full disk. That it cannot be removed either changes nothing.
            let _ = fs::remove_file(&staged);
            self.cannot_write(&error)
        })
    }

    /// Gives the file its name. Nothing happens where it has it already.
    pub(super) fn publish(&self, number: u64) -> Result<(), NodeError> {
        let (staged, published) = (self.staged_path(number), self.path.join(self.name(number)));
        match fs::rename(&staged, &published) {
            Ok(()) => self.sync().map_err(|error| self.cannot_write(&error)),
            Err(error) if error.kind() == ErrorKind::NotFound && published.exists() => Ok(()),
            Err(error) => Err(self.cannot_write(&error)),
        }
    }

    /// Removes the staged file of this number, if there is one.
    pub(super) fn unstage(&self, number: u64) -> Result<(), NodeError> {
        match fs::remove_file(self.staged_path(number)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.cannot_write(&error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The refusal to start among old files.
    pub(super) fn refusal(&self) -> NodeError {
        NodeError::environment(format!(
            "{} already holds files of an earlier run; choose to append or to replace, or another folder",
            self.path.display()
        ))
    }

    fn name(&self, number: u64) -> String {
        format!("{PREFIX}{number:012}.{}", self.suffix)
    }

    fn staged_path(&self, number: u64) -> PathBuf {
        self.path.join(format!(".{}{STAGED}", self.name(number)))
    }

    /// A new name lasts only once the folder itself is on the disk. Only Unix lets a folder be synced.
    fn sync(&self) -> Result<(), Error> {
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }

    fn published(&self) -> Result<Vec<(u64, PathBuf)>, NodeError> {
        let numbered = |path: PathBuf| number_of(&file_name(&path)).map(|number| (number, path));
        Ok(self.entries()?.into_iter().filter_map(numbered).collect())
    }

    fn entries(&self) -> Result<Vec<PathBuf>, NodeError> {
        let list = || fs::read_dir(&self.path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, Error>>();
        match list() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            other => other.map_err(|error| self.cannot_write(&error)),
        }
    }

    fn cannot_write(&self, error: &Error) -> NodeError {
        let folder = self.path.display();
        if error.kind() == ErrorKind::InvalidData {
            // The rows are to blame, and waiting does not change them.
            return NodeError::data(error.to_string());
        }
        NodeError::environment(if error.kind() == ErrorKind::NotFound {
            let around = self.path.parent().unwrap_or(&self.path).display();
            format!("cannot write into {folder}: the folder {around} does not exist; make it or choose another")
        } else if error.kind() == ErrorKind::StorageFull {
            format!("cannot write into {folder}: the disk is full; free some space")
        } else if error.kind() == ErrorKind::ReadOnlyFilesystem {
            format!("cannot write into {folder}: the disk is read-only; choose another folder")
        } else if error.kind() == ErrorKind::PermissionDenied {
            format!("cannot write into {folder}: that is not permitted; change its permissions or choose another")
        } else if error.kind() == ErrorKind::NotADirectory {
            format!("cannot write into {folder}: a part of that path is a file; choose another folder")
        } else {
            format!("cannot write into {folder}: {error}")
        })
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The number of a published file, of whichever format.
fn number_of(name: &str) -> Option<u64> {
    let (digits, suffix) = name.strip_prefix(PREFIX)?.split_once('.')?;
    let is_number = digits.len() >= 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let packed = suffix.rsplit_once('.').filter(|(_, packing)| PACKED_SUFFIXES.contains(packing));
    let is_ours = SUFFIXES.contains(&packed.map_or(suffix, |(plain, _)| plain));
    (is_number && is_ours).then(|| digits.parse().ok()).flatten()
}
