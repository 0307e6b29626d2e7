//! The canvas, driven as a person drives it: by the pointer, by the keyboard and through the accessibility tree.
//!
//! A small applier stands in for the app, so that what is asserted is what the canvas asked for and what it does to the
//! document.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::accesskit::Toggled;
use eframe::egui::{
    self, DragAndDrop, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, pos2,
    vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::json;
use weir::action::{Action, Actions, PaletteDrag, Selection};
use weir::canvas::Canvas;
use weir::command::Command;
use weir::edits;
use weir::i18n::{node_word, tr, trf};
use weir::settings::WireStyle;
use weir::state::AppState;
use weir_engine::analysis::analyse;
use weir_engine::metrics::{BatchReport, BatchStatus, LatencySummary, MemoryReport, NodeReport, NodeStatus};
use weir_engine::nodes;
use weir_engine::pipeline::{Document, Edit, Frame, Position, Tint};
use weir_engine::runtime::{Event as EngineEvent, RunState};
use weir_engine::spec::{NodeId, PortRef, Span, Timestamp, WireKey};

use crate::support::Draw;

struct Bench {
    canvas: Canvas,
    state: AppState,
    /// Everything asked for so far.
    asked: Vec<Action>,
}

impl Bench {
    fn apply(&mut self, mut actions: Actions) {
        for action in actions.take() {
            self.asked.push(action.clone());
            match action {
                Action::Edit { label, edit } => self.state.document.edit(label, edit).expect("the edit fits"),
                Action::BeginGesture(label) => self.state.document.begin_gesture(label),
                Action::EndGesture => self.state.document.end_gesture(),
                Action::Select(selection) => self.state.selection = selection,
                Action::OpenLevel(level, selection) => {
                    self.state.level = level;
                    self.state.selection = selection;
                }
                Action::Join { from, to, moved } => {
                    let document = &mut self.state.document;
                    let (_, edit) = edits::join(document, &from, &to, moved.as_ref(), true).expect("it can be joined");
                    document.edit("join", edit).expect("the edit fits");
                }
                Action::Command(command) => {
                    let removed = match command {
                        Command::Delete => edits::delete(self.state.document.pipeline(), &self.state.selection),
                        Command::DeleteAndHeal => {
                            edits::delete_and_heal(self.state.document.pipeline(), &self.state.selection)
                        }
                        _ => None,
                    };
                    if let Some(edit) = removed {
                        self.state.document.edit("delete", edit).expect("the edit fits");
                        self.state.selection = edits::surviving(self.state.document.pipeline(), &self.state.selection);
                    }
                    let mut caused = Actions::default();
                    self.canvas.command(command, &self.state, &mut caused);
                    self.apply(caused);
                }
                _ => {}
            }
            self.state.analysis = analyse(self.state.document.pipeline(), &self.state.folder());
        }
    }
}

type Window = Harness<'static, Bench>;

/// Places nodes by name.
fn placed(mut draw: Draw, places: &[(&str, f32, f32)]) -> Draw {
    for (name, x, y) in places {
        let id = draw.pipeline.node_by_name(name).expect("the node exists").id;
        draw.apply(&Edit::Move { nodes: vec![(id, Position::new(*x, *y))] });
    }
    draw
}

/// A source wired to a splitter, and besides a filter and a table without wires.
fn sample() -> Draw {
    let draw = Draw::new()
        .node("lines", "source.inline", json!({}))
        .node("words", "flat_map", json!({}))
        .node("kept", "filter", json!({"condition": "true"}))
        .node("shown", "sink.table", json!({}))
        .wire("lines", "words");
    placed(draw, &[("lines", 0.0, 0.0), ("words", 320.0, 0.0), ("kept", 320.0, 240.0), ("shown", 640.0, 120.0)])
}

fn open(draw: Draw) -> Window {
    let mut state = AppState::new(Document::new(draw.pipeline));
    state.analysis = analyse(state.document.pipeline(), &state.folder());
    let bench = Bench { canvas: Canvas::default(), state, asked: Vec::new() };
    let mut window = Harness::builder().with_size(vec2(1_100.0, 720.0)).with_step_dt(1.0 / 60.0).build_ui_state(
        |ui, bench: &mut Bench| {
            let mut actions = Actions::default();
            bench.canvas.ui(ui, &bench.state, &mut actions);
            bench.apply(actions);
        },
        bench,
    );
    window.run();
    window
}

fn id(window: &Window, name: &str) -> NodeId {
    window.state().state.document.pipeline().node_by_name(name).expect("the node exists").id
}

fn label(window: &Window, name: &str) -> String {
    let entry = window.state().state.document.pipeline().node_by_name(name).expect("the node exists");
    let kind = nodes::kind(&entry.kind)
        .map_or(entry.kind.clone(), |kind| node_word(&format!("{}.title", kind.id), kind.title).to_owned());
    trf("canvas.access.node", &[("name", name), ("kind", &kind)])
}

/// The middle of a node on the screen.
fn middle(window: &Window, name: &str) -> Pos2 {
    window.get_by(|node| node.label().is_some_and(|found| found.starts_with(&label(window, name)))).rect().center()
}

fn pin(window: &Window, name: &str, port: &str, key: &'static str) -> Pos2 {
    let with = |state| trf(key, &[("name", name), ("port", port), ("state", state)]);
    let (free, wired) = (with(tr("canvas.access.free")), with(tr("canvas.access.wired")));
    window.get_by(|node| node.label().is_some_and(|found| found == free || found == wired)).rect().center()
}

fn input(window: &Window, name: &str) -> Pos2 {
    pin(window, name, "in", "canvas.access.input")
}

fn output(window: &Window, name: &str) -> Pos2 {
    pin(window, name, "out", "canvas.access.output")
}

fn wire_label(from: &str, to: &str) -> String {
    trf("canvas.access.wire", &[("from", from), ("output", "out"), ("to", to), ("input", "in")])
}

fn wire(window: &Window, from: &str, to: &str) -> WireKey {
    WireKey::new(PortRef::new(id(window, from), "out"), PortRef::new(id(window, to), "in"))
}

fn wires(window: &Window) -> Vec<WireKey> {
    window.state().state.document.pipeline().wires()
}

fn position(window: &Window, name: &str) -> Position {
    window.state().state.document.pipeline().node_by_name(name).expect("the node exists").position
}

fn click(window: &mut Window, at: Pos2, modifiers: Modifiers) {
    window.hover_at(at);
    window.event(Event::ModifiersChanged(modifiers));
    for pressed in [true, false] {
        window.event(Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers });
    }
    window.event(Event::ModifiersChanged(Modifiers::NONE));
    window.run();
}

