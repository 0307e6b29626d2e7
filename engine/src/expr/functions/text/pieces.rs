//! Builds a column of lists of texts, row by row.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringViewBuilder};
use arrow::datatypes::{DataType, Field};

use crate::expr::ExprError;

/// The lists whose items `row` appends; a row for which it gives false is null.
pub(in crate::expr) fn lists(
    rows: usize,
    mut row: impl FnMut(usize, &mut StringViewBuilder) -> Result<bool, ExprError>,
) -> Result<ArrayRef, ExprError> {
    let item = Field::new_list_field(DataType::Utf8View, true);
    let mut builder = ListBuilder::new(StringViewBuilder::new()).with_field(item);
    for index in 0..rows {
        let is_valid = row(index, builder.values())?;
        builder.append(is_valid);
    }
    Ok(Arc::new(builder.finish()))
}
