//! For those who do not see the picture: whatever can be pressed, chosen or read has a name and a state, in both
//! languages, on the canvas and in the outline.

use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use serde_json::json;
use weir::action::Selection;
use weir::app::{Services, WeirApp};
use weir::command::Command;
use weir::files::MemoryFiles;
use weir::i18n::{Language, node_word, set_language, tr, trf};
use weir::settings::Settings;
use weir_engine::nodes;
use weir_engine::pipeline::{Document, Edit, Frame, NodeMode, Position, Subflow, Tint};
use weir_engine::spec::WireKey;

use crate::shell::perform;
use crate::support::Draw;

type Designer = Harness<'static, WeirApp>;

/// Everything the canvas can show: wires, a muted node, a node without its wire, a subflow, a frame.
fn drawn() -> Draw {
    let mut draw = Draw::new()
        .node("lines", "source.inline", json!({}))
        .node("words", "flat_map", json!({}))
        .node("counts", "group", json!({"by": ["word"]}))
        .node("shown", "sink.table", json!({}))
        .node("loose", "sink.table", json!({}))
        .chain(&["lines", "words", "counts", "shown"]);
    for (index, name) in ["lines", "words", "counts", "shown", "loose"].into_iter().enumerate() {
        let id = draw.id(name);
        draw.apply(&Edit::Move { nodes: vec![(id, Position::new(index as f32 * 240.0, 0.0))] });
    }
    let counts = draw.id("counts");
    draw.apply(&Edit::SetMode { node: counts, mode: NodeMode::Muted });
    let subflow = Subflow {
        id: draw.pipeline.fresh_subflow_id(),
        name: "folded".to_owned(),
        position: Position::new(0.0, 200.0),
        parent: None,
    };
    draw.apply(&Edit::PutSubflow { id: subflow.id, subflow: Some(Box::new(subflow)) });
    let frame = Frame {
        id: draw.pipeline.fresh_frame_id(),
        title: "input".to_owned(),
        note: String::new(),
        position: Position::new(-40.0, -60.0),
        size: Position::new(480.0, 220.0),
        tint: Tint::Plain,
        subflow: None,
    };
    draw.apply(&Edit::PutFrame { id: frame.id, frame: Some(Box::new(frame)) });
    draw
}

/// The designer in this language with the outline in front and one node selected.
fn open(language: Language) -> Designer {
    let services = Services::headless(MemoryFiles::default());
    let settings = Settings { language: Some(language.tag().to_owned()), ..services.settings.clone() };
    let mut app = WeirApp::new(Services { settings, ..services });
    let drawn = drawn();
    let words = drawn.id("words");
    app.state.document = Document::new(drawn.pipeline);
    let builder = Harness::builder().with_size(vec2(1_600.0, 1_000.0)).with_max_steps(32).allow_missing_glyphs();
    let mut harness = builder.build_ui_state(|ui, app: &mut WeirApp| app.ui(ui), app);
    harness.run_ok();
    perform(&mut harness, Command::Outline);
    perform(&mut harness, Command::Fit);
    harness.state_mut().state.selection = Selection::node(words);
    harness.run_ok();
    set_language(language);
    harness
}

const BOTH: [Language; 2] = [Language::English, Language::Chinese];

#[test]
fn everything_that_can_be_pressed_has_a_name_in_both_languages() {
    let roles = [
        Role::Button,
        Role::TreeItem,
        Role::TextInput,
        Role::MultilineTextInput,
        Role::Slider,
        Role::ComboBox,
        Role::CheckBox,
        Role::RadioButton,
        Role::Link,
        Role::Canvas,
        Role::Meter,
        Role::Image,
    ];
    for language in BOTH {
        let harness = open(language);
        let mut found = 0;
        for node in harness.query_all_by(|node| roles.contains(&node.role())) {
            let (node, place) = (node.accesskit_node(), node.rect());
            let name = node.label().unwrap_or_default();
            found += 1;
            assert!(!name.trim().is_empty(), "{language:?}: a {:?} at {place:?} has no name", node.role());
            let is_key = ["canvas.", "outline.", "inspector.", "plots.", "panel.", "toolbar."];
            assert!(!is_key.iter().any(|start| name.starts_with(start)), "{language:?}: `{name}` is no word");
        }
        assert!(found > 60, "{language:?}: the window is there: {found}");
    }
}

/// The state of the one thing on screen of this role whose name begins so.
fn state_of(harness: &Designer, role: Role, start: &str) -> (String, Option<Toggled>) {
    let found: Vec<_> = harness
        .query_all_by_role(role)
        .filter_map(|node| {
            let node = node.accesskit_node();
            let label = node.label().filter(|label| label.starts_with(start))?;
            Some((label, node.toggled()))
        })
        .collect();
    let [one] = &found[..] else { panic!("`{start}` is there once: {found:?}") };
    one.clone()
}

