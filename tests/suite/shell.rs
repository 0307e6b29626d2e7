//! The designer as a person uses it: menus, keys, dialogs, files, languages, the run.

use std::cell::RefCell;
use std::rc::Rc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use weir::app::{Engine, Services, WeirApp};
use weir::command::Command;
use weir::files::MemoryFiles;
use weir::settings::{Settings, ThemeChoice};
use weir_engine::pipeline::{Edit, Setting};
use weir_engine::runtime::{Command as EngineCommand, Event, RunState};
use weir_engine::spec::Span;

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

/// The designer, with files in memory that the test can look into.
pub fn designer_with(services: Services) -> Harness<'static, WeirApp> {
    let builder = Harness::builder().with_size(vec2(1_440.0, 900.0)).with_max_steps(32).allow_missing_glyphs();
    let mut harness = builder.build_ui_state(|ui, app: &mut WeirApp| app.ui(ui), WeirApp::new(services));
    harness.run_ok();
    harness
}

pub fn designer() -> (Harness<'static, WeirApp>, MemoryFiles) {
    let files = MemoryFiles::default();
    (designer_with(Services::headless(files.clone())), files)
}

fn interval(harness: &Harness<'static, WeirApp>) -> Span {
    harness.state().state.document.pipeline().settings().interval
}

pub fn set_interval(harness: &mut Harness<'static, WeirApp>, millis: i64) {
    let edit = Edit::Set(Setting::Interval(Span::from_millis(millis)));
    harness.state_mut().state.document.edit("change the batch interval", edit).unwrap();
    harness.run_ok();
}

pub fn perform(harness: &mut Harness<'static, WeirApp>, command: Command) {
    harness.state_mut().perform(command);
    harness.run_steps(3);
    harness.run_ok();
}

pub fn click(harness: &mut Harness<'static, WeirApp>, label: &str) {
    let nodes: Vec<_> = harness.query_all_by_label_contains(label).collect();
    let button = nodes.iter().find(|node| node.accesskit_node().role() != Role::Label).or(nodes.first());
    button.unwrap_or_else(|| panic!("there is no `{label}` on screen")).click();
    harness.run_ok();
}

pub fn shows(harness: &Harness<'static, WeirApp>, label: &str) -> bool {
    harness.query_all_by_label_contains(label).next().is_some()
}

#[test]
fn it_starts_with_the_word_count_ready_and_runs_nothing() {
    let (harness, _) = designer();
    let state = &harness.state().state;
    assert_eq!(state.title(), "word_count");
    assert!(state.document.pipeline().node_count() >= 3);
    assert!(!state.document.is_dirty());
    assert_eq!(state.live.state, RunState::Stopped);
}

#[test]
fn undo_and_redo_name_the_step_in_the_menu() {
    let (mut harness, _) = designer();
    let before = interval(&harness);
    set_interval(&mut harness, 200);
    click(&mut harness, "Edit");
    click(&mut harness, "Undo change the batch interval");
    assert_eq!(interval(&harness), before);
    click(&mut harness, "Edit");
    click(&mut harness, "Redo change the batch interval");
    assert_eq!(interval(&harness), Span::from_millis(200));
}

#[test]
fn a_new_document_asks_about_unsaved_changes_first() {
    let (mut harness, _) = designer();
    set_interval(&mut harness, 200);
    perform(&mut harness, Command::New);
    assert!(shows(&harness, "Save the changes to word_count?"));
    click(&mut harness, "Cancel");
    assert_eq!(interval(&harness), Span::from_millis(200), "cancelling loses nothing");
    perform(&mut harness, Command::New);
    click(&mut harness, "Don't save");
    assert_eq!(harness.state().state.document.pipeline().node_count(), 0);
    assert_eq!(harness.state().state.title(), "untitled");
    perform(&mut harness, Command::New);
    assert!(!shows(&harness, "Save the changes"), "nothing to ask about now");
}

#[test]
fn saving_asks_for_a_name_once_and_the_file_opens_again() {
    let (mut harness, files) = designer();
    set_interval(&mut harness, 200);
    files.will_pick("/home/words");
    perform(&mut harness, Command::Save);
    let saved = files.text("/home/words.weir.json").expect("it was saved, with our suffix");
    assert!(!harness.state().state.document.is_dirty());
    assert_eq!(harness.state().state.title(), "words");
    set_interval(&mut harness, 300);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    harness.run_ok();
    assert_ne!(files.text("/home/words.weir.json").expect("still there"), saved, "saved without asking again");
    perform(&mut harness, Command::New);
    files.will_pick("/home/words.weir.json");
    perform(&mut harness, Command::Open);
    assert_eq!(interval(&harness), Span::from_millis(300));
    assert_eq!(harness.state().state.settings.recent.len(), 1);
}

