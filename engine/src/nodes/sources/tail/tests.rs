//! What must hold of followed files, with real ones.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::follower::Follower;
use super::*;
use crate::nodes::sources::content::{Content, Format};
use crate::nodes::sources::lines::Standing;
use crate::nodes::testing::{io_on, plan_source};
use crate::plan::{Chunk, Cut, Fault, Source};
use crate::spec::Timestamp;

fn source(folder: &Path, params: Value) -> Box<dyn Source> {
    let Stage::Source(source) = plan_source(&KIND, params, folder).unwrap().stage else { panic!("a source") };
    source
}

fn started(folder: &Path, params: Value) -> Box<dyn Source> {
    let source = source(folder, params);
    source.start(&io_on(&tokio::runtime::Handle::current(), 1_000)).unwrap();
    source
}

/// Waits until things stand as wanted; the deadline only ends a test that has failed already.
async fn until(source: &dyn Source, wanted: impl FnMut(&Standing) -> bool) -> Standing {
    let mut standing = source.as_any().downcast_ref::<TailSource>().unwrap().shared().inbox.watch();
    let found = tokio::time::timeout(Duration::from_mins(1), standing.wait_for(wanted)).await;
    found.expect("within a minute").expect("the source lives").clone()
}

async fn received(source: &dyn Source, count: u64) {
    until(source, |standing| standing.received >= count).await;
}

/// Waits until the file was opened.
async fn followed(source: &dyn Source) {
    until(source, |standing| standing.connected.is_some()).await;
}

fn cut() -> Cut {
    Cut { batch: 0, from: Timestamp(0), until: Timestamp(i64::MAX), max_rows: 1_000 }
}

fn chunks(source: &dyn Source) -> Vec<Chunk> {
    let range = source.plan_range(&cut()).unwrap();
    source.read(&range).unwrap()
}

fn take(source: &dyn Source) -> Vec<String> {
    texts(&chunks(source))
}

fn texts(chunks: &[Chunk]) -> Vec<String> {
    chunks.iter().flat_map(|chunk| chunk.rows.column(0).as_string_view().iter().flatten().map(str::to_owned)).collect()
}

fn append(path: &Path, text: &str) {
    File::options().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[tokio::test]
async fn from_the_end_come_the_lines_completed_since() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    append(&path, "old\nhalf of");
    let source = started(folder.path(), json!({"path": "app.log"}));
    followed(&*source).await;
    append(&path, " it\nnew\nunfin");
    received(&*source, 2).await;
    assert_eq!(take(&*source), ["half of it", "new"]);
    append(&path, "ished\n");
    received(&*source, 3).await;
    assert_eq!(take(&*source), ["unfinished"]);
    assert!(source.is_live() && !source.is_bounded() && !source.is_done());
    source.stop();
    assert_eq!(source.status().connected, None);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_waited_for_and_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let source = started(folder.path(), json!({"path": "app.log"}));
    let sentence = until(&*source, |standing| standing.waiting.is_some()).await.waiting.unwrap();
    assert!(sentence.starts_with("there is no file") && sentence.ends_with("waiting for it"), "{sentence}");
    fs::write(folder.path().join("app.log"), "first\n").unwrap();
    received(&*source, 1).await;
    assert_eq!(take(&*source), ["first"]);
    until(&*source, |standing| standing.waiting.is_none()).await;
}

#[tokio::test]
async fn a_rotated_file_is_finished_before_the_new_one_begins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    append(&path, "1\n");
    let source = started(folder.path(), json!({"path": "app.log", "from": "beginning"}));
    received(&*source, 1).await;
    let mut writer = File::options().append(true).open(&path).unwrap();
    fs::rename(&path, folder.path().join("app.log.1")).unwrap();
    let gone = until(&*source, |standing| standing.waiting.is_some()).await.waiting.unwrap();
    assert!(gone.ends_with("is gone; waiting for another file of that name"), "{gone}");
    writer.write_all(b"2\n3 without newline").unwrap();
    drop(writer);
    fs::write(&path, "4\n").unwrap();
    received(&*source, 4).await;
    assert_eq!(take(&*source), ["1", "2", "3 without newline", "4"]);
    let said = until(&*source, |standing| standing.connected.is_some()).await.connected.unwrap();
    assert_eq!(said, "app.log; replaced by a new file: 1");
}

#[tokio::test]
async fn a_truncated_file_is_read_from_its_beginning_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.csv");
    append(&path, "n,s\n1,a\n2,b\n");
    let fields = json!([{"name": "n", "type": "bigint"}, {"name": "s"}]);
    let source = started(folder.path(), json!({"path": "app.csv", "from": "beginning", "fields": fields}));
    received(&*source, 2).await;
    fs::write(&path, "s,n\nc,3\n").unwrap();
    received(&*source, 3).await;
    let numbers: Vec<_> = chunks(&*source)
        .iter()
        .flat_map(|chunk| chunk.rows.column(0).as_primitive::<Int64Type>().values().to_vec())
        .collect();
    assert_eq!(numbers, [1, 2, 3], "the new header says where the columns are");
    let said = until(&*source, |standing| standing.connected.is_some()).await.connected.unwrap();
    assert_eq!(said, "app.csv; truncated and begun again: 1");
}

