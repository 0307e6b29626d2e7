//! What can be turned while it runs, checked against a naive recount of everything that ever arrived.

mod aggregates;
mod coalesce;
mod counts;
mod cuts;
mod dedup;
mod event_time;
mod expiry;
mod fates;
mod joins;
mod knobs;
mod marks;
mod memory;
mod repair;
mod structure;
mod threads;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use weir_engine::pipeline::{Edit, NodeMode, Pipeline};
use weir_engine::plan::StateFate;

use crate::support::{Draw, VirtualRun, id_of, with_interval, with_param};

/// The first tick of a virtual run lies one interval after this.
const START: i64 = 1_767_225_600_000_000;

fn windowed(batches: &[Vec<String>], length: &str, slide: &str) -> Draw {
    Draw::new()
        .node("lines", "source.inline", json!({"batches": serde_json::to_string(batches).expect("JSON")}))
        .node("words", "flat_map", json!({}))
        .node("window", "window.sliding", json!({"length": length, "slide": slide}))
        .node("counts", "group", json!({"by": ["word"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "words", "window", "counts", "table"])
}

/// Counts the words of all batches whose span began within `[start, end)`: inline rows arrive when their batch begins.
fn recount(arrived: &[(i64, Vec<String>)], start: i64, end: i64) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for (_, lines) in arrived.iter().filter(|(at, _)| (start..end).contains(at)) {
        for word in lines.iter().flat_map(|line| line.split(' ')) {
            *counts.entry(word.to_owned()).or_insert(0) += 1;
        }
    }
    counts
}

/// Splits shown rows `[window_start, window_end, word, count]` by window.
fn by_window(rows: &[Value]) -> BTreeMap<(i64, i64), BTreeMap<String, i64>> {
    let mut windows: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for row in rows {
        let key = (row[0].as_i64().expect("window_start"), row[1].as_i64().expect("window_end"));
        let word = row[2].as_str().expect("word").to_owned();
        windows.entry(key).or_default().insert(word, row[3].as_i64().expect("count"));
    }
    windows
}

/// The width of the panes that these windows are made of, in microseconds.
const PANE: i64 = 500_000;

/// Where the panes lie. A changed slide counts from the batch at which it changed; if that is in the middle of a pane,
/// windows that reach back before it may find a pane from then across their bounds, and take or leave it whole.
struct Grid {
    anchor: i64,
    slide: i64,
    rounded_before: i64,
}

impl Grid {
    fn turn(&mut self, slide: i64, now: i64) {
        if slide == self.slide {
            return;
        }
        if (now - self.anchor) % PANE != 0 {
            self.rounded_before = now;
        }
        self.anchor = now;
        self.slide = slide;
    }
}

#[derive(Debug, Clone)]
enum Turn {
    Length(i64),
    Slide(i64),
    Interval(i64),
    Nothing,
}

fn turns() -> impl Strategy<Value = Turn> {
    prop_oneof![
        prop::sample::select(vec![2i64, 3, 5, 10]).prop_map(Turn::Length),
        prop::sample::select(vec![1i64, 2, 3]).prop_map(Turn::Slide),
        prop::sample::select(vec![200i64, 500, 1_000, 2_000]).prop_map(Turn::Interval),
        Just(Turn::Nothing),
        Just(Turn::Nothing),
    ]
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(vec!["a", "b a", "c c d", "e"]).prop_map(str::to_owned), 0..4)
}

