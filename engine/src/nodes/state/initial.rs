//! Rows that state starts from, entered as JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use arrow::json::ReaderBuilder;
use serde_json::Value;

use crate::spec::{Default, Diagnostic, Language, ParamKind, ParamSpec};

/// The parameter `initial`.
pub(super) const INITIAL: ParamSpec = ParamSpec::new(
    "initial",
    "Initial rows",
    "What is there before the first row, as JSON: per key a list of its key columns and then its values, in the order \
     of the result's columns: `[[\"a\", 10], [\"b\", 1]]`.",
    ParamKind::Code { language: Language::Json },
)
.default(Default::Absent);

/// Reads [`INITIAL`] as columns of these names and types; `None` where nothing is entered.
pub(super) fn columns(text: Option<&str>, fields: &[Field]) -> Result<Option<Vec<ArrayRef>>, Vec<Diagnostic>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let refuse = |sentence: String| vec![Diagnostic::error(sentence).param("initial")];
    let rows: Vec<Vec<Value>> = serde_json::from_str(text).map_err(|error| {
        refuse(format!("this is no list of rows ({error}); write a list for each key: `[[\"a\", 10], [\"b\", 1]]`"))
    })?;
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    if let Some(at) = rows.iter().position(|row| row.len() != fields.len()) {
        return Err(refuse(format!(
            "row {} has {} values instead of {}: give {}",
            at + 1,
            rows[at].len(),
            fields.len(),
            names.join(", ")
        )));
    }
    if rows.is_empty() {
        return Ok(None);
    }
    decoded(&rows, fields).map(Some).map_err(|error| refuse(format!("{error}; the columns are {}", names.join(", "))))
}

fn decoded(rows: &[Vec<Value>], fields: &[Field]) -> Result<Vec<ArrayRef>, ArrowError> {
    // Columns are called by their position, as names may be equal.
    let numbered =
        fields.iter().enumerate().map(|(at, field)| Field::new(at.to_string(), field.data_type().clone(), true));
    let schema = Arc::new(Schema::new(numbered.collect::<Vec<_>>()));
    let mut decoder = ReaderBuilder::new(schema).with_batch_size(rows.len()).build_decoder()?;
    let object = |row: &Vec<Value>| -> BTreeMap<String, Value> {
        row.iter().enumerate().map(|(at, value)| (at.to_string(), value.clone())).collect()
    };
    let objects: Vec<_> = rows.iter().map(object).collect();
    decoder.serialize(&objects)?;
    let batch = decoder.flush()?.ok_or_else(|| ArrowError::JsonError("no rows could be read".to_owned()))?;
    Ok(batch.columns().to_vec())
}
