//! Groups the rows of one batch, in parallel where there are many.
//!
//! The rows are cut into pieces by their number alone, every piece is aggregated on its own, and the pieces are merged
//! in their order. So the result does not depend on the number of threads, not even in the last bit of a sum of
//! fractions, and groups come out in the order in which their keys were first seen. A batch of one piece, the usual
//! case, needs no merge.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::{Accumulators, AggregateError, Aggregation, GroupSpec, Interner, Rows, States};
use crate::expr::Scope;

/// Rows of a piece: large enough that merging its keys is cheap beside finding them.
pub const PIECE_ROWS: usize = 512 * 1024;

/// Groups batches; keeps its tables' memory from batch to batch.
pub struct BatchGrouper {
    spec: Arc<GroupSpec>,
    tables: Vec<Interner>,
    piece_rows: usize,
}

/// Groups found: their keys in first-seen order, and per call their states.
#[derive(Debug)]
pub struct Grouped {
    /// The key columns.
    pub keys: Vec<ArrayRef>,
    /// Per call its state columns.
    pub states: States,
    /// How many groups.
    pub groups: usize,
}

impl BatchGrouper {
    /// For this grouping.
    pub fn new(spec: Arc<GroupSpec>) -> Self {
        Self { spec, tables: Vec::new(), piece_rows: PIECE_ROWS }
    }

    /// The same with pieces of another size.
    #[must_use]
    pub fn with_piece_rows(mut self, rows: usize) -> Self {
        self.piece_rows = rows.max(1);
        self
    }

    /// The grouping.
    pub fn spec(&self) -> &Arc<GroupSpec> {
        &self.spec
    }

    /// The results of these rows. A grouping without keys has one row even where there are none.
    pub fn evaluate(
        &mut self,
        batches: &[RecordBatch],
        scope: &Scope,
        pool: &ThreadPool,
    ) -> Result<RecordBatch, AggregateError> {
        let (keys, mut accumulators, _) = self.accumulate(batches, scope, pool)?;
        let results = accumulators.evaluate()?;
        let aggregation = self.spec.aggregation();
        if keys.is_empty() && !aggregation.is_keyless() {
            return Ok(RecordBatch::new_empty(Arc::clone(aggregation.output())));
        }
        aggregation.batch(keys, results)
    }

    /// The states of these rows.
    pub fn partial(
        &mut self,
        batches: &[RecordBatch],
        scope: &Scope,
        pool: &ThreadPool,
    ) -> Result<Grouped, AggregateError> {
        let (keys, mut accumulators, groups) = self.accumulate(batches, scope, pool)?;
        Ok(Grouped { keys, states: accumulators.state()?, groups })
    }

    fn accumulate(
        &mut self,
        batches: &[RecordBatch],
        scope: &Scope,
        pool: &ThreadPool,
    ) -> Result<(Vec<ArrayRef>, Accumulators, usize), AggregateError> {
        let pieces = cut(batches, self.piece_rows);
        while self.tables.len() < pieces.len().max(1) {
            self.tables.push(Interner::new(self.spec.aggregation().keys())?);
        }
        let spec = &self.spec;
        let [only] = pieces.as_slice() else {
            let work = || {
                let tables = self.tables.par_iter_mut().zip(&pieces);
                tables.map(|(table, piece)| partial_of(spec, table, piece, scope)).collect::<Result<Vec<_>, _>>()
            };
            let parts = if pieces.is_empty() { Vec::new() } else { pool.install(work)? };
            return self.merge(parts);
        };
        let Some(table) = self.tables.first_mut() else { return self.merge(Vec::new()) };
        let accumulators = accumulate_piece(spec, table, only, scope)?;
        let groups = table.len();
        Ok((table.take()?, accumulators, groups))
    }

    fn merge(&self, parts: Vec<Grouped>) -> Result<(Vec<ArrayRef>, Accumulators, usize), AggregateError> {
        let aggregation = self.spec.aggregation();
        let mut accumulators = Accumulators::new(aggregation)?;
        let mut table = Interner::new(aggregation.keys())?;
        for part in parts {
            let groups = table.intern(&part.keys, part.groups)?.to_vec();
            let total = table.len();
            accumulators.merge(&part.states, &groups, total)?;
        }
        let groups = table.len();
        accumulators.grow(groups)?;
        Ok((table.take()?, accumulators, groups))
    }
}

fn partial_of(
    spec: &GroupSpec,
    table: &mut Interner,
    piece: &[RecordBatch],
    scope: &Scope,
) -> Result<Grouped, AggregateError> {
    let mut accumulators = accumulate_piece(spec, table, piece, scope)?;
    let groups = table.len();
    Ok(Grouped { keys: table.take()?, states: accumulators.state()?, groups })
}

/// A failure leaves no key behind: the table is emptied, since it serves the next batch as well.
fn accumulate_piece(
    spec: &GroupSpec,
    table: &mut Interner,
    piece: &[RecordBatch],
    scope: &Scope,
) -> Result<Accumulators, AggregateError> {
    let fed = feed(spec, table, piece, scope);
    if fed.is_err() {
        table.take()?;
    }
    fed
}

fn feed(
    spec: &GroupSpec,
    table: &mut Interner,
    piece: &[RecordBatch],
    scope: &Scope,
) -> Result<Accumulators, AggregateError> {
    let aggregation: &Arc<Aggregation> = spec.aggregation();
    let mut accumulators = Accumulators::new(aggregation)?;
    for batch in piece {
        let Rows { keys, arguments, len } = spec.rows(batch, scope)?;
        table.intern(&keys, len)?;
        let total = table.len();
        accumulators.update(&arguments, table.groups(), total)?;
    }
    Ok(accumulators)
}

/// Cuts batches into pieces of so many rows (the last one may have fewer). Empty batches vanish.
fn cut(batches: &[RecordBatch], piece_rows: usize) -> Vec<Vec<RecordBatch>> {
    let mut pieces: Vec<Vec<RecordBatch>> = Vec::new();
    let mut room = 0;
    for batch in batches {
        let mut offset = 0;
        while offset < batch.num_rows() {
            if room == 0 {
                pieces.push(Vec::new());
                room = piece_rows;
            }
            let len = room.min(batch.num_rows() - offset);
            if let Some(piece) = pieces.last_mut() {
                piece.push(batch.slice(offset, len));
            }
            offset += len;
            room -= len;
        }
    }
    pieces
}
