//! Live edits as a person makes them, over the engine's own session on the virtual clock: what would cost state is asked
//! about before, said afterwards, and comes back by undo.

use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use serde_json::{Value, json};
use weir::action::Selection;
use weir::app::{Services, WeirApp};
use weir::command::Command;
use weir::files::MemoryFiles;
use weir::i18n::{tr, trf};
use weir_engine::pipeline::{Document, Edit, Pipeline};

use crate::by_hand::{ByHand, batch};
use crate::shell::{click, designer_with, perform, shows};
use crate::support::{Draw, id_of};

type Designer = Harness<'static, WeirApp>;

/// Counts per key, over twenty batches of two keys.
fn counting() -> Pipeline {
    let fields = json!([{"name": "key", "type": "string"}, {"name": "n", "type": "bigint"}]);
    let batches: Vec<Value> = (0..20).map(|n| json!([["a", n], ["b", n]])).collect();
    Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": Value::from(batches).to_string()}))
        .node("counts", "running", json!({"by": ["key"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "counts", "table"])
        .pipeline
}

/// Two counts of the same keys.
fn counting_twice(rows: &[Value]) -> Pipeline {
    let fields = json!([{"name": "key", "type": "string"}, {"name": "n", "type": "bigint"}]);
    Draw::new()
        .node("rows", "source.inline", json!({"fields": fields, "batches": json!([rows, rows, rows]).to_string()}))
        .node("counts", "running", json!({"by": ["key"]}))
        .node("sums", "running", json!({"by": ["key"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "counts", "table"])
        .chain(&["rows", "sums"])
        .pipeline
}

/// The designer with this pipeline running, three batches in, and the counting node selected.
fn running() -> (Designer, ByHand) {
    let engine = ByHand::default();
    let mut services = Services::headless(MemoryFiles::default());
    services.start_engine = engine.starts();
    let mut harness = designer_with(services);
    harness.state_mut().state.document = Document::new(counting());
    harness.run_ok();
    perform(&mut harness, Command::Run);
    for _ in 0..3 {
        batch(&mut harness, &engine);
    }
    let counts = id_of(harness.state().state.document.pipeline(), "counts");
    harness.state_mut().state.selection = Selection::node(counts);
    harness.run_steps(3);
    (harness, engine)
}

fn keys(harness: &Designer) -> Value {
    let pipeline = harness.state().state.document.pipeline();
    pipeline.node_by_name("counts").and_then(|node| node.params.get("by")).cloned().unwrap_or_default()
}

/// Adds a key in the inspector, as a person does.
fn add_key(harness: &mut Designer, key: &str) {
    harness.get_by_role_and_label(Role::TextInput, "Group by").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Group by").type_text(key);
    harness.run_steps(2);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
}

fn held_rows(harness: &Designer) -> u64 {
    let state = &harness.state().state;
    let counts = id_of(state.document.pipeline(), "counts");
    state.live.history.latest().and_then(|report| report.node(counts).map(|node| node.state_rows)).unwrap_or(0)
}

#[test]
fn a_change_that_would_cost_state_is_asked_about_at_its_parameter_first() {
    let (mut harness, engine) = running();
    assert_eq!(held_rows(&harness), 2);
    add_key(&mut harness, "n");
    assert_eq!(keys(&harness), json!(["key"]), "nothing is changed yet");
    assert!(engine.edited().is_none(), "nor told to the engine");
    assert!(shows(&harness, &trf("staged.title", &[("batch", "3")])), "from which batch on");
    assert!(shows(&harness, "counts lets go of 2 entries of state"), "what it costs");
    assert!(shows(&harness, tr("staged.undo")), "and whether it comes back");
    assert!(shows(&harness, &trf("inspector.columns.remove", &[("column", "n")])), "the wanted value is shown");
    let waits = trf("staged.waits", &[("node", "counts")]);
    assert!(shows(&harness, &waits), "the foot of the window says so too");
    click(&mut harness, tr("staged.discard"));
    assert!(!shows(&harness, &waits) && !shows(&harness, tr("staged.undo")));
    assert_eq!(keys(&harness), json!(["key"]));
    assert_eq!(harness.state().state.document.undo_label(), None, "no step was made");
}

#[test]
fn an_agreed_change_says_what_it_does_and_did_and_undo_brings_the_state_back() {
    let (mut harness, engine) = running();
    add_key(&mut harness, "n");
    click(&mut harness, tr("staged.apply"));
    harness.run_steps(4);
    assert_eq!(keys(&harness), json!(["key", "n"]));
    let applies = trf("change.pending", &[("batch", "3")]);
    assert!(shows(&harness, &format!("{applies} · state of counts reset:")), "before the boundary");
    batch(&mut harness, &engine);
    assert!(shows(&harness, "from batch 3 on · state of counts reset:"), "and after it");
    assert!(!shows(&harness, &applies));

    perform(&mut harness, Command::Undo);
    harness.run_steps(4);
    assert_eq!(keys(&harness), json!(["key"]));
    assert!(shows(&harness, &format!("{} · state of counts is back:", trf("change.pending", &[("batch", "4")]))));
    batch(&mut harness, &engine);
    assert!(shows(&harness, "state of counts is back: its state comes back as it was before batch 3"));
    assert_eq!(held_rows(&harness), 2, "both keys are remembered again");
    let counts = id_of(harness.state().state.document.pipeline(), "counts");
    let missed = harness.state().state.live.history.latest().and_then(|report| report.node(counts).cloned());
    assert!(missed.is_some_and(|node| node.rows_out.first() == Some(&2)), "and counted on");
}

#[test]
fn what_costs_nothing_acts_at_once() {
    let (mut harness, engine) = running();
    let counts = id_of(harness.state().state.document.pipeline(), "counts");
    let set = |param: &str, value: Value| Edit::SetParam { node: counts, param: param.to_owned(), value: Some(value) };
    let mut agreed = |edit| {
        harness.state_mut().ask(weir::action::Action::Edit { label: "set".to_owned(), edit });
        harness.run_steps(3);
        (harness.state().state.staged.is_none(), engine.take_edited().is_some())
    };
    assert_eq!(agreed(set("emit", json!("all"))), (true, true), "the state goes on");
    assert_eq!(
        agreed(set("by", json!(["nothing"]))),
        (true, true),
        "refused: the plan before goes on, told at the foot"
    );
    assert_eq!(agreed(set("by", json!(["key"]))), (true, true), "and back");
    assert_eq!(agreed(set("by", json!(["n"]))), (false, false), "the state would be lost");
}

#[test]
fn deleting_nodes_whose_state_cannot_be_set_aside_is_asked_about_first() {
    let (mut harness, engine) = running();
    let keys: Vec<Value> = (0..800).map(|n| json!([format!("key {n}"), n])).collect();
    let ids = ["counts", "sums", "rows"].map(|name| id_of(&counting_twice(&keys), name));
    harness.state_mut().state.document = Document::new(counting_twice(&keys));
    perform(&mut harness, Command::Run);
    batch(&mut harness, &engine);
    let held = |harness: &Designer| {
        let report = harness.state().state.live.history.latest().cloned().expect("a batch was run");
        ids.map(|id| report.node(id).map_or(0, |node| node.state_bytes))
    };
    let [one, other, _] = held(&harness);
    let budget = one.max(other) + one.min(other) / 2;
    let roomy = Edit::Set(weir_engine::pipeline::Setting::MaxStateBytes(budget));
    harness.state_mut().ask(weir::action::Action::Edit { label: "budget".to_owned(), edit: roomy });
    harness.run_steps(2);
    batch(&mut harness, &engine);

    let select = |harness: &mut Designer, ids: &[weir_engine::spec::NodeId]| {
        harness.state_mut().state.selection =
            Selection { nodes: ids.iter().copied().collect(), ..Selection::default() };
        perform(harness, Command::Delete);
        harness.run_steps(2);
    };
    let has = |harness: &Designer, name: &str| harness.state().state.document.pipeline().node_by_name(name).is_some();
    select(&mut harness, &ids[..1]);
    assert!(!has(&harness, "counts"), "one alone can be set aside: undo brings it back");
    perform(&mut harness, Command::Undo);
    harness.run_steps(2);

    select(&mut harness, &ids[..2]);
    assert!(shows(&harness, tr("staged.gone")) && shows(&harness, "counts lets go of 800 entries of state"));
    click(&mut harness, tr("lose.keep"));
    assert!(has(&harness, "counts") && has(&harness, "sums"), "nothing was done");
    select(&mut harness, &ids[..2]);
    click(&mut harness, tr("staged.apply"));
    assert!(!has(&harness, "counts") && !has(&harness, "sums"), "the person agreed");
}

#[test]
fn undo_takes_back_what_is_merely_held_first() {
    let (mut harness, _) = running();
    add_key(&mut harness, "n");
    assert!(harness.state().state.staged.is_some());
    perform(&mut harness, Command::Undo);
    assert!(harness.state().state.staged.is_none());
    assert_eq!(keys(&harness), json!(["key"]));
}

#[test]
fn once_the_run_has_ended_nothing_is_left_to_lose() {
    let (mut harness, _) = running();
    add_key(&mut harness, "n");
    perform(&mut harness, Command::Stop);
    harness.run_steps(3);
    assert!(harness.state().state.staged.is_none());
    assert_eq!(keys(&harness), json!(["key", "n"]), "it is done");
    add_key(&mut harness, "key2");
    assert_eq!(keys(&harness), json!(["key", "n", "key2"]), "and without a run nothing is held");
}

#[test]
fn what_a_node_remembers_is_begun_anew_with_one_click() {
    let (mut harness, engine) = running();
    let counted = |harness: &Designer| {
        let state = &harness.state().state;
        let table = id_of(state.document.pipeline(), "table");
        let newest = state.live.presented.get(&table).and_then(|shown| shown.back().cloned()).expect("rows are shown");
        crate::support::rows_of(&newest.rows)
    };
    assert_eq!(counted(&harness)[0], json!(["a", 3]));
    harness.get_by_label(tr("inspector.live.reset")).click_accesskit();
    harness.run_steps(3);
    batch(&mut harness, &engine);
    assert_eq!(counted(&harness)[0], json!(["a", 1]), "it counts from the start");
    assert!(shows(&harness, "state of counts reset: begun anew, as asked"));
}