fn double_click(window: &mut Window, at: Pos2) {
    window.hover_at(at);
    for pressed in [true, false, true, false] {
        let modifiers = Modifiers::NONE;
        window.event(Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers });
        window.step();
    }
    window.run();
}

/// Presses at one place and moves to another, without letting go.
fn pull(window: &mut Window, from: Pos2, to: Pos2) {
    window.hover_at(from);
    window.drag_at(from);
    window.run();
    window.hover_at(from.lerp(to, 0.5));
    window.hover_at(to);
    window.run_steps(3);
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    pull(window, from, to);
    let (pos, button, modifiers) = (to, PointerButton::Primary, Modifiers::NONE);
    window.event(Event::PointerButton { pos, button, pressed: false, modifiers });
    window.run();
}

fn empty_place(window: &Window) -> Pos2 {
    middle(window, "lines") + vec2(0.0, 260.0)
}

#[test]
fn a_click_selects_and_a_click_beside_everything_selects_nothing() {
    let mut window = open(sample());
    let (lines, words) = (middle(&window, "lines"), middle(&window, "words"));
    click(&mut window, lines, Modifiers::NONE);
    assert_eq!(window.state().state.selection, Selection::node(id(&window, "lines")));
    click(&mut window, words, Modifiers::SHIFT);
    assert_eq!(window.state().state.selection.nodes, [id(&window, "lines"), id(&window, "words")].into());
    click(&mut window, lines, Modifiers::COMMAND);
    assert_eq!(window.state().state.selection.nodes, [id(&window, "words")].into());
    let empty = empty_place(&window);
    click(&mut window, empty, Modifiers::NONE);
    assert!(window.state().state.selection.is_empty());
}

#[test]
fn a_drag_moves_all_that_is_selected_as_one_step_on_the_grid() {
    let mut window = open(sample());
    let (lines, words) = (middle(&window, "lines"), middle(&window, "words"));
    click(&mut window, lines, Modifiers::NONE);
    click(&mut window, words, Modifiers::SHIFT);
    let before = position(&window, "words");
    drag(&mut window, lines, lines + vec2(61.0, 45.0));
    let after = position(&window, "words");
    assert!(after.x > before.x + 40.0 && after.y > before.y + 30.0, "{after:?}");
    assert_eq!((after.x % 8.0, after.y % 8.0), (0.0, 0.0));
    assert_eq!(position(&window, "kept"), Position::new(320.0, 240.0), "what is not selected stays");
    let document = &mut window.state_mut().state.document;
    assert_eq!(document.undo_label(), Some(trf("canvas.step.move", &[("count", "2")]).as_str()));
    document.undo();
    assert_eq!(document.undo_label(), None, "one gesture is one step");
    assert_eq!(position(&window, "words"), before);
}

#[test]
fn escape_during_a_drag_leaves_no_trace() {
    let mut window = open(sample());
    let lines = middle(&window, "lines");
    pull(&mut window, lines, lines + vec2(80.0, 40.0));
    assert_ne!(middle(&window, "lines"), lines, "the node follows the pointer");
    window.key_press(Key::Escape);
    window.run();
    window.drop_at(lines + vec2(80.0, 40.0));
    window.run();
    assert_eq!(window.state().state.document.undo_label(), None);
    assert_eq!(middle(&window, "lines"), lines);
}

#[test]
fn a_drag_on_the_empty_canvas_selects_what_it_touches() {
    let mut window = open(sample());
    let from = middle(&window, "words") - vec2(150.0, 60.0);
    let to = middle(&window, "kept") + vec2(20.0, 10.0);
    drag(&mut window, from, to);
    assert_eq!(window.state().state.selection.nodes, [id(&window, "words"), id(&window, "kept")].into());
    assert_eq!(window.state().state.document.undo_label(), None, "selecting is no step");
}

