//! Why an aggregation is refused, or failed on a batch.

use arrow::datatypes::DataType;

use crate::expr::ExprError;

/// A sentence that says what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AggregateError(pub String);

/// A sum of this type that does not fit, as ANSI SQL wants it told.
pub(super) fn sum_too_large(data_type: &DataType) -> String {
    if data_type.is_decimal() {
        "a sum grew too large for a decimal; cast to double first, or take try_sum, which gives null".to_owned()
    } else {
        "a sum grew too large for bigint; cast to double or decimal first, or take try_sum, which gives null".to_owned()
    }
}

impl From<datafusion_common::DataFusionError> for AggregateError {
    fn from(error: datafusion_common::DataFusionError) -> Self {
        match error.find_root() {
            // The sentence of an accumulator of our own, without DataFusion's words in front.
            datafusion_common::DataFusionError::Execution(sentence) => Self(sentence.clone()),
            other => Self(other.strip_backtrace()),
        }
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
