//! Generators as the node's expression: `posexplode(list)` and their like, and what their columns are called.

use arrow::datatypes::{Field, SchemaRef};

use crate::expr::Generator;
use crate::nodes::transforms::refusal::refused;
use crate::spec::Diagnostic;

/// The generator a text is; `None` where it is none.
pub(super) fn read(text: &str, input: &SchemaRef) -> Option<Result<Generator, Diagnostic>> {
    Generator::compile(text, input).map(|compiled| compiled.map_err(|error| refused("column", error)))
}

/// The columns a generator makes, by the names given with commas between: as many as there are columns.
pub(super) fn names(generator: &Generator, given: &str) -> Result<Vec<Field>, Diagnostic> {
    let columns = generator.columns();
    let given: Vec<&str> =
        if columns.len() == 1 { vec![given.trim()] } else { given.split(',').map(str::trim).collect() };
    if given.len() != columns.len() || given.iter().any(|name| name.is_empty()) {
        let own: Vec<&str> = columns.iter().map(|column| column.name().as_str()).collect();
        let message =
            format!("this gives {} columns; name them with commas between: `{}`", columns.len(), own.join(", "));
        return Err(Diagnostic::error(message).param("as"));
    }
    let repeated = given
        .iter()
        .enumerate()
        .find(|(index, name)| given[..*index].iter().any(|other| other.eq_ignore_ascii_case(name)));
    if let Some((_, name)) = repeated {
        return Err(Diagnostic::error(format!("two columns are called `{name}`; give each its own name")).param("as"));
    }
    Ok(columns.iter().zip(given).map(|(column, name)| column.clone().with_name(name)).collect())
}