#[test]
fn the_wheel_zooms_and_what_is_under_the_pointer_stays_there() {
    let mut window = open(sample());
    let at = middle(&window, "shown") + vec2(13.0, 7.0);
    let before = window.state().canvas.world_at(at);
    let zoom = window.state().canvas.zoom();
    for delta in [-3.0, -3.0, 5.0] {
        window.hover_at(at);
        window.event(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, delta),
            phase: TouchPhase::Move,
            modifiers: Modifiers::NONE,
            source: MouseWheelSource::Wheel,
        });
        window.run_steps(30);
        assert!((window.state().canvas.world_at(at) - before).length() < 0.5);
    }
    assert!((window.state().canvas.zoom() - zoom).abs() > 0.01);
}

#[test]
fn the_middle_button_pans() {
    let mut window = open(sample());
    let lines = middle(&window, "lines");
    let from = empty_place(&window);
    let modifiers = Modifiers::NONE;
    window.hover_at(from);
    window.event(Event::PointerButton { pos: from, button: PointerButton::Middle, pressed: true, modifiers });
    for step in 1u8..=5 {
        window.hover_at(from + vec2(20.0, 10.0) * f32::from(step));
    }
    window.run_steps(2);
    let (pos, button) = (from + vec2(100.0, 50.0), PointerButton::Middle);
    window.event(Event::PointerButton { pos, button, pressed: false, modifiers });
    window.run();
    assert!((middle(&window, "lines") - lines - vec2(100.0, 50.0)).length() < 25.0);
    assert_eq!(window.state().state.document.undo_label(), None);
}

#[test]
fn a_drag_from_pin_to_pin_connects() {
    let mut window = open(sample());
    let (from, to) = (output(&window, "words"), input(&window, "shown"));
    // Nineteen pixels beside the pin is near enough.
    drag(&mut window, from, to + vec2(-13.0, 13.0));
    assert!(wires(&window).contains(&wire(&window, "words", "shown")));
    assert_eq!(window.state().state.document.undo_label(), Some(tr("canvas.step.connect")));
}

#[test]
fn a_wire_can_be_drawn_backwards_from_an_input() {
    let mut window = open(sample());
    let (from, to) = (input(&window, "shown"), output(&window, "words"));
    drag(&mut window, from, to);
    assert!(wires(&window).contains(&wire(&window, "words", "shown")));
}

#[test]
fn a_drop_on_the_body_takes_the_first_free_input() {
    let mut window = open(sample());
    let (from, to) = (output(&window, "words"), middle(&window, "shown"));
    drag(&mut window, from, to);
    assert!(wires(&window).contains(&wire(&window, "words", "shown")));
}

#[test]
fn a_refused_drop_says_why_and_the_wire_stays_in_hand() {
    let mut window = open(sample());
    let (from, onto) = (output(&window, "words"), output(&window, "kept"));
    drag(&mut window, from, onto);
    window.get_by_label_contains(tr("canvas.refused.both_outputs"));
    window.get_by_label_contains(tr("canvas.refused.in_hand"));
    assert_eq!(wires(&window).len(), 1);
    // It is still in hand: a click where it fits connects.
    let to = input(&window, "shown");
    click(&mut window, to, Modifiers::NONE);
    assert!(wires(&window).contains(&wire(&window, "words", "shown")));
    assert!(window.query_by_label_contains(tr("canvas.refused.in_hand")).is_none());
}

#[test]
fn the_engines_own_reason_is_shown_and_escape_lets_go() {
    let mut window = open(sample());
    let (from, onto) = (output(&window, "kept"), input(&window, "words"));
    drag(&mut window, from, onto);
    window.get_by_label_contains("already has its one wire");
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label_contains("already has its one wire").is_none());
    assert_eq!(wires(&window).len(), 1);
}

#[test]
fn a_second_wire_to_a_taken_input_is_offered_a_union_in_one_step() {
    let mut window = open(sample());
    let (from, onto) = (output(&window, "kept"), input(&window, "words"));
    drag(&mut window, from, onto);
    window.get_by_label(tr("canvas.offer.join")).click();
    window.run();
    let union = window.state().state.document.pipeline().nodes().find(|node| node.kind == "union").expect("a union");
    let name = union.name.clone();
    let expected = [wire(&window, "lines", &name), wire(&window, "kept", &name), wire(&window, &name, "words")];
    assert_eq!(wires(&window).into_iter().collect::<BTreeSet<_>>(), expected.into());
    window.state_mut().state.document.undo();
    assert_eq!(wires(&window), [wire(&window, "lines", "words")]);
    assert_eq!(window.state().state.document.undo_label(), None);
}

#[test]
fn a_second_wire_can_replace_the_first_instead() {
    let draw = sample().node("other", "source.inline", json!({}));
    let mut window = open(placed(draw, &[("other", 0.0, 240.0)]));
    let (from, onto) = (output(&window, "other"), input(&window, "words"));
    drag(&mut window, from, onto);
    window.get_by_label(tr("canvas.offer.replace")).click();
    window.run();
    assert_eq!(wires(&window), [wire(&window, "other", "words")]);
}

