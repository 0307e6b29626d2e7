//! Which span of batches the plots show: the newest ones, or where a person dragged them to.

use weir_engine::metrics::History;

use crate::live::Live;

/// Fewest batches a view can be zoomed to.
const MIN_WIDTH: f64 = 4.0;

/// A young run's window widens by so many batches at a time.
const YOUNG: u64 = 30;

/// How many of the newest batches are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Window {
    /// A minute at one second.
    Last60,
    /// Five minutes at one second.
    #[default]
    Last300,
    /// A quarter of an hour at one second.
    Last1000,
    /// All that is kept.
    All,
}

impl Window {
    /// The choices, from narrow to wide.
    pub(super) const ALL: [Self; 4] = [Self::Last60, Self::Last300, Self::Last1000, Self::All];

    /// The key of its label.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Last60 => "plots.last_60",
            Self::Last300 => "plots.last_300",
            Self::Last1000 => "plots.last_1000",
            Self::All => "plots.last_all",
        }
    }

    fn batches(self) -> Option<u64> {
        match self {
            Self::Last60 => Some(60),
            Self::Last300 => Some(300),
            Self::Last1000 => Some(1_000),
            Self::All => None,
        }
    }
}

/// The span in view.
#[derive(Debug, Default)]
pub(super) struct View {
    /// How much is shown while following.
    pub(super) window: Window,
    /// Where the view was dragged to; `None` while it follows the newest batch.
    held: Option<(f64, f64)>,
    /// Whether a batch was shown in the frame before: its end returns to the newest.
    was_shown: bool,
}

impl View {
    /// Whether the view follows the newest batch.
    pub(super) fn is_following(&self) -> bool {
        self.held.is_none()
    }

    /// Follows the newest batch again.
    pub(super) fn follow(&mut self) {
        self.held = None;
    }

    /// Holds the view where it is, or was moved to.
    pub(super) fn hold(&mut self, span: (f64, f64), history: &History) {
        let Some((first, last)) = history.range() else { return };
        let (first, last) = (first as f64, last as f64);
        let width = (span.1 - span.0).clamp(MIN_WIDTH, (last - first + 1.0).max(MIN_WIDTH) * 2.0);
        let middle = f64::midpoint(span.0, span.1).clamp(first, last);
        self.held = Some((middle - width / 2.0, middle + width / 2.0));
    }

    /// Takes notice of a new run and of the return to live by other means than the plots' own.
    pub(super) fn sync(&mut self, live: &Live) {
        let is_shown = live.shown_batch.is_some();
        let is_gone = match (live.history.range(), self.held) {
            (Some((first, last)), Some((left, right))) => right < first as f64 || left > last as f64,
            (None, _) => true,
            (Some(_), None) => false,
        };
        if (self.was_shown && !is_shown) || is_gone {
            self.follow();
        }
        self.was_shown = is_shown;
    }

    /// The span to draw, in batches. A young run gets a narrower window, that widens in steps as it fills.
    pub(super) fn span(&self, history: &History) -> (f64, f64) {
        if let Some(held) = self.held {
            return held;
        }
        let (first, last) = history.range().unwrap_or((0, 0));
        let (from, to) = match self.window.batches() {
            None => (first, last.max(first + 9)),
            Some(count) => {
                let from = (last + 1).saturating_sub(count).max(first);
                let filled = last + 1 - from;
                (from, from + (filled / YOUNG + 1).saturating_mul(YOUNG).min(count).max(filled) - 1)
            }
        };
        (from as f64 - 0.5, to as f64 + 0.5)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use weir_engine::metrics::{BatchReport, BatchStatus, LatencySummary};
    use weir_engine::spec::{Span, Timestamp};

    use super::*;

    fn live(batches: u64) -> Live {
        let mut live = Live::default();
        for batch in 0..batches {
            live.history.push(Arc::new(BatchReport {
                batch,
                plan_version: 1,
                tick: Timestamp(0),
                oldest_tick: Timestamp(0),
                span: Span(1),
                interval: Span(1),
                creation_delay: Span(0),
                scheduling_delay: Span(0),
                processing_time: Span(0),
                total_delay: Span(0),
                input_rows: 0,
                input_bytes: 0,
                queued_batches: 0,
                latency: LatencySummary::default(),
                nodes: Vec::new(),
                parked: Vec::new(),
                status: BatchStatus::Ok,
                control: None,
            }));
        }
        live
    }

    #[test]
    fn a_view_that_follows_ends_at_the_newest_batch() {
        let view = View { window: Window::Last60, ..View::default() };
        assert_eq!(view.span(&live(5).history), (-0.5, 29.5));
        assert_eq!(view.span(&live(100).history), (39.5, 99.5));
        let all = View { window: Window::All, ..View::default() };
        assert_eq!(all.span(&live(100).history), (-0.5, 99.5));
    }

    #[test]
    fn a_held_view_stays_until_live_is_asked_for() {
        let (mut view, mut live) = (View::default(), live(100));
        view.hold((10.0, 30.0), &live.history);
        view.sync(&live);
        assert_eq!(view.span(&live.history), (10.0, 30.0));
        live.shown_batch = Some(20);
        view.sync(&live);
        assert!(!view.is_following());
        live.shown_batch = None;
        view.sync(&live);
        assert!(view.is_following());
    }

    #[test]
    fn a_new_run_is_followed_from_its_first_batch() {
        let mut view = View::default();
        view.hold((500.0, 600.0), &live(1_000).history);
        view.sync(&live(3));
        assert!(view.is_following());
    }
}
