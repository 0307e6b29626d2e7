//! A scalar expression of a query, still as it was written: it can say what it holds, have its names resolved, and be
//! compiled the way every expression is.
//!
//! What needs a walk through the whole expression lies in files of its own: names in `resolve`, aggregates in
//! `aggregates`, the replacing of parts in `replace`.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion_expr::sqlparser::ast::{BinaryOperator, Expr, Ident, Spanned, Value, VisitMut};

use super::aggregates::{AggregateTerm, Finder};
use super::replace::{Columns, Replacer, Rewritten, Substitution};
use super::resolve::{Lookup, Resolver};
use crate::expr::{ExprError, Expression, place};

/// A scalar expression.
#[derive(Debug, Clone)]
pub struct Term {
    expr: Expr,
    source: Arc<str>,
    pub(super) at: Option<Range<usize>>,
}

impl Term {
    pub(super) fn new(expr: Expr, source: Arc<str>, at: Option<Range<usize>>) -> Self {
        Self { expr, source, at }
    }

    /// A part of it, where it stands.
    pub(super) fn part(&self, expr: Expr) -> Self {
        let at = place::range(&self.source, expr.span()).or_else(|| self.at.clone());
        Self { expr, source: Arc::clone(&self.source), at }
    }

    /// The column of this name, already resolved.
    pub fn of_column(name: &str) -> Self {
        Self { expr: Expr::Identifier(quoted(name.to_owned())), source: Arc::from(""), at: None }
    }

    /// Both hold.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let side = |term: &Self| Box::new(Expr::Nested(Box::new(term.expr.clone())));
        let expr = Expr::BinaryOp { left: side(self), op: BinaryOperator::And, right: side(other) };
        Self { expr, ..self.clone() }
    }

    /// The same with another term where this column stands.
    #[must_use]
    pub fn substituted(&self, column: &str, other: &Self) -> Self {
        if self.column() == Some(column) {
            return Self { expr: other.expr.clone(), ..self.clone() };
        }
        let mut expr = self.expr.clone();
        let mut substitution = Substitution { column, other: &other.expr };
        let _: ControlFlow<()> = expr.visit(&mut substitution);
        Self { expr, ..self.clone() }
    }

    /// As people read it, and what its column is called unless it is given a name.
    pub fn text(&self) -> String {
        match &self.expr {
            Expr::CompoundIdentifier(parts) => parts.last().map(|part| part.value.clone()).unwrap_or_default(),
            Expr::Identifier(name) => name.value.clone(),
            other => other.to_string(),
        }
    }

    /// An error about it, in its place.
    pub fn refuse(&self, sentence: impl Into<String>) -> ExprError {
        ExprError::new(sentence).at(self.at.clone())
    }

    /// The column it is, if it is nothing more.
    pub fn column(&self) -> Option<&str> {
        match &self.expr {
            Expr::Identifier(name) => Some(&name.value),
            _ => None,
        }
    }

    /// The whole number it is, if it is nothing more: `ORDER BY 2`.
    pub fn ordinal(&self) -> Option<usize> {
        match &self.expr {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, false) => digits.parse().ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The number it is, if it is nothing more: the 0.95 of `percentile(x, 0.95)`.
    pub fn number(&self) -> Option<f64> {
        match &self.expr {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => digits.parse().ok(),
                _ => None,
            },
            Expr::Nested(inner) => self.part((**inner).clone()).number(),
            _ => None,
        }
    }

    /// The same with every column under the name that `find` gives it: from a qualifier, if there is one, and a name.
    pub fn resolve(&self, find: &dyn Fn(Option<&str>, &str) -> Lookup) -> Result<Self, ExprError> {
        let mut expr = self.expr.clone();
        let mut resolver = Resolver::new(find, &self.source);
        match expr.visit(&mut resolver) {
            ControlFlow::Continue(()) => Ok(Self { expr, ..self.clone() }),
            ControlFlow::Break(error) if error.at.is_some() => Err(error),
            ControlFlow::Break(error) => Err(error.at(self.at.clone())),
        }
    }

    /// The calls of aggregate functions in it, from the outside in. `is_aggregate` knows their names in lower case.
    pub fn aggregates(&self, is_aggregate: &dyn Fn(&str) -> bool) -> Result<Vec<AggregateTerm>, ExprError> {
        let mut expr = self.expr.clone();
        let mut finder = Finder::new(is_aggregate, self);
        match expr.visit(&mut finder) {
            ControlFlow::Continue(()) => Ok(finder.into_found()),
            ControlFlow::Break(error) => Err(error),
        }
    }

    /// The same where parts of these texts are columns of those names.
    #[must_use]
    pub fn replaced(&self, known: &[(String, String)]) -> Self {
        let mut expr = self.expr.clone();
        let mut replacer = Replacer { known };
        let _: ControlFlow<()> = expr.visit(&mut replacer);
        Self { expr, ..self.clone() }
    }

    /// The text by which parts are compared.
    pub fn key(&self) -> String {
        self.expr.to_string()
    }

    /// The names of its columns.
    pub fn columns(&self) -> Vec<String> {
        let mut expr = self.expr.clone();
        let mut columns = Columns { found: Vec::new() };
        let _: ControlFlow<()> = expr.visit(&mut columns);
        columns.found
    }

    /// The parts that `AND` joins.
    pub fn conjuncts(&self) -> Vec<Self> {
        match &self.expr {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                let mut parts = self.part((**left).clone()).conjuncts();
                parts.extend(self.part((**right).clone()).conjuncts());
                parts
            }
            Expr::Nested(inner) => self.part((**inner).clone()).conjuncts(),
            _ => vec![self.clone()],
        }
    }

    /// The two sides, if it says that they are equal.
    pub fn equality(&self) -> Option<(Self, Self)> {
        match &self.expr {
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                Some((self.part((**left).clone()), self.part((**right).clone())))
            }
            _ => None,
        }
    }

    /// Compiles it over these columns.
    pub fn compile(&self, input: &SchemaRef) -> Result<Expression, ExprError> {
        let mut expr = self.expr.clone();
        let _: ControlFlow<()> = expr.visit(&mut Rewritten);
        Expression::compile(&expr.to_string(), input).map_err(|error| error.at(self.at.clone()))
    }
}

/// A resolved name: the quotes tell it from the parameters of functions.
pub(super) fn quoted(name: String) -> Ident {
    Ident::with_quote('`', name)
}
