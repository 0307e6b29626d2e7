//! Conditions over rows of state.

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::compute::prep_null_mask_filter;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::expr::{Expression, Scope, type_name};
use crate::nodes::transforms::on_error::OnFailure;
use crate::nodes::transforms::refusal::refused;
use crate::plan::NodeError;
use crate::spec::Diagnostic;

/// A condition over these columns, checked; `None` where none is entered.
pub(super) fn compile(
    text: Option<&str>,
    columns: &SchemaRef,
    param: &str,
) -> Result<Option<Expression>, Vec<Diagnostic>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let expression = Expression::compile(text, columns).map_err(|error| vec![refused(param, error)])?;
    let data_type = expression.field().data_type();
    if *data_type == DataType::Boolean {
        return Ok(Some(expression));
    }
    let word = type_name(data_type);
    let sentence = format!("the condition must be true or false, but it gives {word}; compare it with something");
    Err(vec![Diagnostic::error(sentence).param(param)])
}

/// Per row whether the condition is true, and on how many it failed and counts as null.
pub(super) fn holds(
    condition: &Expression,
    on_error: OnFailure,
    rows: &RecordBatch,
    scope: &Scope,
) -> Result<(BooleanArray, u64), NodeError> {
    let (holds, failed) = on_error.evaluate(condition, rows, scope)?;
    let holds = holds.as_boolean();
    Ok((if holds.null_count() == 0 { holds.clone() } else { prep_null_mask_filter(holds) }, failed))
}
