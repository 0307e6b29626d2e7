//! What must hold of checking: every problem is found, each at its place, and none hides another.

use std::path::Path;

use serde_json::json;

use super::{Outcome, analyse, check_wire, plan_pipeline};
use crate::pipeline::{Edit, NodeEntry, NodeMode, Pipeline};
use crate::spec::{NodeId, PortRef, WireKey};

fn pipeline(nodes: &[(&str, serde_json::Value)], wires: &[(u64, u64)]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for (index, (kind, params)) in nodes.iter().enumerate() {
        let id = NodeId(index as u64 + 1);
        let mut entry = NodeEntry::new(id, *kind, format!("node{}", id.0));
        entry.params = params.as_object().unwrap().clone();
        pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
    }
    for (from, to) in wires {
        pipeline.apply(&Edit::Connect(wire(*from, *to))).unwrap();
    }
    pipeline
}

fn wire(from: u64, to: u64) -> WireKey {
    WireKey::new(PortRef::new(NodeId(from), "out"), PortRef::new(NodeId(to), "in"))
}

fn messages(pipeline: &Pipeline, node: u64) -> Vec<String> {
    analyse(pipeline, Path::new(".")).problems_of(NodeId(node)).map(|problem| problem.message.clone()).collect()
}

#[test]
fn schemas_flow_along_the_wires() {
    let drawn = pipeline(
        &[
            ("source.inline", json!({})),
            ("flat_map", json!({})),
            ("group", json!({"by": ["word"]})),
            ("sink.table", json!({})),
        ],
        &[(1, 2), (2, 3), (3, 4)],
    );
    let analysis = analyse(&drawn, Path::new("."));
    assert!(analysis.is_runnable(), "{:?}", analysis.diagnostics);
    let columns = |node| -> Vec<String> {
        let outputs = &analysis.nodes[&NodeId(node)].outputs;
        outputs[0].schema.fields().iter().map(|field| field.name().clone()).collect()
    };
    assert_eq!(columns(1), ["value"]);
    assert_eq!(columns(2), ["word"]);
    assert_eq!(columns(3), ["word", "count"]);
}

#[test]
fn every_problem_is_told_at_its_own_node() {
    let drawn = pipeline(
        &[
            ("source.inline", json!({})),
            ("filter", json!({"condition": "wrod = 1"})),
            ("from.the.future", json!({})),
            ("sink.table", json!({})),
        ],
        &[(1, 2), (2, 4)],
    );
    assert!(messages(&drawn, 2).iter().any(|message| message.contains("wrod")), "{:?}", messages(&drawn, 2));
    assert!(messages(&drawn, 3)[0].contains("no node kind `from.the.future`"));
    assert_eq!(messages(&drawn, 4), Vec::<String>::new(), "what is wrong upstream is told there, not here");
}

#[test]
fn a_node_without_a_wire_stands_aside_and_one_downstream_of_an_error_is_faulty() {
    let drawn = pipeline(
        &[
            ("source.inline", json!({})),
            ("filter", json!({"condition": "nonsense("})),
            ("sink.table", json!({})),
            ("sink.table", json!({})),
        ],
        &[(1, 2), (2, 3)],
    );
    let planned = plan_pipeline(&drawn, Path::new("."));
    assert_eq!(planned.outcomes[&NodeId(1)], Outcome::Ready);
    assert_eq!(planned.outcomes[&NodeId(2)], Outcome::Faulty);
    assert_eq!(planned.outcomes[&NodeId(3)], Outcome::Faulty);
    assert_eq!(planned.outcomes[&NodeId(4)], Outcome::Unwired);
}

#[test]
fn a_wire_that_cannot_work_is_refused_with_the_reason() {
    let drawn = pipeline(
        &[
            ("source.inline", json!({})),
            ("flat_map", json!({})),
            ("sink.table", json!({})),
            ("source.inline", json!({})),
        ],
        &[(1, 2), (2, 3)],
    );
    let port = |node, name: &str| PortRef::new(NodeId(node), name);
    let refusal = |from, to| check_wire(&drawn, &from, &to).unwrap_err();
    assert!(refusal(port(4, "out"), port(2, "in")).contains("already has its one wire"));
    assert!(refusal(port(2, "out"), port(1, "in")).contains("is a source"));
    assert!(refusal(port(3, "out"), port(2, "in")).contains("has no output"));
    assert!(refusal(port(1, "out"), port(2, "in")).contains("already there"));
    assert!(check_wire(&drawn, &port(1, "out"), &port(3, "in")).is_err(), "the table has its one wire");
}

fn set_mode(pipeline: &mut Pipeline, node: u64, mode: NodeMode) {
    pipeline.apply(&Edit::SetMode { node: NodeId(node), mode }).unwrap();
}

