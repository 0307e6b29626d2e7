//! Joins two batches: pairs, or left rows by whether they have a partner.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{AsArray, BooleanArray, UInt32Array};
use arrow::compute::{concat_batches, not};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use crate::expr::{Expression, Scope};
use crate::nodes::grouping::arrival;
use crate::nodes::transforms::joining::{Index, JoinKeys, Keeps, Pairs, Shape, cut, keep_rows};
use crate::nodes::transforms::on_error::OnFailure;
use crate::nodes::transforms::rowwise;
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs};

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Pairs, and rows without a partner.
    Pairs(Keeps),
    /// Left rows as they are.
    Left {
        /// Those that have a partner, or those that have none.
        with_partner: bool,
    },
}

/// What must hold for a pair besides its keys.
pub(super) struct PairCondition {
    /// The condition over the columns of `shape`.
    pub(super) expression: Expression,
    /// The columns it reads.
    pub(super) shape: Shape,
    /// What becomes of a pair on which it fails.
    pub(super) on_error: OnFailure,
}

/// The operator of all joins but cogroup.
pub(super) struct JoinOperator {
    wanted: Wanted,
    keys: JoinKeys,
    condition: Option<PairCondition>,
    shape: Shape,
    left: SchemaRef,
    right: SchemaRef,
    unpaired: u64,
    /// Pairs of the batch on which the condition failed.
    nulled: AtomicU64,
}

/// Both sides of a batch, matched by key.
struct Matched<'a> {
    left: &'a RecordBatch,
    right: &'a RecordBatch,
    groups: Vec<u32>,
    index: Index,
    pieces: Vec<Range<usize>>,
}

impl JoinOperator {
    /// For these inputs.
    pub(super) fn new(
        wanted: Wanted,
        keys: JoinKeys,
        condition: Option<PairCondition>,
        left: &SchemaRef,
        right: &SchemaRef,
    ) -> Self {
        let keeps = match wanted {
            Wanted::Pairs(keeps) => keeps,
            Wanted::Left { .. } => Keeps { left: false, right: false },
        };
        let shape = Shape::new(&keys, left, right, keeps);
        Self {
            wanted,
            keys,
            condition,
            shape,
            left: Arc::clone(left),
            right: Arc::clone(right),
            unpaired: 0,
            nulled: AtomicU64::new(0),
        }
    }

    /// The result's columns.
    pub(super) fn schema(&self) -> SchemaRef {
        match self.wanted {
            Wanted::Pairs(_) => Arc::clone(self.shape.schema()),
            Wanted::Left { .. } => Arc::clone(&self.left),
        }
    }

    fn match_keys<'a>(&self, left: &'a RecordBatch, right: &'a RecordBatch) -> Result<Matched<'a>, NodeError> {
        let mut table = self.keys.table()?;
        let right_groups = table.groups(&self.keys.of_right(right)?, right.num_rows())?;
        let groups = table.groups(&self.keys.of_left(left)?, left.num_rows())?;
        let index = Index::new(&right_groups, table.len());
        let counts_pairs = matches!(self.wanted, Wanted::Pairs(_)) || self.condition.is_some();
        let pieces = if counts_pairs { cut(&groups, &index, &mut 0)? } else { Vec::new() };
        Ok(Matched { left, right, groups, index, pieces })
    }

    /// Works on every piece, on all threads; the results are in the order of the pieces, as is the first error.
    fn map_pieces<T: Send>(
        matched: &Matched<'_>,
        context: &BatchContext,
        work: impl Fn(&Range<usize>) -> Result<T, NodeError> + Sync,
    ) -> Result<Vec<T>, NodeError> {
        let results: Vec<_> = match matched.pieces.as_slice() {
            [] => Vec::new(),
            [single] => vec![work(single)],
            pieces => context.pool.install(|| pieces.par_iter().map(&work).collect()),
        };
        results.into_iter().collect()
    }

    /// The pairs of a piece for which the condition holds.
    fn pairs_of(&self, matched: &Matched<'_>, rows: &Range<usize>, scope: &Scope) -> Result<Pairs, NodeError> {
        let mut pairs = Pairs::of(rows.clone(), &matched.groups, &matched.index);
        if let Some(PairCondition { expression, shape, on_error }) = &self.condition
            && pairs.len() > 0
        {
            let candidates = shape.pairs(matched.left, matched.right, &pairs)?;
            let (holds, failed) = on_error.evaluate(expression, &candidates, scope)?;
            self.nulled.fetch_add(failed, Ordering::Relaxed);
            pairs.retain(holds.as_boolean());
        }
        Ok(pairs)
    }

