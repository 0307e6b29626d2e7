//! Walks that read or replace parts of an expression whose names are resolved.

use std::ops::ControlFlow;

use datafusion_expr::sqlparser::ast::{Expr, Value, ValueWithSpan, VisitorMut};

use super::term::quoted;

/// Puts columns in the place of parts that are computed already.
pub(super) struct Replacer<'a> {
    pub(super) known: &'a [(String, String)],
}

impl VisitorMut for Replacer<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let text = expr.to_string();
        if let Some((_, name)) = self.known.iter().find(|(known, _)| *known == text) {
            *expr = Expr::Identifier(quoted(name.clone()));
        }
        ControlFlow::Continue(())
    }
}

/// Puts an expression in the place of a column.
pub(super) struct Substitution<'a> {
    pub(super) column: &'a str,
    pub(super) other: &'a Expr,
}

impl VisitorMut for Substitution<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if matches!(expr, Expr::Identifier(name) if name.value == self.column) {
            *expr = Expr::Nested(Box::new(self.other.clone()));
        }
        ControlFlow::Continue(())
    }
}

/// Collects the columns.
pub(super) struct Columns {
    pub(super) found: Vec<String>,
}

impl VisitorMut for Columns {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        // Resolved columns are quoted; the parameters of functions are not.
        let first = match expr {
            Expr::Identifier(name) => Some(&*name),
            Expr::CompoundIdentifier(parts) => parts.first(),
            _ => None,
        };
        self.found.extend(first.filter(|name| name.quote_style == Some('`')).map(|name| name.value.clone()));
        ControlFlow::Continue(())
    }
}

/// Makes texts survive being written and read again: the writer doubles quotes, the reader also takes backslashes.
pub(super) struct Rewritten;

impl VisitorMut for Rewritten {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if let Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) = &value.value {
            value.value = Value::SingleQuotedString(text.replace('\\', "\\\\").replace('\'', "\\'"));
        }
        ControlFlow::Continue(())
    }
}