#[test]
fn every_node_pin_wire_and_frame_of_the_canvas_tells_its_state_in_both_languages() {
    for language in BOTH {
        let harness = open(language);
        let of = |start: &str| state_of(&harness, Role::Button, start);
        let title = |kind: &str| {
            let kind = nodes::kind(kind).expect("known");
            node_word(&format!("{}.title", kind.id), kind.title)
        };
        let node = |name: &str, kind: &str| trf("canvas.access.node", &[("name", name), ("kind", kind)]);
        assert_eq!(of(&node("words", title("flat_map"))).1, Some(Toggled::True), "{language:?}: selected");
        assert_eq!(of(&node("lines", title("source.inline"))).1, Some(Toggled::False));
        let muted = trf("canvas.mode.muted", &[("kind", title("group"))]);
        assert_eq!(of(&node("counts", &muted)).1, Some(Toggled::False), "{language:?}: it rests");
        let errors = trf("canvas.access.errors", &[("count", "1")]);
        assert!(of(&node("loose", title("sink.table"))).0.contains(&errors), "{language:?}: what is wrong is counted");
        let holds = trf("canvas.subflow.holds", &[("count", "0")]);
        of(&node("folded", &holds));
        let wire = [("from", "lines"), ("output", "out"), ("to", "words"), ("input", "in")];
        assert_eq!(of(&trf("canvas.access.wire", &wire)).1, Some(Toggled::False));
        let pin = |key, name, port, state| of(&trf(key, &[("name", name), ("port", port), ("state", state)])).1;
        let (wired, free) = (tr("canvas.access.wired"), tr("canvas.access.free"));
        assert_eq!(pin("canvas.access.output", "lines", "out", wired), Some(Toggled::False));
        assert_eq!(pin("canvas.access.input", "loose", "in", free), Some(Toggled::False));
        let frame = [("title", "input"), ("count", "2")];
        assert_eq!(of(&trf("canvas.access.frame", &frame)).1, Some(Toggled::False), "{language:?}");
    }
}

#[test]
fn a_pin_that_does_not_fit_the_wire_in_hand_says_so() {
    let mut harness = open(Language::English);
    let pin = |key, name: &str, port: &str, state| trf(key, &[("name", name), ("port", port), ("state", state)]);
    let free = tr("canvas.access.free");
    let output = pin("canvas.access.output", "lines", "out", tr("canvas.access.wired"));
    harness.get_by_label(&output).click_accesskit();
    harness.run_steps(4);
    assert_eq!(state_of(&harness, Role::Button, &output).1, Some(Toggled::True), "the wire is in hand");
    let own = pin("canvas.access.input", "words", "in", tr("canvas.access.wired"));
    assert!(state_of(&harness, Role::Button, &own).0.contains(tr("canvas.access.refuses")), "it has its one wire");
    let open = pin("canvas.access.input", "loose", "in", free);
    assert!(!state_of(&harness, Role::Button, &open).0.contains(tr("canvas.access.refuses")));
}

#[test]
fn the_outline_lists_every_node_wire_subflow_and_frame_with_its_state_in_both_languages() {
    for language in BOTH {
        let mut harness = open(language);
        let of = |harness: &Designer, start: &str| state_of(harness, Role::TreeItem, start);
        assert_eq!(of(&harness, "words, ").1, Some(Toggled::True), "{language:?}: selected");
        let resting = of(&harness, "counts, ").0;
        let group = nodes::kind("group").expect("known");
        let title = node_word("group.title", group.title);
        assert!(resting.contains(&trf("canvas.mode.muted", &[("kind", title)])), "{language:?}: {resting}");
        assert!(of(&harness, "loose, ").0.contains(tr("outline.has_problems")), "{language:?}");
        assert!(of(&harness, "folded, ").0.contains(tr("outline.subflow")), "{language:?}");
        assert!(of(&harness, "input, ").0.contains(tr("outline.frame")), "{language:?}");
        // A node's wires are below it once it is opened.
        let lines = harness
            .query_all_by_role(Role::TreeItem)
            .find(|row| row.accesskit_node().label().is_some_and(|label| label.starts_with("lines, ")));
        lines.expect("it is listed").focus();
        harness.run_ok();
        harness.key_press(eframe::egui::Key::ArrowRight);
        harness.run_ok();
        let wire: WireKey = harness.state().state.document.pipeline().wires()[0].clone();
        let row = of(&harness, &format!("{} › words.in, ", wire.from.port));
        assert!(row.0.contains(tr("outline.wire")), "{language:?}: {row:?}");
    }
}