    /// The joined rows, chunk by chunk.
    fn join(&self, matched: &Matched<'_>, keeps: Keeps, context: &BatchContext) -> Result<Vec<RecordBatch>, NodeError> {
        let scope = rowwise::scope(context);
        let parts = Self::map_pieces(matched, context, |rows| {
            let pairs = self.pairs_of(matched, rows, &scope)?;
            let all = keeps.left.then(|| pairs.with_alone(rows));
            let batch = self.shape.pairs(matched.left, matched.right, all.as_ref().unwrap_or(&pairs))?;
            Ok((batch, if keeps.right { pairs.right } else { Vec::new() }))
        })?;
        let mut has_partner = vec![false; if keeps.right { matched.right.num_rows() } else { 0 }];
        let mut chunks = Vec::with_capacity(parts.len() + 1);
        for (batch, partners) in parts {
            for right in partners {
                if let Some(slot) = has_partner.get_mut(right as usize) {
                    *slot = true;
                }
            }
            chunks.push(batch);
        }
        let alone = (0u32..).zip(&has_partner).filter(|(_, has)| !**has).map(|(row, _)| row);
        let alone = UInt32Array::from_iter_values(alone);
        chunks.push(self.shape.right_alone(matched.right, &alone)?);
        chunks.retain(|batch| batch.num_rows() > 0);
        Ok(chunks)
    }

    /// Per left row, whether it has a partner.
    fn partnered(&self, matched: &Matched<'_>, context: &BatchContext) -> Result<BooleanArray, NodeError> {
        if self.condition.is_none() {
            let has = |group: &u32| Some(!matched.index.rows_of(*group).is_empty());
            return Ok(matched.groups.iter().map(has).collect());
        }
        let scope = rowwise::scope(context);
        let parts = Self::map_pieces(matched, context, |rows| Ok(self.pairs_of(matched, rows, &scope)?.left))?;
        let mut has_partner = vec![false; matched.left.num_rows()];
        for left in parts.into_iter().flatten() {
            if let Some(slot) = has_partner.get_mut(left as usize) {
                *slot = true;
            }
        }
        Ok(BooleanArray::from(has_partner))
    }
}

impl Operator for JoinOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.unpaired = unpaired(&inputs);
        *self.nulled.get_mut() = 0;
        let Some((left_chunks, right_chunks)) = both(&inputs) else { return Ok(vec![Flow::Idle]) };
        let left = whole(&self.left, left_chunks)?;
        let right = whole(&self.right, right_chunks)?;
        let matched = self.match_keys(&left, &right)?;
        let chunks = match self.wanted {
            Wanted::Pairs(keeps) => {
                let arrived = arrival(&inputs, context);
                let batches = self.join(&matched, keeps, context)?;
                batches.into_iter().map(|rows| Chunk::new(rows, arrived)).collect()
            }
            Wanted::Left { with_partner } => {
                let has_partner = self.partnered(&matched, context)?;
                let kept = if with_partner { has_partner } else { not(&has_partner)? };
                let mut first = 0;
                let mask_of = |chunk: &Chunk| {
                    let mask = kept.slice(first, chunk.rows.num_rows());
                    first += chunk.rows.num_rows();
                    keep_rows(chunk, &mask)
                };
                let chunks: Result<Vec<_>, _> = left_chunks.iter().map(mask_of).collect();
                chunks?.into_iter().flatten().collect()
            }
        };
        Ok(vec![Flow::Fired(chunks)])
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let nulled = self.nulled.load(Ordering::Relaxed);
        let all = [("unpaired", self.unpaired), ("nulled", nulled)];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

/// The chunks of both sides, if both fired.
pub(super) fn both(inputs: &Inputs) -> Option<(&[Chunk], &[Chunk])> {
    match (inputs.first()?.first()?, inputs.get(1)?.first()?) {
        (Flow::Fired(left), Flow::Fired(right)) => Some((left, right)),
        (Flow::Idle, _) | (_, Flow::Idle) => None,
    }
}

/// Rows of a side that fired while the other did not.
pub(super) fn unpaired(inputs: &Inputs) -> u64 {
    if both(inputs).is_some() { 0 } else { inputs.iter().flatten().map(Flow::row_count).sum() }
}

/// All chunks as one batch.
pub(super) fn whole(schema: &SchemaRef, chunks: &[Chunk]) -> Result<RecordBatch, NodeError> {
    match chunks {
        [] => Ok(RecordBatch::new_empty(Arc::clone(schema))),
        [single] => Ok(single.rows.clone()),
        _ => Ok(concat_batches(schema, chunks.iter().map(|chunk| &chunk.rows))?),
    }
}
