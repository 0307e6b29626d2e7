//! Lists, structures and maps as JSON text, for files and tables that have no place for them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewBuilder};
use arrow::datatypes::Field;
use arrow::error::ArrowError;
use arrow::json::writer::{EncoderOptions, make_encoder};

/// The values as JSON text, as in files of JSON lines; null stays null.
pub(in crate::nodes) fn json_text(source: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let field = Arc::new(Field::new("value", source.data_type().clone(), true));
    let options = EncoderOptions::default();
    let mut encoder = make_encoder(&field, source, &options)?;
    let mut out = StringViewBuilder::new();
    let mut bytes = Vec::new();
    for row in 0..source.len() {
        if source.is_null(row) {
            out.append_null();
            continue;
        }
        bytes.clear();
        encoder.encode(row, &mut bytes);
        out.append_value(String::from_utf8_lossy(&bytes));
    }
    Ok(Arc::new(out.finish()))
}
