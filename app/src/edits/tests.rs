//! What the editing commands promise.

use eframe::egui;
use weir_engine::nodes;
use weir_engine::pipeline::{Document, Edit, Frame, NodeEntry, NodeMode, Pipeline, Position, Tint};
use weir_engine::spec::{NodeId, PortRef, WireKey};

use super::*;

fn wire(from: u64, to: u64) -> WireKey {
    WireKey::new(PortRef::new(NodeId(from), "out"), PortRef::new(NodeId(to), "in"))
}

/// `n1 -> n2 -> n3`, of kinds that do not exist: the commands must not depend on any.
fn chain() -> Pipeline {
    chain_of("future.kind")
}

fn chain_of(kind: &str) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for (id, name) in [(1, "a"), (2, "b"), (3, "c")] {
        let mut entry = NodeEntry::new(NodeId(id), kind, name);
        entry.position = Position::new(id as f32 * 200.0, 0.0);
        entry.params.insert("x".to_owned(), id.into());
        pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
    }
    pipeline.apply(&Edit::Connect(wire(1, 2))).unwrap();
    pipeline.apply(&Edit::Connect(wire(2, 3))).unwrap();
    pipeline
}

fn nodes(ids: &[u64]) -> Selection {
    Selection { nodes: ids.iter().map(|id| NodeId(*id)).collect(), ..Selection::default() }
}

#[test]
fn deleting_a_node_takes_its_wires_and_comes_back_whole() {
    let mut pipeline = chain();
    let inverse = pipeline.apply(&delete(&pipeline, &select_all(&pipeline, None)).unwrap()).unwrap();
    assert_eq!(pipeline.node_count(), 0);
    pipeline.apply(&inverse).unwrap();
    assert_eq!(pipeline.wires(), chain().wires());
}

#[test]
fn deleting_nothing_is_no_edit() {
    assert_eq!(delete(&chain(), &Selection::default()), None);
    assert_eq!(delete(&chain(), &nodes(&[99])), None);
    assert_eq!(delete_and_heal(&chain(), &Selection::default()), None);
}

#[test]
fn healing_a_selected_wire_only_removes_it() {
    let mut pipeline = chain();
    pipeline.apply(&delete_and_heal(&pipeline, &Selection::wire(wire(1, 2))).unwrap()).unwrap();
    assert_eq!(pipeline.wires(), [wire(2, 3)]);
}

#[test]
fn healing_joins_what_the_removed_nodes_stood_between() {
    let mut pipeline = chain_of("filter");
    pipeline.apply(&delete_and_heal(&pipeline, &nodes(&[2])).unwrap()).unwrap();
    assert_eq!(pipeline.wires(), [wire(1, 3)]);

    let mut pipeline = chain_of("filter");
    let mut entry = NodeEntry::new(NodeId(4), "filter", "d");
    entry.position = Position::new(800.0, 0.0);
    pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
    pipeline.apply(&Edit::Connect(wire(3, 4))).unwrap();
    pipeline.apply(&delete_and_heal(&pipeline, &nodes(&[2, 3])).unwrap()).unwrap();
    assert_eq!(pipeline.wires(), [wire(1, 4)], "a whole chain heals too");
}

#[test]
fn pasted_nodes_keep_parameters_and_wires_but_no_identity() {
    let mut document = Document::new(chain());
    let text = copy(document.pipeline(), &nodes(&[1, 2])).unwrap();
    let pasted = paste(&mut document, &text, None, None, true).unwrap();
    document.edit("paste", pasted.edit).unwrap();
    let pipeline = document.pipeline();
    assert_eq!(pipeline.node_count(), 5);
    assert_eq!(pasted.selection.nodes.len(), 2);
    let copies: Vec<_> = pasted.selection.nodes.iter().map(|id| pipeline.node(*id).unwrap()).collect();
    assert_eq!(copies.iter().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["a_2", "b_2"]);
    assert_eq!(copies[0].params, pipeline.node(NodeId(1)).unwrap().params);
    assert_eq!(
        pipeline.wires_into(copies[1].id),
        [WireKey::new(PortRef::new(copies[0].id, "out"), PortRef::new(copies[1].id, "in"),)]
    );
    assert_ne!(copies[0].position, pipeline.node(NodeId(1)).unwrap().position, "it does not hide the original");
}