#[tokio::test]
async fn csv_from_the_end_knows_its_header_and_counts_what_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.csv");
    append(&path, "s,n\nold,1\n");
    let fields = json!([{"name": "n", "type": "bigint"}]);
    let source = started(folder.path(), json!({"path": "app.csv", "fields": fields}));
    followed(&*source).await;
    append(&path, "x,7\nx,seven\nx,8\n");
    received(&*source, 2).await;
    let numbers: Vec<_> = chunks(&*source)
        .iter()
        .flat_map(|chunk| chunk.rows.column(0).as_primitive::<Int64Type>().values().to_vec())
        .collect();
    assert_eq!(numbers, [7, 8]);
    let status = source.status();
    assert_eq!(status.repaired, 1);
    assert!(status.connected.unwrap().contains("`seven` is no bigint"));
}

#[tokio::test]
async fn a_header_that_does_not_fit_stops_the_node_after_what_came_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.csv");
    append(&path, "n\n1\n");
    let fields = json!([{"name": "n", "type": "bigint"}]);
    let source = started(folder.path(), json!({"path": "app.csv", "from": "beginning", "fields": fields}));
    received(&*source, 1).await;
    fs::write(&path, "").unwrap();
    until(&*source, |standing| standing.connected.as_ref().is_some_and(|said| said.contains("truncated"))).await;
    append(&path, "m\n2\n");
    until(&*source, |standing| standing.waiting.is_some()).await;
    assert_eq!(chunks(&*source).len(), 1);
    let error = source.plan_range(&cut()).unwrap_err();
    assert_eq!(error.fault, Fault::Data);
    assert!(error.message.contains("has no column `n`; it has `m`"), "{error}");
}

#[tokio::test]
async fn another_line_limit_keeps_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    append(&path, "one\ntw");
    let old = started(folder.path(), json!({"path": "app.log", "from": "beginning"}));
    received(&*old, 1).await;
    let range = old.plan_range(&cut()).unwrap();
    let new = source(folder.path(), json!({"path": "app.log", "max_line_bytes": 16}));
    new.take_over(&*old);
    old.stop();
    new.start(&io_on(&tokio::runtime::Handle::current(), 1_000)).unwrap();
    assert_eq!(texts(&old.read(&range).unwrap()), ["one"], "a batch cut before the edit reads from the old source");
    append(&path, "o\nthis line is longer than sixteen bytes\n");
    received(&*new, 3).await;
    assert_eq!(take(&*new), ["two", "this line is lon"]);
    assert_eq!(new.status().dropped, 1);
}

#[tokio::test]
async fn a_file_larger_than_the_buffer_waits_to_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let total = 200_000;
    let lines: Vec<_> = (0..total).map(|number| format!("line number {number}")).collect();
    let lines = lines.join("\n") + "\n";
    fs::write(folder.path().join("app.log"), lines).unwrap();
    let source = started(folder.path(), json!({"path": "app.log", "from": "beginning"}));
    let mut taken = Vec::new();
    while taken.len() < total {
        received(&*source, taken.len() as u64 + 1).await;
        assert!(source.status().buffered_rows < 50_000, "1,000 rows are allowed, and a block more");
        taken.extend(take(&*source));
    }
    assert!(taken.iter().enumerate().all(|(index, line)| *line == format!("line number {index}")));
}

/// What a writer does.
#[derive(Debug, Clone)]
enum Deed {
    Write(String),
    Rotate,
    Look,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => "[ab\n]{0,6}".prop_map(Deed::Write),
        1 => Just(Deed::Rotate),
        4 => Just(Deed::Look),
    ]
}

/// Looks until there is nothing more to do.
fn drain(follower: &mut Follower, into: &mut Vec<String>) {
    loop {
        let look = follower.look(usize::MAX).unwrap();
        let rows = look.lines.rows.iter().map(|rows| Chunk::new(rows.clone(), Timestamp(0)));
        into.extend(texts(&rows.collect::<Vec<_>>()));
        if !look.has_more {
            return;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn every_line_comes_once_in_order_over_any_rotation(deeds in prop::collection::vec(deed(), 1..30)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        fs::write(&path, "").unwrap();
        let content = Content { format: Format::Text, fields: Vec::new(), max_line_bytes: 1 << 20 };
        let mut follower = Follower::new(path.clone(), Origin::Beginning, content);
        let (mut found, mut files) = (Vec::new(), vec![String::new()]);
        drain(&mut follower, &mut found);
        for deed in deeds {
            match deed {
                Deed::Write(text) => {
                    append(&path, &text);
                    files.last_mut().unwrap().push_str(&text);
                }
                Deed::Rotate => {
                    // Two rotations between two looks would hide a file from any follower.
                    drain(&mut follower, &mut found);
                    drain(&mut follower, &mut found);
                    fs::rename(&path, folder.path().join(files.len().to_string())).unwrap();
                    fs::write(&path, "").unwrap();
                    files.push(String::new());
                }
                Deed::Look => drain(&mut follower, &mut found),
            }
        }
        drain(&mut follower, &mut found);
        drain(&mut follower, &mut found);
        let last = files.pop().unwrap();
        let mut expected: Vec<String> = files.iter().flat_map(|text| text.lines().map(str::to_owned)).collect();
        let whole = last.rfind('\n').map_or("", |end| &last[..=end]);
        expected.extend(whole.lines().map(str::to_owned));
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_folder_is_no_file_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let content = Content { format: Format::Text, fields: Vec::new(), max_line_bytes: 16 };
    let mut follower = Follower::new(folder.path().to_owned(), Origin::End, content);
    assert!(follower.look(usize::MAX).unwrap().waiting.unwrap().ends_with("is a folder; choose a file in it"));
}
