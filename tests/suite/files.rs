//! The repository's files, for tests that read them.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository").to_owned()
}

/// A file's text.
pub fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below a folder of the repository with this ending, sorted, as paths from the root.
pub fn below(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path.strip_prefix(root()).expect("below the root").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Fails unless a generated file says what it should; with `WEIR_BLESS=1` writes it instead.
pub fn must_be_fresh(path: &str, expected: &str) {
    let full = root().join(path);
    let found = fs::read_to_string(&full).unwrap_or_default();
    if found != expected && std::env::var_os("WEIR_BLESS").is_some_and(|value| value == "1") {
        let folder = full.parent().expect("it lies in a folder");
        fs::create_dir_all(folder).expect("the folder can be made");
        // Other tests read the same files meanwhile, so the new one takes the old one's place at once.
        let mut file = tempfile::NamedTempFile::new_in(folder).expect("a file can be made");
        file.write_all(expected.as_bytes()).expect("the file can be written");
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644)).expect("the file can be shared");
        file.persist(&full).expect("the file can take its place");
        return;
    }
    assert!(found == expected, "{path} is stale; run `WEIR_BLESS=1 cargo test -p weir-tests` and commit it");
}
