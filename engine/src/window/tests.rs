//! The schedule and the panes on their own.

use super::*;
use crate::spec::{Span, Timestamp};

const START: Timestamp = Timestamp::VIRTUAL_START;

fn spec(length: i64, slide: i64) -> WindowSpec {
    WindowSpec { length: Span::from_secs(length), slide: Span::from_secs(slide), retain: Span::from_secs(600) }
}

fn at(seconds: i64) -> Timestamp {
    START.plus(Span::from_secs(seconds))
}

fn ends(due: &Due) -> Vec<i64> {
    due.windows.iter().map(|window| window.end.since(START).0 / 1_000_000).collect()
}

#[test]
fn slides_count_from_the_start_of_the_run() {
    let mut schedule = Schedule::new(spec(30, 10));
    schedule.begin(START, START);
    assert_eq!(ends(&schedule.due(at(9))), [0; 0]);
    assert_eq!(ends(&schedule.due(at(25))), [10, 20]);
    assert_eq!(ends(&schedule.due(at(30))), [30]);
}

#[test]
fn a_node_added_later_keeps_the_rhythm_of_the_run() {
    let mut schedule = Schedule::new(spec(30, 10));
    schedule.begin(START, at(17));
    assert_eq!(ends(&schedule.due(at(18))), [0; 0]);
    assert_eq!(ends(&schedule.due(at(20))), [20]);
}

#[test]
fn a_changed_slide_counts_from_where_it_changed() {
    let mut old = Schedule::new(spec(30, 10));
    old.begin(START, START);
    old.due(at(13));
    let mut new = Schedule::new(spec(30, 4));
    new.take_over(&old);
    assert_eq!(ends(&new.due(at(18))), [17]);
    let mut longer = Schedule::new(spec(60, 4));
    longer.take_over(&new);
    assert_eq!(ends(&longer.due(at(21))), [21]);
}

#[test]
fn after_a_long_pause_only_the_latest_windows_are_shown() {
    let mut schedule = Schedule::new(spec(1, 1));
    schedule.begin(START, START);
    let due = schedule.due(at(5_000));
    assert_eq!((due.windows.len(), due.skipped), (1_000, 4_000));
    assert_eq!(due.windows.last().map(|window| window.end), Some(at(5_000)));
}

#[test]
fn bounds_of_windows_never_cut_a_pane() {
    for (length, slide) in [(30, 10), (7, 3), (1, 1), (86_400, 7)] {
        let mut schedule = Schedule::new(spec(length, slide));
        schedule.begin(START, START);
        for window in schedule.due(at(slide * 5)).windows {
            for bound in [window.start, window.end] {
                assert_eq!(schedule.pane_of(bound).start, bound);
            }
        }
    }
}

#[test]
fn a_pane_from_before_a_change_is_taken_whole_and_said_to_be() {
    let mut panes: Panes<Vec<u8>> = Panes::default();
    panes.content_mut(Window { start: at(0), end: at(10) }).push(1);
    let cut = Window { start: at(-5), end: at(5) };
    assert!(panes.are_cut_by(cut));
    assert_eq!(panes.within(cut).count(), 1);
    assert!(!panes.are_cut_by(Window { start: at(0), end: at(10) }));
}

#[test]
fn a_window_longer_than_history_says_how_much_it_rests_on() {
    let mut schedule = Schedule::new(spec(60, 10));
    schedule.begin(START, START);
    let due = schedule.due(at(10));
    let coverage = schedule.coverage(due.windows[0], false);
    assert_eq!(coverage.held, Span::from_secs(10));
    assert!(!coverage.is_complete());
    let due = schedule.due(at(60));
    assert!(schedule.coverage(due.windows[4], false).is_complete());
}
