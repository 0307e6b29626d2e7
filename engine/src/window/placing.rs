//! Where event-time windows lie: which of them cover a moment, and into which pane a moment falls.
//!
//! Panes are the pieces between the bounds of windows, not a grid of the greatest common divisor: the starts and the
//! ends of all windows are two combs of equal teeth, so there are at most two panes per slide however odd length and
//! slide are ("paired windows"; see Krishnamurthy, Wu and Franklin, "On-the-Fly Sharing for Streamed Aggregation",
//! SIGMOD 2006). No window of the present kind cuts a pane. The combs of former lengths, slides and offsets stay, so
//! that going back is exact too.

use super::{EventWindow, Window};
use crate::spec::{Span, Timestamp};

/// The first moment an event can have: 0001-01-01.
const EARLIEST: Timestamp = Timestamp(-62_135_596_800_000_000);
/// The last moment an event can have: the end of 9999.
const LATEST: Timestamp = Timestamp(253_402_300_799_999_999);

/// Former combs beyond this many are forgotten, oldest first; windows then take panes cut by them whole.
const MAX_COMBS: usize = 16;

/// Whether a time can be an event's: within the years 1 to 9999. One event of the year 290,000 would otherwise push
/// the watermark past everything that ever comes.
pub fn is_plausible(time: Timestamp) -> bool {
    (EARLIEST..=LATEST).contains(&time)
}

impl EventWindow {
    /// The start of the youngest window that starts at or before this time.
    pub fn newest_start(&self, time: Timestamp) -> Timestamp {
        let past = time.0.saturating_sub(self.offset.0).rem_euclid(self.step());
        Timestamp(time.0.saturating_sub(past))
    }

    /// The start of the oldest window that ends after this time.
    pub fn oldest_start(&self, time: Timestamp) -> Timestamp {
        self.newest_start(time.minus(self.length)).plus(Span(self.step()))
    }

    /// The windows that cover a time, in order; none in a gap between windows that are shorter than their slide.
    pub fn windows_at(&self, time: Timestamp) -> impl Iterator<Item = Window> {
        self.windows_between(self.oldest_start(time), self.newest_start(time))
    }

    /// The windows that cover a time and end by `late`, in order.
    pub fn missed_at(&self, time: Timestamp, late: Timestamp) -> impl Iterator<Item = Window> {
        self.windows_between(self.oldest_start(time), self.newest_missed(time, late))
    }

    /// How many windows cover a time and end by `late`.
    pub fn missed_count(&self, time: Timestamp, late: Timestamp) -> u64 {
        self.count_between(self.oldest_start(time), self.newest_missed(time, late)).unsigned_abs()
    }

    /// The windows that start from `first`, itself a start, up to `last`.
    pub(super) fn windows_between(&self, first: Timestamp, last: Timestamp) -> impl Iterator<Item = Window> {
        let (step, length) = (self.step(), self.length);
        (0..self.count_between(first, last)).map(move |at| {
            let start = first.plus(Span(at.saturating_mul(step)));
            Window { start, end: start.plus(length) }
        })
    }

    fn newest_missed(&self, time: Timestamp, late: Timestamp) -> Timestamp {
        self.newest_start(time).min(self.newest_start(late.minus(self.length)))
    }

    fn count_between(&self, first: Timestamp, last: Timestamp) -> i64 {
        if first > last { 0 } else { last.since(first).0 / self.step() + 1 }
    }

    /// The start of the window that follows this one.
    pub(super) fn start_after(&self, window: Window) -> Timestamp {
        window.start.plus(Span(self.step()))
    }

    /// Whether there are moments that no window covers.
    pub(super) fn has_gaps(&self) -> bool {
        self.slide > self.length
    }

    /// How many windows cover a moment at most.
    pub fn windows_per_row(&self) -> i64 {
        self.length.0 / self.step() + i64::from(self.length.0 % self.step() != 0)
    }

    /// Time between two starts in microseconds, above zero.
    fn step(&self) -> i64 {
        self.slide.0.max(1)
    }
}

/// The bounds of panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// The present kind's first, then those of former ones, youngest first.
    combs: Vec<Comb>,
}

/// Bounds at `phase + k * step` for every whole `k`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Comb {
    step: i64,
    phase: i64,
}

