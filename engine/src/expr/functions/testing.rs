//! Functions called as people call them, and what they give as text.

use std::sync::Arc;

use arrow::array::{AsArray, Int32Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};

use crate::expr::{Expression, Scope, cast};
use crate::spec::Timestamp;

/// What an expression gives, as its conversion to string shows it; the sentence where it is refused or fails.
pub(super) fn shown(source: &str) -> Result<String, String> {
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int32, false)]));
    // Not a constant, so that arrays are worked on as well as constants; the second row is looked at.
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int32Array::from(vec![0, 7, 9]))]).unwrap();
    let expression = Expression::compile(source, &schema).map_err(|error| error.message)?;
    let values = expression.evaluate(&batch, &Scope { batch: 0, time: Timestamp(0) }).map_err(|error| error.message)?;
    assert_eq!(values.len(), 3);
    let texts = cast::cast_array(&values, &DataType::Utf8View, false).map_err(|error| error.message)?;
    let texts = texts.as_string_view();
    Ok(if arrow::array::Array::is_valid(texts, 1) { texts.value(1).to_owned() } else { "NULL".to_owned() })
}

/// Checks what each expression gives.
pub(super) fn all(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(source, wanted)| shown(source).as_deref() != Ok(*wanted))
        .map(|(source, wanted)| format!("{source}: {wanted} is wanted, not {:?}", shown(source)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks that each expression is refused, or fails, with these words.
pub(super) fn failing(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(source, words)| !shown(source).is_err_and(|message| message.contains(words)))
        .map(|(source, words)| format!("{source}: a sentence with `{words}` is wanted, not {:?}", shown(source)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
