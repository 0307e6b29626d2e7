//! From the syntax tree to a typed physical expression, node by node, by Spark's rules.
//!
//! Every node is written here, so nothing has a meaning that was not given to it: what is not handled is refused. Types
//! are settled bottom-up, conversions are put in where Spark puts them, and a constant computation is done at once; one
//! that fails stays as it is and fails on the rows that reach it.

#![allow(clippy::unused_self, reason = "all steps of lowering are called alike")]

mod access;
pub(super) mod condition;
pub(super) mod convert;
mod fold;
mod function;
mod interval;
pub(super) mod lazy;
pub(super) mod literal;
mod names;
mod operator;
mod temporal;

use std::ops::Range;

use arrow::datatypes::{DataType, Field, Schema};
use datafusion_expr::sqlparser::ast::{self, Expr, Spanned};

use super::typed::Typed;
use super::{ExprError, place};

pub(super) use function::Site;

/// The state of lowering one expression.
pub(super) struct Lowering<'a> {
    source: &'a str,
    /// The columns of the input, then the hidden ones of the batch, then the variables of the lambdas around.
    columns: Vec<Field>,
    /// How many of them are the input's.
    width: usize,
    /// How many are no variables.
    fixed: usize,
}

impl<'a> Lowering<'a> {
    /// For expressions over this input.
    pub(super) fn new(source: &'a str, input: &Schema) -> Self {
        let columns = input.fields().iter().map(|field| field.as_ref().clone());
        let columns: Vec<_> = columns.chain(super::scope::hidden_fields()).collect();
        let fixed = columns.len();
        Self { source, columns, width: input.fields().len(), fixed }
    }

    /// The columns an expression may read, by position: the input's, the hidden ones, the variables now known.
    pub(in crate::expr) fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// Lowers something in which these names are known as well; they hide columns of the same name. Gives the position
    /// of the first.
    pub(in crate::expr) fn with_variables<T>(
        &mut self,
        variables: &[(&str, DataType)],
        body: impl FnOnce(&mut Self, usize) -> Result<T, ExprError>,
    ) -> Result<T, ExprError> {
        let first = self.columns.len();
        self.columns.extend(variables.iter().map(|(name, data_type)| Field::new(*name, data_type.clone(), true)));
        let result = body(self, first);
        self.columns.truncate(first);
        result
    }

    /// The place of a part of the tree.
    pub(super) fn place(&self, part: &impl Spanned) -> Option<Range<usize>> {
        place::range(self.source, part.span())
    }

    /// Lowers an expression.
    pub(in crate::expr) fn lower(&mut self, expr: &Expr) -> Result<Typed, ExprError> {
        let at = self.place(expr);
        let typed =
            self.dispatch(expr).map_err(|error| if error.at.is_none() { error.at(at.clone()) } else { error })?;
        Ok(fold::folded(typed).placed(at))
    }

    /// One arm per form of expression there is in Spark.
    fn dispatch(&mut self, expr: &Expr) -> Result<Typed, ExprError> {
        match expr {
            Expr::Nested(inner) => self.lower(inner),
            Expr::Identifier(ident) => self.column(ident),
            Expr::CompoundIdentifier(idents) => self.compound(idents),
            Expr::CompoundFieldAccess { root, access_chain } => self.chain(root, access_chain),
            Expr::Value(value) => literal::value(&value.value),
            Expr::TypedString(typed) => self.typed_string(typed),
            Expr::Interval(interval) => self.interval(interval),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::IsNull(inner) => self.is_null(inner, false),
            Expr::IsNotNull(inner) => self.is_null(inner, true),
            Expr::IsUnknown(inner) => self.is_unknown(inner, false),
            Expr::IsNotUnknown(inner) => self.is_unknown(inner, true),
            Expr::IsTrue(inner) => self.is_truth(inner, true, false),
            Expr::IsNotTrue(inner) => self.is_truth(inner, true, true),
            Expr::IsFalse(inner) => self.is_truth(inner, false, false),
            Expr::IsNotFalse(inner) => self.is_truth(inner, false, true),
            Expr::IsDistinctFrom(left, right) => self.distinct(left, right, true),
            Expr::IsNotDistinctFrom(left, right) => self.distinct(left, right, false),
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated),
            Expr::Between { expr, negated, low, high } => self.between(expr, low, high, *negated),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Cast { kind, expr, data_type, array: false, format: None } => self.cast(kind, expr, data_type),
            Expr::Function(function) => self.function(function),
            Expr::Like { .. } | Expr::ILike { .. } | Expr::RLike { .. } => self.matching(expr),
            Expr::Extract { .. }
            | Expr::Ceil { .. }
            | Expr::Floor { .. }
            | Expr::Position { .. }
            | Expr::Substring { .. }
            | Expr::Trim { .. }
            | Expr::Overlay { .. }
            | Expr::Struct { .. } => self.special(expr),
            other => Err(refusal(other)),
        }
    }

    /// `DATE '2026-01-01'` and its like: the text converted to the type.
    fn typed_string(&mut self, typed: &ast::TypedString) -> Result<Typed, ExprError> {
        let text = literal::value(&typed.value.value)?.placed(self.place(&typed.value));
        let data_type = convert::data_type(&typed.data_type)?;
        let value = fold::folded(convert::explicit(&text, &data_type, false)?);
        if value.constant().is_none() {
            let what = super::types::type_name(&data_type);
            let text = text.constant_text().unwrap_or_default().to_owned();
            return Err(ExprError::new(format!("'{text}' is no {what}")));
        }
        Ok(value)
    }
}

/// Why a form of SQL is no expression here.
fn refusal(expr: &Expr) -> ExprError {
    ExprError::new(match expr {
        Expr::Lambda(_) => "a function with `->` stands only among the arguments of functions such as `transform`",
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
            "an expression cannot hold a subquery; join the other stream before"
        }
        Expr::Wildcard(_) | Expr::QualifiedWildcard(_, _) => {
            "`*` stands for all columns; an expression gives one column, so name it"
        }
        Expr::Array(_) => "a list is written `array(1, 2)`",
        Expr::Tuple(_) => "several values in parentheses are no value; write `struct(a, b)`",
        Expr::Named { .. } => "an expression has no `AS`; the column's name stands in the field beside it",
        _ => "this form of SQL is not among Spark's expressions; write it with a function",
    })
}