#[test]
fn a_window_fires_at_every_slide_and_at_another_pace_once_that_is_turned() {
    let batches = vec![vec!["a".to_owned()]; 9];
    let drawn = windowed(&batches, "3s", "1s").interval(1_000);
    let mut run = VirtualRun::start(&drawn.pipeline, 1);
    let mut counted = |batch: crate::support::Batch| {
        batch.rows("table").map(|rows| rows.iter().map(|row| row[3].clone()).collect::<Vec<_>>())
    };
    let before: Vec<_> = run.steps(5).into_iter().map(&mut counted).collect();
    assert_eq!(before, [1, 2, 3, 3, 3].map(|count| Some(vec![json!(count)])));
    run.replace(&with_param(&drawn.pipeline, "window", "slide", json!("2s"))).expect("accepted");
    let after: Vec<_> = run.steps(4).into_iter().map(&mut counted).collect();
    assert_eq!(after, [None, Some(vec![json!(3)]), None, Some(vec![json!(3)])], "every other batch now");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn windows_stay_right_while_interval_length_and_slide_are_turned(
        batches in prop::collection::vec(lines(), 24),
        turned in prop::collection::vec(turns(), 24),
    ) {
        let drawn = windowed(&batches, "10s", "1s").interval(1_000);
        let mut pipeline: Pipeline = drawn.pipeline;
        let mut run = VirtualRun::start(&pipeline, 2);
        let mut arrived = Vec::new();
        let mut began = START;
        let mut grid = Grid { anchor: START, slide: 1, rounded_before: START };
        for (lines, turn) in batches.iter().zip(&turned) {
            if let Turn::Slide(seconds) = turn {
                grid.turn(*seconds, began);
            }
            pipeline = match turn {
                Turn::Length(seconds) => with_param(&pipeline, "window", "length", json!(format!("{seconds}s"))),
                Turn::Slide(seconds) => with_param(&pipeline, "window", "slide", json!(format!("{seconds}s"))),
                Turn::Interval(millis) => with_interval(&pipeline, *millis),
                Turn::Nothing => pipeline,
            };
            let change = run.replace(&pipeline).expect("the change is accepted");
            for fate in &change.fates {
                prop_assert_eq!(&fate.fate, &StateFate::Kept);
            }
            let batch = run.step();
            arrived.push((began, lines.clone()));
            began = batch.report.tick.0;
            let rows = batch.rows("table").cloned().unwrap_or_default();
            for ((start, end), counts) in by_window(&rows) {
                prop_assert!(end <= began, "a window fires only once its end has passed");
                if start < grid.rounded_before {
                    let (least, most) = (recount(&arrived, start + PANE, end), recount(&arrived, start - PANE, end));
                    let in_between = |word: &String, count: &i64| {
                        least.get(word).unwrap_or(&0) <= count && count <= most.get(word).unwrap_or(&0)
                    };
                    prop_assert!(counts.iter().all(|(word, count)| in_between(word, count)));
                    prop_assert!(least.keys().all(|word| counts.contains_key(word)));
                } else {
                    let expected = recount(&arrived, start, end);
                    prop_assert_eq!(counts, expected, "window {} to {}", start - START, end - START);
                }
            }
        }
    }

    #[test]
    fn running_counts_survive_every_change_of_interval(
        batches in prop::collection::vec(lines(), 12),
        intervals in prop::collection::vec(prop::sample::select(vec![200i64, 1_000, 2_000]), 12),
    ) {
        let drawn = Draw::new()
            .node("lines", "source.inline", json!({"batches": serde_json::to_string(&batches).expect("JSON")}))
            .node("words", "flat_map", json!({}))
            .node("counts", "running", json!({"by": ["word"], "emit": "all"}))
            .node("table", "sink.table", json!({}))
            .chain(&["lines", "words", "counts", "table"]);
        let mut run = VirtualRun::start(&drawn.pipeline, 2);
        let mut all: Vec<(i64, Vec<String>)> = Vec::new();
        for (lines, interval) in batches.iter().zip(&intervals) {
            run.replace(&with_interval(&drawn.pipeline, *interval)).expect("accepted");
            let batch = run.step();
            all.push((0, lines.clone()));
            let shown: BTreeMap<String, i64> = batch
                .rows("table")
                .into_iter()
                .flatten()
                .map(|row| (row[0].as_str().expect("word").to_owned(), row[1].as_i64().expect("count")))
                .collect();
            prop_assert_eq!(shown, recount(&all, 0, 1));
        }
    }
}

