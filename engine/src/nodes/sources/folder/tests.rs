//! What must hold of folders, with real files.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use arrow::array::AsArray;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::progress::Progress;
use super::seen::FileVersion;
use super::*;
use crate::nodes::testing::{io_on, plan_source};
use crate::plan::{Chunk, Cut, Source};
use crate::spec::Timestamp;

const LATER: Timestamp = Timestamp(i64::MAX);

fn plan(folder: &Path, params: Value) -> Result<Planned, Vec<Diagnostic>> {
    plan_source(&KIND, params, folder)
}

fn source(folder: &Path, params: Value) -> Box<dyn Source> {
    let Stage::Source(source) = plan(folder, params).unwrap().stage else { panic!("a source") };
    source
}

fn started(folder: &Path, params: Value) -> Box<dyn Source> {
    let source = source(folder, params);
    source.start(&io_on(&tokio::runtime::Handle::current(), 1_000)).unwrap();
    source
}

/// Waits for two looks that begin after the call: what lies still is taken by then.
async fn look(source: &dyn Source) {
    let (mut looked, shared) = source.as_any().downcast_ref::<FolderSource>().unwrap().looks();
    let before = looked.borrow().count;
    // The first may have begun already.
    for turn in 0..3 {
        shared.hurry.notify_one();
        let wait = looked.wait_for(|looked| looked.count > before + turn);
        tokio::time::timeout(Duration::from_mins(1), wait).await.expect("within a minute").unwrap();
    }
}

/// What one batch has.
fn batch(source: &dyn Source) -> Vec<String> {
    let range = source.plan_range(&cut(u64::MAX)).unwrap();
    let chunks = source.read(&range).unwrap();
    assert!(chunks.iter().all(|chunk| range.since <= chunk.arrived && chunk.arrived < range.until));
    assert_eq!(texts(&source.read(&range).unwrap()), texts(&chunks), "a range reads again exactly");
    source.commit(&range);
    texts(&chunks)
}

fn cut(max_rows: u64) -> Cut {
    Cut { batch: 0, from: Timestamp(0), until: LATER, max_rows }
}

fn texts(chunks: &[Chunk]) -> Vec<String> {
    chunks.iter().flat_map(|chunk| chunk.rows.column(0).as_string_view().iter().flatten().map(str::to_owned)).collect()
}

/// A file that was changed so many seconds after some moment.
fn put(folder: &Path, name: &str, text: &str, second: u64) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + second);
    File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

#[tokio::test]
async fn files_come_once_by_age_then_by_name_and_unfinished_ones_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    for (name, second) in [("c.txt", 1), ("b.txt", 2), ("a.txt", 2), ("x.txt.tmp", 0), ("y._COPYING_", 0)] {
        put(folder.path(), name, &format!("{name}\n"), second);
    }
    for name in [".hidden", "_SUCCESS"] {
        put(folder.path(), name, "never", 0);
    }
    fs::create_dir(folder.path().join("inner")).unwrap();
    put(&folder.path().join("inner"), "z.txt", "never", 0);
    let source = started(folder.path(), json!({"path": "."}));
    look(&*source).await;
    assert_eq!(batch(&*source), ["c.txt", "a.txt", "b.txt"]);
    put(folder.path(), "0.txt", "new\n", 3);
    look(&*source).await;
    assert_eq!(batch(&*source), ["new"]);
    look(&*source).await;
    assert!(batch(&*source).is_empty());
    assert!(source.is_live() && !source.is_bounded() && !source.is_done());
    source.stop();
}

#[tokio::test]
async fn a_pattern_chooses_and_a_batch_takes_so_many_files() {
    let folder = tempfile::tempdir().unwrap();
    for second in 0..5 {
        put(folder.path(), &format!("{second}.csv"), &format!("n\n{second}\n"), second);
    }
    put(folder.path(), "6.txt", "not wanted", 6);
    let fields = json!([{"name": "n", "type": "string"}]);
    let params = json!({"path": ".", "pattern": "?.csv", "fields": fields, "max_files_per_batch": 2});
    let source = started(folder.path(), params);
    look(&*source).await;
    let nothing = source.plan_range(&cut(0)).unwrap();
    assert_eq!(nothing.to, nothing.from, "a limit of no rows is a limit of no files");
    assert_eq!([batch(&*source), batch(&*source), batch(&*source)], [vec!["0", "1"], vec!["2", "3"], vec!["4"]]);
}

