//! What event-time windows hold once they are over, and what a longer kind finds of it.

use super::*;
use crate::spec::{Span, Timestamp};

fn kind(length: i64, slide: i64) -> EventWindow {
    let secs = Span::from_secs;
    EventWindow { time: EventTime::column("ts"), length: secs(length), slide: secs(slide), offset: secs(0) }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

fn window(start: i64, end: i64) -> Window {
    Window { start: at(start), end: at(end) }
}

/// One entry per second of a minute, and the watermark at its end.
fn a_minute() -> OpenWindows<Vec<i64>> {
    let mut open: OpenWindows<Vec<i64>> = OpenWindows::new(kind(10, 10), false);
    for second in 0..60 {
        open.content_mut(open.pane_of(at(second))).push(second);
    }
    assert!(open.pass(at(60)).is_empty(), "all of it is history");
    open
}

fn held(open: &OpenWindows<Vec<i64>>, window: Window) -> Vec<i64> {
    open.within(window).flat_map(|(_, seconds)| seconds).copied().collect()
}

#[test]
fn windows_that_are_over_are_neither_due_nor_open_though_they_are_held() {
    let mut open = a_minute();
    open.content_mut(open.pane_of(at(61))).push(61);
    assert_eq!(open.first_held(), Some(window(60, 70)));
    assert_eq!(open.held(), Ok(vec![window(60, 70)]));
    assert_eq!(open.due(at(70)), Ok(vec![window(60, 70)]));
    assert!(!open.wants(open.pane_of(at(59))), "what comes for them is late");
}

#[test]
fn a_longer_kind_reaches_back_and_is_covered() {
    let mut longer = OpenWindows::new(kind(40, 10), false);
    assert_eq!(longer.take_over(a_minute()), Inherited::default());
    assert_eq!(held(&longer, window(30, 70)), (30..60).collect::<Vec<_>>());
    assert!(longer.coverage(window(30, 70)).is_complete());
    assert_eq!(longer.due(at(80)).unwrap()[..], [window(30, 70), window(40, 80)]);
}

#[test]
fn history_goes_oldest_first_and_never_what_a_window_needs() {
    let mut open = a_minute();
    let mut gone = Vec::new();
    for _ in 0..3 {
        gone.extend(open.let_oldest_go().unwrap().into_iter().flatten());
    }
    assert_eq!(gone, (0..30).collect::<Vec<_>>());
    assert_eq!(open.let_go_before(), Some(at(30)));
    let mut longer = OpenWindows::new(kind(40, 10), false);
    assert_eq!(longer.take_over(open), Inherited::default(), "[30, 70) is the oldest that is not over");
    assert_eq!(longer.let_oldest_go(), None);
    let mut longest = OpenWindows::new(kind(60, 10), false);
    let inherited = longest.take_over(longer);
    let coverage = inherited.coverage.expect("[10, 70) lacks what happened before 30");
    assert_eq!((coverage.held, coverage.length), (Span::from_secs(40), Span::from_secs(60)));
}

#[test]
fn history_ends_where_the_longest_window_would() {
    let mut open = a_minute();
    let gone = open.pass(at(60).plus(LONGEST));
    assert_eq!(gone.concat(), (0..60).collect::<Vec<_>>());
    assert_eq!(open.let_oldest_go(), None);
}
