//! Editing in the whole window, as gestures a person makes: subflows, muting, the outline, pictures, and that undo is
//! complete whatever was done.

use eframe::egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::json;
use weir::app::{Services, WeirApp};
use weir::command::Command;
use weir::files::MemoryFiles;
use weir::i18n::{node_word, tr, trf};
use weir_engine::format;
use weir_engine::nodes;
use weir_engine::pipeline::{Edit, NodeMode, Pipeline, Position};

use crate::shell::{click as press, perform, shows};
use crate::support::Draw;

const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

type Window = Harness<'static, WeirApp>;

/// Lines, words, counts and a table in a row.
fn row() -> Pipeline {
    let mut draw = Draw::new()
        .node("lines", "source.inline", json!({}))
        .node("words", "flat_map", json!({}))
        .node("counts", "group", json!({"by": ["word"]}))
        .node("shown", "sink.table", json!({}))
        .chain(&["lines", "words", "counts", "shown"]);
    for (index, name) in ["lines", "words", "counts", "shown"].into_iter().enumerate() {
        let id = draw.id(name);
        draw.apply(&Edit::Move { nodes: vec![(id, Position::new(index as f32 * 280.0, 0.0))] });
    }
    draw.pipeline
}

/// The designer with this pipeline opened from a file. A frame takes a quarter of a second, so that nothing waits long.
fn open(pipeline: &Pipeline) -> (Window, MemoryFiles) {
    open_at(pipeline, 0.25)
}

fn open_at(pipeline: &Pipeline, step_secs: f32) -> (Window, MemoryFiles) {
    let files = MemoryFiles::default();
    files.put("/work.weir.json", format::save(pipeline));
    let mut app = WeirApp::new(Services::headless(files.clone()));
    app.open_at_start("/work.weir.json".into());
    let builder = Harness::builder().with_size(vec2(1_440.0, 900.0)).with_max_steps(32).allow_missing_glyphs();
    let builder = builder.with_step_dt(step_secs);
    let mut window = builder.build_ui_state(|ui, app: &mut WeirApp| app.ui(ui), app);
    window.run_steps(4);
    window.run_ok();
    (window, files)
}

fn pipeline(window: &Window) -> &Pipeline {
    window.state().state.document.pipeline()
}

fn bytes(window: &Window) -> String {
    format::save(pipeline(window))
}

fn prefix(window: &Window, name: &str) -> String {
    let entry = pipeline(window).node_by_name(name).expect("the node exists");
    let title = nodes::kind(&entry.kind)
        .map_or(entry.kind.as_str(), |kind| node_word(&format!("{}.title", kind.id), kind.title));
    match entry.mode {
        NodeMode::On => trf("canvas.access.node", &[("name", name), ("kind", title)]),
        NodeMode::Muted | NodeMode::Bypassed => format!("{name}, "),
    }
}

/// Where something whose label starts so lies on the canvas, if it is in view.
fn place(window: &Window, start: &str) -> Option<Pos2> {
    let mut found = window.query_all(
        egui_kittest::kittest::By::new().predicate(|node| node.label().is_some_and(|label| label.starts_with(start))),
    );
    found.next().map(|node| node.rect().center())
}

fn middle(window: &Window, name: &str) -> Pos2 {
    place(window, &prefix(window, name)).expect("it is in view")
}

fn click_at(window: &mut Window, at: Pos2, modifiers: Modifiers) {
    window.hover_at(at);
    window.event(Event::ModifiersChanged(modifiers));
    for pressed in [true, false] {
        window.event(Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers });
    }
    window.event(Event::ModifiersChanged(Modifiers::NONE));
    window.run_ok();
    // A click right after this one is another click, not the second half of a double click.
    window.run_steps(2);
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    window.hover_at(from);
    window.drag_at(from);
    window.run_steps(2);
    window.hover_at(from.lerp(to, 0.5));
    window.step();
    window.hover_at(to);
    window.run_steps(2);
    let (pos, button, modifiers) = (to, PointerButton::Primary, Modifiers::NONE);
    window.event(Event::PointerButton { pos, button, pressed: false, modifiers });
    window.run_ok();
}