#[test]
fn saving_on_the_way_out_goes_on_with_what_was_wanted() {
    let (mut harness, files) = designer();
    set_interval(&mut harness, 200);
    perform(&mut harness, Command::New);
    files.will_pick("/home/kept.weir.json");
    click(&mut harness, "Save");
    harness.run_steps(3);
    assert!(files.text("/home/kept.weir.json").is_some());
    assert_eq!(harness.state().state.document.pipeline().node_count(), 0, "and then the new document came");
}

#[test]
fn without_a_file_dialog_of_the_desktop_the_window_has_its_own() {
    let (mut harness, files) = designer();
    perform(&mut harness, Command::SaveAs);
    assert!(shows(&harness, "Save the pipeline"));
    harness.get_by_label("File name").type_text("mine");
    harness.run_ok();
    harness.key_press(Key::Enter);
    harness.run_steps(4);
    assert!(files.text("/home/mine.weir.json").is_some());
    assert!(!shows(&harness, "Save the pipeline"));
}

#[test]
fn a_damaged_file_leaves_the_document_alone_and_says_why() {
    let (mut harness, files) = designer();
    files.put("/home/bad.weir.json", "{\"weir\": ");
    files.will_pick("/home/bad.weir.json");
    perform(&mut harness, Command::Open);
    assert_eq!(harness.state().state.title(), "word_count");
    assert!(harness.state().state.live.log.iter().any(|line| line.is_error));
}

#[test]
fn the_language_switches_live_and_is_remembered() {
    let (mut harness, files) = designer();
    perform(&mut harness, Command::ToggleLanguage);
    assert!(shows(&harness, "文件") && shows(&harness, "批次间隔"));
    assert!(!shows(&harness, "Batch interval"));
    let (settings, _) = Settings::parse(&files.settings().expect("they were written"));
    assert_eq!(settings.language.as_deref(), Some("zh-CN"));
    perform(&mut harness, Command::ToggleLanguage);
    assert!(shows(&harness, "Batch interval"));
}

#[test]
fn the_theme_is_chosen_in_the_menu() {
    let (mut harness, _) = designer();
    click(&mut harness, "View");
    click(&mut harness, "Theme");
    click(&mut harness, "Light");
    assert_eq!(harness.state().state.settings.theme, ThemeChoice::Light);
    harness.run_steps(2);
    assert!(!harness.state().state.theme.is_dark);
}

#[test]
fn dragging_the_interval_slider_is_one_step() {
    let (mut harness, _) = designer();
    let before = interval(&harness);
    // The inspector has one too, below.
    let rails = harness.query_all_by_role_and_label(Role::Slider, "Batch interval").map(|rail| rail.rect());
    let rail = rails.min_by(|a, b| a.top().total_cmp(&b.top())).expect("the toolbar has a slider");
    harness.drag_at(rail.left_center() + vec2(rail.width() * 0.5, 0.0));
    harness.run_steps(2);
    for share in [0.6, 0.7, 0.8] {
        harness.hover_at(rail.left_center() + vec2(rail.width() * share, 0.0));
        harness.run_steps(2);
    }
    harness.drop_at(rail.left_center() + vec2(rail.width() * 0.8, 0.0));
    harness.run_ok();
    let after = interval(&harness);
    assert!(after > before, "{before} -> {after}");
    assert!(after.0 % 100_000 == 0, "a hand sets round values: {after}");
    perform(&mut harness, Command::Undo);
    assert_eq!(interval(&harness), before, "one undo takes all of it back");
    assert_eq!(harness.state().state.document.undo_label(), None);
}

#[test]
fn the_command_palette_finds_and_performs() {
    let (mut harness, _) = designer();
    harness.key_press_modifiers(CTRL_SHIFT, Key::P);
    harness.run_ok();
    harness.get_by_label("Type a command").type_text("abt wei");
    harness.run_ok();
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert!(shows(&harness, "Version"), "the about box is open");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(!shows(&harness, "Version"));
}

