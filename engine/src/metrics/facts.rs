//! What a node says of itself in a batch beyond its counts: what it waited for, how far event time has come on what
//! enters it, which windows it holds, and whether one key has most of its rows. Kept only where there is something to
//! say, so that ten thousand reports stay small.

use crate::spec::{NodeId, Span, Timestamp};

/// Facts about one node in one batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeFacts {
    /// What it waited for while the batch was held, and how long.
    pub waited: Option<Waited>,
    /// How far event time has come on each wire that enters it and is behind a watermark.
    pub streams: Vec<StreamFacts>,
    /// For the node that sets the watermark: what it goes by.
    pub event_time: Option<EventTimeFacts>,
    /// For a node that keeps windows: which.
    pub windows: Option<WindowFacts>,
    /// For a node whose windows end after so many rows: how far they are.
    pub counting: Option<CountFacts>,
    /// The key that has most of its rows, where one has many.
    pub skew: Option<KeySkew>,
}

/// A wait for something outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waited {
    /// How long.
    pub time: Span,
    /// For what, as a sentence.
    pub what: String,
}

/// How far event time has come on one wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamFacts {
    /// The node at the wire's other end.
    pub from: NodeId,
    /// The watermark that windows close by in this batch; `None` before the first row.
    pub watermark: Option<Timestamp>,
    /// Whether it holds nobody back because it has been silent for long.
    pub is_idle: bool,
}

/// What a watermark goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTimeFacts {
    /// The latest time seen.
    pub latest: Option<Timestamp>,
    /// How far the watermark stays behind it.
    pub delay: Span,
    /// How long no row has come.
    pub silent: Span,
}

/// By which clock windows end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowClock {
    /// By time of arrival: with the ticks.
    Arrival,
    /// By event time: with the watermark.
    Event,
}

/// When windows give their results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEmit {
    /// Once, when they are over.
    AtEnd,
    /// As soon as rows change them, or in every batch.
    Early,
}

/// The windows a node keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowFacts {
    /// By which clock they end.
    pub clock: WindowClock,
    /// When they give results.
    pub emit: WindowEmit,
    /// The end of the window that is over next; `None` while none holds a row.
    pub next_end: Option<Timestamp>,
}

/// How far windows are that end after so many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountFacts {
    /// Rows of a key between two windows.
    pub slide: u64,
    /// Of the keys that rows came for last, what the one nearest to its next window lacks.
    pub missing: u64,
}

/// The key with the most rows, of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct KeySkew {
    /// Its value, as people read it.
    pub key: String,
    /// Its part of the rows, 0 to 1.
    pub share: f64,
}

impl NodeFacts {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
