//! The inspector, driven through the accessibility tree as a person or a screen reader drives it.
//!
//! Editors are tested over parameters declared here, so that they hold for every kind there is or will be; forms are
//! opened for every kind of the registry.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking, its helpers too")]

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use eframe::egui::{self, Key, accesskit::Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::{Value, json};
use weir::action::{Action, Actions, Selection};
use weir::i18n::{tr, trf};
use weir::inspector::{EditorContext, Inspector, param_ui};
use weir::state::AppState;
use weir::theme::Theme;
use weir_engine::analysis::NodeAnalysis;
use weir_engine::nodes;
use weir_engine::pipeline::{Document, Edit, NodeEntry, Pipeline};
use weir_engine::plan::LinkType;
use weir_engine::spec::{
    Accepts, Choice, Default as ParamDefault, Diagnostic, Language, NodeId, ParamKind, ParamSpec, PortRef, Span,
    WireKey, Yields, check_params, is_visible,
};

const NODE: NodeId = NodeId(1);

const LENGTH: ParamSpec =
    ParamSpec::new("length", "Length", "How long.", ParamKind::Duration { min_millis: 100, max_millis: 3_600_000 })
        .default(ParamDefault::Text("10s"));

const TITLE: ParamSpec =
    ParamSpec::new("title", "Heading", "What stands above.", ParamKind::Text).default(ParamDefault::Text("untitled"));

const COUNT: ParamSpec = ParamSpec::new("count", "Count", "How many.", ParamKind::Integer { min: 0, max: 100 })
    .default(ParamDefault::Integer(7));

const SHARE: ParamSpec =
    ParamSpec::new("share", "Share", "Which part.", ParamKind::Number { min: 0.0, max: 100.0, unit: "%" })
        .default(ParamDefault::Number(5.0));

const LOUD: ParamSpec =
    ParamSpec::new("loud", "Loud", "Whether it is heard.", ParamKind::Toggle).default(ParamDefault::Toggle(false));

const MODE: ParamSpec = ParamSpec::new(
    "mode",
    "Mode",
    "Which way.",
    ParamKind::Choice {
        options: &[Choice::new("up", "Upwards", "Rises."), Choice::new("down", "Downwards", "Falls.")],
    },
)
.default(ParamDefault::Text("up"));

const FORMAT: ParamSpec = ParamSpec::new(
    "format",
    "Format",
    "What is in it.",
    ParamKind::Choice {
        options: &[
            Choice::new("text", "Plain text", "Lines."),
            Choice::new("csv", "Commas", "Values."),
            Choice::new("json", "Objects", "Objects."),
            Choice::new("xml", "Elements", "Elements."),
        ],
    },
)
.default(ParamDefault::Text("text"));

const CONDITION: ParamSpec =
    ParamSpec::new("condition", "Condition", "What to keep.", ParamKind::Expression { yields: Yields::Boolean });

const COLUMN: ParamSpec =
    ParamSpec::new("column", "Column", "What to split.", ParamKind::Column { accepts: Accepts::Text });

const KEYS: ParamSpec =
    ParamSpec::new("keys", "Keys", "What to group by.", ParamKind::Columns { accepts: Accepts::Any })
        .default(ParamDefault::Json("[]"));

const PATH: ParamSpec =
    ParamSpec::new("path", "Path", "Which file.", ParamKind::File { writes: false, extensions: &["csv"] });

const TOKEN: ParamSpec = ParamSpec::new("token", "Token", "What opens the door.", ParamKind::Secret);

const PATTERN: ParamSpec =
    ParamSpec::new("pattern", "Pattern", "What to match.", ParamKind::Code { language: Language::Regex })
        .default(ParamDefault::Text("a+"));

const ROWS: ParamSpec = ParamSpec::new(
    "columns",
    "Columns",
    "What to compute.",
    ParamKind::Rows {
        fields: &[
            ParamSpec::new("name", "Name", "What it is called.", ParamKind::Text),
            ParamSpec::new(
                "expression",
                "Expression",
                "How it is computed.",
                ParamKind::Expression { yields: Yields::Any },
            ),
        ],
    },
);

const ALL: [ParamSpec; 14] =
    [TITLE, PATTERN, COUNT, SHARE, LENGTH, LOUD, MODE, FORMAT, COLUMN, KEYS, CONDITION, PATH, TOKEN, ROWS];

/// A document with one node and the editors of some parameters over it.
struct Bench {
    specs: Vec<ParamSpec>,
    document: Document,
    /// Problems besides those the generic check finds.
    problems: Vec<Diagnostic>,
    input: LinkType,
    theme: Theme,
    /// What was asked for besides edits.
    asked: Vec<Action>,
    /// The right edge of each parameter's editor, as last drawn.
    edges: Vec<(&'static str, f32)>,
}

impl Bench {
    fn new(specs: &[ParamSpec], params: &Value) -> Self {
        let mut pipeline = Pipeline::new();
        let mut entry = NodeEntry::new(NODE, "made.up", "node");
        entry.params = params.as_object().cloned().unwrap();
        pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
        let columns = vec![
            Field::new("word", LinkType::TEXT, true),
            Field::new("count", DataType::Int64, true),
            Field::new("time", LinkType::timestamp(), true),
        ];
        Self {
            specs: specs.to_vec(),
            document: Document::new(pipeline),
            problems: Vec::new(),
            input: LinkType::plain(Arc::new(Schema::new(columns))),
            theme: Theme::dark(),
            asked: Vec::new(),
            edges: Vec::new(),
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui) {
        let params = self.document.pipeline().node(NODE).unwrap().params.clone();
        let mut problems = check_params(&self.specs, &params);
        problems.extend(self.problems.clone());
        let context = EditorContext {
            sample: None,
            node: NODE,
            kind: "made.up",
            input: Some(&self.input),
            problems: problems.iter().collect(),
            theme: &self.theme,
            in_gesture: self.document.in_gesture(),
            staged: None,
            pipeline: self.document.pipeline(),
        };
        let mut actions = Actions::default();
        self.edges.clear();
        for spec in self.specs.iter().filter(|spec| is_visible(spec, &self.specs, &params)) {
            let value = params.get(spec.name);
            let drawn = ui.scope(|ui| param_ui(ui, spec, spec.name, value, &context, &mut actions));
            self.edges.push((spec.name, drawn.response.rect.right()));
        }
        apply(actions, &mut self.document, &mut self.asked);
    }

    fn value(&self, name: &str) -> Option<Value> {
        self.document.pipeline().node(NODE).unwrap().params.get(name).cloned()
    }
}

/// Does what the app does with actions.
fn apply(mut actions: Actions, document: &mut Document, asked: &mut Vec<Action>) {
    for action in actions.take() {
        match action {
            Action::Edit { label, edit } => document.edit(label, edit).unwrap(),
            Action::BeginGesture(label) => document.begin_gesture(label),
            Action::EndGesture => document.end_gesture(),
            other => asked.push(other),
        }
    }
}

fn bench(specs: &[ParamSpec], params: &Value) -> Harness<'static, Bench> {
    let mut harness = Harness::builder()
        .with_size(egui::vec2(320.0, 700.0))
        .build_ui_state(|ui, bench: &mut Bench| bench.ui(ui), Bench::new(specs, params));
    harness.run_steps(3);
    harness
}

/// Focuses a field, types at its end, and waits until all is drawn.
fn type_into(harness: &mut Harness<'_, Bench>, role: Role, label: &str, text: &str) {
    harness.get_by_role_and_label(role, label).focus();
    harness.run_steps(2);
    for character in text.chars() {
        harness.get_by_role_and_label(role, label).type_text(&character.to_string());
        harness.run_steps(2);
    }
}

/// Clicks the widget of this name; of several, the one at `index`. (Without translations a name is its key, whatever
/// it is about.)
fn click_named(harness: &mut Harness<'_, Bench>, key: &'static str, values: &[(&str, &str)], index: usize) {
    let name = trf(key, values);
    let all: Vec<_> = harness.query_all_by_label(&name).collect();
    all.get(index).or(all.last()).expect("there is no such widget").click();
    harness.run_steps(3);
}

/// Drags the mouse from one point to another in small steps.
fn drag(harness: &mut Harness<'_, Bench>, from: egui::Pos2, to: egui::Pos2) {
    harness.hover_at(from);
    harness.run_steps(1);
    harness.drag_at(from);
    harness.run_steps(1);
    for step in 1..=5u8 {
        harness.hover_at(from.lerp(to, f32::from(step) / 5.0));
        harness.run_steps(1);
    }
    harness.drop_at(to);
    harness.run_steps(3);
}

#[test]
fn dragging_the_duration_slider_acts_live_and_is_one_undo_step() {
    let mut harness = bench(&[LENGTH], &json!({}));
    let slider = harness.get_by_role_and_label(Role::Slider, "Length").rect();
    drag(&mut harness, slider.center(), slider.right_center() - egui::vec2(8.0, 0.0));
    let value = harness.state().value("length").unwrap();
    let span = weir_engine::spec::duration::parse(value.as_str().unwrap()).unwrap();
    assert!(span > Span::from_secs(60), "{value}");
    assert!(!harness.state().document.in_gesture());
    harness.state_mut().document.undo().unwrap();
    assert_eq!(harness.state().value("length"), None, "one undo takes the whole drag back");
}

#[test]
fn typing_a_word_is_one_undo_step() {
    let mut harness = bench(&[TITLE, LENGTH], &json!({}));
    type_into(&mut harness, Role::TextInput, "Heading", "words");
    assert_eq!(harness.state().value("title"), Some(json!("words")));
    assert!(harness.state().document.in_gesture(), "the step is open while the field has the focus");
    harness.get_by_role_and_label(Role::TextInput, "Length").focus();
    harness.run_steps(3);
    assert!(!harness.state().document.in_gesture());
    harness.state_mut().document.undo().unwrap();
    assert_eq!(harness.state().value("title"), None);
    assert!(!harness.state().document.is_dirty());
}

#[test]
fn clicking_into_a_field_changes_nothing() {
    let mut harness = bench(&[TITLE], &json!({}));
    harness.get_by_role_and_label(Role::TextInput, "Heading").click();
    harness.run_steps(3);
    assert!(!harness.state().document.is_dirty());
}

#[test]
fn after_an_undo_in_the_field_typing_goes_on_as_a_new_step() {
    let mut harness = bench(&[TITLE], &json!({"title": "a"}));
    type_into(&mut harness, Role::TextInput, "Heading", "b");
    harness.state_mut().document.undo().unwrap();
    harness.run_steps(2);
    type_into(&mut harness, Role::TextInput, "Heading", "cd");
    harness.state_mut().document.undo().unwrap();
    assert_eq!(harness.state().value("title"), Some(json!("a")), "c and d are one step");
}

#[test]
fn a_half_typed_duration_is_kept_as_typed_and_explained_in_place() {
    let mut harness = bench(&[LENGTH], &json!({}));
    type_into(&mut harness, Role::TextInput, "Length", "30");
    assert_eq!(harness.state().value("length"), Some(json!("30")));
    harness.get_by_label_contains("has no unit");
    type_into(&mut harness, Role::TextInput, "Length", "s");
    assert_eq!(harness.state().value("length"), Some(json!("30s")));
    assert!(harness.query_by_label_contains("has no unit").is_none());
}

#[test]
fn an_emptied_field_goes_back_to_the_default() {
    let mut harness = bench(&[TITLE], &json!({"title": "x"}));
    harness.get_by_role_and_label(Role::TextInput, "Heading").focus();
    harness.run_steps(2);
    harness.key_press(Key::Backspace);
    harness.run_steps(3);
    assert_eq!(harness.state().value("title"), None);
}

#[test]
fn reset_is_offered_only_for_what_was_entered() {
    let mut harness = bench(&[TITLE, LENGTH, MODE], &json!({"title": "x"}));
    let beginning = trf("inspector.reset", &[("param", "")]);
    let offered = harness.query_all_by(|node| node.label().is_some_and(|label| label.starts_with(beginning.trim())));
    assert_eq!(offered.count(), 1);
    harness.get_by_label(&trf("inspector.reset", &[("param", "Heading")])).click();
    harness.run_steps(3);
    assert_eq!(harness.state().value("title"), None);
    harness.state_mut().document.undo().unwrap();
    assert_eq!(harness.state().value("title"), Some(json!("x")));
}

#[test]
fn numbers_are_stored_as_numbers_and_words_as_typed() {
    let mut harness = bench(&[COUNT, SHARE], &json!({}));
    type_into(&mut harness, Role::TextInput, "Count", "12");
    assert_eq!(harness.state().value("count"), Some(json!(12)));
    type_into(&mut harness, Role::TextInput, "Count", "x");
    assert_eq!(harness.state().value("count"), Some(json!("12x")));
    harness.get_by_label_contains("must be a whole number");
    type_into(&mut harness, Role::TextInput, "Share", "2.");
    assert_eq!(harness.get_by_role_and_label(Role::TextInput, "Share").value().as_deref(), Some("2."));
    type_into(&mut harness, Role::TextInput, "Share", "5");
    assert_eq!(harness.state().value("share"), Some(json!(2.5)));
}

#[test]
fn arrow_keys_step_a_number() {
    let mut harness = bench(&[COUNT], &json!({}));
    harness.get_by_role_and_label(Role::TextInput, "Count").focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowUp);
    harness.run_steps(2);
    assert_eq!(harness.state().value("count"), Some(json!(8)), "one above the default");
}

#[test]
fn a_toggle_toggles() {
    let mut harness = bench(&[LOUD], &json!({}));
    harness.get_by_role_and_label(Role::CheckBox, "Loud").click();
    harness.run_steps(3);
    assert_eq!(harness.state().value("loud"), Some(json!(true)));
}

#[test]
fn few_options_are_buttons_and_many_a_list() {
    let mut harness = bench(&[MODE, FORMAT], &json!({}));
    harness.get_by_role_and_label(Role::Button, "Downwards").click();
    harness.run_steps(3);
    assert_eq!(harness.state().value("mode"), Some(json!("down")));
    harness.get_by_role_and_label(Role::ComboBox, "Format").click();
    harness.run_steps(3);
    harness.get_by_label("Objects").click();
    harness.run_steps(3);
    assert_eq!(harness.state().value("format"), Some(json!("json")));
}

#[test]
fn an_expression_completes_the_column_at_the_caret() {
    let mut harness = bench(&[CONDITION], &json!({}));
    type_into(&mut harness, Role::MultilineTextInput, "Condition", "length(wo");
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().value("condition"), Some(json!("length(word")));
    harness.state_mut().document.undo().unwrap();
    assert_eq!(harness.state().value("condition"), None, "typing and completing are one step");
}

