//! The event-time windows that are still open: panes, how far the watermark has come, and which windows that makes due.
//!
//! A window is *over* once the watermark has reached its end. Whoever keeps the panes lets the watermark pass in two
//! steps per batch, first to the batch's `late`, then takes the rows in, then to its `close`: so what is over is
//! exactly what rows are too late for.

use super::placing::Grid;
use super::{EventWindow, Panes, Window};
use crate::spec::Timestamp;

/// Results of more windows than this are not given in one batch.
pub const MAX_WINDOWS: usize = 100_000;

/// Contents by pane of event time.
pub struct OpenWindows<T> {
    window: EventWindow,
    grid: Grid,
    panes: Panes<T>,
    /// Windows that end at or before this are over.
    over: Timestamp,
    /// Panes that start before this were let go.
    forgotten: Timestamp,
    /// Whether windows stay when they are over, and nothing is ever late.
    keeps_all: bool,
}

impl<T: Default> OpenWindows<T> {
    /// No panes yet. `keeps_all`: windows stay when they are over, and nothing is ever late.
    pub fn new(window: EventWindow, keeps_all: bool) -> Self {
        let grid = Grid::new(&window);
        let never = Timestamp(i64::MIN);
        Self { window, grid, panes: Panes::default(), over: never, forgotten: never, keeps_all }
    }

    /// What windows there are.
    pub fn window(&self) -> &EventWindow {
        &self.window
    }

    /// Windows that end at or before this are over.
    pub fn over(&self) -> Timestamp {
        self.over
    }

    /// The pane of a moment. (Whether it is wanted says [`Self::wants`].)
    pub fn pane_of(&self, time: Timestamp) -> Window {
        self.grid.pane_of(time)
    }

    /// Whether a window that is not over covers the pane.
    pub fn wants(&self, pane: Window) -> bool {
        let newest = self.window.newest_start(pane.start).plus(self.window.length);
        newest > pane.start && (self.keeps_all || newest > self.over)
    }

    /// The content of a pane.
    pub fn content_mut(&mut self, pane: Window) -> &mut T {
        self.panes.content_mut(pane)
    }

    /// The contents of a window, in order of time.
    pub fn within(&self, window: Window) -> impl Iterator<Item = (Timestamp, &T)> {
        self.panes.within(window)
    }

    /// All contents, in order of time.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.panes.iter()
    }

    /// All contents, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.panes.iter_mut()
    }

    /// The windows that hold something and are over once the watermark stands at `until`, but are not yet: in order
    /// of their ends. The error is a sentence.
    pub fn due(&self, until: Timestamp) -> Result<Vec<Window>, String> {
        if until <= self.over {
            return Ok(Vec::new());
        }
        let starts = self.panes.starts().take_while(|start| *start < until);
        self.covering(starts, Some(until), self.oldest_open())
    }

    /// The first window that holds something and is not over.
    pub fn first_held(&self) -> Option<Window> {
        let oldest = self.oldest_wanted();
        let covering = |pane: Timestamp| {
            let first = self.window.oldest_start(pane).max(oldest);
            self.window.windows_between(first, self.window.newest_start(pane)).next()
        };
        self.panes.starts().find_map(covering)
    }

    /// All windows that hold something and are not over (all there are, if they stay).
    pub fn held(&self) -> Result<Vec<Window>, String> {
        self.covering(self.panes.starts(), None, self.oldest_wanted())
    }

    /// The windows that cover one of these panes (in order of time) and are not over.
    pub fn touched(&self, panes: impl Iterator<Item = Timestamp>) -> Result<Vec<Window>, String> {
        self.covering(panes, None, self.oldest_wanted())
    }

    /// The watermark has come to `until`: panes that no open window covers are let go and given back.
    pub fn pass(&mut self, until: Timestamp) -> Vec<T> {
        self.over = self.over.max(until);
        if self.keeps_all || self.over == Timestamp(i64::MIN) {
            return Vec::new();
        }
        let horizon = self.oldest_open();
        self.forgotten = self.forgotten.max(horizon);
        self.panes.evict(horizon)
    }

    /// Goes on with another's panes. Whether windows that are still open reach back to what was let go already.
    pub fn take_over(&mut self, old: Self) -> bool {
        self.grid.refine(&old.grid);
        self.panes = old.panes;
        self.over = old.over;
        self.forgotten = old.forgotten;
        let has_forgotten = self.forgotten > Timestamp(i64::MIN);
        has_forgotten && self.oldest_open() < self.forgotten
    }

    /// Panes that start before this were let go; `None` if none was.
    pub fn let_go_before(&self) -> Option<Timestamp> {
        (self.forgotten > Timestamp(i64::MIN)).then_some(self.forgotten)
    }

    /// Stands where a run's report says, for a rehearsal.
    pub fn imagine(&mut self, over: Timestamp, let_go_before: Option<Timestamp>) {
        self.over = over;
        self.forgotten = let_go_before.unwrap_or(Timestamp(i64::MIN));
    }

    /// The start of the oldest window that is not over.
    fn oldest_open(&self) -> Timestamp {
        self.window.oldest_start(self.over)
    }

    fn oldest_wanted(&self) -> Timestamp {
        if self.keeps_all { Timestamp(i64::MIN) } else { self.oldest_open() }
    }

    /// The distinct windows that cover one of these moments, start at or after `oldest`, and end by `until`.
    fn covering(
        &self,
        moments: impl Iterator<Item = Timestamp>,
        until: Option<Timestamp>,
        oldest: Timestamp,
    ) -> Result<Vec<Window>, String> {
        let mut windows: Vec<Window> = Vec::new();
        let mut next = oldest;
        for moment in moments {
            let first = self.window.oldest_start(moment).max(next);
            let last = self.window.newest_start(moment);
            for window in self.window.windows_between(first, last) {
                if until.is_some_and(|until| window.end > until) {
                    break;
                }
                if windows.len() == MAX_WINDOWS {
                    return Err(flood());
                }
                windows.push(window);
                next = self.window.start_after(window);
            }
        }
        Ok(windows)
    }
}

fn flood() -> String {
    format!(
        "more than {MAX_WINDOWS} windows have results in one batch; lengthen the window's slide, put a filter before it, \
         or let fewer rows into a batch"
    )
}