fn keys(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
    window.run_ok();
}

fn select(window: &mut Window, names: &[&str]) {
    for (index, name) in names.iter().enumerate() {
        let at = middle(window, name);
        click_at(window, at, if index == 0 { Modifiers::NONE } else { Modifiers::SHIFT });
    }
}

#[test]
fn nodes_are_folded_opened_and_unpacked_and_undo_gives_the_same_bytes() {
    let (mut window, _) = open(&row());
    let before = bytes(&window);
    select(&mut window, &["words", "counts"]);
    keys(&mut window, CTRL_SHIFT, Key::G);
    let folded = pipeline(&window).subflows().next().expect("a subflow").clone();
    assert_eq!(pipeline(&window).nodes_in(Some(folded.id)).count(), 2);
    assert!(window.state().state.analysis.is_runnable(), "analysis sees the same graph");
    let label = trf("canvas.subflow.holds", &[("count", "2")]);
    assert!(shows(&window, &label) && !shows(&window, &prefix(&window, "words")), "only the box is in view");
    assert!(shows(
        &window,
        &trf("canvas.access.wire", &[("from", "lines"), ("output", "out"), ("to", "words"), ("input", "in")])
    ));

    // It is selected: Alt+Down opens it. Within, what leads out is told at the pins.
    keys(&mut window, Modifiers::ALT, Key::ArrowDown);
    assert!(shows(&window, &prefix(&window, "words")) && !shows(&window, &prefix(&window, "lines")));
    assert!(shows(&window, &trf("canvas.access.outside", &[("names", "lines")])));
    // A node added here lies here.
    perform(&mut window, Command::SelectAll);
    keys(&mut window, Modifiers::COMMAND, Key::D);
    assert_eq!(pipeline(&window).nodes_in(Some(folded.id)).count(), 4);
    keys(&mut window, Modifiers::COMMAND, Key::Z);
    keys(&mut window, Modifiers::ALT, Key::ArrowUp);
    assert!(shows(&window, &prefix(&window, "lines")));

    keys(&mut window, CTRL_SHIFT, Key::U);
    assert_eq!(bytes(&window), before, "unpacked, all is as it was");
    keys(&mut window, Modifiers::COMMAND, Key::Z);
    keys(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(bytes(&window), before);
    assert_eq!(window.state().state.document.undo_label(), None);
}

#[test]
fn a_double_click_goes_into_a_subflow_and_the_path_leads_back() {
    let (mut window, _) = open_at(&row(), 0.1);
    select(&mut window, &["words"]);
    window.run_steps(8);
    let counts = middle(&window, "counts");
    click_at(&mut window, counts, Modifiers::SHIFT);
    window.run_steps(8);
    keys(&mut window, CTRL_SHIFT, Key::G);
    let at = place(&window, &format!("{}, ", tr("canvas.subflow.new"))).expect("the box is in view");
    window.hover_at(at);
    window.step();
    // Both clicks within the time that makes them one.
    for _ in 0..2 {
        for pressed in [true, false] {
            let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
            window.event(Event::PointerButton { pos: at, button, pressed, modifiers });
        }
        window.step();
    }
    window.run_ok();
    assert!(window.state().state.level.is_some());
    press(&mut window, tr("canvas.path.root"));
    assert_eq!(window.state().state.level, None);
    assert_eq!(window.state().state.selection.subflows.len(), 1, "where one comes from is selected");
}

#[test]
fn a_subflow_is_wired_through_its_pins_to_the_nodes_within() {
    let mut start = row();
    let words = start.node_by_name("words").expect("it is there").id;
    let wire = start.wires_into(words).remove(0);
    start.apply(&Edit::Disconnect(wire.clone())).expect("the edit fits");
    let (mut window, _) = open(&start);
    select(&mut window, &["words", "counts"]);
    keys(&mut window, CTRL_SHIFT, Key::G);
    let pin =
        |key, name: &str, port: &str| trf(key, &[("name", name), ("port", port), ("state", tr("canvas.access.free"))]);
    let from = place(&window, &pin("canvas.access.output", "lines", "out")).expect("the source has a free output");
    let to =
        place(&window, &pin("canvas.access.input", tr("canvas.subflow.new"), "words")).expect("what is free shows");
    drag(&mut window, from, to);
    assert!(pipeline(&window).wires().contains(&wire), "{:?}", pipeline(&window).wires());
}

#[test]
fn muting_and_bypassing_are_steps_shown_on_the_node_and_refused_with_the_reason() {
    let (mut window, _) = open(&row());
    select(&mut window, &["words"]);
    keys(&mut window, Modifiers::COMMAND, Key::M);
    let words = |window: &Window| pipeline(window).node_by_name("words").expect("it is there").mode;
    assert_eq!(words(&window), NodeMode::Muted);
    let title = node_word("flat_map.title", nodes::kind("flat_map").expect("known").title);
    assert!(shows(&window, &trf("canvas.mode.muted", &[("kind", title)])));
    keys(&mut window, Modifiers::COMMAND, Key::B);
    assert_eq!(words(&window), NodeMode::Bypassed);
    keys(&mut window, Modifiers::COMMAND, Key::B);
    assert_eq!(words(&window), NodeMode::On);
    select(&mut window, &["lines"]);
    keys(&mut window, Modifiers::COMMAND, Key::B);
    assert_eq!(pipeline(&window).node_by_name("lines").expect("it is there").mode, NodeMode::On);
    assert!(shows(&window, "a source has nothing to pass on"));
    for _ in 0..3 {
        keys(&mut window, Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(window.state().state.document.undo_label(), None, "three gestures, three steps");
}

#[test]
fn the_outline_lists_all_and_the_keyboard_walks_it() {
    let (mut window, _) = open(&row());
    select(&mut window, &["words", "counts"]);
    keys(&mut window, CTRL_SHIFT, Key::G);
    perform(&mut window, Command::Outline);
    // All of the graph is in the tree, also what lies folded away.
    for name in ["lines", "words", "counts", "shown"] {
        let row = window.query_all_by_role(eframe::egui::accesskit::Role::TreeItem);
        assert!(
            row.into_iter().any(|row| row.accesskit_node().label().is_some_and(|label| label.starts_with(name))),
            "{name}"
        );
    }
    let first = window.query_all_by_role(eframe::egui::accesskit::Role::TreeItem).next().expect("a row");
    first.focus();
    window.run_ok();
    keys(&mut window, Modifiers::NONE, Key::ArrowDown);
    let selected = window.state().state.selection.nodes.first().copied().expect("the next row is selected");
    assert_eq!(pipeline(&window).node(selected).expect("it is there").name, "words");
    assert!(window.state().state.level.is_some(), "it is shown where it lies");
    // Right opens a node's wires, the next row is the first of them.
    keys(&mut window, Modifiers::NONE, Key::ArrowRight);
    keys(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(window.state().state.selection.wires.len(), 1);
    keys(&mut window, Modifiers::NONE, Key::ArrowLeft);
    assert_eq!(window.state().state.selection.nodes, [selected].into(), "left goes to what holds it");
}

#[test]
fn the_graph_is_exported_as_vectors_and_as_pixels() {
    let (mut window, files) = open(&row());
    files.will_pick("/picture");
    perform(&mut window, Command::ExportSvg);
    window.run_steps(3);
    let svg = String::from_utf8(files.written("/picture.svg").expect("written, with its suffix")).expect("text");
    assert!(svg.starts_with("<svg ") && svg.contains(">words</text>"));
    files.will_pick("/picture.png");
    perform(&mut window, Command::ExportPng);
    window.run_steps(3);
    let png = files.written("/picture.png").expect("written");
    assert_eq!(png.get(1..4), Some(&b"PNG"[..]));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    let (width, height) = (number(16), number(20));
    // Four nodes 280 apart at two pixels a unit, with a margin.
    assert!((1_900..2_400).contains(&width) && (200..500).contains(&height), "{width} x {height}");
    assert!(!window.state().state.document.is_dirty(), "a picture changes nothing");
}

#[test]
fn aligning_and_distributing_are_commands_of_the_menu() {
    let (mut window, _) = open(&row());
    for (name, y) in [("words", 90.0), ("counts", 40.0)] {
        let id = pipeline(&window).node_by_name(name).expect("it is there").id;
        let x = pipeline(&window).node(id).expect("it is there").position.x;
        let edit = Edit::Move { nodes: vec![(id, Position::new(x, y))] };
        window.state_mut().state.document.edit("move", edit).expect("the edit fits");
    }
    window.run_ok();
    select(&mut window, &["lines", "words", "counts"]);
    press(&mut window, tr("menu.arrange"));
    press(&mut window, tr("canvas.align.top"));
    let tops: Vec<_> = pipeline(&window).nodes().map(|node| node.position.y).collect();
    assert_eq!(tops, [0.0; 4]);
    assert_eq!(window.state().state.document.undo_label(), Some(tr("canvas.align.top")));
}

#[test]
fn everything_downstream_of_a_node_can_be_selected() {
    let (mut window, _) = open(&row());
    select(&mut window, &["words"]);
    keys(&mut window, Modifiers::COMMAND, Key::CloseBracket);
    let names: Vec<_> = window.state().state.selection.nodes.iter().map(|id| pipeline(&window).node(*id)).collect();
    assert_eq!(names.iter().flatten().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["words", "counts", "shown"]);
}

#[test]
fn a_note_is_markdown_on_the_canvas() {
    let (mut window, _) = open(&row());
    keys(&mut window, CTRL_SHIFT, Key::N);
    let frame = pipeline(&window).frames().next().expect("a note").clone();
    assert_eq!(frame.note, tr("canvas.note.text"));
    assert!(shows(&window, "why"), "the emphasis is no longer written with stars");
    assert!(!shows(&window, "**why**"));
}

/// What is copied goes through the system's clipboard as text, so it can be pasted in another window.
#[test]
fn what_is_copied_in_one_window_is_pasted_in_another() {
    let (mut window, _) = open(&row());
    select(&mut window, &["words", "counts"]);
    window.event(Event::Copy);
    window.step();
    let copied = window.output().platform_output.commands.iter().find_map(|command| match command {
        eframe::egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let (mut other, _) = open(&Pipeline::new());
    other.event(Event::Paste(copied.expect("text is on the clipboard")));
    other.run_ok();
    let names: Vec<_> = pipeline(&other).nodes().map(|node| node.name.clone()).collect();
    assert_eq!((names, pipeline(&other).wires().len()), (vec!["words".to_owned(), "counts".to_owned()], 1));
}

/// A small generator of pseudo-random numbers: the same gestures in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit.max(1) as u64).expect("small")
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        list.get(self.below(list.len())).cloned()
    }
}

/// Places of widgets of the canvas whose label starts so.
fn places(window: &Window, start: &str) -> Vec<Pos2> {
    let all = window.query_all(
        egui_kittest::kittest::By::new().predicate(|node| node.label().is_some_and(|label| label.starts_with(start))),
    );
    all.map(|node| node.rect().center()).collect()
}

/// One gesture, whatever the dice say.
fn gesture(window: &mut Window, dice: &mut Dice) {
    let here = window.state().state.level;
    let names: Vec<String> = pipeline(window).nodes_in(here).map(|node| node.name.clone()).collect();
    let in_view: Vec<(String, Pos2)> =
        names.iter().filter_map(|name| Some((name.clone(), place(window, &prefix(window, name))?))).collect();
    let mut some = |window: &mut Window| {
        if let Some((_, at)) = dice.pick(&in_view) {
            click_at(window, at, Modifiers::NONE);
        }
        dice.pick(&in_view)
    };
    let choice = {
        let picked = some(window);
        (dice.below(20), picked)
    };
    match choice {
        (0..=2, Some((_, at))) => {
            let by = vec2(dice.below(160) as f32 - 80.0, dice.below(120) as f32 - 60.0);
            drag(window, at, at + by);
        }
        (3..=5, _) => {
            let outputs = places(window, "Output ");
            let inputs = places(window, "Input ");
            if let (Some(from), Some(to)) = (dice.pick(&outputs), dice.pick(&inputs)) {
                drag(window, from, to);
                keys(window, Modifiers::NONE, Key::Escape);
                keys(window, Modifiers::NONE, Key::Escape);
            }
        }
        (6, Some((_, at))) => {
            click_at(window, at, Modifiers::SHIFT);
            keys(window, CTRL_SHIFT, Key::G);
        }
        (7, _) => keys(window, Modifiers::ALT, Key::ArrowDown),
        (8, _) => keys(window, Modifiers::ALT, Key::ArrowUp),
        (9, _) => {
            perform(window, Command::SelectAll);
            keys(window, CTRL_SHIFT, Key::U);
        }
        (10, _) => keys(window, Modifiers::COMMAND, Key::M),
        (11, _) => keys(window, Modifiers::COMMAND, Key::B),
        (12, _) => keys(window, Modifiers::COMMAND, Key::D),
        (13, _) => keys(window, Modifiers::COMMAND, Key::Delete),
        (14, _) => keys(window, Modifiers::NONE, Key::ArrowRight),
        (15, Some((_, at))) => {
            click_at(window, at, Modifiers::SHIFT);
            perform(window, Command::AlignTop);
        }
        (16, _) => keys(window, Modifiers::COMMAND, Key::G),
        (17, _) => keys(window, CTRL_SHIFT, Key::L),
        (18, _) => {
            perform(window, Command::QuickAdd);
            window.event(Event::Text(["filter", "table", "generator"][dice.below(3)].to_owned()));
            window.run_steps(2);
            keys(window, Modifiers::NONE, Key::Enter);
        }
        (_, _) => {
            keys(window, Modifiers::NONE, Key::F2);
            if window.ctx.text_edit_focused() {
                window.event(Event::Text(format!("r{}", dice.below(1_000))));
                window.run_steps(2);
                keys(window, Modifiers::NONE, Key::Enter);
                keys(window, Modifiers::NONE, Key::Escape);
            }
        }
    }
    perform(window, Command::Fit);
}

/// The states since this one, oldest first. One gesture is one step; but here a gesture begins with a click to select,
/// and where nodes lie on each other that click may take a wire in hand, which the next one drops.
fn steps_since(window: &Window, before: &str) -> Vec<String> {
    let mut document = window.state().state.document.clone();
    let mut states = Vec::new();
    loop {
        let now = format::save(document.pipeline());
        if now == before && !states.is_empty() {
            break;
        }
        states.push(now);
        assert!(states.len() <= 2, "{:?} is more than one gesture's step", document.undo_label());
        document.undo();
    }
    states.reverse();
    states
}

/// Whatever gestures were made, each was one named step or none, and taking all back gives the very bytes it began with.
#[test]
fn undo_is_complete_whatever_was_done() {
    let (mut window, _) = open(&row());
    let mut dice = Dice(20_260_101);
    let mut states = vec![bytes(&window)];
    let mut gestures = 0;
    while states.len() <= 200 {
        gestures += 1;
        assert!(gestures < 900, "too many gestures do nothing: {} steps", states.len());
        let revision = window.state().state.document.revision();
        gesture(&mut window, &mut dice);
        if window.state().state.document.revision() != revision {
            let label = window.state().state.document.undo_label().expect("a change is a step");
            assert!(!label.trim().is_empty(), "every step has a name");
            let before = states.last().expect("there are states").clone();
            states.extend(steps_since(&window, &before));
        }
    }
    let last = states.pop().expect("there are states");
    assert_eq!(bytes(&window), last);
    for (at, before) in states.iter().enumerate().rev() {
        let label = window.state().state.document.undo_label().expect("a step to take back").to_owned();
        keys(&mut window, Modifiers::COMMAND, Key::Z);
        assert_eq!(bytes(&window), *before, "step {at}: {label}");
    }
    assert_eq!(window.state().state.document.undo_label(), None);
    for after in states.iter().skip(1).chain([&last]) {
        keys(&mut window, CTRL_SHIFT, Key::Z);
        assert_eq!(bytes(&window), *after);
    }
    assert_eq!(window.state().state.document.redo_label(), None);
}
