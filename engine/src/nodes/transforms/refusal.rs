//! The sentences that several transforms answer in when their parameters do not fit the input.

use arrow::datatypes::Schema;

use crate::expr::{ExprError, nearest};
use crate::spec::Diagnostic;

/// An expression that does not compile, as a problem of the parameter it stands in.
pub(in crate::nodes) fn refused(param: impl Into<String>, error: ExprError) -> Diagnostic {
    let problem = Diagnostic::error(error.message).param(param);
    match error.at {
        Some(range) => problem.at(range),
        None => problem,
    }
}

/// The position of a column by its name, whatever its case; an exact match wins. The error is a sentence with the
/// nearest name.
pub(in crate::nodes) fn find_column(schema: &Schema, name: &str) -> Result<usize, String> {
    let fields = schema.fields();
    let exact = fields.iter().position(|field| field.name() == name);
    let alike = || fields.iter().position(|field| field.name().to_lowercase() == name.to_lowercase());
    exact.or_else(alike).ok_or_else(|| {
        let names = || fields.iter().map(|field| field.name().as_str());
        if let Some(near) = nearest(name, names()) {
            return format!("no column `{name}`; did you mean `{near}`?");
        }
        let list: Vec<_> = names().take(8).map(|name| format!("`{name}`")).collect();
        format!("no column `{name}`; the input has {}", list.join(", "))
    })
}

/// What is wrong with a regular expression, in one line.
pub(in crate::nodes) fn regex_sentence(error: &regex::Error) -> String {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
    format!("the regular expression cannot be read: {reason}")
}