impl Grid {
    /// The bounds of these windows.
    pub fn new(window: &EventWindow) -> Self {
        let comb = |bound: i64| Comb { step: window.step(), phase: bound.rem_euclid(window.step()) };
        let mut combs = vec![comb(window.offset.0), comb(window.offset.0.saturating_add(window.length.0))];
        combs.dedup();
        Self { combs }
    }

    /// The pane of a moment.
    pub fn pane_of(&self, time: Timestamp) -> Window {
        let (mut start, mut end) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        for comb in &self.combs {
            let past = time.0.saturating_sub(comb.phase).rem_euclid(comb.step);
            let bound = Timestamp(time.0.saturating_sub(past));
            start = start.max(bound);
            end = end.min(bound.plus(Span(comb.step)));
        }
        Window { start, end }
    }

    /// Whether there are bounds of former kinds, so that present windows may cut panes should some be forgotten.
    pub fn has_former(&self) -> bool {
        self.combs.len() > 2
    }

    /// Keeps the bounds of a former grid beside its own.
    pub fn refine(&mut self, former: &Self) {
        for comb in &former.combs {
            if !self.combs.contains(comb) {
                self.combs.push(*comb);
            }
        }
        self.combs.truncate(MAX_COMBS);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::window::EventTime;

    fn window(length: i64, slide: i64, offset: i64) -> EventWindow {
        EventWindow { time: EventTime::column("ts"), length: Span(length), slide: Span(slide), offset: Span(offset) }
    }

    #[test]
    fn odd_lengths_give_few_panes() {
        let window = window(10_000_000, 3_333_333, 7);
        let grid = Grid::new(&window);
        let mut at = Timestamp(0);
        for _ in 0..20 {
            at = grid.pane_of(at).end;
        }
        assert!(at.0 > 9 * window.slide.0, "two panes per slide, but 20 panes reach only to {at:?}");
    }

    #[test]
    fn times_that_no_calendar_knows_are_none() {
        assert!(is_plausible(Timestamp(0)) && is_plausible(Timestamp::VIRTUAL_START));
        assert!(!is_plausible(Timestamp(i64::MAX)) && !is_plausible(Timestamp(i64::MIN)));
    }

    proptest! {
        #[test]
        fn the_windows_of_a_moment_are_those_that_cover_it(
            time in -500i64..500, length in 1i64..60, slide in 1i64..40, offset in 0i64..40,
        ) {
            let window = window(length, slide, offset % slide);
            let found: Vec<i64> = window.windows_at(Timestamp(time)).map(|window| window.start.0).collect();
            let covers = |start: &i64| (*start..start + length).contains(&time);
            let expected: Vec<i64> =
                (-700i64..700).filter(|start| (start - offset).rem_euclid(slide) == 0).filter(covers).collect();
            prop_assert!(found.len() <= usize::try_from(window.windows_per_row()).unwrap());
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn no_window_cuts_a_pane_not_even_one_of_a_former_kind(
            time in -500i64..500, kinds in prop::collection::vec((1i64..60, 1i64..40, 0i64..40), 1..5),
        ) {
            let windows: Vec<_> =
                kinds.iter().map(|(length, slide, offset)| window(*length, *slide, offset % slide)).collect();
            let mut grid = Grid::new(&windows[0]);
            for window in &windows[1..] {
                let former = std::mem::replace(&mut grid, Grid::new(window));
                grid.refine(&former);
            }
            let pane = grid.pane_of(Timestamp(time));
            prop_assert!((pane.start.0..pane.end.0).contains(&time));
            for window in &windows {
                for moment in pane.start.0..pane.end.0 {
                    let of = |at: i64| window.windows_at(Timestamp(at)).collect::<Vec<_>>();
                    prop_assert_eq!(of(moment), of(time));
                }
            }
        }

        #[test]
        fn no_time_is_too_early_or_too_late(time in any::<i64>(), length in 1i64..1 << 42, slide in 1i64..1 << 42) {
            let window = window(length, slide, slide - 1);
            if window.windows_per_row() <= 1_000 {
                prop_assert!(window.windows_at(Timestamp(time)).count() <= 1_001);
            }
            Grid::new(&window).pane_of(Timestamp(time));
        }
    }
}
