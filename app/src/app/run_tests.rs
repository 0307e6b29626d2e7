//! What the window tells a running engine, watched by an engine that only writes down what it hears.

use std::cell::RefCell;
use std::rc::Rc;

use weir_engine::pipeline::{Document, Edit, Setting};
use weir_engine::runtime::{Event, RunState};
use weir_engine::spec::{NodeId, Span};

use super::*;

#[derive(Clone, Default)]
struct Notebook {
    heard: Rc<RefCell<Vec<String>>>,
    starts: Rc<RefCell<usize>>,
    is_deaf: Rc<RefCell<bool>>,
}

impl Engine for Notebook {
    fn send(&self, command: Command) -> bool {
        if *self.is_deaf.borrow() {
            return false;
        }
        self.heard.borrow_mut().push(match command {
            Command::Run(_) => "run".to_owned(),
            Command::Pause => "pause".to_owned(),
            Command::Step(_) => "step".to_owned(),
            Command::Stop => "stop".to_owned(),
            Command::Apply(pipeline) => format!("apply {}", pipeline.settings().interval),
            Command::Reset(nodes) => format!("reset {}", nodes.len()),
            Command::Retry(nodes) => format!("retry {}", nodes.len()),
            Command::Select(ports) => format!("select {}", ports.len()),
            Command::Probe(probes) => format!("probe {}", probes.len()),
            Command::Clock(clock) => format!("clock {clock:?}"),
            Command::Speed(speed) => format!("speed {speed:?}"),
            Command::Record(recording) => format!("record {}", recording.is_some()),
        });
        true
    }

    fn try_event(&self) -> Option<Event> {
        None
    }
}

fn runner(notebook: &Notebook) -> Runner {
    let notebook = notebook.clone();
    Runner::new(Box::new(move |_, _| {
        *notebook.starts.borrow_mut() += 1;
        Ok(Box::new(notebook.clone()))
    }))
}

fn set_interval(state: &mut AppState, millis: i64) {
    let setting = Setting::Interval(Span::from_millis(millis));
    state.document.edit("interval", Edit::Set(setting)).unwrap();
}

#[test]
fn no_engine_exists_before_the_first_run() {
    let notebook = Notebook::default();
    let (mut runner, mut state) = (runner(&notebook), AppState::new(Document::default()));
    let context = egui::Context::default();
    set_interval(&mut state, 200);
    runner.sync(&state, Vec::new(), &context);
    runner.send(Command::Pause).unwrap();
    assert_eq!(*notebook.starts.borrow(), 0);
    runner.run(&state, &context).unwrap();
    runner.run(&state, &context).unwrap();
    assert_eq!(*notebook.starts.borrow(), 1, "and only one afterwards");
}

#[test]
fn a_live_edit_reaches_the_engine_once_per_frame_and_layout_never() {
    let notebook = Notebook::default();
    let (mut runner, mut state) = (runner(&notebook), AppState::new(Document::default()));
    let context = egui::Context::default();
    runner.run(&state, &context).unwrap();
    state.live.absorb(Event::State(RunState::Running));
    runner.sync(&state, Vec::new(), &context);
    set_interval(&mut state, 200);
    set_interval(&mut state, 300);
    runner.sync(&state, Vec::new(), &context);
    state.document.edit("move", Edit::Move { nodes: Vec::new() }).unwrap();
    runner.sync(&state, Vec::new(), &context);
    assert_eq!(*notebook.heard.borrow(), ["run", "select 0", "apply 300ms"]);
}

#[test]
fn what_a_busy_engine_did_not_take_is_told_again() {
    let notebook = Notebook::default();
    let (mut runner, mut state) = (runner(&notebook), AppState::new(Document::default()));
    let context = egui::Context::default();
    runner.run(&state, &context).unwrap();
    state.live.absorb(Event::State(RunState::Running));
    set_interval(&mut state, 200);
    *notebook.is_deaf.borrow_mut() = true;
    runner.sync(&state, vec![PortRef::new(NodeId(1), "out")], &context);
    assert!(runner.send(Command::Pause).is_err(), "and a button says so");
    *notebook.is_deaf.borrow_mut() = false;
    runner.sync(&state, vec![PortRef::new(NodeId(1), "out")], &context);
    assert_eq!(*notebook.heard.borrow(), ["run", "apply 200ms", "select 1"]);
}

#[test]
fn a_stopped_run_hears_no_edits() {
    let notebook = Notebook::default();
    let (mut runner, mut state) = (runner(&notebook), AppState::new(Document::default()));
    let context = egui::Context::default();
    runner.run(&state, &context).unwrap();
    set_interval(&mut state, 200);
    runner.sync(&state, Vec::new(), &context);
    assert_eq!(*notebook.heard.borrow(), ["run"]);
}
