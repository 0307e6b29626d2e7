//! The picture shows what the document holds, whatever it holds.

use weir_engine::analysis::Analysis;
use weir_engine::nodes::KINDS;
use weir_engine::pipeline::{Edit, Frame, NodeEntry, NodeMode, Pipeline, Position, Subflow, SubflowId, Tint};
use weir_engine::spec::{Diagnostic, NodeId, PortRef, WireKey};

use super::measure::{fitted, text_width, wrapped};
use super::svg;

/// Nodes of unknown kinds in a row, wired.
fn row(names: &[&str]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    let mut at = 0.0;
    for (id, name) in (1..).zip(names) {
        let node = NodeEntry { position: Position::new(at, 40.0), ..NodeEntry::new(NodeId(id), "test.kind", *name) };
        pipeline.apply(&Edit::AddNode(Box::new(node))).unwrap();
        if id > 1 {
            let wire = WireKey::new(PortRef::new(NodeId(id - 1), "out"), PortRef::new(NodeId(id), "in"));
            pipeline.apply(&Edit::Connect(wire)).unwrap();
        }
        at += 260.0;
    }
    pipeline
}

/// Fails unless every element is closed in order and no raw mark stands in text.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a stray mark in: {}", &rest[..start]);
        let end = rest[start..].find('>').expect("every tag ends") + start;
        let tag = &rest[start + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split(' ').next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    assert_eq!((rest, open), ("\n", vec![]));
}

#[test]
fn every_node_port_and_wire_is_in_the_picture() {
    let picture = svg(&row(&["lines", "words", "counts"]), &Analysis::default(), None);
    assert_well_formed(&picture);
    for name in ["lines", "words", "counts"] {
        assert!(picture.contains(&format!(">{name}</text>")), "{name}");
    }
    assert_eq!(picture.matches("<path ").count(), 2, "one path per wire");
    assert_eq!(picture.matches("<circle ").count(), 4, "one pin per port");
    assert!(picture.contains("test.kind ?"), "an unknown kind is shown as one");
}

#[test]
fn every_kind_is_drawn_with_its_title_and_ports() {
    for (index, kind) in KINDS.iter().enumerate() {
        let mut pipeline = Pipeline::new();
        let node = NodeEntry::new(NodeId(index as u64), kind.id, kind.base_name);
        pipeline.apply(&Edit::AddNode(Box::new(node))).unwrap();
        let picture = svg(&pipeline, &Analysis::default(), None);
        assert_well_formed(&picture);
        assert!(picture.contains(&super::escaped(kind.title)), "{}", kind.id);
        assert_eq!(picture.matches("<circle ").count(), kind.inputs.len() + kind.outputs.len(), "{}", kind.id);
    }
}

#[test]
fn names_cannot_break_the_picture() {
    let picture = svg(&row(&["a<b>&\"'", "</svg><script>", "\u{0}\u{8}\n"]), &Analysis::default(), None);
    assert_well_formed(&picture);
    assert!(picture.contains("a&lt;b&gt;&amp;&quot;&#39;"));
    assert!(!picture.contains("<script"));
}

#[test]
fn an_empty_pipeline_is_an_empty_picture() {
    assert_well_formed(&svg(&Pipeline::new(), &Analysis::default(), None));
}

#[test]
fn the_picture_is_as_large_as_what_is_in_it() {
    let mut pipeline = row(&["a"]);
    let edit = Edit::Move { nodes: vec![(NodeId(1), Position::new(-500.0, 900.0))] };
    pipeline.apply(&edit).unwrap();
    let picture = svg(&pipeline, &Analysis::default(), None);
    assert!(picture.contains("viewBox=\"-524 876 228 122\""), "{}", picture.lines().next().unwrap());
}

#[test]
fn a_frame_shows_its_title_and_its_note() {
    let mut pipeline = row(&["a"]);
    let id = pipeline.fresh_frame_id();
    let (position, size) = (Position::new(-20.0, -100.0), Position::new(300.0, 260.0));
    let note = "Counts **words** in every batch, and keeps nothing.".to_owned();
    let frame = Frame { id, title: "Word count".into(), note, position, size, tint: Tint::Green, subflow: None };
    pipeline.apply(&Edit::PutFrame { id, frame: Some(Box::new(frame)) }).unwrap();
    let picture = svg(&pipeline, &Analysis::default(), None);
    assert_well_formed(&picture);
    assert!(picture.contains(">Word count</text>") && picture.contains(">Counts words in every batch,"));
}

#[test]
fn a_node_with_a_problem_stands_out_and_says_it() {
    let mut analysis = Analysis::default();
    analysis.diagnostics.push(Diagnostic::error("nothing is connected; draw a wire").node(NodeId(1)));
    let (plain, marked) = (svg(&row(&["a"]), &Analysis::default(), None), svg(&row(&["a"]), &analysis, None));
    assert_well_formed(&marked);
    assert!(marked.contains("<title>nothing is connected; draw a wire</title>"));
    assert_ne!(plain, marked);
}

#[test]
fn chinese_takes_twice_the_room_of_latin_and_long_names_are_cut() {
    assert!(text_width("词频统计", 14.0) > 1.5 * text_width("abcd", 14.0));
    let long = "统计每一个单词在每一批里出现的次数并且显示出来";
    let cut = fitted(long, 14.0, 100.0);
    assert!(cut.ends_with('…') && text_width(&cut, 14.0) <= 100.0);
    assert_eq!(fitted("short", 14.0, 100.0), "short");
}

#[test]
fn notes_wrap_between_words_and_lose_nothing() {
    let note = "one two three four five six seven eight nine ten\n第一行没有空格也要换行";
    let lines = wrapped(note, 12.0, 90.0);
    assert!(lines.len() > 4 && lines.iter().all(|line| text_width(line, 12.0) <= 90.0), "{lines:?}");
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    assert_eq!(letters(&lines.concat()), letters(note));
}

#[test]
fn a_subflow_is_one_box_from_outside_and_a_picture_of_its_own_from_within() {
    let mut pipeline = row(&["lines", "words", "counts", "shown"]);
    let id = SubflowId(9);
    let subflow = Subflow { id, name: "middle".into(), position: Position::new(260.0, 40.0), parent: None };
    pipeline.apply(&Edit::PutSubflow { id, subflow: Some(Box::new(subflow)) }).unwrap();
    pipeline.apply(&Edit::Enclose { nodes: vec![(NodeId(2), Some(id)), (NodeId(3), Some(id))] }).unwrap();
    pipeline.apply(&Edit::SetMode { node: NodeId(3), mode: NodeMode::Muted }).unwrap();
    let outside = svg(&pipeline, &Analysis::default(), None);
    assert_well_formed(&outside);
    assert!(outside.contains(">middle</text>") && outside.contains(">2 nodes</text>"));
    assert_eq!(outside.matches("<path ").count(), 2, "the wire within is not drawn");
    let within = svg(&pipeline, &Analysis::default(), Some(id));
    assert_well_formed(&within);
    assert_eq!(within.matches("<path ").count(), 1);
    assert!(!within.contains(">lines</text>") && within.contains("test.kind ?, muted"));
}