#[test]
fn a_node_removed_and_brought_back_by_undo_has_its_state() {
    use weir_engine::pipeline::{Document, Edit};
    let drawn = Draw::new()
        .node("lines", "source.inline", json!({"batches": r#"[["a"],["a"],["a"],["a"]]"#}))
        .node("words", "flat_map", json!({}))
        .node("counts", "running", json!({"by": ["word"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "words", "counts", "table"]);
    let counts = drawn.id("counts");
    let mut document = Document::new(drawn.pipeline);
    let mut run = VirtualRun::start(document.pipeline(), 1);
    run.steps(2);
    document.edit("delete", Edit::RemoveNode(counts)).expect("removed");
    run.replace(document.pipeline()).expect("accepted: what is not wired stands aside");
    assert_eq!(run.step().rows("table"), None);
    document.undo();
    run.replace(document.pipeline()).expect("accepted");
    assert_eq!(run.step().rows("table"), Some(&vec![json!(["a", 3])]), "two counted before, one after");
}

#[test]
fn an_edit_that_would_break_a_running_node_is_refused_and_the_old_plan_goes_on() {
    let drawn = windowed(&vec![vec!["a".to_owned()]; 4], "2s", "1s");
    let mut run = VirtualRun::start(&drawn.pipeline, 1);
    run.step();
    let broken = with_param(&drawn.pipeline, "counts", "by", json!(["wrod"]));
    let problems = run.replace(&broken).expect_err("refused");
    assert!(problems.iter().any(|problem| problem.message.contains("wrod")), "{problems:?}");
    assert_eq!(run.step().rows("table").map(Vec::len), Some(1));
}

/// Lines of one word each, counted over the whole run.
fn counted() -> Draw {
    let batches: Vec<Vec<String>> = (0..8).map(|_| vec!["a".to_owned(), "b".to_owned()]).collect();
    Draw::new()
        .node("lines", "source.inline", json!({"batches": serde_json::to_string(&batches).expect("JSON")}))
        .node("words", "flat_map", json!({}))
        .node("kept", "filter", json!({"condition": "word = 'a'"}))
        .node("counts", "running", json!({"by": ["word"]}))
        .node("table", "sink.table", json!({}))
        .chain(&["lines", "words", "kept", "counts", "table"])
}

fn with_mode(pipeline: &Pipeline, node: &str, mode: NodeMode) -> Pipeline {
    let mut changed = pipeline.clone();
    changed.apply(&Edit::SetMode { node: id_of(pipeline, node), mode }).expect("the edit fits");
    changed
}

#[test]
fn a_bypassed_filter_lets_every_row_through_and_works_again_when_it_is_put_back() {
    let pipeline = counted().pipeline;
    let mut run = VirtualRun::start(&pipeline, 1);
    assert_eq!(run.step().rows("table"), Some(&vec![json!(["a", 1])]));
    run.replace(&with_mode(&pipeline, "kept", NodeMode::Bypassed)).expect("it can be bypassed");
    assert_eq!(run.step().rows("table"), Some(&vec![json!(["a", 2]), json!(["b", 1])]));
    run.replace(&pipeline).expect("it works again");
    assert_eq!(run.step().rows("table"), Some(&vec![json!(["a", 3])]));
}

#[test]
fn a_muted_node_gives_no_rows_and_finds_its_state_again() {
    let pipeline = counted().pipeline;
    let mut run = VirtualRun::start(&pipeline, 1);
    run.step();
    run.replace(&with_mode(&pipeline, "counts", NodeMode::Muted)).expect("it can be muted");
    let silent = run.step();
    assert_eq!(silent.rows("table").map(Vec::len).unwrap_or_default(), 0);
    assert_eq!(silent.failures, []);
    let change = run.replace(&pipeline).expect("it works again");
    assert!(change.label.contains("counts on again"), "{}", change.label);
    assert_eq!(run.step().rows("table"), Some(&vec![json!(["a", 2])]), "one before, one now; none while it rested");
}

#[test]
fn a_muted_source_is_silent_and_a_muted_sink_shows_nothing() {
    let pipeline = counted().pipeline;
    let mut run = VirtualRun::start(&with_mode(&pipeline, "lines", NodeMode::Muted), 1);
    let silent = run.step();
    assert_eq!((silent.report.input_rows, silent.failures.len()), (0, 0));
    run.replace(&with_mode(&pipeline, "table", NodeMode::Muted)).expect("it can be muted");
    let unseen = run.step();
    assert_eq!((unseen.rows("table"), unseen.failures.len()), (None, 0));
    assert!(unseen.report.input_rows > 0, "the rest works");
}