#[test]
fn escape_closes_the_completion_and_enter_leaves_the_field() {
    let mut harness = bench(&[CONDITION], &json!({}));
    type_into(&mut harness, Role::MultilineTextInput, "Condition", "wo");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().value("condition"), Some(json!("wo")));
    assert!(!harness.get_by_role_and_label(Role::MultilineTextInput, "Condition").is_focused());
}

#[test]
fn a_column_is_typed_or_picked_from_those_that_fit() {
    let mut harness = bench(&[COLUMN], &json!({}));
    harness.get_by_label(&trf("inspector.columns.pick", &[("param", "Column")])).click();
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("count").is_none(), "a number is no text");
    harness.get_by_label_contains("word").click();
    harness.run_steps(3);
    assert_eq!(harness.state().value("column"), Some(json!("word")));
}

#[test]
fn columns_are_added_moved_and_removed() {
    let mut harness = bench(&[KEYS], &json!({"keys": ["word"]}));
    type_into(&mut harness, Role::TextInput, "Keys", "cou");
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().value("keys"), Some(json!(["word", "count"])));
    harness.get_by_label(&trf("inspector.columns.earlier", &[("column", "count")])).click();
    harness.run_steps(3);
    assert_eq!(harness.state().value("keys"), Some(json!(["count", "word"])));
    click_named(&mut harness, "inspector.columns.remove", &[("column", "count")], 0);
    assert_eq!(harness.state().value("keys"), Some(json!(["word"])));
}

