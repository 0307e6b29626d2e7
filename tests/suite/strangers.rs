//! Files and pipelines of other people: nothing of theirs is overwritten, and nothing runs before it was agreed to.

use eframe::egui::Event;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use weir::app::{Services, WeirApp};
use weir::command::Command;
use weir::files::MemoryFiles;
use weir_engine::format;
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline, Setting};
use weir_engine::runtime::RunState;
use weir_engine::spec::{NodeId, PortRef, Span, WireKey};

use crate::shell::{click, designer, designer_with, perform, set_interval, shows};

const FILE: &str = "/home/shared.weir.json";

/// A pipeline of someone else, with this interval.
fn theirs(millis: i64) -> String {
    let mut pipeline = Pipeline::new();
    pipeline.apply(&Edit::Set(Setting::Interval(Span::from_millis(millis)))).unwrap();
    format::save(&pipeline)
}

/// A pipeline that writes a file: harmless to look at, not to run.
fn writer(path: &str) -> String {
    let mut pipeline = Pipeline::new();
    let mut sink = NodeEntry::new(NodeId(2), "sink.file", "written");
    sink.params.insert("path".to_owned(), path.into());
    pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(NodeId(1), "source.generator", "lines")))).unwrap();
    pipeline.apply(&Edit::AddNode(Box::new(sink))).unwrap();
    let wire = WireKey::new(PortRef::new(NodeId(1), "out"), PortRef::new(NodeId(2), "in"));
    pipeline.apply(&Edit::Connect(wire)).unwrap();
    format::save(&pipeline)
}

fn open(harness: &mut Harness<'static, WeirApp>, files: &MemoryFiles) {
    files.will_pick(FILE);
    perform(harness, Command::Open);
}

fn interval(harness: &Harness<'static, WeirApp>) -> Span {
    harness.state().state.document.pipeline().settings().interval
}

/// The person comes back from another program.
fn come_back(harness: &mut Harness<'static, WeirApp>) {
    harness.event(Event::WindowFocused(true));
    harness.run_steps(3);
    harness.run_ok();
}

#[test]
fn a_file_changed_by_someone_else_is_noticed_on_coming_back_and_can_be_reloaded() {
    let (mut harness, files) = designer();
    files.put(FILE, theirs(300));
    open(&mut harness, &files);
    come_back(&mut harness);
    assert!(!shows(&harness, "was changed on disk"), "nothing has happened to it");
    files.put(FILE, theirs(400));
    come_back(&mut harness);
    assert!(shows(&harness, "was changed on disk"));
    click(&mut harness, "Reload");
    harness.run_steps(3);
    assert_eq!(interval(&harness), Span::from_millis(400));
    assert!(!harness.state().state.document.is_dirty());
}

#[test]
fn keeping_ones_own_is_asked_once() {
    let (mut harness, files) = designer();
    files.put(FILE, theirs(300));
    open(&mut harness, &files);
    files.put(FILE, theirs(400));
    come_back(&mut harness);
    click(&mut harness, "Keep mine");
    come_back(&mut harness);
    assert!(!shows(&harness, "was changed on disk"), "it was asked already");
    assert_eq!(interval(&harness), Span::from_millis(300));
    set_interval(&mut harness, 500);
    perform(&mut harness, Command::Save);
    assert!(files.text(FILE).unwrap().contains("500ms"), "saving replaces it, as was said");
}

#[test]
fn saving_over_someone_elses_change_asks_first() {
    let (mut harness, files) = designer();
    files.put(FILE, theirs(300));
    open(&mut harness, &files);
    set_interval(&mut harness, 700);
    files.put(FILE, theirs(400));
    perform(&mut harness, Command::Save);
    assert!(shows(&harness, "was changed on disk"));
    assert_eq!(files.text(FILE).unwrap(), theirs(400), "theirs is still there");
    click(&mut harness, "Cancel");
    assert!(harness.state().state.document.is_dirty());
    perform(&mut harness, Command::Save);
    click(&mut harness, "Overwrite");
    harness.run_steps(3);
    assert!(files.text(FILE).unwrap().contains("700ms"));
    assert!(!harness.state().state.document.is_dirty());
}

#[test]
fn a_file_that_is_gone_is_told_and_written_again() {
    let (mut harness, files) = designer();
    files.put(FILE, theirs(300));
    open(&mut harness, &files);
    files.remove(FILE);
    come_back(&mut harness);
    assert!(shows(&harness, "is no longer there"));
    set_interval(&mut harness, 800);
    perform(&mut harness, Command::Save);
    assert!(files.text(FILE).unwrap().contains("800ms"));
}

#[test]
fn what_a_strangers_pipeline_touches_is_agreed_to_before_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out.txt").display().to_string();
    let (mut harness, files) = designer();
    files.put(FILE, writer(&target));
    open(&mut harness, &files);
    perform(&mut harness, Command::Run);
    assert!(shows(&harness, "This pipeline was not made here") && shows(&harness, &target));
    let place = |part: &str| harness.query_all_by_label_contains(part).last().map(|node| node.rect());
    let (asked, answer) = (place(&target).expect("what it writes"), place("Run it").expect("the answer"));
    let gap = answer.top() - asked.bottom();
    assert!((0.0..60.0).contains(&gap), "the answers stand right below what is asked, not {gap} further down");
    assert_eq!(harness.state().state.live.state, RunState::Stopped);
    click(&mut harness, "Cancel");
    assert_eq!(harness.state().state.live.state, RunState::Stopped);
    assert!(harness.state().state.settings.agreed.is_empty(), "no is no");
    perform(&mut harness, Command::Run);
    click(&mut harness, "Run it");
    harness.run_steps(3);
    assert!(!shows(&harness, "This pipeline was not made here"));
    assert_eq!(harness.state().state.settings.agreed.len(), 1);
    perform(&mut harness, Command::Stop);

    // The answer holds at the next start, until the pipeline comes to touch something else.
    let settings = harness.state().state.settings.clone();
    let mut again = designer_with(Services { settings, ..Services::headless(files.clone()) });
    open(&mut again, &files);
    perform(&mut again, Command::Run);
    assert!(!shows(&again, "This pipeline was not made here"));
    perform(&mut again, Command::Stop);
    files.put(FILE, writer(&folder.path().join("other.txt").display().to_string()));
    open(&mut again, &files);
    perform(&mut again, Command::Run);
    assert!(shows(&again, "This pipeline was not made here"));
}

#[test]
fn what_was_made_here_runs_unasked() {
    let (mut harness, files) = designer();
    files.put(FILE, theirs(300));
    open(&mut harness, &files);
    perform(&mut harness, Command::Run);
    assert!(!shows(&harness, "This pipeline was not made here"), "it touches nothing");
    perform(&mut harness, Command::Stop);
    perform(&mut harness, Command::New);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.txt").display().to_string();
    harness.state_mut().state.document =
        weir_engine::pipeline::Document::new(format::load(&writer(&path)).unwrap().pipeline);
    set_interval(&mut harness, 600);
    files.will_pick("/home/mine.weir.json");
    perform(&mut harness, Command::Save);
    files.will_pick("/home/mine.weir.json");
    perform(&mut harness, Command::Open);
    perform(&mut harness, Command::Run);
    assert!(!shows(&harness, "This pipeline was not made here"), "saved here, so known here");
    perform(&mut harness, Command::Stop);
}
