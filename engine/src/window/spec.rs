//! What a window node asks for.

use crate::spec::Span;

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
