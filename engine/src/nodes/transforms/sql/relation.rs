//! A planned query: steps that each turn the rows of the steps before into rows.

use std::sync::Arc;

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, SchemaRef};

use crate::aggregate::GroupSpec;
use crate::expr::Expression;
use crate::expr::select::JoinKind;

/// A step with the columns it gives. Columns have their inner names.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// What it does.
    pub(super) step: Arc<Step>,
    /// What comes out.
    pub(super) schema: SchemaRef,
}

/// What a step does.
#[derive(Debug)]
pub(super) enum Step {
    /// The rows of an input.
    Input(usize),
    /// One row without columns: what a query without FROM computes on.
    OneRow,
    /// The rows for which it holds.
    Filter { from: Relation, holds: Expression },
    /// Computed columns.
    Project { from: Relation, columns: Vec<Expression> },
    /// The first so many columns, under other names.
    Rename { from: Relation },
    /// A row per group.
    Group { from: Relation, spec: Arc<GroupSpec> },
    /// Two sides joined.
    Join(Box<Join>),
    /// Each row once.
    Distinct { from: Relation },
    /// All rows of all parts.
    Union { parts: Vec<Relation> },
    /// Rows in order, by these columns.
    Sort { from: Relation, keys: Vec<(usize, SortOptions)> },
    /// Some rows from the first on.
    Limit { from: Relation, skip: usize, limit: Option<usize> },
}

/// Two sides joined.
#[derive(Debug)]
pub(super) struct Join {
    /// The left side.
    pub(super) left: Relation,
    /// The right side.
    pub(super) right: Relation,
    /// How.
    pub(super) kind: JoinKind,
    /// What must be equal.
    pub(super) keys: Vec<JoinKey>,
    /// What must hold besides, over the columns of both sides.
    pub(super) condition: Option<(SchemaRef, Expression)>,
    /// The columns that come out.
    pub(super) columns: Vec<Origin>,
}

/// What must be equal.
#[derive(Debug)]
pub(super) struct JoinKey {
    /// Over the left side.
    pub(super) left: Expression,
    /// Over the right side.
    pub(super) right: Expression,
    /// The type in which they meet.
    pub(super) data_type: DataType,
}

/// Where a column of a join comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    /// A column of the left side.
    Left(usize),
    /// A column of the right side.
    Right(usize),
    /// Both are equal; the side that is there counts.
    Shared {
        /// The left side's,
        left: usize,
        /// and the right side's.
        right: usize,
    },
}