#[test]
fn rows_are_added_edited_moved_and_removed() {
    let mut harness = bench(&[ROWS], &json!({}));
    for _ in 0..2 {
        harness.get_by_label(&trf("inspector.rows.add", &[("param", "Columns")])).click();
        harness.run_steps(3);
    }
    type_into(&mut harness, Role::TextInput, "Columns #1 Name", "a");
    type_into(&mut harness, Role::TextInput, "Columns #2 Name", "b");
    assert_eq!(harness.state().value("columns"), Some(json!([{"name": "a"}, {"name": "b"}])));
    click_named(&mut harness, "inspector.rows.up", &[("row", "Columns #2")], 1);
    assert_eq!(harness.state().value("columns"), Some(json!([{"name": "b"}, {"name": "a"}])));
    click_named(&mut harness, "inspector.rows.remove", &[("row", "Columns #1")], 0);
    assert_eq!(harness.state().value("columns"), Some(json!([{"name": "a"}])));
    for _ in 0..6 {
        harness.state_mut().document.undo();
    }
    assert_eq!(harness.state().value("columns"), None);
}

#[test]
fn a_problem_in_a_row_is_shown_in_that_row() {
    let row = json!({"name": "n", "expression": "1"});
    let mut harness = bench(&[ROWS], &json!({"columns": [row, row, row]}));
    harness.state_mut().problems = vec![Diagnostic::error("this name is used twice").param("columns[1].name")];
    harness.run_steps(3);
    let sentence = harness.get_by_label("this name is used twice").rect();
    let second = harness.get_by_role_and_label(Role::TextInput, "Columns #2 Name").rect();
    let third = harness.get_by_role_and_label(Role::TextInput, "Columns #3 Name").rect();
    assert!(second.bottom() <= sentence.top() + 1.0 && sentence.bottom() <= third.top());
}

