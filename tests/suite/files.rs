//! The repository's files, for tests that read them.

use std::fs;
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
    if std::env::var_os("WEIR_BLESS").is_some_and(|value| value == "1") {
        fs::create_dir_all(full.parent().expect("it lies in a folder")).expect("the folder can be made");
        fs::write(&full, expected).expect("the file can be written");
    }
    let found = fs::read_to_string(&full).unwrap_or_default();
    assert!(found == expected, "{path} is stale; run `WEIR_BLESS=1 cargo test -p weir-tests` and commit it");
}
