//! SQL scalar expressions over the columns of a batch: parsed, checked and simplified once, then evaluated as
//! vectorised physical expressions. The only module that touches DataFusion's SQL and expressions.

use std::ops::Range;

use arrow::array::ArrayRef;
use arrow::datatypes::{Field, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::spec::Timestamp;

/// Why an expression is refused, or failed on a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// What is wrong and what to do.
    pub message: String,
    /// The place in the source, in bytes, where known.
    pub at: Option<Range<usize>>,
}

/// The batch an expression is evaluated in: what `batch_id()`, `batch_time()`, `now()` and `current_date()` give.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The batch's number.
    pub batch: u64,
    /// Its tick.
    pub time: Timestamp,
}

/// A compiled expression.
#[derive(Debug, Clone)]
pub struct Expression {
    field: Field,
}

impl Expression {
    /// Compiles an expression against the columns it may name.
    pub fn compile(source: &str, input: &SchemaRef) -> Result<Self, ExprError> {
        let _ = input;
        Err(ExprError { message: source.to_owned(), at: None })
    }

    /// The result's column: type, nullability, and the expression's text as name.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// The columns it reads, by their position in the input.
    pub fn reads(&self) -> &[usize] {
        &[]
    }

    /// Evaluates it on all rows of a batch.
    pub fn evaluate(&self, batch: &RecordBatch, scope: &Scope) -> Result<ArrayRef, ExprError> {
        let _ = (batch, scope);
        Err(ExprError { message: String::new(), at: None })
    }
}

/// A function expressions may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its name: `upper`.
    pub name: String,
    /// How it is called: `upper(text)`.
    pub signature: String,
    /// What it gives, in one sentence.
    pub doc: String,
}

/// All functions expressions may call.
pub fn functions() -> Vec<FunctionInfo> {
    Vec::new()
}