#[test]
fn what_stands_where_rows_should_be_can_be_cleared() {
    let mut harness = bench(&[ROWS], &json!({"columns": "nonsense"}));
    harness.get_by_label_contains("must be a list of rows");
    harness.get_by_label(tr("inspector.rows.clear")).click();
    harness.run_steps(3);
    assert_eq!(harness.state().value("columns"), None);
}

#[test]
fn a_secret_itself_is_never_stored() {
    let mut harness = bench(&[TOKEN], &json!({}));
    type_into(&mut harness, Role::TextInput, "Token", "A_B");
    assert_eq!(harness.state().value("token"), Some(json!("${env:A_B}")));
    type_into(&mut harness, Role::TextInput, "Token", "!x");
    assert_eq!(harness.state().value("token"), Some(json!("${env:A_B}")));
    harness.get_by_label(tr("inspector.secret.not_a_name"));
}

#[test]
fn browsing_for_a_file_is_asked_of_the_app() {
    let mut harness = bench(&[PATH], &json!({}));
    harness.get_by_label(&trf("inspector.file.browse", &[("param", "Path")])).click();
    harness.run_steps(3);
    let asked = &harness.state().asked;
    let [Action::BrowseFile { node, param, writes, extensions }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((*node, param.as_str(), *writes, *extensions), (NODE, "path", false, &["csv"][..]));
}

#[test]
fn code_starts_from_its_default() {
    let mut harness = bench(&[PATTERN], &json!({}));
    type_into(&mut harness, Role::MultilineTextInput, "Pattern", "b");
    assert_eq!(harness.state().value("pattern"), Some(json!("a+b")));
}

#[test]
fn every_editor_fits_a_narrow_panel() {
    let long = "a_rather_long_column_name_that_nobody_would_want_to_read";
    let params = json!({
        "columns": [{"name": long, "expression": "upper(word) || lower(word) || upper(word)"}],
        "keys": ["word", "count", long],
        "column": long,
        "path": format!("/a/long/way/to/{long}.csv"),
    });
    let mut harness = Harness::builder()
        .with_size(egui::vec2(260.0, 1_600.0))
        .build_ui_state(|ui, bench: &mut Bench| bench.ui(ui), Bench::new(&ALL, &params));
    let sentence = "a long sentence that says what is wrong with it and what to do about it, and goes on. ".repeat(3);
    harness.state_mut().problems =
        ALL.iter().map(|spec| Diagnostic::warning(format!("{}: {sentence}", spec.title)).param(spec.name)).collect();
    harness.run_steps(4);
    for (name, right) in &harness.state().edges {
        assert!(*right <= 260.0, "`{name}` reaches to {right}");
    }
}

#[test]
fn every_widget_has_a_name() {
    let params = json!({"columns": [{}], "keys": ["word"]});
    let harness = bench(&ALL, &params);
    let roles = [Role::Button, Role::TextInput, Role::MultilineTextInput, Role::Slider, Role::ComboBox, Role::CheckBox];
    for node in harness.query_all_by(|node| roles.contains(&node.role())) {
        let node = node.accesskit_node();
        assert!(node.label().is_some_and(|label| !label.is_empty()), "{:?} has no name", node.role());
    }
}

/// The whole inspector over a document.
struct Desk {
    inspector: Inspector,
    state: AppState,
    asked: Vec<Action>,
}

fn desk(pipeline: Pipeline, selection: Selection) -> Harness<'static, Desk> {
    let mut state = AppState::new(Document::new(pipeline));
    state.selection = selection;
    let desk = Desk { inspector: Inspector::default(), state, asked: Vec::new() };
    let mut harness = Harness::builder().with_size(egui::vec2(340.0, 2_400.0)).allow_missing_glyphs().build_ui_state(
        |ui, desk: &mut Desk| {
            let mut actions = Actions::default();
            desk.inspector.ui(ui, &desk.state, &mut actions);
            apply(actions, &mut desk.state.document, &mut desk.asked);
        },
        desk,
    );
    harness.run_steps(3);
    harness
}

