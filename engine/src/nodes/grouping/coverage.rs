//! A column that says how much of its window a result rests on, for those who want it beside the result.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::metrics::Coverage;
use crate::plan::NodeError;
use crate::spec::{Default, Diagnostic, ParamKind, ParamSpec};
use crate::window::LinkWindow;

/// The column.
const COLUMN: &str = "coverage";

/// The parameter `coverage`.
pub(in crate::nodes) const COVERAGE: ParamSpec = ParamSpec::new(
    "coverage",
    "Coverage column",
    "Behind a tumbling or sliding window: adds the column `coverage`, the share of the window that history is held for. \
     Below 1 after the window was made longer than that, until enough has come.",
    ParamKind::Toggle,
)
.default(Default::Toggle(false));

/// Whether the column can be had: of tumbling and sliding windows, as no column is called so already.
pub(in crate::nodes) fn check(window: Option<&LinkWindow>, output: &SchemaRef) -> Result<(), Vec<Diagnostic>> {
    let refuse = |sentence: &str| Err(vec![Diagnostic::error(sentence).param("coverage")]);
    match window {
        Some(LinkWindow::Arrival(_) | LinkWindow::Event(_)) => {}
        Some(LinkWindow::Session(_) | LinkWindow::Count(_)) | None => {
            return refuse("only tumbling and sliding windows have a coverage; turn this off, or choose such a window");
        }
    }
    if output.fields().iter().any(|field| field.name().eq_ignore_ascii_case(COLUMN)) {
        return refuse("a column is called `coverage` already; give the aggregate another name");
    }
    Ok(())
}

/// The columns with one more behind them.
pub(super) fn with_field(schema: &SchemaRef) -> SchemaRef {
    let field = Arc::new(Field::new(COLUMN, DataType::Float64, false));
    Arc::new(Schema::new(schema.fields().iter().cloned().chain([field]).collect::<Vec<_>>()))
}

/// The column for rows of several windows: per window the number of its rows and its coverage.
pub(super) fn with_shares(windows: &[(usize, Coverage)]) -> ArrayRef {
    let shares = windows.iter().flat_map(|(rows, coverage)| std::iter::repeat_n(coverage.share(), *rows));
    Arc::new(shares.collect::<Float64Array>())
}

/// The rows of a window with its coverage behind them. `schema` is that of [`with_field`].
pub(super) fn with_column(
    schema: &SchemaRef,
    rows: &RecordBatch,
    coverage: Coverage,
) -> Result<RecordBatch, NodeError> {
    let column: ArrayRef = Arc::new(Float64Array::from(vec![coverage.share(); rows.num_rows()]));
    Ok(RecordBatch::try_new(Arc::clone(schema), rows.columns().iter().cloned().chain([column]).collect())?)
}
