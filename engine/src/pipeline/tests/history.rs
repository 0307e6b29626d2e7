//! Undo, redo, gestures, and whether there is something to save.

use super::{add, chain, wire};
use crate::pipeline::{Document, Edit, EditError, Position, Setting};
use crate::spec::{NodeId, Span};

fn move_to(x: f32) -> Edit {
    Edit::Move { nodes: vec![(NodeId(1), Position::new(x, 0.0))] }
}

/// Where node 1 is, in whole units.
#[expect(clippy::cast_possible_truncation, reason = "the tests move by whole units")]
fn x_of(document: &Document) -> i64 {
    document.pipeline().node(NodeId(1)).unwrap().position.x as i64
}

#[test]
fn one_gesture_is_one_step_with_its_own_name() {
    let mut document = Document::new(chain());
    document.begin_gesture("move 1 node");
    for x in [1.0, 2.0, 3.0] {
        document.edit("move", move_to(x)).unwrap();
    }
    document.end_gesture();
    assert_eq!(document.undo_label(), Some("move 1 node"));
    document.undo();
    assert_eq!(x_of(&document), 0);
    assert_eq!((document.undo_label(), document.redo_label()), (None, Some("move 1 node")));
    document.redo();
    assert_eq!(x_of(&document), 3);
}

#[test]
fn a_long_drag_is_kept_as_one_change() {
    let mut document = Document::new(chain());
    document.begin_gesture("move");
    for x in 0..10_000u16 {
        document.edit("move", move_to(f32::from(x))).unwrap();
    }
    document.end_gesture();
    assert_eq!(document.undo().unwrap().edit, Edit::Many(vec![move_to(9_999.0)]));
}

#[test]
fn a_gesture_that_ends_where_it_began_is_no_step() {
    let mut document = Document::new(chain());
    document.begin_gesture("move");
    assert!(!document.is_dirty(), "nothing has happened yet");
    document.edit("move", move_to(5.0)).unwrap();
    assert!(document.is_dirty());
    document.edit("move", move_to(0.0)).unwrap();
    document.end_gesture();
    assert_eq!(document.undo_label(), None);
    assert!(!document.is_dirty());
}

#[test]
fn entering_the_value_that_is_there_is_no_step() {
    let mut document = Document::new(chain());
    document.edit("interval", Edit::Set(Setting::Interval(Span::from_secs(1)))).unwrap();
    assert_eq!((document.undo_label(), document.is_dirty(), document.revision()), (None, false, 0));
}

#[test]
fn undo_during_a_gesture_ends_it_and_takes_it_back() {
    let mut document = Document::new(chain());
    document.begin_gesture("move");
    document.edit("move", move_to(5.0)).unwrap();
    document.undo();
    assert!(!document.in_gesture());
    assert_eq!(x_of(&document), 0);
}

#[test]
fn a_new_step_forgets_what_was_undone() {
    let mut document = Document::new(chain());
    document.edit("a", move_to(1.0)).unwrap();
    document.undo();
    document.edit("b", move_to(2.0)).unwrap();
    assert!(document.redo().is_none());
    assert_eq!(document.undo_label(), Some("b"));
}

#[test]
fn a_refused_edit_is_no_step() {
    let mut document = Document::new(chain());
    assert_eq!(document.edit("wire", Edit::Connect(wire(3, 1))), Err(EditError::Cycle(wire(3, 1))));
    assert_eq!((document.undo_label(), document.is_dirty()), (None, false));
}

#[test]
fn what_is_saved_is_clean_also_when_undo_and_redo_come_back_to_it() {
    let mut document = Document::new(chain());
    document.edit("a", move_to(1.0)).unwrap();
    assert!(document.is_dirty());
    document.mark_saved();
    assert!(!document.is_dirty());
    document.edit("b", move_to(2.0)).unwrap();
    document.undo();
    assert!(!document.is_dirty(), "back at what is in the file");
    document.undo();
    assert!(document.is_dirty(), "the file has step a, the document has not");
    document.redo();
    assert!(!document.is_dirty());
}

#[test]
fn a_saved_state_that_can_no_longer_be_reached_leaves_the_document_dirty_for_good() {
    let mut document = Document::new(chain());
    document.edit("a", move_to(1.0)).unwrap();
    document.mark_saved();
    document.undo();
    document.edit("b", move_to(2.0)).unwrap();
    assert!(document.is_dirty(), "as many steps as when saved, but not the same ones");
    while document.undo().is_some() {}
    assert!(document.is_dirty());
}

#[test]
fn a_thousand_steps_can_be_undone_and_older_ones_are_forgotten() {
    let mut document = Document::new(chain());
    for step in 1..=1_200u16 {
        document.edit("move", move_to(f32::from(step))).unwrap();
    }
    let mut undone = 0;
    while document.undo().is_some() {
        undone += 1;
    }
    assert_eq!((undone, x_of(&document)), (1_000, 200));
    assert!(document.is_dirty(), "the saved state is among the forgotten");
}

#[test]
fn moving_and_framing_do_not_count_as_changes_of_meaning() {
    let mut document = Document::new(chain());
    document.edit("move", move_to(1.0)).unwrap();
    assert_eq!((document.revision(), document.meaning_revision()), (1, 0));
    document.edit("add", add(4)).unwrap();
    document.undo();
    assert_eq!((document.revision(), document.meaning_revision()), (3, 2));
}

#[test]
fn an_id_never_comes_back() {
    let mut document = Document::new(chain());
    let id = document.fresh_id();
    document.edit("add", add(id.0)).unwrap();
    document.undo();
    assert!(document.fresh_id() > id);
}
