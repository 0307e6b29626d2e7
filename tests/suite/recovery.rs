//! Work that was not saved survives the end of the program, however it ends.

use std::sync::Arc;

use weir::app::Services;
use weir::command::Command;
use weir::files::{Journal, Lost, MemoryFiles};
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::spec::{NodeId, Timestamp};

use crate::shell::{click, designer, designer_with, perform, set_interval, shows};

fn left_behind(id: &str, title: &str) -> Lost {
    let mut pipeline = Pipeline::new();
    let entry = NodeEntry::new(NodeId(1), "filter", "only_the_loud");
    pipeline.apply(&Edit::AddNode(Box::new(entry))).expect("the edit fits");
    let journal = Journal {
        title: title.to_owned(),
        file: Some(format!("/home/{title}.weir.json").into()),
        pipeline: Arc::new(pipeline),
    };
    Lost { id: id.to_owned(), journal, changed: Some(Timestamp::VIRTUAL_START) }
}

#[test]
fn an_edit_is_kept_at_once_and_let_go_when_it_is_undone_or_saved() {
    let (mut harness, files) = designer();
    assert!(files.kept().is_none(), "an unchanged document needs no keeping");
    set_interval(&mut harness, 700);
    let kept = files.kept().expect("the change is kept");
    assert_eq!(kept.pipeline.settings().interval.to_string(), "700ms");
    perform(&mut harness, Command::Undo);
    assert!(files.kept().is_none(), "undone, there is nothing to lose");
    set_interval(&mut harness, 300);
    files.will_pick("/home/mine.weir.json");
    perform(&mut harness, Command::Save);
    assert!(files.text("/home/mine.weir.json").is_some());
    assert!(files.kept().is_none(), "saved, there is nothing to lose");
}

#[test]
fn what_an_earlier_run_lost_comes_back_unsaved_and_with_its_file() {
    let files = MemoryFiles::default();
    files.put_lost(left_behind("weir-1", "loud"));
    let mut harness = designer_with(Services::headless(files.clone()));
    assert!(shows(&harness, "work that was not saved") && shows(&harness, "loud"));
    click(&mut harness, "Restore");
    let state = &harness.state().state;
    assert!(state.document.pipeline().node_by_name("only_the_loud").is_some());
    assert!(state.document.is_dirty(), "it is in no file yet");
    assert_eq!(state.file.as_deref(), Some(std::path::Path::new("/home/loud.weir.json")));
    assert!(files.lost().is_empty(), "it is offered once");
    assert_eq!(files.kept().expect("it is kept again at once").pipeline.node_count(), 1);
}

#[test]
fn several_are_decided_one_by_one_or_later() {
    let files = MemoryFiles::default();
    files.put_lost(left_behind("weir-1", "first"));
    files.put_lost(left_behind("weir-2", "second"));
    let mut harness = designer_with(Services::headless(files.clone()));
    click(&mut harness, "Discard");
    assert_eq!(files.lost(), ["weir-2"]);
    assert!(shows(&harness, "second"));
    click(&mut harness, "Decide later");
    assert!(!shows(&harness, "work that was not saved"));
    assert_eq!(files.lost(), ["weir-2"], "what is not decided stays");
}