#[test]
fn in_right_angles_a_wire_is_caught_where_it_is_drawn() {
    let draw = placed(sample(), &[("words", 320.0, 160.0)]);
    let mut window = open(draw);
    window.state_mut().state.settings.wires = WireStyle::Angular;
    window.run();
    let (from, to) = (output(&window, "lines"), input(&window, "words"));
    let corner = pos2(f32::midpoint(from.x, to.x), to.y - 30.0);
    click(&mut window, corner + vec2(9.0, 0.0), Modifiers::NONE);
    assert_eq!(window.state().state.selection, Selection::wire(wire(&window, "lines", "words")));
}

/// However far one has zoomed out or in, hits are measured on the screen.
#[test]
fn pins_and_wires_are_caught_at_the_same_distance_at_every_zoom() {
    for zoom in [0.35, 1.0, 2.5] {
        let mut window = open(sample());
        let bench = window.state_mut();
        while bench.canvas.zoom() > zoom {
            bench.canvas.command(Command::ZoomOut, &bench.state, &mut Actions::default());
        }
        while bench.canvas.zoom() < zoom {
            bench.canvas.command(Command::ZoomIn, &bench.state, &mut Actions::default());
        }
        bench.canvas.reveal(bench.state.document.pipeline().node_by_name("words").expect("it is there").id);
        window.run();
        let end = input(&window, "words");
        click(&mut window, end + vec2(-60.0, 9.0), Modifiers::NONE);
        let caught = window.state().state.selection.clone();
        assert_eq!(caught, Selection::wire(wire(&window, "lines", "words")), "nine pixels beside it at {zoom}");
        let empty = end + vec2(-60.0, -16.0);
        click(&mut window, empty, Modifiers::NONE);
        assert!(window.state().state.selection.is_empty(), "sixteen are too far at {zoom}");
    }
}

#[test]
fn a_clicked_wire_is_selected_and_delete_removes_it() {
    let mut window = open(sample());
    let at = window.get_by_label(&wire_label("lines", "words")).rect().center();
    click(&mut window, at + vec2(0.0, 8.0), Modifiers::NONE);
    assert_eq!(window.state().state.selection, Selection::wire(wire(&window, "lines", "words")));
    window.key_press(Key::Delete);
    window.run();
    assert!(wires(&window).is_empty());
    assert!(window.state().state.selection.is_empty());
}

#[test]
fn the_end_of_a_wire_can_be_moved_as_one_step() {
    let mut window = open(sample());
    let (end, to) = (input(&window, "words") - vec2(26.0, 0.0), input(&window, "kept"));
    drag(&mut window, end, to);
    assert_eq!(wires(&window), [wire(&window, "lines", "kept")]);
    window.state_mut().state.document.undo();
    assert_eq!(wires(&window), [wire(&window, "lines", "words")]);
}

#[test]
fn a_double_click_opens_the_search_and_enter_adds_what_is_found() {
    let mut window = open(sample());
    let at = empty_place(&window);
    double_click(&mut window, at);
    window.get_by_label(tr("canvas.add.search")).type_text("Union");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let added = window.state().asked.iter().find_map(|action| match action {
        Action::AddNode { kind, at, .. } => Some((kind.clone(), *at)),
        _ => None,
    });
    let (kind, world) = added.expect("a node is asked for");
    assert_eq!(kind, "union");
    assert!((world - window.state().canvas.world_at(at)).length() < 8.0, "it is added where the pointer is");
    assert!(window.query_by_label(tr("canvas.add.search")).is_none(), "the search is closed");
}

#[test]
fn space_opens_the_search_and_escape_closes_it() {
    let mut window = open(sample());
    let at = empty_place(&window);
    click(&mut window, at, Modifiers::NONE);
    window.key_press(Key::Space);
    window.run();
    assert!(window.query_by_label(tr("canvas.add.search")).is_some());
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label(tr("canvas.add.search")).is_none());
    assert!(!window.state().asked.iter().any(|action| matches!(action, Action::AddNode { .. })));
}

#[test]
fn a_wire_dropped_into_the_void_offers_only_what_fits_and_connects_it() {
    let mut window = open(sample());
    let from = output(&window, "words");
    drag(&mut window, from, from + vec2(60.0, 300.0));
    let title = |kind: &'static str| nodes::kind(kind).map(|kind| node_word(&format!("{}.title", kind.id), kind.title));
    assert!(window.query_by_label(title("source.generator").expect("known")).is_none(), "a source takes no wire");
    window.get_by_label(title("union").expect("known"));
    window.get_by_label(tr("canvas.add.search")).type_text("union");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let words = id(&window, "words");
    assert!(window.state().asked.iter().any(|action| matches!(
        action,
        Action::AddNode { kind, wire_to: Some(port), .. } if kind == "union" && *port == PortRef::new(words, "out")
    )));
}

