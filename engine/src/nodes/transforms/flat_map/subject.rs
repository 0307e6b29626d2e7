//! What is flattened: a column of the input, or an expression over it.

use arrow::datatypes::{Field, SchemaRef};

use crate::expr::Expression;
use crate::nodes::transforms::refusal::{find_column, refused};
use crate::spec::Diagnostic;

/// What is flattened.
pub(super) struct Subject {
    /// Gives the text or the list.
    pub(super) expression: Expression,
    /// What it is called and of which type it is.
    pub(super) field: Field,
    /// The column it is, if it is no more than that.
    pub(super) column: Option<usize>,
}

impl Subject {
    /// A column by its name, whatever its case and characters; anything else is an expression.
    pub(super) fn read(text: &str, input: &SchemaRef) -> Result<Self, Diagnostic> {
        let column = find_column(input, text.trim()).ok();
        let source = match column {
            Some(column) => format!("`{}`", input.field(column).name().replace('`', "``")),
            None => text.to_owned(),
        };
        let expression = Expression::compile(&source, input).map_err(|error| refused("column", error))?;
        let field = column.map_or_else(|| expression.field(), |column| input.field(column)).clone();
        Ok(Self { expression, field, column })
    }
}
