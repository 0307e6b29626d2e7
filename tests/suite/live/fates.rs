//! The table 'What a live change keeps', row by row. That a preview says the same beforehand is checked by every edit
//! of every test here ([`VirtualRun::replace`]).

use serde_json::{Value, json};
use weir_engine::pipeline::{Backpressure, Edit, Pipeline, Position, Setting, Trigger, WhenLate};
use weir_engine::plan::StateFate;
use weir_engine::runtime::{AppliedChange, NodeFate};
use weir_engine::spec::{NodeId, PortRef, Span, WireKey};

use crate::support::{Draw, VirtualRun, id_of, with_param};

const AGGREGATES: &str = r#"[{"function":"count"},{"function":"sum","argument":"n"}]"#;

/// Rows of 20 batches: event times a second apart, three keys.
fn rows() -> Value {
    let row = |second: i64, key: i64| json!([format!("2026-01-01T00:01:{second:02}Z"), format!("key {key}"), second]);
    let batches: Value = (0..20).map(|second| (0..3).map(|key| row(second, key)).collect::<Value>()).collect();
    let fields = json!([
        {"name": "ts", "type": "timestamp"}, {"name": "key", "type": "string"}, {"name": "n", "type": "bigint"},
    ]);
    json!({"fields": fields, "batches": batches.to_string()})
}

fn group() -> Value {
    json!({"by": ["key"], "aggregates": serde_json::from_str::<Value>(AGGREGATES).unwrap()})
}

/// Rows, a filter, a window of this kind, a group, a table.
fn windowed(kind: &str, window: Value) -> Draw {
    Draw::new()
        .node("rows", "source.inline", rows())
        .node("filter", "filter", json!({"condition": "n >= 0"}))
        .node("window", kind, window)
        .node("counts", "group", group())
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "filter", "window", "counts", "table"])
        .interval(1_000)
}

/// The same by event time, behind a watermark.
fn watermarked(kind: &str, window: Value) -> Draw {
    Draw::new()
        .node("rows", "source.inline", rows())
        .node("watermark", "watermark", json!({"column": "ts", "delay": "2s"}))
        .node("window", kind, window)
        .node("counts", "group", group())
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "watermark", "window", "counts", "table"])
        .interval(1_000)
}

fn arrivals() -> Draw {
    windowed("window.sliding", json!({"length": "4s", "slide": "1s"}))
}

fn events() -> Draw {
    watermarked("window.sliding", json!({"length": "4s", "slide": "2s"}))
}

/// Runs five batches, applies the edits, runs another: what became of `counts`.
fn after(pipeline: &Pipeline, edits: &[Edit]) -> (VirtualRun, Pipeline, AppliedChange) {
    let mut run = VirtualRun::start(pipeline, 1);
    run.steps(5);
    let mut edited = pipeline.clone();
    for edit in edits {
        edited.apply(edit).expect("the edit fits");
    }
    let change = run.replace(&edited).expect("accepted");
    run.step();
    (run, edited, change)
}

fn set(pipeline: &Pipeline, node: &str, param: &str, value: Value) -> Edit {
    Edit::SetParam { node: id_of(pipeline, node), param: param.to_owned(), value: Some(value) }
}

fn fate_of(change: &AppliedChange, node: NodeId) -> Option<NodeFate> {
    change.fates.iter().find(|fate| fate.node == node).cloned()
}

fn counts_after(draw: &Draw, edits: &[Edit]) -> Option<NodeFate> {
    let (_, edited, change) = after(&draw.pipeline, edits);
    fate_of(&change, id_of(&edited, "counts"))
}

fn is_kept(fate: Option<&NodeFate>) -> bool {
    fate.is_none_or(|fate| fate.fate == StateFate::Kept && !fate.is_mixed && !fate.is_parked)
}

#[test]
fn interval_slide_trigger_and_rates_keep_everything() {
    for setting in [
        Setting::Interval(Span::from_millis(200)),
        Setting::Trigger(Trigger::AsSoonAsPossible),
        Setting::WhenLate(WhenLate::Merge),
        Setting::Backpressure(Backpressure::Damped),
        Setting::MaxRate(Some(1_000)),
        Setting::MaxQueuedBatches(3),
        Setting::MaxStateBytes(1 << 22),
        Setting::AutoInterval(true),
        Setting::Seed(9),
    ] {
        let (_, _, change) = after(&arrivals().pipeline, &[Edit::Set(setting.clone())]);
        assert_eq!(change.fates, vec![], "{setting:?}");
    }
    for (draw, slide) in [(arrivals(), "2s"), (events(), "1s")] {
        let fate = counts_after(&draw, &[set(&draw.pipeline, "window", "slide", json!(slide))]);
        assert!(fate.as_ref().is_some_and(|fate| fate.fate.goes_on()), "{fate:?}");
    }
}

