//! A scalar expression of a query, still as it was written: it can say what it holds, have its names resolved, and be
//! compiled the way every expression is.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion_sql::sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    ObjectNamePart, OneOrManyWithParens, Query, Spanned, Value, VisitMut, VisitorMut,
};

use crate::expr::{ExprError, Expression, place};

/// What became of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// It is the column of this name.
    Found(String),
    /// It is none; the sentence says what to do.
    Missing(String),
}

/// A scalar expression.
#[derive(Debug, Clone)]
pub struct Term {
    expr: Expr,
    source: Arc<str>,
    at: Option<Range<usize>>,
}

/// A call of an aggregate function in a term.
#[derive(Debug, Clone)]
pub struct AggregateTerm {
    /// The call as text: two calls of the same text are the same.
    pub text: String,
    /// The function's name, in lower case.
    pub function: String,
    /// Whether only different values count.
    pub is_distinct: bool,
    /// Of what; `None` for `count(*)`.
    pub argument: Option<Term>,
    /// Where it stands.
    pub at: Option<Range<usize>>,
}

impl Term {
    pub(super) fn new(expr: Expr, source: Arc<str>, at: Option<Range<usize>>) -> Self {
        Self { expr, source, at }
    }

    fn part(&self, expr: Expr) -> Self {
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

    /// The same with every column under the name that `find` gives it: from a qualifier, if there is one, and a name.
    pub fn resolve(&self, find: &dyn Fn(Option<&str>, &str) -> Lookup) -> Result<Self, ExprError> {
        let mut expr = self.expr.clone();
        let mut resolver = Resolver { find, source: &self.source, bound: BTreeSet::new() };
        match expr.visit(&mut resolver) {
            ControlFlow::Continue(()) => Ok(Self { expr, ..self.clone() }),
            ControlFlow::Break(error) if error.at.is_some() => Err(error),
            ControlFlow::Break(error) => Err(error.at(self.at.clone())),
        }
    }

    /// The calls of aggregate functions in it, from the outside in. `is_aggregate` knows their names in lower case.
    pub fn aggregates(&self, is_aggregate: &dyn Fn(&str) -> bool) -> Result<Vec<AggregateTerm>, ExprError> {
        let mut expr = self.expr.clone();
        let mut finder = Finder { is_aggregate, term: self, found: Vec::new(), within: 0 };
        match expr.visit(&mut finder) {
            ControlFlow::Continue(()) => Ok(finder.found),
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

fn quoted(name: String) -> Ident {
    Ident::with_quote('`', name)
}

/// The plain name of a function, in lower case.
fn name_of(function: &Function) -> String {
    match function.name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => name.value.to_lowercase(),
        _ => String::new(),
    }
}

struct Resolver<'a> {
    find: &'a dyn Fn(Option<&str>, &str) -> Lookup,
    source: &'a str,
    /// The parameters of functions written with `->`.
    bound: BTreeSet<String>,
}

impl Resolver<'_> {
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

struct Finder<'a> {
    is_aggregate: &'a dyn Fn(&str) -> bool,
    term: &'a Term,
    found: Vec<AggregateTerm>,
    within: usize,
}

impl Finder<'_> {
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
        let argument = match list.args.as_slice() {
            [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] => None,
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] => Some(self.term.part(argument.clone())),
            _ => return Err(term.refuse(format!("`{name}` is computed of one expression"))),
        };
        Ok(AggregateTerm { text: term.key(), function: name, is_distinct, argument, at: term.at })
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

struct Replacer<'a> {
    known: &'a [(String, String)],
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

struct Substitution<'a> {
    column: &'a str,
    other: &'a Expr,
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

struct Columns {
    found: Vec<String>,
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
struct Rewritten;

impl VisitorMut for Rewritten {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut datafusion_sql::sqlparser::ast::ValueWithSpan) -> ControlFlow<()> {
        if let Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) = &value.value {
            value.value = Value::SingleQuotedString(text.replace('\\', "\\\\").replace('\'', "\\'"));
        }
        ControlFlow::Continue(())
    }
}
