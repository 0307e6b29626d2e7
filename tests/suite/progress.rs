//! What takes long: shown after a second with how far it has come, cancelled with one click; and the fields that a file
//! tells, which is such a thing.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use eframe::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use serde_json::{Value, json};
use weir::action::{Action, Selection};
use weir::app::{Engine, Services, WeirApp};
use weir::command::Command;
use weir::files::{Ask, FileEvent, FileRequest, Files, MemoryFiles, Progress};
use weir::i18n::{tr, trf};
use weir_engine::format;
use weir_engine::pipeline::{Document, Edit, Pipeline, Setting};
use weir_engine::runtime::{Command as EngineCommand, Event, RunState};
use weir_engine::spec::Span;

use crate::by_hand::{ByHand, batch};
use crate::shell::{click, designer_with, perform, shows};
use crate::support::{Draw, root};

/// A disk that takes its time: it answers only when it is told to.
#[derive(Clone, Default)]
struct SlowDisk {
    files: MemoryFiles,
    is_slow: Rc<RefCell<bool>>,
    waiting: Rc<RefCell<Vec<FileRequest>>>,
}

impl Files for SlowDisk {
    fn send(&mut self, request: FileRequest) -> bool {
        if *self.is_slow.borrow() {
            self.waiting.borrow_mut().push(request);
            return true;
        }
        self.files.send(request)
    }

    fn pick(&mut self, ask: Ask, ticket: u64, parent: Option<&eframe::Frame>) {
        self.files.pick(ask, ticket, parent);
    }

    fn poll(&mut self) -> Option<FileEvent> {
        self.files.poll()
    }
}

impl SlowDisk {
    /// It answers all that was asked, and is quick from here on.
    fn answer(&self) {
        *self.is_slow.borrow_mut() = false;
        for request in self.waiting.take() {
            assert!(self.files.clone().send(request));
        }
    }

    /// How far the one thing that is asked for has come.
    fn progress(&self) -> Arc<Progress> {
        let waiting = self.waiting.borrow();
        let jobs = waiting.iter().filter_map(|request| match request {
            FileRequest::Open { job, .. } | FileRequest::Write { job, .. } | FileRequest::Infer { job, .. } => {
                Some(job)
            }
            _ => None,
        });
        let [job] = jobs.collect::<Vec<_>>()[..] else { panic!("one thing is under way") };
        Arc::clone(&job.progress)
    }
}

type Designer = Harness<'static, WeirApp>;

/// The designer over a slow disk, with this pipeline as the file of the samples' folder.
fn designer(pipeline: Pipeline) -> (Designer, SlowDisk) {
    let disk = SlowDisk::default();
    let mut services = Services::headless(MemoryFiles::default());
    services.files = Box::new(disk.clone());
    let mut harness = designer_with(services);
    let state = &mut harness.state_mut().state;
    state.document = Document::new(pipeline);
    state.file = Some(root().join("samples/work.weir.json"));
    harness.run_ok();
    *disk.is_slow.borrow_mut() = true;
    (harness, disk)
}

/// Lets so many seconds pass.
fn wait(harness: &mut Designer, seconds: usize) {
    harness.run_steps(seconds * 4 + 1);
}

fn bar(harness: &Designer) -> Option<String> {
    let bars = harness.query_all_by_role(Role::ProgressIndicator).next();
    bars.and_then(|bar| bar.accesskit_node().label())
}

