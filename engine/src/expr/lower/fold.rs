//! Computes what is constant once, while compiling. A constant computation that fails is left as it is: it fails on the
//! rows that reach it, and `CASE` may keep it from being reached.

use std::sync::Arc;

use arrow::array::RecordBatchOptions;
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use datafusion_expr::ColumnarValue;
use datafusion_physical_expr::expressions::Literal;

use crate::expr::typed::Typed;

/// The expression, or the constant it gives.
pub(super) fn folded(typed: Typed) -> Typed {
    let children = typed.expr.children();
    let is_constant =
        |child: &&Arc<dyn datafusion_physical_expr::PhysicalExpr>| child.downcast_ref::<Literal>().is_some();
    if children.is_empty() || !children.iter().all(is_constant) {
        return typed;
    }
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let Ok(row) = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options) else { return typed };
    let value = match typed.expr.evaluate(&row) {
        Ok(ColumnarValue::Scalar(value)) => Ok(value),
        Ok(ColumnarValue::Array(array)) => datafusion_common::ScalarValue::try_from_array(&array, 0),
        Err(error) => Err(error),
    };
    match value {
        Ok(value) if value.data_type() == typed.data_type => Typed::literal(value).placed(typed.at),
        Ok(_) | Err(_) => typed,
    }
}
