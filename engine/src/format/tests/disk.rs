//! Files on disk: nothing is lost, and what goes wrong is told in plain words.

use std::fs;
use std::io;
use std::path::Path;

use crate::format::{SaveError, open, save, save_atomically};
use crate::pipeline::{Edit, NodeEntry, Pipeline};
use crate::spec::NodeId;

fn pipeline(names: &[&str]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for (id, name) in (1..).zip(names) {
        pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(NodeId(id), "map", *name)))).unwrap();
    }
    pipeline
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_saved_opens_again_and_the_version_before_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.weir.json");
    let (first, second) = (pipeline(&["one"]), pipeline(&["one", "two"]));
    save_atomically(&path, &first).unwrap();
    save_atomically(&path, &second).unwrap();
    assert_eq!(save(&open(&path).unwrap().pipeline), save(&second));
    assert_eq!(fs::read_to_string(folder.path().join("a.weir.json.bak")).unwrap(), save(&first));
    assert_eq!(names_in(folder.path()), ["a.weir.json", "a.weir.json.bak"], "nothing else is left behind");
}

#[test]
fn saving_the_same_again_does_not_overwrite_the_version_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.weir.json");
    let (first, second) = (pipeline(&["one"]), pipeline(&["two"]));
    for version in [&first, &second, &second] {
        save_atomically(&path, version).unwrap();
    }
    assert_eq!(fs::read_to_string(folder.path().join("a.weir.json.bak")).unwrap(), save(&first));
}

#[test]
fn a_save_that_cannot_keep_the_version_before_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.weir.json");
    save_atomically(&path, &pipeline(&["one"])).unwrap();
    fs::create_dir(folder.path().join("a.weir.json.bak")).unwrap();
    let error = save_atomically(&path, &pipeline(&["two"])).unwrap_err();
    assert!(matches!(&error, SaveError::Backup { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), save(&pipeline(&["one"])));
    assert_eq!(names_in(folder.path()), ["a.weir.json", "a.weir.json.bak"]);
}

#[test]
fn a_read_only_file_is_left_alone_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.weir.json");
    save_atomically(&path, &pipeline(&["one"])).unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let sentence = save_atomically(&path, &pipeline(&["two"])).unwrap_err().to_string();
    assert!(sentence.ends_with("a.weir.json is read-only; save under another name or allow writing"), "{sentence}");
    assert_eq!(fs::read_to_string(&path).unwrap(), save(&pipeline(&["one"])));
}

#[test]
fn a_missing_folder_or_a_folder_in_place_of_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("nowhere").join("a.weir.json");
    assert!(matches!(save_atomically(missing, &pipeline(&[])), Err(SaveError::NoFolder(_))));
    assert!(matches!(save_atomically(folder.path(), &pipeline(&[])), Err(SaveError::NotAFile(_))));
}

#[test]
fn a_full_disk_is_told_in_plain_words() {
    let error = SaveError::from_io(Path::new("a.weir.json"), &io::Error::from(io::ErrorKind::StorageFull));
    assert_eq!(error.to_string(), "the disk is full, so a.weir.json was not saved; free some space and save again");
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_the_mode_of_the_file_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.weir.json"), folder.path().join("link.weir.json"));
    save_atomically(&real, &pipeline(&["one"])).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, &link).unwrap();
    save_atomically(&link, &pipeline(&["two"])).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), save(&pipeline(&["two"])));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn what_is_no_pipeline_file_is_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let told = |path: &Path| open(path).unwrap_err().to_string();
    assert!(
        told(&folder.path().join("none")).ends_with("none cannot be opened: there is no such file; check the path")
    );
    assert!(told(folder.path()).contains("it is a folder"));
    assert!(told(&file("picture", b"\x89PNG\xff")).contains("it is not UTF-8 text (byte 0)"));
    assert!(told(&file("half", b"{\"weir\": 1")).contains("the file ends in the middle"));
    let large = folder.path().join("large");
    fs::File::create(&large).unwrap().set_len(super::super::MAX_BYTES + 1).unwrap();
    assert!(told(&large).contains("larger than 64 MiB"));
}