#[test]
fn pasting_again_and_again_numbers_on() {
    let mut document = Document::new(chain());
    for expected in ["a_2", "a_3", "a_4"] {
        let text = copy(document.pipeline(), &nodes(&[1])).unwrap();
        let pasted = paste(&mut document, &text, None, None, true).unwrap();
        document.edit("paste", pasted.edit).unwrap();
        assert!(document.pipeline().node_by_name(expected).is_some(), "{expected}");
    }
    let second = document.pipeline().node_by_name("a_2").unwrap().id;
    let text = copy(document.pipeline(), &Selection::node(second)).unwrap();
    let pasted = paste(&mut document, &text, None, None, true).unwrap();
    document.edit("paste", pasted.edit).unwrap();
    assert!(document.pipeline().node_by_name("a_5").is_some());
}

#[test]
fn a_group_pasted_at_the_pointer_is_centred_there() {
    let mut document = Document::new(chain());
    let text = copy(document.pipeline(), &nodes(&[1, 2, 3])).unwrap();
    let pasted = paste(&mut document, &text, None, Some(egui::pos2(4_000.0, 4_000.0)), false).unwrap();
    document.edit("paste", pasted.edit).unwrap();
    let middle = pasted.selection.nodes.iter().nth(1).and_then(|id| document.pipeline().node(*id)).unwrap().position;
    assert!((middle.x + NODE_SIZE.x / 2.0 - 4_000.0).abs() < 1.0, "{middle:?}");
    assert!((middle.y + NODE_SIZE.y / 2.0 - 4_000.0).abs() < 1.0, "{middle:?}");
}

#[test]
fn other_text_is_refused_with_a_sentence() {
    let mut document = Document::new(chain());
    for text in ["", "hello", "{}", "[1,2]", r#"{"weir":"nodes/9","nodes":[],"wires":[]}"#] {
        assert_eq!(paste(&mut document, text, None, None, true), Err(PasteError::NoNodes), "{text}");
    }
    assert_eq!(paste(&mut document, &"x".repeat(17 << 20), None, None, true), Err(PasteError::TooMany));
}

#[test]
fn a_crafted_text_cannot_make_a_document_that_edits_refuse() {
    let mut document = Document::new(chain());
    let text = r#"{"weir":"nodes/1","nodes":[
        {"id":1,"kind":"k","name":" ","x":0,"y":0},
        {"id":1,"kind":"k","name":"twice","x":0,"y":0},
        {"id":2,"kind":"k","name":"a","x":1e30,"y":0}],
        "wires":[{"from":[1,"out"],"to":[2,"in"]},{"from":[2,"out"],"to":[1,"in"]},{"from":[7,"out"],"to":[1,"in"]}]}"#;
    let pasted = paste(&mut document, text, None, None, true).unwrap();
    document.edit("paste", pasted.edit).unwrap();
    assert!(document.pipeline().topological().is_ok(), "no cycle got in");
}

#[test]
fn what_undo_removed_is_no_longer_selected() {
    let mut pipeline = chain();
    let selection = select_all(&pipeline, None);
    pipeline.apply(&Edit::RemoveNode(NodeId(2))).unwrap();
    let left = surviving(&pipeline, &selection);
    assert_eq!(left.nodes, nodes(&[1, 3]).nodes);
    assert!(left.wires.is_empty());
}

