//! Where rows go: staged while the batch runs, published once all of it has succeeded.

use std::any::Any;

use arrow::datatypes::SchemaRef;

use super::{BatchContext, Chunk, Flow, IoContext, NodeError};

/// What publishing the same batch twice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotence {
    /// Nothing more than once.
    ByBatch,
    /// The rows appear twice.
    None,
}

/// Takes rows out of one batch after the other. A sink that merely shows its rows (see [`super::Presents`]) has
/// nothing to do here: the runtime presents them.
pub trait Sink: Send + Any {
    /// Makes sure it can write, before the first batch. Not being able to connect yet is no error here.
    fn start(&mut self, io: &IoContext) -> Result<(), NodeError> {
        let _ = io;
        Ok(())
    }

    /// Prepares the batch where nobody sees it yet. Staging the same batch again replaces what was staged.
    fn stage(&mut self, inputs: &[Flow], context: &BatchContext) -> Result<(), NodeError>;

    /// Makes what was staged visible, all at once.
    fn publish(&mut self, batch: u64) -> Result<(), NodeError>;

    /// Before the start, and only where an interrupted run goes on with the numbers of its batches: removes what it left
    /// staged, and recognises the batches that it published. A new run begins at batch 0 again and must not ask for
    /// this, or its batches would pass for ones that are written already.
    fn recover(&mut self) -> Result<(), NodeError> {
        Ok(())
    }

    /// What publishing twice does.
    fn idempotence(&self) -> Idempotence;

    /// Rows of the batch just staged that were not written, by the counter's name.
    fn counters(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// For a sink that shows itself: how many rows of a batch to show; `None` for all.
    fn shown_rows(&self) -> Option<u64> {
        None
    }

    /// For a sink that shows something else than its input: the rows to show of the batch just staged.
    fn shown(&self) -> Option<(SchemaRef, Vec<Chunk>)> {
        None
    }

    /// Releases what it holds because the node has left the plan. It may be started again.
    fn stop(&mut self) {}

    /// Goes on where the sink that stood for the same node left off.
    fn take_over(&mut self, old: Box<dyn Sink>) {
        drop(old);
    }
}
