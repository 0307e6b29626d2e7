//! Files on disk: opened with limits, saved so that a power cut at any moment leaves a whole file behind.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{FormatError, Loaded, SaveError, load, save};
use crate::pipeline::Pipeline;

/// Larger files are refused unread: a pipeline of ten thousand nodes has about a tenth of this.
pub const MAX_BYTES: u64 = 64 << 20;

/// Bytes read between two looks whether the file is still wanted.
const PIECE: u64 = 1 << 20;

/// Opens a pipeline file.
pub fn open(path: impl AsRef<Path>) -> Result<Loaded, FormatError> {
    open_watched(path.as_ref(), &mut |_, _| true)
}

/// The same; `watch` is told how many bytes of how many are read. Where it says `false`, the file is not opened.
pub fn open_watched(path: &Path, watch: &mut dyn FnMut(u64, u64) -> bool) -> Result<Loaded, FormatError> {
    let refuse = |reason: &str| Err(FormatError::File { path: path.to_owned(), reason: reason.to_owned() });
    let told = |error: io::Error| FormatError::from_io(path, &error);
    let about = fs::metadata(path).map_err(told)?;
    if about.is_dir() {
        return refuse("it is a folder; choose a file in it");
    }
    // Reading from a pipe or a device might never end.
    if !about.is_file() {
        return refuse("it is not an ordinary file; choose a file");
    }
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(told)?;
    loop {
        let read = Read::by_ref(&mut file).take(PIECE).read_to_end(&mut bytes).map_err(told)?;
        if !watch(bytes.len() as u64, about.len()) {
            return refuse("it was not opened, as asked");
        }
        if bytes.len() as u64 > MAX_BYTES {
            return refuse("it is larger than 64 MiB, which no pipeline is; choose another file");
        }
        if read == 0 {
            break;
        }
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => load(text),
        Err(error) => refuse(&format!(
            "it is not UTF-8 text (byte {}), so it is damaged or not a pipeline; choose another file",
            error.valid_up_to()
        )),
    }
}

/// Saves a pipeline: written whole into a temporary file beside the old one, forced to disk, then put in its place.
/// The version before stays as `<name>.bak`. A file that would not change is left alone.
pub fn save_atomically(path: impl AsRef<Path>, pipeline: &Pipeline) -> Result<(), SaveError> {
    let path = resolve(path.as_ref())?;
    let told = |error: io::Error| SaveError::from_io(&path, &error);
    let text = save(pipeline);
    let former = fs::metadata(&path).ok();
    if former.is_some() && fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes()) {
        return Ok(());
    }
    let folder = folder_of(&path);
    let mut temporary = new_temporary(folder).map_err(told)?;
    if let Some(former) = &former {
        temporary.as_file().set_permissions(former.permissions()).map_err(told)?;
    }
    temporary.write_all(text.as_bytes()).map_err(told)?;
    temporary.as_file().sync_all().map_err(told)?;
    if former.is_some() {
        keep_former(&path)?;
    }
    temporary.persist(&path).map_err(|error| SaveError::from_io(&path, &error.error))?;
    sync_folder(folder).map_err(told)
}

/// The folder of a file; the current one for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// The file that is really meant (a link is followed, not replaced), if it may be written.
fn resolve(path: &Path) -> Result<PathBuf, SaveError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(SaveError::from_io(path, &error)),
        Ok(about) if !about.is_file() => Err(SaveError::NotAFile(path.to_owned())),
        Ok(about) if about.permissions().readonly() => Err(SaveError::ReadOnly(path.to_owned())),
        Ok(_) => fs::canonicalize(path).map_err(|error| SaveError::from_io(path, &error)),
    }
}

fn new_temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".weir-").suffix(".tmp");
    // A temporary file is private by default; a pipeline is as readable as the person's other files.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Keeps the present file as `<name>.bak`, without a moment at which neither is there.
fn keep_former(path: &Path) -> Result<(), SaveError> {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".bak");
    let backup = path.with_file_name(name);
    let removed = match fs::remove_file(&backup) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    };
    // Not every file system has links.
    removed
        .and_then(|()| fs::hard_link(path, &backup).or_else(|_| fs::copy(path, &backup).map(|_| ())))
        .map_err(|error| SaveError::Backup { path: backup, reason: error.to_string() })
}

/// Forces the new name to disk. Where folders cannot be opened as files, renaming is durable by itself.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