#[test]
fn the_palette_adds_the_node_that_was_searched_for() {
    let (mut harness, _) = designer();
    let kind = weir_engine::nodes::KINDS.last().expect("there are kinds");
    let before = harness.state().state.document.pipeline().node_count();
    harness.get_by_label("Search nodes").focus();
    harness.run_ok();
    harness.get_by_label("Search nodes").type_text(kind.id);
    harness.run_ok();
    harness.key_press(Key::Enter);
    harness.run_ok();
    let state = &harness.state().state;
    assert_eq!(state.document.pipeline().node_count(), before + 1);
    let added =
        state.selection.single_node().and_then(|id| state.document.pipeline().node(id)).expect("it is selected");
    assert_eq!(added.kind, kind.id);
}

#[test]
fn copied_nodes_can_be_pasted_and_undone() {
    let (mut harness, _) = designer();
    let before = harness.state().state.document.pipeline().node_count();
    perform(&mut harness, Command::SelectAll);
    perform(&mut harness, Command::Duplicate);
    assert_eq!(harness.state().state.document.pipeline().node_count(), before * 2);
    perform(&mut harness, Command::Undo);
    assert_eq!(harness.state().state.document.pipeline().node_count(), before);
}

#[test]
fn the_shortcuts_are_listed() {
    let (mut harness, _) = designer();
    harness.key_press(Key::F1);
    harness.run_ok();
    assert!(shows(&harness, "Keyboard shortcuts") && shows(&harness, "Ctrl+S"));
    assert!(shows(&harness, "On the canvas") && shows(&harness, "Resize a frame"), "and the gestures beside them");
}

#[test]
fn the_welcome_view_opens_a_sample_with_one_click() {
    let mut services = Services::headless(MemoryFiles::default());
    services.settings.show_welcome = true;
    let mut harness = designer_with(services);
    assert!(shows(&harness, "Recent files"));
    click(&mut harness, "Sensors");
    harness.run_steps(3);
    assert_eq!(harness.state().state.title(), "sensors");
    assert!(!shows(&harness, "Recent files"));
}

/// An engine that says yes and writes down what it was told.
#[derive(Clone, Default)]
struct Notebook {
    told: Rc<RefCell<Vec<&'static str>>>,
    events: Rc<RefCell<Vec<Event>>>,
}

impl Engine for Notebook {
    fn send(&self, command: EngineCommand) -> bool {
        let (word, state) = match command {
            EngineCommand::Run(_) => ("run", Some(RunState::Running)),
            EngineCommand::Pause => ("pause", Some(RunState::Paused)),
            EngineCommand::Step(_) => ("step", Some(RunState::Paused)),
            EngineCommand::Stop => ("stop", Some(RunState::Stopped)),
            EngineCommand::Apply(_) => ("apply", None),
            EngineCommand::Select(_)
            | EngineCommand::Reset(_)
            | EngineCommand::Retry(_)
            | EngineCommand::Probe(_)
            | EngineCommand::Clock(_)
            | EngineCommand::Speed(_)
            | EngineCommand::Record(_) => return true,
        };
        self.told.borrow_mut().push(word);
        self.events.borrow_mut().extend(state.map(Event::State));
        true
    }

    fn try_event(&self) -> Option<Event> {
        self.events.borrow_mut().pop()
    }
}

#[test]
fn the_run_is_driven_by_keys_and_hears_of_live_changes() {
    let notebook = Notebook::default();
    let mut services = Services::headless(MemoryFiles::default());
    services.settings.show_welcome = true;
    let engine = notebook.clone();
    services.start_engine = Box::new(move |_, _| Ok(Box::new(engine.clone())));
    let mut harness = designer_with(services);
    harness.key_press(Key::F5);
    harness.run_steps(4);
    assert_eq!(harness.state().state.live.state, RunState::Running);
    assert!(shows(&harness, "Running"));
    assert!(!shows(&harness, "Recent files"), "running closes the welcome view");
    set_interval(&mut harness, 200);
    harness.key_press(Key::F6);
    harness.run_steps(4);
    harness.key_press(Key::F10);
    harness.run_steps(4);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F5);
    harness.run_steps(4);
    assert_eq!(*notebook.told.borrow(), ["run", "apply", "pause", "step", "stop"]);
    assert_eq!(harness.state().state.live.state, RunState::Stopped);
}