#[test]
fn a_window_made_longer_finds_the_history_that_is_held_and_says_what_is_missing() {
    let draw = arrivals();
    let longer = |length: &str| set(&draw.pipeline, "window", "length", json!(length));
    assert!(is_kept(counts_after(&draw, &[longer("1h")]).as_ref()), "nothing was let go");
    let draw = events();
    let longer = set(&draw.pipeline, "window", "length", json!("8s"));
    assert!(is_kept(counts_after(&draw, &[longer]).as_ref()), "closed windows stay as history");
    // What was in no window is not held.
    let draw = watermarked("window.sliding", json!({"length": "1s", "slide": "2s"}));
    let fate = counts_after(&draw, &[set(&draw.pipeline, "window", "length", json!("2s"))]).unwrap();
    assert!(matches!(&fate.fate, StateFate::Partly(sentence) if sentence.contains("between the former")), "{fate:?}");
}

#[test]
fn an_offset_and_panes_that_are_cut_keep_everything_that_is_held() {
    let draw = events();
    for (param, value) in [("offset", "1s"), ("length", "3s"), ("slide", "1500ms")] {
        let fate = counts_after(&draw, &[set(&draw.pipeline, "window", param, json!(value))]).unwrap();
        assert!(fate.fate.goes_on(), "{param}: {fate:?}");
    }
}

#[test]
fn a_session_gap_keeps_the_sessions() {
    let draw = watermarked("window.session", json!({"gap": "5s"}));
    let gap = |gap: &str| set(&draw.pipeline, "window", "gap", json!(gap));
    assert!(is_kept(counts_after(&draw, &[gap("20s")]).as_ref()));
    let (mut run, ..) = after(&draw.pipeline, &[gap("20s")]);
    let back = run.replace(&draw.pipeline).expect("accepted");
    assert!(is_kept(fate_of(&back, draw.id("counts")).as_ref()), "the former gap takes them apart again: {back:?}");
    let fate = counts_after(&draw, &[gap("2s")]).unwrap();
    assert!(matches!(&fate.fate, StateFate::Partly(sentence) if sentence.contains("shorter gap")), "{fate:?}");
}

#[test]
fn a_smaller_or_larger_delay_keeps_everything() {
    let draw = events();
    for delay in ["0s", "1h"] {
        let (mut run, edited, change) =
            after(&draw.pipeline, &[set(&draw.pipeline, "watermark", "delay", json!(delay))]);
        for node in ["watermark", "counts"] {
            assert!(is_kept(fate_of(&change, id_of(&edited, node)).as_ref()), "{change:?}");
        }
        let watermark = id_of(&edited, "watermark");
        let marks: Vec<_> = run.steps(3).iter().map(|batch| batch.report.node(watermark).unwrap().watermark).collect();
        assert!(marks.is_sorted() && marks[0].is_some(), "{marks:?}");
    }
}

