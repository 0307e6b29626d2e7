//! The names in an expression: which column each of them is.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion_expr::sqlparser::ast::{Expr, Ident, ObjectNamePart, OneOrManyWithParens, Query, VisitorMut};

use super::term::quoted;
use crate::expr::{ExprError, place};

/// What became of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// It is the column of this name.
    Found(String),
    /// It is none; the sentence says what to do.
    Missing(String),
}

/// Puts columns in the place of names.
pub(super) struct Resolver<'a> {
    find: &'a dyn Fn(Option<&str>, &str) -> Lookup,
    source: &'a str,
    /// The parameters of functions written with `->`.
    bound: BTreeSet<String>,
}

impl<'a> Resolver<'a> {
    /// `find` knows the columns, the source where names stand.
    pub(super) fn new(find: &'a dyn Fn(Option<&str>, &str) -> Lookup, source: &'a str) -> Self {
        Self { find, source, bound: BTreeSet::new() }
    }

    fn column(&self, parts: &[Ident]) -> Result<Expr, ExprError> {
        let [first, rest @ ..] = parts else { return Err(ExprError::new("a name is missing")) };
        let place = |ident: &Ident| place::range(self.source, ident.span);
        if let [second, fields @ ..] = rest
            && let Lookup::Found(column) = (self.find)(Some(&first.value), &second.value)
        {
            return Ok(path(column, fields));
        }
        match (self.find)(None, &first.value) {
            Lookup::Found(column) => Ok(path(column, rest)),
            Lookup::Missing(sentence) => match rest.first() {
                None => Err(ExprError::new(sentence).at(place(first))),
                Some(second) => match (self.find)(Some(&first.value), &second.value) {
                    Lookup::Missing(sentence) | Lookup::Found(sentence) => {
                        Err(ExprError::new(sentence).at(place(second)))
                    }
                },
            },
        }
    }
}

/// A column, and the fields within it.
fn path(column: String, fields: &[Ident]) -> Expr {
    if fields.is_empty() {
        return Expr::Identifier(quoted(column));
    }
    Expr::CompoundIdentifier(std::iter::once(quoted(column)).chain(fields.iter().cloned()).collect())
}

impl VisitorMut for Resolver<'_> {
    type Break = ExprError;

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<ExprError> {
        ControlFlow::Break(ExprError::new("a query within an expression is not supported; join it, LEFT SEMI for IN"))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<ExprError> {
        let resolved = match expr {
            Expr::Identifier(name) if self.bound.contains(&name.value) => return ControlFlow::Continue(()),
            Expr::Identifier(name) => self.column(std::slice::from_ref(name)),
            Expr::CompoundIdentifier(parts) => self.column(parts),
            Expr::Lambda(lambda) => {
                match &lambda.params {
                    OneOrManyWithParens::One(name) => self.bound.extend([name.name.value.clone()]),
                    OneOrManyWithParens::Many(names) => {
                        self.bound.extend(names.iter().map(|name| name.name.value.clone()));
                    }
                }
                return ControlFlow::Continue(());
            }
            Expr::Function(function) => {
                for part in &mut function.name.0 {
                    if let ObjectNamePart::Identifier(name) = part {
                        name.value = name.value.to_lowercase();
                    }
                }
                return ControlFlow::Continue(());
            }
            _ => return ControlFlow::Continue(()),
        };
        match resolved {
            Ok(column) => {
                *expr = column;
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        }
    }
}