#[tokio::test]
async fn files_that_were_there_can_be_ignored_until_they_change() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "old.txt", "old\n", 0);
    let source = started(folder.path(), json!({"path": ".", "existing": "ignore"}));
    look(&*source).await;
    assert!(batch(&*source).is_empty());
    put(folder.path(), "new.txt", "new\n", 0);
    put(folder.path(), "old.txt", "changed\n", 1);
    look(&*source).await;
    assert_eq!(batch(&*source), ["new", "changed"]);
}

#[tokio::test]
async fn a_folder_that_is_not_there_yet_is_waited_for() {
    let around = tempfile::tempdir().unwrap();
    let source = started(around.path(), json!({"path": "in", "existing": "ignore"}));
    look(&*source).await;
    let sentence = source.status().waiting.unwrap();
    assert!(sentence.contains("there is no folder") && sentence.contains("make it"), "{sentence}");
    fs::create_dir(around.path().join("in")).unwrap();
    put(&around.path().join("in"), "a.txt", "here\n", 0);
    look(&*source).await;
    assert_eq!(source.status().waiting, None);
    assert_eq!(batch(&*source), ["here"], "it has appeared since the start");
}

#[tokio::test]
async fn a_file_that_vanishes_is_counted_and_said_and_the_stream_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for (name, second) in [("a.txt", 0), ("b.txt", 1), ("c.txt", 2)] {
        put(folder.path(), name, &format!("{name}\n"), second);
    }
    let source = started(folder.path(), json!({"path": "."}));
    look(&*source).await;
    fs::remove_file(folder.path().join("b.txt")).unwrap();
    assert_eq!(batch(&*source), ["a.txt", "c.txt"]);
    let status = source.status();
    assert_eq!(status.dropped, 1, "counted once although the range was read twice");
    let said = status.connected.unwrap();
    assert!(said.contains("2 files read; 1 left out, the last was b.txt: it was removed before it was read"), "{said}");
}

#[tokio::test]
async fn a_file_that_changes_before_its_batch_comes_once_as_it_is_then() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.txt", "half\n", 0);
    let source = started(folder.path(), json!({"path": "."}));
    look(&*source).await;
    put(folder.path(), "a.txt", "half\nwhole\n", 1);
    assert!(batch(&*source).is_empty());
    look(&*source).await;
    assert_eq!(batch(&*source), ["half", "whole"]);
    assert_eq!(source.status().dropped, 0);
}

#[tokio::test]
async fn rows_that_do_not_fit_are_left_out_with_their_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.jsonl", "{\"s\": \"x\", \"n\": 1}\nno json\n{\"s\": \"y\"}\n", 0);
    put(folder.path(), "b.csv", "wrong,header\n1,2\n", 1);
    let fields = json!([{"name": "s"}, {"name": "n", "type": "int"}]);
    let params = json!({"path": ".", "pattern": "*.jsonl", "fields": fields});
    let source = started(folder.path(), params);
    look(&*source).await;
    assert_eq!(batch(&*source), ["x", "y"]);
    let status = source.status();
    assert_eq!(status.repaired, 1);
    assert!(status.connected.unwrap().contains("a.jsonl, line 2: no valid JSON"));

    let other = self::source(folder.path(), json!({"path": ".", "pattern": "*.csv", "fields": fields}));
    other.take_over(&*source);
    other.start(&io_on(&tokio::runtime::Handle::current(), 1_000)).unwrap();
    look(&*other).await;
    assert!(batch(&*other).is_empty());
    let said = other.status().connected.unwrap();
    assert!(said.contains("b.csv: the header of") && said.contains("no column `s`"), "{said}");
}

