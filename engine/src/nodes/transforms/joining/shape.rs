//! The columns that come out of a join, and how a chunk of them is put together.
//!
//! As Spark orders them: first the columns that both sides share as keys, then the rest of the left side, then the rest
//! of the right one. A right column whose name is taken gets `_right`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt32Array, new_null_array};
use arrow::compute::kernels::cmp::lt;
use arrow::compute::kernels::zip::zip;
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use super::{JoinKeys, Pairs, unique_name};
use crate::plan::NodeError;

/// Whose rows are kept without a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nodes::transforms) struct Keeps {
    /// The left ones.
    pub(in crate::nodes::transforms) left: bool,
    /// The right ones.
    pub(in crate::nodes::transforms) right: bool,
}

/// Where an output column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    Left(usize),
    Right(usize),
    /// Both are equal; the side that is there counts.
    Shared { left: usize, right: usize },
    /// The earlier of the two sides' window starts.
    Start { left: usize, right: usize },
}

/// The result's columns.
#[derive(Debug, Clone)]
pub(in crate::nodes::transforms) struct Shape {
    schema: SchemaRef,
    origins: Vec<Origin>,
}

impl Shape {
    /// The columns of a join on these keys.
    pub(in crate::nodes::transforms) fn new(
        keys: &JoinKeys,
        left: &SchemaRef,
        right: &SchemaRef,
        keeps: Keeps,
    ) -> Self {
        let mut columns: Vec<(Field, Origin)> = Vec::new();
        let is_null = |left_at: usize, right_at: usize| {
            left.field(left_at).is_nullable() || (keeps.right && right.field(right_at).is_nullable())
        };
        if let Some((left_at, right_at)) = keys.window_start {
            let field = left.field(left_at).clone().with_nullable(is_null(left_at, right_at));
            columns.push((field, Origin::Start { left: left_at, right: right_at }));
        }
        for pair in keys.pairs.iter().filter(|pair| pair.is_shared) {
            let name = left.field(pair.left).name();
            let field = Field::new(name, pair.data_type.clone(), is_null(pair.left, pair.right));
            columns.push((field, Origin::Shared { left: pair.left, right: pair.right }));
        }
        let is_used = |columns: &[(Field, Origin)], at: usize, of_left: bool| {
            columns.iter().any(|(_, origin)| match origin {
                Origin::Shared { left, right } | Origin::Start { left, right } => at == if of_left { *left } else { *right },
                Origin::Left(_) | Origin::Right(_) => false,
            })
        };
        for (at, field) in left.fields().iter().enumerate() {
            if !is_used(&columns, at, true) {
                let field = field.as_ref().clone().with_nullable(field.is_nullable() || keeps.right);
                columns.push((field, Origin::Left(at)));
            }
        }
        let rest: Vec<usize> = (0..right.fields().len()).filter(|at| !is_used(&columns, *at, false)).collect();
        let mut taken: Vec<String> = columns.iter().map(|(field, _)| field.name().to_lowercase()).collect();
        // A right column that is called `x_right` itself keeps its name, whatever becomes of `x`.
        let is_free = |at: &usize, taken: &[String]| !taken.contains(&right.field(*at).name().to_lowercase());
        let free: Vec<bool> = rest.iter().map(|at| is_free(at, &taken)).collect();
        let kept = rest.iter().zip(&free).filter(|(_, free)| **free);
        taken.extend(kept.map(|(at, _)| right.field(*at).name().to_lowercase()));
        for (at, free) in rest.into_iter().zip(free) {
            let field = right.field(at);
            let name =
                if free { field.name().clone() } else { unique_name(&format!("{}_right", field.name()), "_right", &taken) };
            taken.push(name.to_lowercase());
            let field = field.clone().with_name(name).with_nullable(field.is_nullable() || keeps.left);
            columns.push((field, Origin::Right(at)));
        }
        Self::of(columns)
    }

    fn of(columns: Vec<(Field, Origin)>) -> Self {
        let (fields, origins): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        Self { schema: Arc::new(Schema::new(fields)), origins }
    }

    /// The columns.
    pub(in crate::nodes::transforms) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Only these of the columns.
    pub(in crate::nodes::transforms) fn project(&self, columns: &[usize]) -> Self {
        let fields = self.schema.fields().iter().map(|field| field.as_ref().clone());
        let all = fields.zip(self.origins.iter().cloned()).enumerate();
        Self::of(all.filter(|(at, _)| columns.contains(at)).map(|(_, column)| column).collect())
    }

    /// The rows of these pairs.
    pub(in crate::nodes::transforms) fn pairs(
        &self,
        left: &RecordBatch,
        right: &RecordBatch,
        pairs: &Pairs,
    ) -> Result<RecordBatch, NodeError> {
        let (left_rows, right_rows) = (Picked::of(pairs.left_rows()), pairs.right_rows());
        let of_right = |at: usize| Ok::<_, NodeError>(take(right.column(at), &right_rows, None)?);
        let column = |(origin, field): (&Origin, &Arc<Field>)| match origin {
            Origin::Left(at) => left_rows.take(left.column(*at)),
            Origin::Right(at) => of_right(*at),
            Origin::Shared { left: at, .. } => converted(&left_rows.take(left.column(*at))?, field.data_type()),
            Origin::Start { left: at, right: other } => {
                earlier(&left_rows.take(left.column(*at))?, &of_right(*other)?)
            }
        };
        let columns = self.origins.iter().zip(self.schema.fields()).map(column).collect::<Result<_, _>>()?;
        self.batch(columns, pairs.len())
    }

    /// Right rows without a partner.
    pub(in crate::nodes::transforms) fn right_alone(
        &self,
        right: &RecordBatch,
        rows: &UInt32Array,
    ) -> Result<RecordBatch, NodeError> {
        let column = |(origin, field): (&Origin, &Arc<Field>)| match origin {
            Origin::Left(_) => Ok(new_null_array(field.data_type(), rows.len())),
            Origin::Right(at) | Origin::Shared { right: at, .. } | Origin::Start { right: at, .. } => {
                converted(&take(right.column(*at), rows, None)?, field.data_type())
            }
        };
        let columns = self.origins.iter().zip(self.schema.fields()).map(column).collect::<Result<_, _>>()?;
        self.batch(columns, rows.len())
    }

    fn batch(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, NodeError> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

/// Rows to take: mostly each of a run exactly once, which needs no copy.
enum Picked {
    Run { first: usize, len: usize },
    Rows(UInt32Array),
}

impl Picked {
    fn of(rows: UInt32Array) -> Self {
        let first = rows.values().first().copied().unwrap_or_default();
        if rows.values().iter().zip(first..).all(|(row, next)| *row == next) {
            return Self::Run { first: first as usize, len: rows.len() };
        }
        Self::Rows(rows)
    }

    fn take(&self, column: &ArrayRef) -> Result<ArrayRef, NodeError> {
        Ok(match self {
            Self::Run { first, len } => column.slice(*first, *len),
            Self::Rows(rows) => take(column, rows, None)?,
        })
    }
}

fn converted(column: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, NodeError> {
    Ok(if column.data_type() == data_type { Arc::clone(column) } else { cast(column, data_type)? })
}

/// The earlier of two times, row by row; the left one where the right one is null.
fn earlier(left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef, NodeError> {
    Ok(zip(&lt(right, left)?, right, left)?)
}