#[test]
fn every_node_pin_and_wire_is_in_the_tree_with_its_state() {
    let mut window = open(sample());
    let lines = middle(&window, "lines");
    click(&mut window, lines, Modifiers::NONE);
    let starts = |name: &str| {
        let label = label(&window, name);
        window.get_by(move |node| node.label().is_some_and(|found| found.starts_with(&label)))
    };
    assert_eq!(starts("lines").accesskit_node().toggled(), Some(Toggled::True));
    assert_eq!(starts("kept").accesskit_node().toggled(), Some(Toggled::False));
    // The table has no wire: an error the node's name tells.
    let shown = starts("shown").accesskit_node().label().unwrap_or_default();
    assert!(shown.contains(&trf("canvas.access.errors", &[("count", "1")])), "{shown}");
    window.get_by_label(&wire_label("lines", "words"));
    let pin = |key, name, port, state| trf(key, &[("name", name), ("port", port), ("state", state)]);
    window.get_by_label(&pin("canvas.access.output", "lines", "out", tr("canvas.access.wired")));
    window.get_by_label(&pin("canvas.access.input", "kept", "in", tr("canvas.access.free")));
}

#[test]
fn a_screen_reader_selects_and_wires_by_its_own_click() {
    let mut window = open(sample());
    let lines = label(&window, "words");
    window.get_by(|node| node.label().is_some_and(|found| found.starts_with(&lines))).click_accesskit();
    window.run();
    assert_eq!(window.state().state.selection, Selection::node(id(&window, "words")));
    let free = tr("canvas.access.free");
    let pin = |key, name, port| trf(key, &[("name", name), ("port", port), ("state", free)]);
    window.get_by_label(&pin("canvas.access.output", "words", "out")).click_accesskit();
    window.run();
    window.get_by_label(&pin("canvas.access.input", "shown", "in")).click_accesskit();
    window.run();
    assert!(wires(&window).contains(&wire(&window, "words", "shown")));
}

#[test]
fn tab_walks_from_node_to_node_and_arrows_move_by_the_grid() {
    let mut window = open(sample());
    window.get_by(|node| node.label().is_some_and(|found| found.starts_with(&label(&window, "words")))).focus();
    window.run();
    assert_eq!(window.state().state.selection, Selection::node(id(&window, "words")));
    window.key_press(Key::Tab);
    window.run();
    assert_eq!(window.state().state.selection, Selection::node(id(&window, "kept")), "the next from left to right");
    window.key_press(Key::ArrowRight);
    window.run();
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowUp);
    window.run();
    assert_eq!(position(&window, "kept"), Position::new(328.0, 200.0));
    window.state_mut().state.document.undo();
    assert_eq!(position(&window, "kept"), Position::new(328.0, 240.0), "one press is one step");
}

#[test]
fn f2_renames_in_place_and_a_taken_name_is_refused() {
    let mut window = open(sample());
    let words = middle(&window, "words");
    click(&mut window, words, Modifiers::NONE);
    window.key_press(Key::F2);
    window.run();
    window.get_by_label(tr("canvas.rename")).type_text("lines");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    assert!(window.query_by_label(tr("canvas.rename")).is_some(), "a taken name is not accepted");
    window.get_by_label(tr("canvas.rename")).type_text("tokens");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    assert!(window.state().state.document.pipeline().nodes().any(|node| node.name.contains("tokens")));
}

#[test]
fn a_kind_dropped_on_a_wire_interrupts_it() {
    let mut window = open(sample());
    let at = window.get_by_label(&wire_label("lines", "words")).rect().center();
    DragAndDrop::set_payload(&window.ctx, PaletteDrag { kind: "filter".to_owned() });
    window.drag_at(at - vec2(0.0, 200.0));
    window.hover_at(at);
    window.run();
    DragAndDrop::set_payload(&window.ctx, PaletteDrag { kind: "filter".to_owned() });
    window.drop_at(at);
    window.run();
    let expected = wire(&window, "lines", "words");
    assert!(window.state().asked.iter().any(|action| matches!(
        action,
        Action::AddNode { kind, onto: Some(onto), .. } if kind == "filter" && *onto == expected
    )));
}

#[test]
fn a_free_node_dropped_on_a_wire_is_inserted_in_one_step() {
    let mut window = open(sample());
    let at = window.get_by_label(&wire_label("lines", "words")).rect().center();
    let kept = middle(&window, "kept");
    drag(&mut window, kept, at);
    assert_eq!(wires(&window), [wire(&window, "lines", "kept"), wire(&window, "kept", "words")]);
    window.state_mut().state.document.undo();
    assert_eq!(wires(&window), [wire(&window, "lines", "words")]);
}

#[test]
fn deleting_with_healing_joins_what_the_node_stood_between() {
    let mut window = open(sample().wire("words", "shown"));
    let words = middle(&window, "words");
    click(&mut window, words, Modifiers::NONE);
    let expected = wire(&window, "lines", "shown");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Delete);
    window.run();
    assert_eq!(wires(&window), [expected]);
    assert!(window.state().state.document.pipeline().node_by_name("words").is_none());
}

