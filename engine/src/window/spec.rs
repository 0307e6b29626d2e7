//! What a window node asks for.

use crate::spec::Span;

/// Steps that people's windows are made of; the ends of a slider are taken apart by one of them.
const STEPS_MILLIS: [i64; 16] =
    [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 86_400_000];

/// About how many panes the retained history is cut into.
const PANES: i64 = 600;

/// A processing-time window: `length` of arrivals, looked at every `slide`. Panes are by arrival time, so both may
/// change while running without losing what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowSpec {
    /// How far back a window reaches.
    pub length: Span,
    /// Time between two windows.
    pub slide: Span,
    /// History to keep beyond the window, so that a longer window can be asked for later: at least `length`.
    pub retain: Span,
}

impl WindowSpec {
    /// The step in which a later change of length or slide is exact.
    pub fn step(&self) -> Span {
        let finest = self.retain.0.max(self.length.0) / PANES;
        let steps = STEPS_MILLIS.map(Span::from_millis);
        steps.into_iter().find(|step| step.0 >= finest).unwrap_or(Span::from_secs(86_400))
    }

    /// The width of a pane: the greatest span of which length, slide and step are multiples.
    pub fn pane_width(&self) -> Span {
        Span(gcd(gcd(self.length.0, self.slide.0), self.step().0).max(1))
    }
}

/// The greatest common divisor.
pub(super) fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
