//! What a node remembers, as a person needs to know it: how much of its history is still there, since when it mixes
//! rows of two meanings, and what an edit set aside for undo.

use crate::spec::{NodeId, Span, Timestamp};

/// How much of a window's span its result rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// The part of the window that history is held for; all of it, usually.
    pub held: Span,
    /// The window's length.
    pub length: Span,
    /// Whether a pane from before a change reached over a bound and was taken whole.
    pub is_rounded: bool,
}

impl Coverage {
    /// Whether the result is exactly the window's.
    pub fn is_complete(&self) -> bool {
        self.held == self.length && !self.is_rounded
    }

    /// The share of the window that is held, from 0 to 1.
    pub fn share(&self) -> f64 {
        if self.length.0 <= 0 { 1.0 } else { (self.held.0 as f64 / self.length.0 as f64).clamp(0.0, 1.0) }
    }
}

/// The facts about one node's memory after a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryReport {
    /// Of the windows that fired in this batch, the coverage of the one that rests on least; `None` where none fired.
    pub coverage: Option<Coverage>,
    /// What came before this is no longer held. `None`: nothing was let go yet, or nothing is kept by time.
    pub let_go_before: Option<Timestamp>,
    /// By event time: windows that end by this are over.
    pub closed_before: Option<Timestamp>,
    /// Of sessions: the smallest gap there was, which is how finely they can still be taken apart.
    pub finest_gap: Option<Span>,
    /// From this batch on, rows come that mean something else than those before, since something upstream was edited.
    pub mixed_since: Option<u64>,
    /// Batches whose rows are not in its state, because it stood still or was out of the plan.
    pub missed_batches: u64,
    /// Aggregates that were taken away and whose state is kept for undo.
    pub parked_columns: Vec<ParkedColumn>,
}

/// An aggregate that was taken away, kept for undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedColumn {
    /// The column it gave.
    pub name: String,
    /// What it computes, whatever its name: an aggregate that computes the same goes on with its state.
    pub fingerprint: String,
}

/// The state of a node that left the plan or began anew, kept for undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedState {
    /// The node.
    pub node: NodeId,
    /// Its name then.
    pub name: String,
    /// Stands for its kind, its parameters and the types of its wires: a node of the same identity gets the state back.
    pub identity: u64,
    /// The first batch that was computed without it.
    pub since_batch: u64,
    /// Entries: keys, or rows.
    pub state_rows: u64,
    /// Their bytes.
    pub state_bytes: u64,
}