#[test]
fn a_frame_moves_with_what_lies_in_it() {
    let mut window = open(sample());
    let (lines, words) = (middle(&window, "lines"), middle(&window, "words"));
    click(&mut window, lines, Modifiers::NONE);
    click(&mut window, words, Modifiers::SHIFT);
    let bench = window.state_mut();
    let mut actions = Actions::default();
    assert!(bench.canvas.command(Command::Frame, &bench.state, &mut actions));
    bench.apply(actions);
    window.run();
    let frame = |window: &Window| window.state().state.document.pipeline().frames().next().cloned().expect("a frame");
    let before = frame(&window);
    let (zoom, world) = (window.state().canvas.zoom(), window.state().canvas.world_at(lines));
    let title = lines + vec2(before.position.x + 30.0 - world.x, before.position.y + 12.0 - world.y) * zoom;
    drag(&mut window, title, title + vec2(48.0, 32.0));
    let after = frame(&window);
    let by = after.position.x - before.position.x;
    assert!(by > 20.0, "{before:?} {after:?}");
    assert!((position(&window, "words").x - 320.0 - by).abs() < 0.1);
    assert_eq!(position(&window, "kept"), Position::new(320.0, 240.0));
}

#[test]
fn automatic_layout_is_one_step_and_every_wire_points_right() {
    let draw = placed(sample().wire("words", "shown"), &[("shown", -500.0, 300.0), ("words", -200.0, -100.0)]);
    let mut window = open(draw);
    let bench = window.state_mut();
    let mut actions = Actions::default();
    bench.canvas.command(Command::AutoLayout, &bench.state, &mut actions);
    bench.apply(actions);
    window.run();
    for wire in wires(&window) {
        let pipeline = window.state().state.document.pipeline();
        let x = |id| pipeline.node(id).map(|node| node.position.x).expect("the node exists");
        assert!(x(wire.from.node) + 100.0 < x(wire.to.node));
    }
    window.state_mut().state.document.undo();
    assert_eq!(window.state().state.document.undo_label(), None);
}

#[test]
fn a_kind_of_the_future_is_drawn_with_its_wires() {
    let draw = sample().node("later", "window.spiral", json!({})).wire("words", "later");
    let window = open(placed(draw, &[("later", 640.0, -160.0)]));
    window.get_by(|node| node.label().is_some_and(|found| found.starts_with("later")));
    window.get_by_label(&wire_label("words", "later"));
}

#[test]
fn what_is_out_of_view_is_neither_laid_out_nor_in_the_tree() {
    let draw = (0..400).fold(Draw::new(), |draw, at| draw.node(&format!("n{at}"), "union", json!({})));
    let places: Vec<_> =
        (0..400u16).map(|at| (format!("n{at}"), f32::from(at % 20) * 400.0, f32::from(at / 20) * 300.0)).collect();
    let places: Vec<_> = places.iter().map(|(name, x, y)| (name.as_str(), *x, *y)).collect();
    let mut window = open(placed(draw, &places));
    let count = |window: &Window| {
        let kind = node_word("union.title", nodes::kind("union").expect("known").title);
        window
            .query_all(
                egui_kittest::kittest::By::new()
                    .predicate(move |node| node.label().is_some_and(|label| label.contains(kind))),
            )
            .count()
    };
    let all = count(&window);
    let bench = window.state_mut();
    for _ in 0..20 {
        bench.canvas.command(Command::ZoomIn, &bench.state, &mut Actions::default());
    }
    window.run();
    assert_eq!(all, 400);
    assert!(count(&window) < 20, "{}", count(&window));
}

fn report(batch: u64, rows: &[(NodeId, u64)]) -> Arc<BatchReport> {
    let nodes = rows
        .iter()
        .map(|(node, rows)| NodeReport {
            node: *node,
            rows_in: *rows,
            rows_out: vec![*rows],
            bytes_out: 0,
            busy: Span::from_millis(3),
            fired: true,
            state_rows: 0,
            state_bytes: 0,
            memory: MemoryReport::default(),
            counters: Vec::new(),
            watermark: None,
            backlog_rows: 0,
            status: NodeStatus::Ok,
            facts: None,
        })
        .collect();
    Arc::new(BatchReport {
        batch,
        plan_version: 1,
        tick: Timestamp(0),
        oldest_tick: Timestamp(0),
        span: Span::from_secs(1),
        interval: Span::from_secs(1),
        creation_delay: Span(0),
        scheduling_delay: Span(0),
        processing_time: Span::from_millis(10),
        total_delay: Span(0),
        input_rows: 0,
        input_bytes: 0,
        queued_batches: 0,
        latency: LatencySummary::default(),
        nodes,
        parked: Vec::new(),
        status: BatchStatus::Ok,
        control: None,
    })
}

/// Seconds until the canvas wants to be drawn again by itself.
fn next_frame(window: &Window) -> f64 {
    let output = &window.output().viewport_output;
    output.values().map(|viewport| viewport.repaint_delay.as_secs_f64()).fold(f64::INFINITY, f64::min)
}

