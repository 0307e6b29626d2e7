//! What works on rows: one object per node of a running plan.

use std::any::Any;

use super::{BatchContext, Flow, NodeError, StateFate, Watermark};
use crate::metrics::{CountFacts, EventTimeFacts, MemoryReport, WindowFacts};
use crate::spec::Timestamp;

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

/// What an operator may do without when memory is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relief {
    /// History that only a change to come could ask for.
    History,
    /// That, and whatever can be computed again.
    Caches,
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

    /// Whether it remembers anything that an edit could lose.
    fn remembers(&self) -> bool {
        false
    }

    /// What is to know about its memory besides its size. Quick: it is asked after every batch.
    fn memory(&self) -> MemoryReport {
        MemoryReport::default()
    }

    /// Lets go of what it can do without, what is missed least first, until it holds at most so many bytes.
    fn relieve(&mut self, relief: Relief, bytes: u64) {
        let _ = (relief, bytes);
    }

    /// The batch at work failed halfway, or crashed: what only served that batch is thrown away, the state stays.
    fn abandon(&mut self) {}

    /// Stands, without any content, where a run's report says: a rehearsal of an edit then says what the edit will.
    fn imagine(&mut self, memory: &MemoryReport, tick: Timestamp) {
        let _ = (memory, tick);
    }

    /// Why nothing of the state of `old`, which stood for the same node, can go on here; a sentence. What is true of
    /// operators without content is true of those with: previews rely on it.
    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        let _ = old;
        Ok(())
    }

    /// Begins anew where `old` stands: how far time has come goes on even where the state cannot.
    fn follow(&mut self, old: &dyn Operator) {
        let _ = old;
    }

    /// For an operator that keeps windows: which, after the batch just processed.
    fn windows(&self) -> Option<WindowFacts> {
        None
    }

    /// For an operator whose windows end after so many rows: how far they are, after the batch just processed.
    fn counting(&self) -> Option<CountFacts> {
        None
    }

    /// For the operator that sets the watermark: what it goes by.
    fn event_time(&self) -> Option<EventTimeFacts> {
        None
    }

    /// The positions of the columns of its first input that rows are grouped or joined by: the runner looks whether one
    /// key has most of the rows.
    fn key_columns(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Takes the state of the operator that stood for the same node before its parameters, inputs or window changed.
    /// (Downcast `old as Box<dyn Any>`.) Where it does not fit, this does what [`Self::follow`] does. Stateless operators need not do anything.
    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        drop(old);
        StateFate::Kept
    }
}

/// The operator as one of this type, if it is one.
pub fn known<T: Operator>(operator: &dyn Operator) -> Option<&T> {
    (operator as &dyn Any).downcast_ref()
}
