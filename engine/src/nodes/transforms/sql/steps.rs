//! Runs the steps of a planned query over the rows of one batch.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow::compute::SortOptions;
use arrow::compute::kernels::zip::zip;
use arrow::compute::{
    cast, concat_batches, filter_record_batch, is_not_null, prep_null_mask_filter, take, take_record_batch,
};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use arrow::row::{RowConverter, SortField};

use super::relation::{Join, JoinKey, Origin, Relation, Step};
use crate::aggregate::{BatchGrouper, Interner, normalised};
use crate::expr::Expression;
use crate::expr::select::JoinKind;
use crate::nodes::transforms::joining::{Index, KeyTable, NONE, NullKeys, Pairs, cut};
use crate::nodes::transforms::rowwise;
use crate::plan::{BatchContext, NodeError};

impl Relation {
    /// The rows, where the inputs have these.
    pub(super) fn run(&self, inputs: &[RecordBatch], context: &BatchContext) -> Result<RecordBatch, NodeError> {
        match &*self.step {
            Step::Input(at) => self.named(inputs.get(*at).ok_or_else(|| NodeError::weir("an input is missing"))?),
            Step::OneRow => self.batch(Vec::new(), 1),
            Step::Filter { from, holds } => {
                let rows = from.run(inputs, context)?;
                let mask = rowwise::evaluate(holds, &rows, &rowwise::scope(context))?;
                Ok(filter_record_batch(&rows, &truths(&mask)?)?)
            }
            Step::Project { from, columns } => {
                let rows = from.run(inputs, context)?;
                let scope = rowwise::scope(context);
                let column = |expression: &Expression| rowwise::evaluate(expression, &rows, &scope);
                self.batch(columns.iter().map(column).collect::<Result<_, _>>()?, rows.num_rows())
            }
            Step::Rename { from } => self.named(&from.run(inputs, context)?),
            Step::Group { from, spec } => {
                let rows = from.run(inputs, context)?;
                let mut grouper = BatchGrouper::new(Arc::clone(spec));
                Ok(grouper.evaluate(&[rows], &rowwise::scope(context), &context.pool)?)
            }
            Step::Join(join) => {
                let (left, right) = (join.left.run(inputs, context)?, join.right.run(inputs, context)?);
                let pairs = join.pairs(&left, &right, context)?;
                self.batch(join.columns(&left, &right, &pairs, &self.schema)?, pairs.len())
            }
            Step::Distinct { from } => distinct(&from.run(inputs, context)?),
            Step::Union { parts } => {
                let rows = parts.iter().map(|part| self.cast(&part.run(inputs, context)?));
                Ok(concat_batches(&self.schema, &rows.collect::<Result<Vec<_>, _>>()?)?)
            }
            Step::Sort { from, keys } => sorted(&from.run(inputs, context)?, keys),
            Step::Limit { from, skip, limit } => {
                let rows = from.run(inputs, context)?;
                let skip = (*skip).min(rows.num_rows());
                let count = limit.unwrap_or(usize::MAX).min(rows.num_rows() - skip);
                Ok(rows.slice(skip, count))
            }
        }
    }

    fn batch(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, NodeError> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }

    /// The first columns of these rows, under this step's names.
    fn named(&self, rows: &RecordBatch) -> Result<RecordBatch, NodeError> {
        let columns = rows.columns().iter().take(self.schema.fields().len()).cloned().collect();
        self.batch(columns, rows.num_rows())
    }

    fn cast(&self, rows: &RecordBatch) -> Result<RecordBatch, NodeError> {
        let columns = rows.columns().iter().zip(self.schema.fields());
        let columns = columns.map(|(column, field)| Ok(cast(column, field.data_type())?));
        self.batch(columns.collect::<Result<_, NodeError>>()?, rows.num_rows())
    }
}

/// Where it is true; null counts as false.
fn truths(mask: &ArrayRef) -> Result<BooleanArray, NodeError> {
    let mask = mask.as_any().downcast_ref::<BooleanArray>();
    let mask = mask.ok_or_else(|| NodeError::weir("a condition gave no truth values"))?;
    Ok(if mask.null_count() > 0 { prep_null_mask_filter(mask) } else { mask.clone() })
}

/// Each row once, as it first stood.
fn distinct(rows: &RecordBatch) -> Result<RecordBatch, NodeError> {
    if rows.num_columns() == 0 || rows.num_rows() == 0 {
        return Ok(rows.slice(0, rows.num_rows().min(1)));
    }
    let columns: Vec<_> = rows.columns().iter().map(normalised).collect();
    let mut interner = Interner::new(rows.schema_ref())?;
    let mut next = 0;
    let mut first = Vec::new();
    for (row, group) in (0u32..).zip(interner.intern(&columns, rows.num_rows())?) {
        if *group == next {
            next += 1;
            first.push(row);
        }
    }
    Ok(take_record_batch(rows, &UInt32Array::from(first))?)
}

fn sorted(rows: &RecordBatch, keys: &[(usize, SortOptions)]) -> Result<RecordBatch, NodeError> {
    let columns: Vec<_> = keys.iter().filter_map(|(at, _)| rows.columns().get(*at).cloned()).collect();
    let fields = columns
        .iter()
        .zip(keys)
        .map(|(column, (_, options))| SortField::new_with_options(column.data_type().clone(), *options));
    let keys = RowConverter::new(fields.collect())?.convert_columns(&columns)?;
    let mut order: Vec<u32> = (0..counted(rows)?).collect();
    order.sort_by(|a, b| keys.row(*a as usize).cmp(&keys.row(*b as usize)));
    Ok(take_record_batch(rows, &UInt32Array::from(order))?)
}