#[test]
fn a_running_wire_tells_its_rate_and_comes_to_rest_with_the_batches() {
    let mut window = open(sample());
    assert!(next_frame(&window) > 10.0, "at rest nothing is drawn again");
    // Without animations nothing may move: tests run so unless they say otherwise.
    window.ctx.all_styles_mut(|style| style.animation_time = 0.1);
    let lines = id(&window, "lines");
    let live = &mut window.state_mut().state.live;
    live.absorb(EngineEvent::State(RunState::Running));
    live.absorb(EngineEvent::Batch(report(0, &[(lines, 12_345)])));
    window.run_steps(3);
    let told = window.get_by(|node| node.label().is_some_and(|label| label.starts_with(&wire_label("lines", "words"))));
    assert!(told.accesskit_node().label().unwrap_or_default().contains("12.3k"));
    assert!((0.02..0.06).contains(&next_frame(&window)), "about 25 frames a second: {}", next_frame(&window));
    // A second of the interval and a half, and more, without a batch.
    window.run_steps(240);
    assert!(next_frame(&window) > 10.0, "no batches, no motion: {}", next_frame(&window));
}

#[test]
fn what_waits_in_a_source_is_told_on_its_wires_with_how_full_it_is() {
    let mut window = open(sample());
    let lines = id(&window, "lines");
    let mut full = (*report(0, &[(lines, 10)])).clone();
    full.nodes[0].backlog_rows = 700_000;
    let live = &mut window.state_mut().state.live;
    live.absorb(EngineEvent::State(RunState::Running));
    live.absorb(EngineEvent::Batch(Arc::new(full)));
    window.run_steps(3);
    let told = window.get_by(|node| node.label().is_some_and(|label| label.starts_with(&wire_label("lines", "words"))));
    let label = told.accesskit_node().label().unwrap_or_default();
    assert!(label.contains("70 %") && label.contains("700k"), "{label}");
}

#[test]
fn an_empty_canvas_says_how_to_begin() {
    let window = open(Draw::new());
    window.get_by_label_contains(tr("canvas.empty.title"));
}

/// A screen point of the world.
fn on_screen(window: &Window, world: Pos2) -> Pos2 {
    let canvas = &window.state().canvas;
    pos2(0.0, 0.0) + (world - canvas.world_at(pos2(0.0, 0.0))) * canvas.zoom()
}

/// The sample with a frame below it, away from all nodes.
fn framed() -> Draw {
    let mut draw = sample();
    let frame = Frame {
        id: draw.pipeline.fresh_frame_id(),
        title: "Input".to_owned(),
        note: String::new(),
        position: Position::new(-480.0, 320.0),
        size: Position::new(400.0, 240.0),
        tint: Tint::Plain,
        subflow: None,
    };
    draw.apply(&Edit::PutFrame { id: frame.id, frame: Some(Box::new(frame)) });
    draw
}

fn frame(window: &Window) -> egui::Rect {
    let frame = window.state().state.document.pipeline().frames().next().expect("a frame");
    egui::Rect::from_min_size(pos2(frame.position.x, frame.position.y), vec2(frame.size.x, frame.size.y))
}

#[test]
fn a_frame_is_resized_by_every_edge_and_corner_as_one_step() {
    for (x, y) in [(-1i8, -1i8), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0)] {
        let mut window = open(framed());
        let before = frame(&window);
        let along = |side: i8, low: f32, high: f32| match side {
            -1 => low,
            0 => f32::midpoint(low, high),
            _ => high,
        };
        let at = pos2(along(x, before.left(), before.right()), along(y, before.top(), before.bottom()));
        let (from, by) = (on_screen(&window, at), vec2(48.0, 32.0));
        let zoom = window.state().canvas.zoom();
        drag(&mut window, from, from + by * zoom);
        let after = frame(&window);
        let moved = |now: f32, was: f32, wanted: f32| (now - was - wanted).abs() <= 8.0;
        let (right, down) = (if x == 0 { 0.0 } else { by.x }, if y == 0 { 0.0 } else { by.y });
        let expected = [
            (after.left(), before.left(), if x < 0 { right } else { 0.0 }),
            (after.right(), before.right(), if x > 0 { right } else { 0.0 }),
            (after.top(), before.top(), if y < 0 { down } else { 0.0 }),
            (after.bottom(), before.bottom(), if y > 0 { down } else { 0.0 }),
        ];
        assert!(expected.iter().all(|(now, was, by)| moved(*now, *was, *by)), "{x} {y}: {before:?} {after:?}");
        window.state_mut().state.document.undo();
        assert_eq!((frame(&window), window.state().state.document.undo_label()), (before, None), "{x} {y}");
    }
}

#[test]
fn a_frame_is_in_the_tree_and_the_keyboard_selects_moves_and_resizes_it() {
    let mut window = open(framed());
    let label = trf("canvas.access.frame", &[("title", "Input"), ("count", "0")]);
    window.get_by_label(&label).click_accesskit();
    window.run();
    assert_eq!(window.get_by_label(&label).accesskit_node().toggled(), Some(Toggled::True));
    window.get_by_label(&label).focus();
    window.run();
    let before = frame(&window);
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowRight);
    window.run();
    let wider = frame(&window);
    assert_eq!((wider.min, wider.height()), (before.min, before.height()));
    assert!(wider.width() > before.width());
    window.key_press(Key::ArrowDown);
    window.run();
    assert_eq!((frame(&window).size(), frame(&window).left()), (wider.size(), wider.left()));
    assert!(frame(&window).top() > wider.top(), "without Alt it moves");
}