fn two_nodes() -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(NODE, "future.kind", "first")))).unwrap();
    pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(NodeId(2), "future.kind", "second")))).unwrap();
    let wire = WireKey::new(PortRef::new(NODE, "out"), PortRef::new(NodeId(2), "in"));
    pipeline.apply(&Edit::Connect(wire)).unwrap();
    pipeline
}

#[test]
fn the_form_of_every_kind_opens_and_shows_every_visible_parameter() {
    for kind in nodes::KINDS {
        let mut pipeline = Pipeline::new();
        pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(NODE, kind.id, kind.base_name)))).unwrap();
        let mut harness = desk(pipeline, Selection::node(NODE));
        let params = weir_engine::spec::Params::new();
        for spec in kind.params.iter().filter(|spec| is_visible(spec, kind.params, &params)) {
            let is_shown = harness.query_all(egui_kittest::kittest::by().label(spec.title).include_labels()).next();
            assert!(is_shown.is_some(), "{} does not show `{}`", kind.id, spec.title);
        }
        harness.get_by_label(tr("inspector.docs.open")).click();
        harness.run_steps(4);
        assert!(!harness.state().state.document.is_dirty(), "{} changed by being looked at", kind.id);
    }
}

#[test]
fn a_kind_of_the_future_is_shown_as_such() {
    let harness = desk(two_nodes(), Selection::node(NODE));
    harness.get_by_label(&trf("inspector.unknown_kind", &[("kind", "future.kind")]));
}

