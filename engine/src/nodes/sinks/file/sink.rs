//! Stages each batch as a hidden file and publishes it by rename.

use std::any::Any;

use arrow::datatypes::SchemaRef;

use super::folder::{Folder, IfExists};
use super::format::Encoding;
use crate::plan::{BatchContext, Chunk, Flow, Idempotence, IoContext, NodeError, Sink};

/// The sink of one file per batch.
#[derive(Debug)]
pub(super) struct FileSink {
    folder: Folder,
    encoding: Encoding,
    schema: SchemaRef,
    if_exists: IfExists,
    writes_empty: bool,
    /// The number of batch 0's file; `None` before the start.
    first_number: Option<u64>,
    /// The batch that is staged, if it has a file.
    staged: Option<u64>,
}

impl FileSink {
    /// Nothing is touched yet.
    pub(super) fn new(
        folder: Folder,
        encoding: Encoding,
        schema: SchemaRef,
        if_exists: IfExists,
        writes_empty: bool,
    ) -> Self {
        Self { folder, encoding, schema, if_exists, writes_empty, first_number: None, staged: None }
    }

    fn number(&self, batch: u64) -> u64 {
        self.first_number.unwrap_or(0).saturating_add(batch)
    }
}

impl Sink for FileSink {
    fn start(&mut self, _: &IoContext) -> Result<(), NodeError> {
        self.folder.make()?;
        if self.first_number.is_some() {
            return Ok(());
        }
        self.folder.remove_leftovers()?;
        let next = self.folder.next_number()?;
        self.first_number = Some(match self.if_exists {
            IfExists::Refuse if next > 0 => return Err(self.folder.refusal()),
            IfExists::Refuse => 0,
            IfExists::Append => next,
            IfExists::Replace => {
                self.folder.clear()?;
                0
            }
        });
        Ok(())
    }

    fn stage(&mut self, inputs: &[Flow], context: &BatchContext) -> Result<(), NodeError> {
        let number = self.number(context.batch);
        let chunks: Vec<Chunk> = inputs.iter().flat_map(Flow::chunks).cloned().collect();
        let has_rows = chunks.iter().any(|chunk| chunk.rows.num_rows() > 0);
        let has_fired = inputs.iter().any(Flow::fired);
        let is_wanted = has_rows || (self.writes_empty && has_fired);
        if !is_wanted {
            self.staged = None;
            return self.folder.unstage(number);
        }
        self.folder.stage(number, |out| self.encoding.write(&chunks, &self.schema, out))?;
        self.staged = Some(context.batch);
        Ok(())
    }

    fn publish(&mut self, batch: u64) -> Result<(), NodeError> {
        if self.staged == Some(batch) {
            self.folder.publish(self.number(batch))?;
        }
        Ok(())
    }

    fn recover(&mut self) -> Result<(), NodeError> {
        self.staged = None;
        self.folder.remove_leftovers()
    }

    fn idempotence(&self) -> Idempotence {
        Idempotence::ByBatch
    }

    /// In the same folder its own files are no files of an earlier run.
    fn take_over(&mut self, old: Box<dyn Sink>) {
        let old: Box<dyn Any> = old;
        if let Ok(old) = old.downcast::<Self>()
            && old.folder.is_same_place(&self.folder)
        {
            self.first_number = old.first_number;
        }
    }
}
