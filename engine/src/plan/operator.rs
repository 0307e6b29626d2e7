//! What works on rows: one object per node of a running plan.

use std::any::Any;

use super::{BatchContext, Flow, NodeError, Watermark};

/// Per input port, the flows of its wires (in the order of the wires).
pub type Inputs = Vec<Vec<Flow>>;

/// Per output port, what flows out.
pub type Outputs = Vec<Flow>;

/// How much an operator remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateSize {
    /// Entries: keys, or rows.
    pub rows: u64,
    /// Bytes, roughly.
    pub bytes: u64,
}

/// What became of the state when a node's parameters changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateFate {
    /// All of it goes on.
    Kept,
    /// Part of it goes on; the sentence says what does not.
    Partly(String),
    /// It starts anew; the sentence says why.
    Reset(String),
}

/// Works on one batch after the other. Panics are caught around it; metrics are taken around it.
pub trait Operator: Send + Any {
    /// Works on one batch: one flow per declared output port.
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError>;

    /// Whether it must run although no input fired (windows slide on empty batches).
    fn runs_when_idle(&self) -> bool {
        false
    }

    /// The watermark of what flows out, asked after each batch. `None`: the lowest of its inputs' goes on.
    fn watermark(&self) -> Option<Watermark> {
        None
    }

    /// Whether another batch would give more although no row comes any more: a bounded run waits for it.
    fn wants_another_batch(&self) -> bool {
        false
    }

    /// How much it remembers.
    fn state_size(&self) -> StateSize {
        StateSize::default()
    }

    /// Rows set aside in the batch just processed, by the counter's name: `rejected`, `late`, `ignored`.
    fn counters(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// Takes the state of the operator that stood for the same node before its parameters, inputs or window changed.
    /// (Downcast `old as Box<dyn Any>`.) Stateless operators need not do anything.
    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        drop(old);
        StateFate::Kept
    }
}