#[test]
fn opening_a_slow_file_shows_how_far_it_is_and_can_be_cancelled() {
    let (mut harness, disk) = designer(Pipeline::new());
    disk.files.put("/far/words.weir.json", format::save(&Draw::new().node("far", "union", json!({})).pipeline));
    let open = |harness: &mut Designer| {
        harness.state_mut().ask(Action::OpenFile("/far/words.weir.json".into()));
        harness.run_steps(2);
    };
    open(&mut harness);
    assert_eq!(bar(&harness), None, "what is soon done is not shown");
    wait(&mut harness, 1);
    let what = trf("progress.opening", &[("name", "words.weir.json")]);
    assert_eq!(bar(&harness), Some(what.clone()));
    let progress = disk.progress();
    assert!(progress.tell(1, 4));
    harness.run_steps(2);
    assert_eq!(bar(&harness), Some(trf("progress.part", &[("what", &what), ("part", "25 %")])));
    click(&mut harness, tr("dialog.cancel"));
    assert!(progress.is_cancelled() && bar(&harness).is_none());
    disk.answer();
    harness.run_steps(2);
    assert_eq!(
        harness.state().state.document.pipeline().nodes().count(),
        0,
        "an answer that comes too late is dropped"
    );
    open(&mut harness);
    assert_eq!(harness.state().state.document.pipeline().nodes().count(), 1, "asked again, it opens");
}

#[test]
fn writing_a_picture_can_be_cancelled_and_saving_cannot() {
    let drawn = Draw::new().node("only", "union", json!({})).pipeline;
    let (mut harness, disk) = designer(drawn);
    disk.files.will_pick("/far/graph");
    perform(&mut harness, Command::ExportPng);
    wait(&mut harness, 1);
    assert_eq!(bar(&harness), Some(trf("progress.writing", &[("name", "graph.png")])));
    click(&mut harness, tr("dialog.cancel"));
    disk.answer();
    assert!(disk.files.written("/far/graph.png").is_none(), "nothing is written that is not wanted");

    *disk.is_slow.borrow_mut() = true;
    perform(&mut harness, Command::Save);
    wait(&mut harness, 1);
    assert_eq!(bar(&harness), Some(trf("progress.saving", &[("name", "work.weir.json")])));
    let way_out = harness.query_all_by_role_and_label(Role::Button, tr("dialog.cancel")).next();
    assert!(way_out.is_none(), "half a save is none");
    disk.answer();
    harness.run_steps(2);
    assert_eq!(bar(&harness), None);
}

fn orders(params: Value) -> Pipeline {
    Draw::new().node("orders", "source.replay", params).pipeline
}

fn fields(harness: &Designer) -> Option<Value> {
    harness.state().state.document.pipeline().node_by_name("orders")?.params.get("fields").cloned()
}

fn infer(harness: &mut Designer) {
    let only = harness.state().state.document.pipeline().nodes().next().map(|node| node.id).expect("a node");
    harness.state_mut().state.selection = Selection::node(only);
    harness.run_steps(2);
    let button = trf("inspector.rows.infer", &[("param", "Fields")]);
    harness.get_by_label(&button).click();
    harness.run_steps(4);
}

