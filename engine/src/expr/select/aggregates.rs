//! The calls of aggregate functions in an expression.

use std::ops::{ControlFlow, Range};

use datafusion_expr::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart, VisitorMut,
};

use super::Term;
use crate::expr::ExprError;

/// A call of an aggregate function in a term.
#[derive(Debug, Clone)]
pub struct AggregateTerm {
    /// The call as text: two calls of the same text are the same.
    pub text: String,
    /// The function's name, in lower case.
    pub function: String,
    /// Whether only different values count.
    pub is_distinct: bool,
    /// Of what; nothing for `count(*)`.
    pub arguments: Vec<Term>,
    /// Where it stands.
    pub at: Option<Range<usize>>,
}

/// Finds them, from the outside in.
pub(super) struct Finder<'a> {
    is_aggregate: &'a dyn Fn(&str) -> bool,
    term: &'a Term,
    found: Vec<AggregateTerm>,
    within: usize,
}

impl<'a> Finder<'a> {
    /// `is_aggregate` knows their names in lower case.
    pub(super) fn new(is_aggregate: &'a dyn Fn(&str) -> bool, term: &'a Term) -> Self {
        Self { is_aggregate, term, found: Vec::new(), within: 0 }
    }

    /// What was found.
    pub(super) fn into_found(self) -> Vec<AggregateTerm> {
        self.found
    }

    fn is_call(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Function(function) if (self.is_aggregate)(&name_of(function)))
    }

    fn read(&self, function: &Function) -> Result<AggregateTerm, ExprError> {
        let term = self.term.part(Expr::Function(function.clone()));
        let name = name_of(function);
        if function.over.is_some() {
            return Err(term.refuse(format!("`{name}` OVER is not supported; windows are nodes of their own")));
        }
        let has_more =
            function.filter.is_some() || function.null_treatment.is_some() || !function.within_group.is_empty();
        let FunctionArguments::List(list) = &function.args else {
            return Err(term.refuse(format!("`{name}` needs what to compute it of, in parentheses")));
        };
        if has_more || !list.clauses.is_empty() {
            return Err(term.refuse(format!("`{name}` takes no FILTER or ORDER BY here; use CASE WHEN within it")));
        }
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        let mut arguments = Vec::with_capacity(list.args.len());
        for argument in &list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => {
                    arguments.push(self.term.part(argument.clone()));
                }
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if list.args.len() == 1 => {}
                _ => return Err(term.refuse(format!("`{name}` is computed of expressions; write them with commas"))),
            }
        }
        Ok(AggregateTerm { text: term.key(), function: name, is_distinct, arguments, at: term.at })
    }
}

impl VisitorMut for Finder<'_> {
    type Break = ExprError;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<ExprError> {
        let Expr::Function(function) = &*expr else { return ControlFlow::Continue(()) };
        if !self.is_call(expr) {
            if function.over.is_some() {
                let sentence = "OVER is not supported; windows are nodes of their own";
                return ControlFlow::Break(self.term.refuse(sentence));
            }
            return ControlFlow::Continue(());
        }
        self.within += 1;
        if self.within > 1 {
            return ControlFlow::Break(
                self.term.refuse("an aggregate of an aggregate needs a query of its own around it"),
            );
        }
        match self.read(function) {
            Ok(call) => {
                self.found.push(call);
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        }
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<ExprError> {
        if self.is_call(expr) {
            self.within = self.within.saturating_sub(1);
        }
        ControlFlow::Continue(())
    }
}

/// The plain name of a function, in lower case.
fn name_of(function: &Function) -> String {
    match function.name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => name.value.to_lowercase(),
        _ => String::new(),
    }
}
