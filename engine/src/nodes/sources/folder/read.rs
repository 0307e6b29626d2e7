//! Reads one file as it was when it was found.

use std::fs::File;
use std::path::Path;

use arrow::record_batch::RecordBatch;

use super::look::version;
use super::progress::Tally;
use super::seen::FileVersion;
use crate::nodes::sources::content::{Content, FileRows, MAX_ROW_BYTES, bytes_of, too_large};
use crate::plan::NodeError;

/// The rows of the file and what is to be said of it. One that cannot be read has no rows; one that has changed has
/// none either, since a look finds it again as it is now.
pub(super) fn read_file(folder: &Path, file: &FileVersion, content: &Content) -> (Vec<RecordBatch>, Tally) {
    match try_read(&folder.join(&file.name), file, content) {
        Ok(Some((rows, tally))) => (rows, tally),
        Ok(None) => (Vec::new(), Tally::default()),
        Err(error) => {
            let last_missed = Some(format!("{}: {error}", file.name.to_string_lossy()));
            (Vec::new(), Tally { missed: 1, last_missed, ..Tally::default() })
        }
    }
}

fn try_read(
    path: &Path,
    file: &FileVersion,
    content: &Content,
) -> Result<Option<(Vec<RecordBatch>, Tally)>, NodeError> {
    let input = File::open(path).map_err(|error| NodeError::environment(reason_of(&error)))?;
    let metadata = input.metadata().map_err(|error| NodeError::environment(reason_of(&error)))?;
    if version(file.name.clone(), &metadata) != *file {
        return Ok(None);
    }
    let mut reader = FileRows::new(input, Some(file.size), path, content)?;
    let mut rows = Vec::new();
    let mut bytes = 0;
    while let Some(block) = reader.next_block()? {
        bytes += bytes_of(&block);
        // A small file may unpack to more than there is memory.
        if bytes > MAX_ROW_BYTES {
            return Err(too_large(path));
        }
        rows.push(block);
    }
    let mut rejected = reader.rejected;
    rejected.last = rejected.last.map(|last| format!("{}, {last}", file.name.to_string_lossy()));
    Ok(Some((rows, Tally { read: 1, faults: reader.faults, rejected, ..Tally::default() })))
}

fn reason_of(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    if error.kind() == ErrorKind::NotFound {
        "it was removed before it was read".to_owned()
    } else if error.kind() == ErrorKind::PermissionDenied {
        "it may not be read; change its permissions, then change the file or copy it".to_owned()
    } else {
        format!("it cannot be read ({error})")
    }
}