#[tokio::test]
async fn an_edit_loses_no_file_and_takes_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.txt", "a\n", 0);
    put(folder.path(), "b.txt", "b\n", 1);
    put(folder.path(), "c.txt", "c\n", 2);
    let old = started(folder.path(), json!({"path": ".", "max_files_per_batch": 1}));
    look(&*old).await;
    assert_eq!(batch(&*old), ["a"]);
    let range = old.plan_range(&cut(9)).unwrap();

    let faster = source(folder.path(), json!({"path": ".", "max_files_per_batch": 9}));
    faster.take_over(&*old);
    old.stop();
    faster.start(&io_on(&tokio::runtime::Handle::current(), 1_000)).unwrap();
    assert_eq!(texts(&old.read(&range).unwrap()), ["b"], "a batch cut before the edit reads from the old source");
    look(&*faster).await;

    let chosen = source(folder.path(), json!({"path": ".", "pattern": "*.txt"}));
    chosen.take_over(&*faster);
    chosen.start(&io_on(&tokio::runtime::Handle::current(), 1_000)).unwrap();
    look(&*chosen).await;
    assert_eq!(batch(&*chosen), ["c"]);
}

#[test]
fn what_cannot_be_a_pattern_or_a_schema_is_refused() {
    let problems = plan(Path::new("."), json!({"path": "in", "pattern": "a/*.csv"})).err().unwrap();
    let params: Vec<_> = problems.iter().filter_map(|problem| problem.param.as_deref()).collect();
    assert_eq!(params, ["pattern", "fields"], "all at once; the suffix of the pattern says CSV");
    let warned = plan(Path::new("."), json!({"path": "in", "fields": [{"name": "a"}]})).unwrap();
    assert_eq!(warned.warnings[0].param.as_deref(), Some("fields"));
}

/// What lies in the folder at one look: name, second of the last change.
fn lying() -> impl Strategy<Value = Vec<FileVersion>> {
    prop::collection::btree_map(0u8..4, 0u64..3, 0..4).prop_map(|files| {
        let version = |(name, second): (u8, u64)| FileVersion {
            modified: SystemTime::UNIX_EPOCH + Duration::from_secs(second),
            name: name.to_string().into(),
            size: second,
        };
        let mut files: Vec<_> = files.into_iter().map(version).collect();
        files.sort();
        files
    })
}

proptest! {
    #[test]
    fn a_file_is_taken_once_after_two_looks_that_found_it_the_same(
        looks in prop::collection::vec(lying(), 1..12),
        max_files in 1usize..4,
    ) {
        let mut progress = Progress::new();
        let mut taken = Vec::new();
        let mut expected: Vec<FileVersion> = Vec::new();
        for (index, files) in looks.iter().enumerate() {
            let now = Timestamp(i64::try_from(index).unwrap());
            progress.look(files.clone(), &Pattern::new("*"), Existing::Read, now);
            let before = index.checked_sub(1).map_or(&[][..], |before| &looks[before]);
            let due: Vec<_> = files.iter().filter(|file| before.contains(file) && !expected.contains(file)).collect();
            expected.extend(due.into_iter().cloned());
            let range = progress.plan(&Cut { until: now, ..cut(1) }, max_files);
            prop_assert!(range.to - range.from <= max_files as u64);
            let found = progress.files(&range).unwrap();
            prop_assert!(found.iter().all(|found| found.at < now && range.since <= found.at));
            taken.extend(found.into_iter().map(|found| found.file));
            progress.forget(range.to);
            prop_assert!(progress.files(&range).is_none() || range.from == range.to);
        }
        loop {
            let range = progress.plan(&cut(1), max_files);
            if range.from == range.to {
                break;
            }
            taken.extend(progress.files(&range).unwrap().into_iter().map(|found| found.file));
        }
        prop_assert_eq!(taken, expected);
        prop_assert_eq!(progress.backlog(), (0, 0));
    }
}

#[test]
fn a_look_finds_files_but_no_folders() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.txt", "a", 0);
    fs::create_dir(folder.path().join("inner")).unwrap();
    let names: Vec<_> = look::files_in(folder.path()).unwrap().into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["a.txt"]);
    let error = look::files_in(&folder.path().join("a.txt")).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotADirectory);
}
