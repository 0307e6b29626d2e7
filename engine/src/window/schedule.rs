//! When windows end, and into which pane a row goes.
//!
//! Slides count from the run's start: the windows end at `anchor + k * slide`. A changed slide counts from the batch
//! boundary at which it changed. Panes lie on a grid from the same anchor, so that a window's bounds never cut a pane
//! of the present grid; only panes from before a change may be cut, and those are taken whole.

use super::WindowSpec;
use super::spec::gcd;
use crate::metrics::Coverage;
use crate::spec::{Span, Timestamp};

/// More windows than this in one batch are not shown one by one (after a long pause, say): the latest are.
pub const MAX_WINDOWS_PER_BATCH: i64 = 1_000;

/// The span `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub start: Timestamp,
    /// One past the last.
    pub end: Timestamp,
}

/// The windows that end in a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// In order of their ends.
    pub windows: Vec<Window>,
    /// How many older ones were left out because there were too many.
    pub skipped: u64,
}

/// The windows of one operator over time.
#[derive(Debug, Clone)]
pub struct Schedule {
    spec: WindowSpec,
    width: Span,
    anchor: Option<Timestamp>,
    /// The last end that was reached.
    reached: Timestamp,
    /// The last batch's time.
    now: Timestamp,
    /// From where on rows are held.
    since: Timestamp,
    /// Whether rows from before that were let go: else none ever came.
    has_let_go: bool,
}

impl Schedule {
    /// Not yet begun.
    pub fn new(spec: WindowSpec) -> Self {
        let width = spec.pane_width();
        let zero = Timestamp::default();
        Self { spec, width, anchor: None, reached: zero, now: zero, since: zero, has_let_go: false }
    }

    /// Begins with the first batch, which covers what came after `from`; later calls do nothing.
    pub fn begin(&mut self, run_start: Timestamp, from: Timestamp) {
        if self.anchor.is_some() {
            return;
        }
        let past = from.since(run_start).0 / self.slide();
        self.anchor = Some(run_start);
        self.reached = run_start.plus(Span(past * self.slide()));
        self.now = from;
        self.since = from;
    }

    /// The pane of a row: its start and end.
    pub fn pane_of(&self, arrived: Timestamp) -> Window {
        let anchor = self.anchor.unwrap_or_default();
        let offset = (arrived.0 - anchor.0).rem_euclid(self.width.0);
        let start = Timestamp(arrived.0 - offset);
        Window { start, end: start.plus(self.width) }
    }

    /// The windows that end after the last batch and not after this one.
    pub fn due(&mut self, time: Timestamp) -> Due {
        self.now = self.now.max(time);
        let count = time.since(self.reached).0 / self.slide();
        let skipped = (count - MAX_WINDOWS_PER_BATCH).max(0);
        self.reached = self.reached.plus(Span(skipped * self.slide()));
        let mut windows = Vec::new();
        for _ in skipped..count {
            self.reached = self.reached.plus(Span(self.slide()));
            windows.push(Window { start: self.reached.minus(self.spec.length), end: self.reached });
        }
        Due { windows, skipped: skipped.unsigned_abs() }
    }

    /// Panes that start before this are needed by no window, now or after a change within the retained history.
    pub fn horizon(&self) -> Timestamp {
        self.needed_from().min(self.now.minus(self.spec.retain))
    }

    /// Panes that start before this are needed by no window of the present length.
    pub fn needed_from(&self) -> Timestamp {
        self.reached.minus(self.spec.length)
    }

    /// When the next window ends; `None` before the first batch.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.anchor.map(|_| self.reached.plus(Span(self.slide())))
    }

    /// The time of the last batch.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Time between two windows, in microseconds.
    pub fn slide(&self) -> i64 {
        self.spec.slide.0.max(1)
    }

    /// Remembers that nothing before this is held any more.
    pub fn forget_before(&mut self, horizon: Timestamp) {
        self.has_let_go |= horizon > self.since;
        self.since = self.since.max(horizon);
    }

    /// What came before this is no longer held; `None` if everything that ever came is.
    pub fn let_go_before(&self) -> Option<Timestamp> {
        self.has_let_go.then_some(self.since)
    }

    /// What of the present length is held, if less than all because history was let go.
    pub fn shortfall(&self) -> Option<Coverage> {
        let wanted = Window { start: self.now.minus(self.spec.length), end: self.now };
        (self.has_let_go && wanted.start < self.since).then(|| self.coverage(wanted, false))
    }

    /// Stands where a run's report says, for a rehearsal.
    pub fn imagine(&mut self, now: Timestamp, let_go_before: Option<Timestamp>) {
        (self.anchor, self.reached, self.now) = (Some(now), now, now);
        self.has_let_go = let_go_before.is_some();
        self.since = let_go_before.unwrap_or_default();
    }

    /// How much of a window is held. `is_rounded` is known to who keeps the panes.
    pub fn coverage(&self, window: Window, is_rounded: bool) -> Coverage {
        let held = window.end.since(window.start.max(self.since)).max(Span(0));
        Coverage { held, length: window.end.since(window.start), is_rounded }
    }

    /// Goes on where another schedule was when the person changed length or slide.
    pub fn take_over(&mut self, old: &Self) {
        let Some(anchor) = old.anchor else { return };
        let keeps_slide = self.spec.slide == old.spec.slide;
        self.anchor = Some(if keeps_slide { anchor } else { old.now });
        self.reached = if keeps_slide { old.reached } else { old.now };
        self.width = Span(gcd(self.width.0, old.width.0).max(1));
        self.now = old.now;
        (self.since, self.has_let_go) = (old.since, old.has_let_go);
    }
}
