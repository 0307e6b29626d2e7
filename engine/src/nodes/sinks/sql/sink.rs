//! The sink: prepares a batch's rows, and hands them to the database with the batch's number.

use std::any::Any;

use arrow::array::{Array, UInt32Array};
use arrow::compute::{and, concat_batches, filter_record_batch, is_not_null, take_record_batch};
use arrow::record_batch::RecordBatch;

use super::table::Table;
use crate::aggregate::{Interner, normalised};
use crate::plan::{BatchContext, Flow, Idempotence, IoContext, NodeError, Sink};

/// What one batch writes.
pub(super) struct Work<'a> {
    /// Where to.
    pub(super) table: &'a Table,
    /// Who writes: the numbers of batches are kept by this.
    pub(super) writer: &'a str,
    /// The run. A database that is asked for one gives the next free number.
    pub(super) run: i64,
    /// The batch.
    pub(super) batch: i64,
    /// Its rows.
    pub(super) rows: &'a [RecordBatch],
}

/// A database that can be written to. Every error leaves it as it was.
pub(super) trait Database: Send + Any {
    /// What makes it reach others, before anything else.
    fn start(&mut self, io: &IoContext);

    /// The run of this writer: a new one, or the last there is.
    fn run(&mut self, writer: &str, goes_on: bool) -> Result<i64, NodeError>;

    /// Writes the rows and the batch's number in one transaction, unless the number is there already. Tells how many
    /// texts had to be repaired.
    fn write(&mut self, work: &Work<'_>) -> Result<u64, NodeError>;

    /// Lets go of the connection.
    fn stop(&mut self);

    /// Whether the other is the same place.
    fn is_same(&self, other: &dyn Any) -> bool;
}

/// The sink.
pub(super) struct SqlSink {
    table: Table,
    writer: String,
    database: Box<dyn Database>,
    /// Numbered in the database, before the first batch.
    run: Option<i64>,
    /// Whether an interrupted run goes on.
    goes_on: bool,
    staged: Option<(u64, Vec<RecordBatch>)>,
    null_keys: u64,
    repaired: u64,
}

impl SqlSink {
    /// Nothing is touched yet.
    pub(super) fn new(table: Table, node: &str, database: Box<dyn Database>) -> Self {
        let writer = format!("{} < {node}", table.name);
        Self { table, writer, database, run: None, goes_on: false, staged: None, null_keys: 0, repaired: 0 }
    }

    /// The rows that count: of a key the last, none without a key.
    fn prepared(&mut self, rows: Vec<RecordBatch>) -> Result<Vec<RecordBatch>, NodeError> {
        self.null_keys = 0;
        if self.table.key.is_empty() || rows.is_empty() {
            return Ok(rows);
        }
        let mut all = concat_batches(&self.table.schema, &rows)?;
        let keys_of =
            |rows: &RecordBatch| self.table.key.iter().map(|at| normalised(rows.column(*at))).collect::<Vec<_>>();
        let keys = keys_of(&all);
        if keys.iter().any(|key| key.null_count() > 0) {
            let mut has_key = is_not_null(&keys[0])?;
            for key in keys.iter().skip(1) {
                has_key = and(&has_key, &is_not_null(key)?)?;
            }
            self.null_keys = (has_key.len() - has_key.true_count()) as u64;
            all = filter_record_batch(&all, &has_key)?;
        }
        let schema = std::sync::Arc::new(self.table.schema.project(&self.table.key)?);
        let mut interner = Interner::new(&schema)?;
        let groups = interner.intern(&keys_of(&all), all.num_rows())?.to_vec();
        let mut last = vec![0u32; interner.len()];
        for (row, group) in (0u32..).zip(&groups) {
            if let Some(slot) = last.get_mut(*group) {
                *slot = row;
            }
        }
        if last.len() == all.num_rows() {
            return Ok(vec![all]);
        }
        last.sort_unstable();
        Ok(vec![take_record_batch(&all, &UInt32Array::from(last))?])
    }
}

impl Sink for SqlSink {
    fn start(&mut self, io: &IoContext) -> Result<(), NodeError> {
        self.database.start(io);
        Ok(())
    }

    fn stage(&mut self, inputs: &[Flow], context: &BatchContext) -> Result<(), NodeError> {
        // A batch that is held is staged again and again.
        if self.staged.as_ref().is_some_and(|(batch, _)| *batch == context.batch) {
            return Ok(());
        }
        let chunks = inputs.iter().flat_map(Flow::chunks).filter(|chunk| chunk.rows.num_rows() > 0);
        let rows = chunks.map(|chunk| chunk.rows.clone()).collect();
        self.repaired = 0;
        let rows = self.prepared(rows)?;
        self.staged = Some((context.batch, rows));
        Ok(())
    }

    fn publish(&mut self, batch: u64) -> Result<(), NodeError> {
        let Some((staged, rows)) = &self.staged else { return Ok(()) };
        if *staged != batch || rows.is_empty() {
            return Ok(());
        }
        let run = match self.run {
            Some(run) => run,
            None => *self.run.insert(self.database.run(&self.writer, self.goes_on)?),
        };
        let number = i64::try_from(batch).unwrap_or(i64::MAX);
        let work = Work { table: &self.table, writer: &self.writer, run, batch: number, rows };
        self.repaired = self.database.write(&work)?;
        Ok(())
    }

    /// An interrupted run goes on under its own number in the database: the batch that may or may not have been written is recognised.
    fn recover(&mut self) -> Result<(), NodeError> {
        self.goes_on = true;
        self.run = None;
        self.staged = None;
        Ok(())
    }

    fn idempotence(&self) -> Idempotence {
        Idempotence::ByBatch
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let all = [("null_keys", self.null_keys), ("repaired", self.repaired)];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn stop(&mut self) {
        self.database.stop();
    }

    /// In the same place the run goes on.
    fn take_over(&mut self, old: Box<dyn Sink>) {
        let old: Box<dyn Any> = old;
        if let Ok(mut old) = old.downcast::<Self>() {
            if old.writer == self.writer && self.database.is_same(&*old.database) {
                self.run = old.run;
                self.goes_on = old.goes_on;
            }
            old.database.stop();
        }
    }
}