#[test]
fn every_kind_can_be_added_and_has_a_free_name_and_place() {
    for kind in nodes::KINDS {
        let mut document = Document::default();
        for _ in 0..2 {
            let at = egui::pos2(100.0, 100.0);
            let addition = Addition { kind: kind.id, at, level: None, snap: true, wire_to: None, onto: None };
            let (id, edit, refused) = add_node(&mut document, &addition).unwrap();
            assert_eq!(refused, None);
            document.edit("add", edit).unwrap();
            let position = document.pipeline().node(id).unwrap().position;
            assert!(position.x % GRID == 0.0 && position.y % GRID == 0.0, "{}: {position:?}", kind.id);
        }
        let positions: Vec<_> = document.pipeline().nodes().map(|node| node.position).collect();
        assert_ne!(positions[0], positions[1], "{}: the second does not hide the first", kind.id);
    }
}

#[test]
fn a_node_dropped_on_a_wire_stands_between_its_ends() {
    let through = nodes::KINDS.iter().find(|kind| kind.inputs.len() == 1 && kind.outputs.len() == 1);
    let Some(kind) = through else { return };
    let mut document = Document::new(chain());
    let cut = wire(1, 2);
    let addition =
        Addition { kind: kind.id, at: egui::Pos2::ZERO, level: None, snap: true, wire_to: None, onto: Some(&cut) };
    let (id, edit, refused) = add_node(&mut document, &addition).unwrap();
    if refused.is_none() {
        document.edit("insert", edit).unwrap();
        assert!(!document.pipeline().wires().contains(&cut));
        assert_eq!(document.pipeline().wires_into(id)[0].from, cut.from);
        assert_eq!(document.pipeline().wires_out_of(id)[0].to, cut.to);
        document.undo();
        assert_eq!(document.pipeline().wires(), chain().wires(), "and all of it is one step");
    }
}

#[test]
fn an_unknown_kind_is_not_added() {
    let addition =
        Addition { kind: "no.such.kind", at: egui::Pos2::ZERO, level: None, snap: true, wire_to: None, onto: None };
    assert!(add_node(&mut Document::default(), &addition).is_none());
}

/// The chain with a frame around its second and third node.
fn framed() -> Document {
    let mut document = Document::new(chain());
    let id = document.fresh_frame_id();
    let frame = Frame {
        id,
        title: "Cleaning".into(),
        note: "Why *this*.".into(),
        position: Position::new(380.0, -40.0),
        size: Position::new(500.0, 200.0),
        tint: Tint::Blue,
        subflow: None,
    };
    document.edit("frame", Edit::PutFrame { id, frame: Some(Box::new(frame)) }).unwrap();
    document
}

#[test]
fn folding_and_unpacking_gives_back_the_same_picture() {
    let mut document = framed();
    let before = weir_engine::format::save(document.pipeline());
    let mut selection = nodes(&[2, 3]);
    selection.frames = document.pipeline().frames().map(|frame| frame.id).collect();
    let (id, edit) = group(&mut document, &selection, None, "cleaning").unwrap();
    document.edit("group", edit).unwrap();
    let pipeline = document.pipeline();
    assert_eq!(pipeline.nodes_in(Some(id)).count(), 2);
    assert_eq!(pipeline.frames_in(Some(id)).count(), 1);
    assert_eq!(pipeline.wires(), chain().wires(), "the graph is the same");
    let (held, edit) = unpack(pipeline, id).unwrap();
    assert_eq!(held.nodes, selection.nodes);
    document.edit("unpack", edit).unwrap();
    assert_eq!(weir_engine::format::save(document.pipeline()), before);
}

#[test]
fn unpacking_a_box_that_was_moved_moves_what_was_in_it() {
    let mut document = framed();
    let (id, edit) = group(&mut document, &nodes(&[2, 3]), None, "cleaning").unwrap();
    document.edit("group", edit).unwrap();
    let mut moved = document.pipeline().subflow(id).unwrap().clone();
    moved.position.x += 80.0;
    document.edit("move", Edit::PutSubflow { id, subflow: Some(Box::new(moved)) }).unwrap();
    let (_, edit) = unpack(document.pipeline(), id).unwrap();
    document.edit("unpack", edit).unwrap();
    assert_eq!(document.pipeline().node(NodeId(3)).unwrap().position, Position::new(680.0, 0.0));
}

