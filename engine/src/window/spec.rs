//! What a window node asks for.

use crate::spec::Span;

/// The column that says where a result's window ends (exclusive).
pub const WINDOW_END: &str = "window_end";

/// Steps that people's windows are made of; the ends of a slider are taken apart by one of them.
const STEPS_MILLIS: [i64; 16] =
    [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 86_400_000];

/// The longest window there is. As far back history is kept, memory permitting, so that a longer one can be asked for.
pub const LONGEST: Span = Span::from_secs(31 * 86_400);

/// A changed length is exact to the step of this history.
const FINE_HISTORY: Span = Span::from_secs(600);

/// About how many panes the history near the window is cut into.
const PANES: i64 = 600;

/// What a windowed stream is cut by.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkWindow {
    /// By time of arrival: tumbling or sliding.
    Arrival(WindowSpec),
    /// By event time: tumbling or sliding.
    Event(EventWindow),
    /// By pauses between the rows of a key.
    Session(SessionWindow),
    /// By number of rows.
    Count(CountWindow),
}

/// Where a stream's rows say when they happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTime {
    /// The column, of type timestamp.
    pub column: String,
    /// What is added to it: results of a window happened just before the window's end.
    pub shift: Span,
}

/// An event-time window: `[k * slide + offset, k * slide + offset + length)` for every whole `k`, counted from the epoch.
/// Many are open at once; the watermark closes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventWindow {
    /// What rows are placed by.
    pub time: EventTime,
    /// How long a window is.
    pub length: Span,
    /// Time between the starts of two windows.
    pub slide: Span,
    /// Where the windows start from the epoch, in `[0, slide)`.
    pub offset: Span,
}

/// A session window: rows of one key belong together as long as no pause between them is longer than the gap.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionWindow {
    /// What rows are placed by; `None`: their time of arrival.
    pub time: Option<EventTime>,
    /// The longest pause.
    pub gap: Span,
    /// An expression that gives each row a gap of its own, in place of `gap`.
    pub gap_expression: Option<String>,
    /// The columns of a session's key; empty: those the node behind groups by.
    pub per: Vec<String>,
}

/// A count window: the last `rows` rows of a key, at every `slide` rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountWindow {
    /// How many rows a window holds.
    pub rows: u64,
    /// Rows between two windows.
    pub slide: u64,
    /// The columns of a key; empty: those the node behind groups by.
    pub per: Vec<String>,
}

impl From<WindowSpec> for LinkWindow {
    fn from(window: WindowSpec) -> Self {
        Self::Arrival(window)
    }
}

impl EventTime {
    /// The column as it is.
    pub fn column(name: impl Into<String>) -> Self {
        Self { column: name.into(), shift: Span(0) }
    }

    /// Results of a window happened in its last moment, so that they fall into the same windows as its rows.
    pub fn of_window() -> Self {
        Self { column: WINDOW_END.to_owned(), shift: Span(-1) }
    }
}

/// A processing-time window: `length` of arrivals, looked at every `slide`. Panes are by arrival time, so both may
/// change while running without losing what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowSpec {
    /// How far back a window reaches.
    pub length: Span,
    /// Time between two windows.
    pub slide: Span,
    /// History to keep if memory allows, so that a longer window can be asked for later: at least `length`.
    pub retain: Span,
}

impl WindowSpec {
    /// The step in which a later change of length or slide is exact. Within ten times the length, or ten minutes, that
    /// is fine enough for a slider; history beyond is kept in panes of the same width.
    pub fn step(&self) -> Span {
        let near = Span(self.length.0.saturating_mul(10)).min(FINE_HISTORY).min(self.retain);
        let finest = near.max(self.length).0 / PANES;
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