/// Lines, words, a filter and a table.
fn words_to_table(filter: &str) -> Pipeline {
    pipeline(
        &[
            ("source.inline", json!({})),
            ("flat_map", json!({})),
            ("filter", json!({"condition": filter})),
            ("sink.table", json!({})),
        ],
        &[(1, 2), (2, 3), (3, 4)],
    )
}

#[test]
fn rows_pass_a_bypassed_node_by_with_their_own_columns() {
    let mut drawn = words_to_table("word > 'a'");
    set_mode(&mut drawn, 2, NodeMode::Bypassed);
    // The filter asks for a column that only the bypassed node gave: that is told where it matters.
    assert!(messages(&drawn, 3).iter().any(|message| message.contains("word")), "{:?}", messages(&drawn, 3));
    set_mode(&mut drawn, 3, NodeMode::Bypassed);
    let planned = plan_pipeline(&drawn, Path::new("."));
    assert!(planned.analysis.is_runnable(), "{:?}", planned.analysis.diagnostics);
    let seen = &planned.analysis.nodes[&NodeId(4)].inputs[0][0];
    assert_eq!(seen.schema.fields()[0].name(), "value", "the table sees what the source gives");
}

#[test]
fn what_is_wrong_with_a_node_that_rests_holds_nobody_up() {
    let mut drawn = words_to_table("wrod = 1");
    assert!(!analyse(&drawn, Path::new(".")).is_runnable());
    set_mode(&mut drawn, 3, NodeMode::Bypassed);
    assert_eq!(plan_pipeline(&drawn, Path::new(".")).outcomes[&NodeId(4)], Outcome::Ready);
    set_mode(&mut drawn, 3, NodeMode::Muted);
    let planned = plan_pipeline(&drawn, Path::new("."));
    assert!(planned.analysis.is_runnable(), "{:?}", planned.analysis.diagnostics);
    assert!(planned.analysis.problems_of(NodeId(3)).any(|problem| problem.message.contains("wrod")), "still told");
    assert_eq!(planned.outcomes[&NodeId(4)], Outcome::Unwired, "what is behind it stands aside");
}

#[test]
fn a_node_that_cannot_be_bypassed_says_why() {
    let mut drawn = words_to_table("true");
    for (node, words) in [(1, "a source has nothing to pass on"), (4, "a sink passes nothing on")] {
        set_mode(&mut drawn, node, NodeMode::Bypassed);
        assert!(messages(&drawn, node)[0].contains(words), "{:?}", messages(&drawn, node));
        assert!(!analyse(&drawn, Path::new(".")).is_runnable());
        set_mode(&mut drawn, node, NodeMode::Muted);
        assert!(analyse(&drawn, Path::new(".")).is_runnable(), "muted it can be");
    }
    let mut drawn = pipeline(
        &[("source.inline", json!({})), ("source.inline", json!({})), ("union", json!({})), ("sink.table", json!({}))],
        &[(1, 3), (2, 3), (3, 4)],
    );
    set_mode(&mut drawn, 3, NodeMode::Bypassed);
    assert!(messages(&drawn, 3)[0].contains("2 wires enter `in`"), "{:?}", messages(&drawn, 3));
}

#[test]
fn who_adds_up_results_that_come_again_is_warned() {
    let inline = || ("source.inline", json!({}));
    let words = || ("flat_map", json!({}));
    let counts = |emit: &str| ("running", json!({"by": ["word"], "emit": emit}));
    let warned = |nodes: &[(&str, serde_json::Value)], node: u64| {
        let wires: Vec<_> = (1..nodes.len() as u64).map(|from| (from, from + 1)).collect();
        let found = messages(&pipeline(nodes, &wires), node);
        found.iter().any(|message| message.contains("each time they are counted anew"))
    };
    let rank = || ("running", json!({"by": ["word"], "emit": "all"}));
    let renamed = || ("filter", json!({"condition": "count > 1"}));
    assert!(warned(&[inline(), words(), counts("changed"), rank()], 4));
    assert!(
        warned(&[inline(), words(), counts("all"), renamed(), ("window.sliding", json!({}))], 5),
        "also further on"
    );
    assert!(warned(&[inline(), words(), counts("all"), ("window.count", json!({}))], 4));
    assert!(warned(&[inline(), words(), counts("all"), ("window.session", json!({}))], 4));
    assert!(warned(&[inline(), words(), ("snapshot", json!({"by": ["word"]})), rank_words()], 4));
    assert!(!warned(&[inline(), words(), ("group", json!({"by": ["word"]})), rank()], 4), "a batch's counts come once");
    assert!(!warned(&[inline(), words(), counts("all"), ("sort", json!({"by": [{"expression": "count"}]}))], 4));
    assert!(!warned(&[inline(), words(), counts("all"), ("changes", json!({"by": ["word"]}))], 4), "that is its use");
}

fn rank_words() -> (&'static str, serde_json::Value) {
    ("fold", json!({"by": ["word"], "state": [{"name": "n", "type": "bigint", "initial": "0", "update": "n + 1"}]}))
}