#[test]
fn a_name_that_is_taken_is_refused_with_the_reason() {
    let mut harness = desk(two_nodes(), Selection::node(NODE));
    let name = |harness: &Harness<'_, Desk>| harness.state().state.document.pipeline().node(NODE).unwrap().name.clone();
    let field = |harness: &Harness<'_, Desk>, text: &str| {
        harness.get_by_role_and_label(Role::TextInput, tr("inspector.name")).set_text_value_accesskit(text);
    };
    harness.get_by_role_and_label(Role::TextInput, tr("inspector.name")).focus();
    harness.run_steps(2);
    field(&harness, "second");
    harness.run_steps(3);
    assert_eq!(name(&harness), "first");
    harness.get_by_label(&trf("inspector.name.taken", &[("name", "second")]));
    field(&harness, "third");
    harness.run_steps(3);
    assert_eq!(name(&harness), "third");
}

#[test]
fn with_nothing_selected_the_interval_can_be_typed() {
    let mut harness = desk(two_nodes(), Selection::default());
    let interval = |harness: &Harness<'_, Desk>| harness.state().state.document.pipeline().settings().interval;
    let field = |harness: &Harness<'_, Desk>, text: &str| {
        harness
            .get_by_role_and_label(Role::TextInput, tr("inspector.settings.interval"))
            .set_text_value_accesskit(text);
    };
    harness.get_by_role_and_label(Role::TextInput, tr("inspector.settings.interval")).focus();
    harness.run_steps(2);
    field(&harness, "200ms");
    harness.run_steps(3);
    assert_eq!(interval(&harness), Span::from_millis(200));
    field(&harness, "5");
    harness.run_steps(3);
    assert_eq!(interval(&harness), Span::from_millis(200), "what cannot be read changes nothing");
    harness.get_by_label_contains("has no unit");
    harness.get_by_role_and_label(Role::Button, tr("inspector.settings.when_late.merge")).click();
    harness.run_steps(3);
    let settings = harness.state().state.document.pipeline().settings();
    assert_eq!(settings.when_late, weir_engine::pipeline::WhenLate::Merge);
}