/// What the last quick-add asked for: the kind, what it is wired to, and where it goes.
fn added(window: &Window) -> (String, Option<PortRef>, Pos2) {
    let found = window.state().asked.iter().rev().find_map(|action| match action {
        Action::AddNode { kind, wire_to, at, .. } => Some((kind.clone(), wire_to.clone(), *at)),
        _ => None,
    });
    found.expect("a node is asked for")
}

fn quick_add(window: &mut Window, query: &str) {
    let bench = window.state_mut();
    let mut actions = Actions::default();
    bench.canvas.command(Command::QuickAdd, &bench.state, &mut actions);
    window.run();
    if !query.is_empty() {
        window.get_by_label(tr("canvas.add.search")).type_text(query);
        window.run();
    }
    window.key_press(Key::Enter);
    window.run();
}

#[test]
fn with_a_node_selected_quick_add_offers_what_fits_it_first_and_connects() {
    let mut window = open(sample());
    let words = middle(&window, "words");
    click(&mut window, words, Modifiers::NONE);
    quick_add(&mut window, "");
    let (kind, wired, at) = added(&window);
    let kind = nodes::kind(&kind).expect("known");
    assert!(!kind.inputs.is_empty(), "{} takes rows", kind.id);
    assert_eq!(wired, Some(PortRef::new(id(&window, "words"), "out")));
    assert!(at.x > position(&window, "words").x + 150.0, "it stands to the right: {at:?}");
    let free = |window: &Window| {
        let places = ["lines", "words", "kept", "shown"].map(|name| position(window, name));
        places.iter().all(|place| (place.x - at.x).abs() > 100.0 || (place.y - at.y).abs() > 60.0)
    };
    assert!(free(&window), "and on no other node: {at:?}");
    // What does not fit is still to be had, without a wire.
    quick_add(&mut window, "Generator");
    let (kind, wired, _) = added(&window);
    assert_eq!((kind.as_str(), wired), ("source.generator", None));
}

#[test]
fn an_output_that_leads_somewhere_is_left_alone_by_quick_add() {
    let mut window = open(sample());
    let lines = middle(&window, "lines");
    click(&mut window, lines, Modifiers::NONE);
    quick_add(&mut window, "union");
    assert_eq!(added(&window).1, None);
}

#[test]
fn a_node_that_gives_nothing_says_why_where_the_pointer_rests() {
    let mut window = open(sample());
    let [lines, words] = ["lines", "words"].map(|name| id(&window, name));
    let live = &mut window.state_mut().state.live;
    live.absorb(EngineEvent::State(RunState::Running));
    live.absorb(EngineEvent::Batch(report(0, &[(lines, 0), (words, 0)])));
    window.run_steps(3);
    let at = middle(&window, "words");
    window.hover_at(at);
    window.run_steps(90);
    let names = [("node", "lines")];
    let sentences = [tr("why.title").to_owned(), trf("why.no_rows_from", &names), trf("why.nothing_arrives", &names)];
    window.get_by_label_contains(&sentences.join(" "));
}

#[test]
fn nothing_is_told_of_what_lies_under_the_pointer_while_something_is_typed_until_it_moves() {
    let mut window = open(sample());
    let at = middle(&window, "words");
    click(&mut window, at, Modifiers::NONE);
    window.key_press(Key::Space);
    window.run_steps(3);
    window.key_press(Key::Escape);
    window.run_steps(90);
    let summary = nodes::kind("flat_map").expect("a kind").summary;
    assert!(window.query_by_label_contains(summary).is_none(), "the pointer has not moved");
    window.hover_at(at + vec2(9.0, 0.0));
    window.run_steps(90);
    assert!(window.query_by_label_contains(summary).is_some(), "now it points at the node");
}

#[test]
fn the_columns_of_a_port_are_one_hover_away() {
    let mut window = open(sample());
    let at = output(&window, "lines");
    window.hover_at(at);
    window.run_steps(90);
    window.get_by_label("value");
    window.get_by_label("string");
}

#[test]
fn the_overview_is_there_while_the_graph_does_not_fit_and_leads_to_where_it_is_clicked() {
    let mut window = open(placed(sample(), &[("shown", 4_000.0, 2_400.0)]));
    assert!(window.query_by_label(tr("canvas.minimap")).is_none(), "all of it is in view");
    let bench = window.state_mut();
    for _ in 0..12 {
        bench.canvas.command(Command::ZoomIn, &bench.state, &mut Actions::default());
    }
    window.run();
    let map = window.get_by_label(tr("canvas.minimap")).rect();
    let before = window.state().canvas.center();
    click(&mut window, map.max - vec2(14.0, 14.0), Modifiers::NONE);
    let after = window.state().canvas.center();
    assert!(after.x > before.x + 500.0 && after.y > before.y + 300.0, "{before:?} {after:?}");
    assert!(window.state().state.selection.is_empty(), "a click in it selects nothing");
}
