//! The sink behind every kind that only shows or counts its rows: the runtime does both.

use crate::plan::{BatchContext, Flow, Idempotence, NodeError, Sink};

/// Takes rows and keeps none.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownSink {
    /// Rows of each batch to show; `None` shows all.
    pub(super) rows: Option<u64>,
}

impl Sink for ShownSink {
    fn stage(&mut self, _: &[Flow], _: &BatchContext) -> Result<(), NodeError> {
        Ok(())
    }

    fn publish(&mut self, _: u64) -> Result<(), NodeError> {
        Ok(())
    }

    fn idempotence(&self) -> Idempotence {
        Idempotence::ByBatch
    }

    fn shown_rows(&self) -> Option<u64> {
        self.rows
    }
}
