//! The event-time windows that are still open: panes, how far the watermark has come, and which windows that makes due.
//!
//! A window is *over* once the watermark has reached its end. Whoever keeps the panes lets the watermark pass in two
//! steps per batch, first to the batch's `late`, then takes the rows in, then to its `close`: so what is over is
//! exactly what rows are too late for.
//!
//! Panes of windows that are over stay as history, for the longest window that may be asked for: one that is made longer
//! reaches back into it. Whoever keeps the panes lets history go where memory is short; what a window then lacks, its
//! coverage says.

use super::placing::Grid;
use super::{EventWindow, LONGEST, Panes, Window};
use crate::metrics::Coverage;
use crate::spec::{Span, Timestamp};

/// Results of more windows than this are not given in one batch.
pub const MAX_WINDOWS: usize = 100_000;

/// Panes of history beyond this many are let go, oldest first.
const MAX_PANES: usize = 20_000;

/// Contents by pane of event time.
pub struct OpenWindows<T> {
    window: EventWindow,
    grid: Grid,
    panes: Panes<T>,
    /// Windows that end at or before this are over.
    over: Timestamp,
    /// What happened before this is not held, or not wholly.
    forgotten: Timestamp,
    /// Whether windows stay when they are over, and nothing is ever late.
    keeps_all: bool,
}

/// How far windows of a new kind are covered by what those of the former kind held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inherited {
    /// Of the oldest window that is not over, if not all of it is held.
    pub coverage: Option<Coverage>,
    /// Whether rows came between the former windows, in none of them.
    pub has_gaps: bool,
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
        let oldest = self.oldest_open();
        let starts = self.panes.starts_from(oldest).take_while(|start| *start < until);
        self.covering(starts, Some(until), oldest)
    }

    /// The first window that holds something and is not over.
    pub fn first_held(&self) -> Option<Window> {
        let oldest = self.oldest_wanted();
        let covering = |pane: Timestamp| {
            let first = self.window.oldest_start(pane).max(oldest);
            self.window.windows_between(first, self.window.newest_start(pane)).next()
        };
        self.panes.starts_from(oldest).find_map(covering)
    }

    /// All windows that hold something and are not over (all there are, if they stay).
    pub fn held(&self) -> Result<Vec<Window>, String> {
        let oldest = self.oldest_wanted();
        self.covering(self.panes.starts_from(oldest), None, oldest)
    }

    /// The windows that cover one of these panes (in order of time) and are not over.
    pub fn touched(&self, panes: impl Iterator<Item = Timestamp>) -> Result<Vec<Window>, String> {
        self.covering(panes, None, self.oldest_wanted())
    }

    /// The watermark has come to `until`. Panes that are too old even for history are let go and given back.
    pub fn pass(&mut self, until: Timestamp) -> Vec<T> {
        self.over = self.over.max(until);
        if self.keeps_all || self.over == Timestamp(i64::MIN) {
            return Vec::new();
        }
        let mut gone = self.let_go(self.oldest_open().min(self.over.minus(LONGEST)));
        while self.panes.len() > MAX_PANES {
            match self.let_oldest_go() {
                Some(oldest) => gone.extend(oldest),
                None => break,
            }
        }
        gone
    }

    /// Lets the oldest pane go, unless a window that is not over needs it: then there is nothing to let go of.
    pub fn let_oldest_go(&mut self) -> Option<Vec<T>> {
        let needed = self.oldest_wanted();
        let oldest = self.panes.oldest().filter(|oldest| oldest.start < needed)?;
        Some(self.let_go(oldest.end.min(needed)))
    }

    fn let_go(&mut self, horizon: Timestamp) -> Vec<T> {
        let gone = self.panes.evict(horizon);
        if !gone.is_empty() {
            self.forgotten = self.forgotten.max(horizon);
        }
        gone
    }

    /// Goes on with another's panes.
    pub fn take_over(&mut self, old: Self) -> Inherited {
        self.grid.refine(&old.grid);
        self.over = old.over;
        self.forgotten = old.forgotten;
        self.panes = old.panes;
        if old.window.has_gaps() && self.window != old.window {
            // What came in between was in no window, so nobody kept it.
            self.forgotten = self.forgotten.max(self.panes.end().unwrap_or(self.over));
            return Inherited { coverage: None, has_gaps: true };
        }
        let start = self.oldest_wanted();
        let oldest = Window { start, end: start.plus(self.window.length) };
        let is_short = self.let_go_before().is_some_and(|forgotten| start < forgotten);
        Inherited { coverage: is_short.then(|| self.coverage(oldest)), has_gaps: false }
    }

    /// How much of a window is held.
    pub fn coverage(&self, window: Window) -> Coverage {
        let held = window.end.since(window.start.max(self.forgotten)).max(Span(0));
        let is_rounded = self.grid.has_former() && self.panes.are_cut_by(window);
        Coverage { held, length: window.end.since(window.start), is_rounded }
    }

    /// What happened before this is not held, or not wholly; `None` if all is that ever came in time.
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