#[test]
fn a_copied_subflow_is_pasted_whole_with_frames_and_modes() {
    let mut document = framed();
    document.edit("mute", Edit::SetMode { node: NodeId(3), mode: NodeMode::Muted }).unwrap();
    let mut selection = nodes(&[2, 3]);
    selection.frames = document.pipeline().frames().map(|frame| frame.id).collect();
    let (id, edit) = group(&mut document, &selection, None, "cleaning").unwrap();
    document.edit("group", edit).unwrap();
    let text = copy(document.pipeline(), &Selection::subflow(id)).unwrap();
    let mut other = Document::default();
    let pasted = paste(&mut other, &text, None, Some(egui::pos2(0.0, 0.0)), true).unwrap();
    other.edit("paste", pasted.edit).unwrap();
    let copied = *pasted.selection.subflows.first().unwrap();
    let pipeline = other.pipeline();
    assert_eq!(pasted.selection, Selection::subflow(copied), "what lies within is not selected beside it");
    assert_eq!(pipeline.nodes_in(Some(copied)).count(), 2);
    assert_eq!(pipeline.frames_in(Some(copied)).next().unwrap().tint, Tint::Blue);
    assert_eq!(pipeline.node_by_name("c").unwrap().mode, NodeMode::Muted);
    assert_eq!(pipeline.wires().len(), 1);
    let back = pipeline.node_by_name("b").unwrap().position;
    assert_eq!(back, Position::new(400.0, 0.0), "places within stay");
}

#[test]
fn deleting_a_subflow_removes_all_that_is_in_it_and_comes_back_whole() {
    let mut document = framed();
    let (inner, edit) = group(&mut document, &nodes(&[3]), None, "inner").unwrap();
    document.edit("group", edit).unwrap();
    let both = Selection { subflows: [inner].into(), ..nodes(&[2]) };
    let (outer, edit) = group(&mut document, &both, None, "outer").unwrap();
    document.edit("group", edit).unwrap();
    let before = weir_engine::format::save(document.pipeline());
    let edit = delete(document.pipeline(), &Selection::subflow(outer)).unwrap();
    document.edit("delete", edit).unwrap();
    assert_eq!((document.pipeline().node_count(), document.pipeline().subflows().count()), (1, 0));
    document.undo();
    assert_eq!(weir_engine::format::save(document.pipeline()), before);
}

#[test]
fn muting_toggles_and_a_bypass_that_cannot_be_says_why() {
    let mut document = Document::new(chain());
    let mode = |document: &Document, id| document.pipeline().node(NodeId(id)).unwrap().mode;
    let toggle = |document: &mut Document, selection: &Selection| {
        let edit = toggle_mode(document.pipeline(), selection, NodeMode::Muted).unwrap().unwrap();
        document.edit("mute", edit).unwrap();
    };
    toggle(&mut document, &nodes(&[1]));
    toggle(&mut document, &nodes(&[1, 2]));
    assert_eq!((mode(&document, 1), mode(&document, 2)), (NodeMode::Muted, NodeMode::Muted), "first all get it");
    toggle(&mut document, &nodes(&[1, 2]));
    assert_eq!((mode(&document, 1), mode(&document, 2)), (NodeMode::On, NodeMode::On));
    let source = nodes::KINDS.iter().find(|kind| kind.inputs.is_empty()).unwrap();
    let alone = chain_of(source.id);
    let why = toggle_mode(&alone, &nodes(&[1]), NodeMode::Bypassed).unwrap_err();
    assert!(why.contains("mute"), "{why}");
}