#[test]
fn the_fields_of_a_file_are_filled_in_as_one_step() {
    let (mut harness, disk) = designer(orders(json!({"path": "data/orders.parquet"})));
    infer(&mut harness);
    assert_eq!(fields(&harness), None, "it is read elsewhere, the window goes on");
    wait(&mut harness, 1);
    assert_eq!(bar(&harness), Some(trf("infer.under_way", &[("name", "orders")])));
    disk.answer();
    harness.run_steps(2);
    let names: Vec<_> = fields(&harness)
        .and_then(|rows| rows.as_array().cloned())
        .into_iter()
        .flatten()
        .map(|row| row["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names, ["order_id", "customer", "item", "quantity", "price", "ordered"]);
    assert!(shows(&harness, &trf("infer.found", &[("count", "6"), ("name", "orders")])));
    let document = &mut harness.state_mut().state.document;
    assert_eq!(document.undo_label(), Some(trf("infer.step", &[("name", "orders")]).as_str()));
    document.undo();
    assert_eq!(fields(&harness), None, "one step back");
}

#[test]
fn what_cannot_be_inferred_says_why_and_changes_nothing() {
    for (params, why) in [(json!({}), "choose the path first"), (json!({"path": "data/gone.csv"}), "gone.csv")] {
        let (mut harness, disk) = designer(orders(params));
        disk.answer();
        infer(&mut harness);
        assert!(shows(&harness, "The fields of orders cannot be inferred") && shows(&harness, why), "{why}");
        assert_eq!((fields(&harness), harness.state().state.document.undo_label()), (None, None));
    }
}

#[test]
fn a_reading_that_is_cancelled_fills_nothing_in() {
    let (mut harness, disk) = designer(orders(json!({"path": "data/orders.parquet"})));
    infer(&mut harness);
    wait(&mut harness, 1);
    click(&mut harness, tr("dialog.cancel"));
    disk.answer();
    harness.run_steps(2);
    assert_eq!(fields(&harness), None);
}

#[test]
fn only_fields_that_a_file_can_tell_are_offered_to_be_inferred() {
    let pipeline = Draw::new().node("columns", "map", json!({})).pipeline;
    let (mut harness, _) = designer(pipeline);
    let only = harness.state().state.document.pipeline().nodes().next().map(|node| node.id).expect("a node");
    harness.state_mut().state.selection = Selection::node(only);
    harness.run_steps(2);
    assert!(!shows(&harness, tr("inspector.rows.infer.short")));
}

#[test]
fn a_change_that_is_long_in_coming_is_told_and_undo_takes_it_back() {
    let engine = ByHand::default();
    let mut services = Services::headless(MemoryFiles::default());
    services.start_engine = engine.starts();
    let mut harness = designer_with(services);
    perform(&mut harness, Command::Run);
    batch(&mut harness, &engine);
    wait(&mut harness, 3);
    assert_eq!(bar(&harness), None, "a run that waits for nothing");
    let before = harness.state().state.document.pipeline().settings().interval;
    let edit = Edit::Set(Setting::Interval(Span::from_secs(2)));
    harness.state_mut().ask(Action::Edit { label: "interval".to_owned(), edit });
    harness.run_steps(2);
    assert_eq!(bar(&harness), None, "it may come yet");
    wait(&mut harness, 4);
    assert_eq!(bar(&harness).as_deref(), Some(tr("progress.change")));
    let way_out = harness.query_all_by_role_and_label(Role::Button, tr("command.undo")).last();
    way_out.expect("the card has a button").click();
    harness.run_steps(3);
    assert_eq!(harness.state().state.document.pipeline().settings().interval, before);
    batch(&mut harness, &engine);
    wait(&mut harness, 4);
    assert_eq!(bar(&harness), None, "it was answered");
}

/// An engine whose first batch does not come.
#[derive(Clone, Default)]
struct Stuck {
    told: Rc<RefCell<Vec<&'static str>>>,
    events: Rc<RefCell<Vec<Event>>>,
}

impl Engine for Stuck {
    fn send(&self, command: EngineCommand) -> bool {
        let state = match command {
            EngineCommand::Run(_) => RunState::Running,
            EngineCommand::Stop => RunState::Stopped,
            _ => return true,
        };
        self.told.borrow_mut().push(if state == RunState::Running { "run" } else { "stop" });
        self.events.borrow_mut().push(Event::State(state));
        true
    }

    fn try_event(&self) -> Option<Event> {
        self.events.borrow_mut().pop()
    }
}

#[test]
fn a_first_batch_that_does_not_come_is_told_with_a_way_out() {
    let engine = Stuck::default();
    let mut services = Services::headless(MemoryFiles::default());
    let started = engine.clone();
    services.start_engine = Box::new(move |_, _| Ok(Box::new(started.clone())));
    let mut harness = designer_with(services);
    perform(&mut harness, Command::Run);
    assert_eq!(bar(&harness), None);
    wait(&mut harness, 3);
    assert_eq!(bar(&harness).as_deref(), Some(tr("progress.first_batch")));
    let way_out = harness.query_all_by_role_and_label(Role::Button, tr("toolbar.stop")).last();
    way_out.expect("the card has a button").click();
    harness.run_steps(3);
    assert_eq!(*engine.told.borrow(), ["run", "stop"]);
    assert_eq!(bar(&harness), None);
}