#[test]
fn a_wire_leads_to_its_nodes() {
    let pipeline = two_nodes();
    let wire = pipeline.wires().remove(0);
    let mut harness = desk(pipeline, Selection::wire(wire));
    harness.get_by_label("second · in").click();
    harness.run_steps(2);
    let asked = &harness.state().asked;
    assert!(matches!(&asked[..], [Action::Select(selection)] if *selection == Selection::node(NodeId(2))), "{asked:?}");
}

#[test]
fn of_several_nodes_the_count_is_shown() {
    let selection = Selection { nodes: [NODE, NodeId(2)].into(), ..Selection::default() };
    let harness = desk(two_nodes(), selection);
    harness.get_by_label(&trf("inspector.multi.nodes", &[("count", "2")]));
}

#[test]
fn the_columns_of_a_port_are_called_as_spark_calls_them() {
    let Some(kind) = nodes::KINDS.iter().find(|kind| !kind.outputs.is_empty()) else { return };
    let mut pipeline = Pipeline::new();
    pipeline.apply(&Edit::AddNode(Box::new(NodeEntry::new(NODE, kind.id, kind.base_name)))).unwrap();
    let mut harness = desk(pipeline, Selection::node(NODE));
    let schema = Schema::new(vec![Field::new("amount_paid", DataType::Int64, true)]);
    let outputs = vec![LinkType::plain(Arc::new(schema)); kind.outputs.len()];
    harness.state_mut().state.analysis.nodes.insert(NODE, NodeAnalysis { inputs: Vec::new(), outputs });
    harness.run_steps(3);
    assert!(harness.query_all_by_label("amount_paid").next().is_some());
    assert!(harness.query_all_by_label("bigint").next().is_some());
}
