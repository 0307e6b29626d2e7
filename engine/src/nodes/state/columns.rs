//! Key columns as a person names them.

use arrow::datatypes::SchemaRef;

use crate::expr::type_name;
use crate::nodes::grouping::{find, missing};
use crate::spec::Diagnostic;

/// The positions of these columns, each once. All that are missing are told at this parameter.
pub(super) fn positions(schema: &SchemaRef, names: &[String], param: &str) -> Result<Vec<usize>, Vec<Diagnostic>> {
    let mut found: Vec<usize> = Vec::with_capacity(names.len());
    let mut problems = Vec::new();
    for name in names {
        match find(schema, name) {
            None => problems.push(Diagnostic::error(missing(schema, name)).param(param)),
            Some(at) if found.contains(&at) => {}
            Some(at) => found.push(at),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// Columns with their types, as sentences name them.
pub(super) fn listed(schema: &SchemaRef) -> String {
    let columns = schema.fields().iter().map(|field| format!("`{}` {}", field.name(), type_name(field.data_type())));
    let columns: Vec<_> = columns.collect();
    if columns.is_empty() { "nothing".to_owned() } else { columns.join(", ") }
}

/// Whether two schemas name the same columns of the same types.
pub(super) fn same_columns(a: &SchemaRef, b: &SchemaRef) -> bool {
    let of = |schema: &SchemaRef| -> Vec<_> {
        schema.fields().iter().map(|field| (field.name().to_lowercase(), field.data_type().clone())).collect()
    };
    of(a) == of(b)
}
