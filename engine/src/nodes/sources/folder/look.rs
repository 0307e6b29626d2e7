//! One look into the folder: the files that lie there, in the order they are taken in.

use std::fs;
use std::io::Error;
use std::path::Path;
use std::time::SystemTime;

use super::seen::FileVersion;

/// All files in the folder but those that are hidden or still being written, going by their names.
pub(super) fn files_in(folder: &Path) -> Result<Vec<FileVersion>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if is_left_alone(&name.to_string_lossy()) {
            continue;
        }
        // One that vanished since is no reason to complain. Links count as what they lead to.
        let Ok(metadata) = fs::metadata(entry.path()) else { continue };
        if metadata.is_file() {
            files.push(version(name, &metadata));
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// A file as its metadata show it. Where the system tells no time of change, the size alone tells versions apart.
pub(super) fn version(name: std::ffi::OsString, metadata: &fs::Metadata) -> FileVersion {
    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    FileVersion { modified, name, size: metadata.len() }
}

/// Hidden, or marked as unfinished as Hadoop and Spark do.
fn is_left_alone(name: &str) -> bool {
    name.starts_with(['.', '_']) || [".tmp", "._COPYING_"].iter().any(|suffix| name.ends_with(suffix))
}
