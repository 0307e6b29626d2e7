//! Why an aggregation is refused, or failed on a batch.

use crate::expr::ExprError;

/// A sentence that says what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AggregateError(pub String);

impl From<datafusion_common::DataFusionError> for AggregateError {
    fn from(error: datafusion_common::DataFusionError) -> Self {
        Self(error.strip_backtrace())
    }
}

impl From<arrow::error::ArrowError> for AggregateError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self(error.to_string())
    }
}

impl From<ExprError> for AggregateError {
    fn from(error: ExprError) -> Self {
        Self(error.message)
    }
}