fn counted(rows: &RecordBatch) -> Result<u32, NodeError> {
    u32::try_from(rows.num_rows()).map_err(|_| {
        NodeError::data("more than 4 billion rows cannot be worked on at once; shorten the batch or the window")
    })
}

impl Join {
    /// The rows that come out: of either side, or [`NONE`].
    fn pairs(&self, left: &RecordBatch, right: &RecordBatch, context: &BatchContext) -> Result<Pairs, NodeError> {
        let (left_keys, right_keys) = (self.keys_of(left, true, context)?, self.keys_of(right, false, context)?);
        let field = |key: &JoinKey| Field::new("key", key.data_type.clone(), true);
        let schema: SchemaRef = Arc::new(Schema::new(self.keys.iter().map(field).collect::<Vec<_>>()));
        let mut table = KeyTable::new(&schema, NullKeys::Never)?;
        let right_groups = table.groups(&right_keys, right.num_rows())?;
        let index = Index::new(&right_groups, table.len());
        let left_groups = table.groups(&left_keys, left.num_rows())?;
        cut(&left_groups, &index, &mut 0)?;
        let mut pairs = Pairs::of(0..left.num_rows(), &left_groups, &index);
        if let Some((schema, condition)) = &self.condition {
            let columns = take_side(left, &pairs.left)?.into_iter().chain(take_side(right, &pairs.right)?).collect();
            let options = RecordBatchOptions::new().with_row_count(Some(pairs.len()));
            let both = RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?;
            let mask = rowwise::evaluate(condition, &both, &rowwise::scope(context))?;
            pairs.retain(&truths(&mask)?);
        }
        let all_left = 0..left.num_rows();
        Ok(match self.kind {
            JoinKind::Inner => pairs,
            JoinKind::Left => pairs.with_alone(&all_left),
            JoinKind::Right => with_right_alone(pairs.right.clone(), pairs, counted(right)?),
            JoinKind::Full => with_right_alone(pairs.right.clone(), pairs.with_alone(&all_left), counted(right)?),
            JoinKind::Semi | JoinKind::Anti => {
                let mut has_partner = vec![false; left.num_rows()];
                for row in &pairs.left {
                    if let Some(has) = has_partner.get_mut(*row as usize) {
                        *has = true;
                    }
                }
                let wanted = self.kind == JoinKind::Semi;
                let kept = (0u32..).zip(has_partner).filter(|(_, has)| *has == wanted).map(|(row, _)| row);
                let left: Vec<u32> = kept.collect();
                Pairs { right: vec![NONE; left.len()], left }
            }
        })
    }

    fn keys_of(&self, rows: &RecordBatch, of_left: bool, context: &BatchContext) -> Result<Vec<ArrayRef>, NodeError> {
        let scope = rowwise::scope(context);
        let key = |key: &JoinKey| {
            let column = rowwise::evaluate(if of_left { &key.left } else { &key.right }, rows, &scope)?;
            Ok(normalised(&cast(&column, &key.data_type)?))
        };
        self.keys.iter().map(key).collect()
    }

    fn columns(
        &self,
        left: &RecordBatch,
        right: &RecordBatch,
        pairs: &Pairs,
        schema: &SchemaRef,
    ) -> Result<Vec<ArrayRef>, NodeError> {
        let (left_rows, right_rows) = (positions(&pairs.left), positions(&pairs.right));
        let column = |(origin, field): (&Origin, &Arc<Field>)| match *origin {
            Origin::Left(at) => Ok(take(left.column(at), &left_rows, None)?),
            Origin::Right(at) => Ok(take(right.column(at), &right_rows, None)?),
            Origin::Shared { left: at, right: other } => {
                let of_left = cast(&take(left.column(at), &left_rows, None)?, field.data_type())?;
                let of_right = cast(&take(right.column(other), &right_rows, None)?, field.data_type())?;
                Ok(zip(&is_not_null(&of_left)?, &of_left, &of_right)?)
            }
        };
        self.columns.iter().zip(schema.fields()).map(column).collect()
    }
}

/// Adds the right rows that have no partner.
fn with_right_alone(partners: Vec<u32>, mut pairs: Pairs, right_rows: u32) -> Pairs {
    let mut has_partner = vec![false; right_rows as usize];
    for row in partners {
        if let Some(has) = has_partner.get_mut(row as usize) {
            *has = true;
        }
    }
    for (row, _) in (0u32..).zip(has_partner).filter(|(_, has)| !has) {
        pairs.left.push(NONE);
        pairs.right.push(row);
    }
    pairs
}

/// Rows to take; no row is null.
fn positions(rows: &[u32]) -> UInt32Array {
    rows.iter().map(|row| (*row != NONE).then_some(*row)).collect()
}

fn take_side(side: &RecordBatch, rows: &[u32]) -> Result<Vec<ArrayRef>, NodeError> {
    let rows = positions(rows);
    side.columns().iter().map(|column| Ok(take(column, &rows, None)?)).collect()
}