#[test]
fn aggregates_are_kept_begun_set_aside_and_resumed_by_column() {
    let kinds = [
        arrivals(),
        events(),
        watermarked("window.session", json!({"gap": "5s"})),
        windowed("window.count", json!({"rows": 3})),
    ];
    for draw in kinds {
        let list = |text: &str| set(&draw.pipeline, "counts", "aggregates", serde_json::from_str(text).unwrap());
        let (mut run, edited, change) =
            after(&draw.pipeline, &[list(r#"[{"function":"count"},{"function":"max","argument":"n"}]"#)]);
        let counts = id_of(&edited, "counts");
        let StateFate::Migrated(moved) = fate_of(&change, counts).unwrap().fate else { panic!("{change:?}") };
        assert_eq!(
            (moved.kept, moved.begun, moved.parked),
            (vec!["count".into()], vec!["max_n".into()], vec!["sum_n".into()])
        );
        let report = run.step().report;
        let parked = &report.node(counts).unwrap().memory.parked_columns;
        assert_eq!(parked.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["sum_n"]);
        let undone = run.replace(&draw.pipeline).expect("accepted");
        let StateFate::Migrated(moved) = fate_of(&undone, counts).unwrap().fate else { panic!("{undone:?}") };
        assert_eq!((moved.resumed, moved.parked), (vec!["sum_n".into()], vec!["max_n".into()]));
    }
}

#[test]
fn state_columns_of_a_fold_are_set_aside_and_resumed() {
    let column = |name: &str, update: &str| json!({"name": name, "type": "bigint", "initial": "0", "update": update});
    let both = json!([column("total", "total + n"), column("seen", "seen + 1")]);
    let draw = Draw::new()
        .node("rows", "source.inline", rows())
        .node("counts", "fold", json!({"by": ["key"], "state": both}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "counts", "table"]);
    let fewer = set(&draw.pipeline, "counts", "state", json!([column("total", "total + n")]));
    let (mut run, edited, change) = after(&draw.pipeline, &[fewer]);
    let counts = id_of(&edited, "counts");
    let StateFate::Migrated(moved) = fate_of(&change, counts).unwrap().fate else { panic!("{change:?}") };
    assert_eq!((moved.kept, moved.parked), (vec!["total".to_owned()], vec!["seen".to_owned()]));
    assert_eq!(run.step().report.node(counts).unwrap().memory.parked_columns[0].name, "seen");
    let undone = run.replace(&draw.pipeline).expect("accepted");
    let StateFate::Migrated(moved) = fate_of(&undone, counts).unwrap().fate else { panic!("{undone:?}") };
    assert_eq!(moved.resumed, ["seen"]);
    let shown = run.step();
    let seen: Vec<_> = shown.rows("table").unwrap().iter().map(|row| (row[1].clone(), row[2].clone())).collect();
    // Eight rows of each key, of which two came while nobody counted them.
    assert_eq!(seen, vec![(json!((0..8).sum::<i64>()), json!(6)); 3]);
}

#[test]
fn emit_sinks_names_and_layout_keep_everything() {
    let draw = events();
    let pipeline = &draw.pipeline;
    let table = id_of(pipeline, "table");
    let edits = [
        set(pipeline, "counts", "emit", json!("change")),
        set(pipeline, "table", "rows", json!(7)),
        Edit::Rename { node: id_of(pipeline, "window"), name: "another".to_owned() },
        Edit::Move { nodes: vec![(table, Position { x: 1.0, y: 2.0 })] },
    ];
    for edit in edits {
        assert!(is_kept(counts_after(&draw, std::slice::from_ref(&edit)).as_ref()), "{edit:?}");
    }
}

#[test]
fn an_expression_upstream_keeps_the_state_and_marks_it_mixed_until_it_begins_anew() {
    let draw = windowed("window.sliding", json!({"length": "4s", "slide": "1s"}));
    let other = set(&draw.pipeline, "filter", "condition", json!("n >= 1"));
    let (mut run, edited, change) = after(&draw.pipeline, &[other]);
    let counts = id_of(&edited, "counts");
    let fate = fate_of(&change, counts).unwrap();
    assert!(fate.is_mixed && fate.fate == StateFate::Kept, "{fate:?}");
    assert_eq!(run.step().report.node(counts).unwrap().memory.mixed_since, Some(5));
    let reset = run.reset(&[counts]);
    let fate = fate_of(&reset, counts).unwrap();
    assert!(matches!(&fate.fate, StateFate::Reset(_)) && fate.is_parked, "{fate:?}");
    let report = run.step().report;
    assert_eq!(report.node(counts).unwrap().memory.mixed_since, None);
    assert_eq!(report.parked.len(), 1);
}

#[test]
fn keys_event_time_and_window_kind_begin_anew_and_undo_brings_the_state_back() {
    let by_key = |draw: Draw, edit: fn(&Pipeline) -> Edit| (draw, edit);
    let cases = [
        by_key(arrivals(), |pipeline| set(pipeline, "counts", "by", json!(["n"]))),
        by_key(events(), |pipeline| set(pipeline, "counts", "by", json!(["n"]))),
        by_key(events(), |pipeline| set(pipeline, "window", "time", json!("arrival"))),
        by_key(watermarked("window.session", json!({"gap": "5s"})), |pipeline| {
            set(pipeline, "window", "time", json!("arrival"))
        }),
    ];
    for (draw, edit) in cases {
        let (mut run, edited, change) = after(&draw.pipeline, &[edit(&draw.pipeline)]);
        let counts = id_of(&edited, "counts");
        let fate = fate_of(&change, counts).unwrap();
        assert!(matches!(&fate.fate, StateFate::Reset(_)) && fate.is_parked, "{fate:?}");
        let undone = run.replace(&draw.pipeline).expect("accepted");
        let fate = fate_of(&undone, counts).unwrap();
        assert!(matches!(&fate.fate, StateFate::Restored(sentence) if sentence.contains("batch 5")), "{fate:?}");
    }
}

#[test]
fn another_event_time_begins_anew() {
    let draw = Draw::new()
        .node("rows", "source.inline", rows())
        .node("twice", "map", json!({"columns": [{"name": "at", "expression": "ts + INTERVAL '1' SECOND"}]}))
        .node("watermark", "watermark", json!({"column": "ts"}))
        .node("window", "window.tumbling", json!({"length": "4s"}))
        .node("counts", "group", group())
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "twice", "watermark", "window", "counts", "table"])
        .interval(1_000);
    let (_, edited, change) = after(&draw.pipeline, &[set(&draw.pipeline, "watermark", "column", json!("at"))]);
    for node in ["watermark", "counts"] {
        let fate = fate_of(&change, id_of(&edited, node)).unwrap();
        assert!(matches!(&fate.fate, StateFate::Reset(sentence) if sentence.contains("`at`")), "{fate:?}");
    }
}

#[test]
fn what_came_back_by_undo_counts_on_from_where_it_was() {
    let draw = Draw::new()
        .node("rows", "source.inline", rows())
        .node("counts", "running", json!({"by": ["key"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["rows", "counts", "table"]);
    let mut run = VirtualRun::start(&draw.pipeline, 1);
    run.steps(3);
    let other = with_param(&draw.pipeline, "counts", "by", json!([]));
    run.replace(&other).expect("accepted");
    assert_eq!(run.step().rows("table"), Some(&vec![json!([3])]), "begun anew");
    run.replace(&draw.pipeline).expect("accepted");
    let shown = run.step();
    let counts: Vec<i64> = shown.rows("table").unwrap().iter().map(|row| row[1].as_i64().unwrap()).collect();
    assert_eq!(counts, [4, 4, 4], "three before the edit, one after its undo");
    assert_eq!(shown.report.node(draw.id("counts")).unwrap().memory.missed_batches, 1);
}

#[test]
fn untouched_nodes_keep_their_state_when_others_are_rewired() {
    let draw = arrivals();
    let mut edited = draw.pipeline.clone();
    let table = edited.fresh_id();
    let mut entry = weir_engine::pipeline::NodeEntry::new(table, "sink.table", "beside");
    entry.params = serde_json::Map::new();
    let wire = WireKey::new(PortRef::new(id_of(&edited, "filter"), "out"), PortRef::new(table, "in"));
    let edit = Edit::Many(vec![Edit::AddNode(Box::new(entry)), Edit::Connect(wire)]);
    let (_, _, change) = after(&draw.pipeline, &[edit]);
    assert_eq!(change.fates, vec![]);
}

#[test]
fn a_preview_of_an_edit_says_what_is_refused_and_costs_no_run() {
    use weir_engine::runtime::preview_of;
    let draw = arrivals();
    let edit = set(&draw.pipeline, "counts", "by", json!(["kye"]));
    let told = preview_of(&edit, &draw.pipeline, std::path::Path::new("."), None).expect("the edit fits");
    assert!(told.refused.iter().any(|problem| problem.message.contains("kye")), "{told:?}");
    assert_eq!(told.fates, vec![]);
    let edit = set(&draw.pipeline, "counts", "by", json!(["n"]));
    let told = preview_of(&edit, &draw.pipeline, std::path::Path::new("."), None).expect("the edit fits");
    let fate = told.of(draw.id("counts")).expect("it is told");
    assert!(fate.fate.sentence().contains("instead of `key`"), "{fate:?}");
    let nothing = Edit::RemoveNode(NodeId(999));
    assert!(preview_of(&nothing, &draw.pipeline, std::path::Path::new("."), None).is_err());
}
