//! Conditions: `IS`, `IN`, `BETWEEN`, `LIKE`, `CASE`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::{DataType, Schema};
use datafusion_common::ScalarValue;
use datafusion_expr::sqlparser::ast::{CaseWhen, Expr};
use datafusion_physical_expr::expressions::{self, IsNullExpr};

use super::{Lowering, convert, lazy, literal};
use crate::expr::ExprError;
use crate::expr::args::Args;
use crate::expr::arithmetic::Comparison;
use crate::expr::call::Call;
use crate::expr::typed::Typed;
use crate::expr::types;

impl Lowering<'_> {
    /// `a IS [NOT] NULL`.
    pub(super) fn is_null(&mut self, expr: &Expr, negated: bool) -> Result<Typed, ExprError> {
        let value = self.lower(expr)?;
        Ok(is_null(&value, negated))
    }

    /// `a IS [NOT] UNKNOWN`: the same, of conditions only.
    pub(super) fn is_unknown(&mut self, expr: &Expr, negated: bool) -> Result<Typed, ExprError> {
        let value = self.lower(expr)?;
        let value = self.truth(value, "`IS UNKNOWN`")?;
        Ok(is_null(&value, negated))
    }

    /// `a IS [NOT] TRUE` and `a IS [NOT] FALSE`.
    pub(super) fn is_truth(&mut self, expr: &Expr, wanted: bool, negated: bool) -> Result<Typed, ExprError> {
        let value = self.lower(expr)?;
        let value = self.truth(value, "`IS TRUE`")?;
        let kernel = Arc::new(move |args: &Args<'_>| {
            let truth = args.booleans(0)?;
            let is = (0..args.rows()).map(|row| Some((truth.get(row) == Some(wanted)) != negated));
            Ok(Arc::new(is.collect::<BooleanArray>()) as ArrayRef)
        });
        let name = format!("is_{}{wanted}", if negated { "not_" } else { "" });
        Ok(Call::typed(name, &[value], DataType::Boolean, false, kernel))
    }

    /// `a IS [NOT] DISTINCT FROM b`.
    pub(super) fn distinct(&mut self, left: &Expr, right: &Expr, negated: bool) -> Result<Typed, ExprError> {
        let (left, right) = (self.lower(left)?, self.lower(right)?);
        self.null_safe(left, right, negated)
    }

    /// `a [NOT] IN (b, c)`.
    pub(super) fn in_list(&mut self, expr: &Expr, list: &[Expr], negated: bool) -> Result<Typed, ExprError> {
        let mut values = vec![self.lower(expr)?];
        for item in list {
            values.push(self.lower(item)?);
        }
        let data_type = convert::unify(&mut values, "the values around `IN`")?;
        let Some((needle, items)) = values.split_first() else { return Err(ExprError::new("`IN` needs a value")) };
        let is_plain = types::is_atomic(&data_type) && !types::is_fraction(&data_type);
        let found = if is_plain && items.iter().all(|item| item.constant().is_some()) {
            let schema = Schema::new(self.columns().to_vec());
            let nullable = values.iter().any(|value| value.nullable);
            let list = items.iter().map(|item| Arc::clone(&item.expr)).collect();
            let found = expressions::in_list(Arc::clone(&needle.expr), list, &false, &schema);
            let found = found.map_err(|error| ExprError::from_datafusion(&error))?;
            Typed::new(found, DataType::Boolean, nullable)
        } else {
            let mut found = Typed::literal(ScalarValue::Boolean(Some(false)));
            for item in items {
                let is_it = self.compare(needle.clone(), Comparison::Eq, item.clone())?;
                found = lazy::logic(&found, &is_it, false);
            }
            found
        };
        Ok(if negated { lazy::not(found) } else { found })
    }

    /// `a [NOT] BETWEEN b AND c`.
    pub(super) fn between(&mut self, expr: &Expr, low: &Expr, high: &Expr, negated: bool) -> Result<Typed, ExprError> {
        let (value, low, high) = (self.lower(expr)?, self.lower(low)?, self.lower(high)?);
        let above = self.compare(value.clone(), Comparison::GtEq, low)?;
        let below = self.compare(value, Comparison::LtEq, high)?;
        let between = lazy::logic(&above, &below, true);
        Ok(if negated { lazy::not(between) } else { between })
    }

    /// `LIKE`, `ILIKE` and `RLIKE`, as the functions of these names.
    pub(super) fn matching(&mut self, expr: &Expr) -> Result<Typed, ExprError> {
        let (name, negated, text, pattern, escape) = match expr {
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                ("like", *negated, expr, pattern, escape_char.as_ref())
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                ("ilike", *negated, expr, pattern, escape_char.as_ref())
            }
            Expr::RLike { negated, expr, pattern, .. } => ("rlike", *negated, expr, pattern, None),
            _ => return Err(ExprError::new("`LIKE ANY` is not taken; write several `LIKE` with `OR`")),
        };
        let mut args = vec![self.lower(text)?, self.lower(pattern)?];
        if let Some(escape) = escape {
            args.push(literal::value(&escape.value)?);
        }
        let matches = self.call(name, args)?;
        Ok(if negated { lazy::not(matches) } else { matches })
    }

    /// `CASE`, with or without a value to compare.
    pub(super) fn case(
        &mut self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
    ) -> Result<Typed, ExprError> {
        let operand = operand.map(|operand| self.lower(operand)).transpose()?;
        let mut whens = Vec::with_capacity(conditions.len());
        let mut results = Vec::with_capacity(conditions.len() + 1);
        for CaseWhen { condition, result } in conditions {
            let condition = self.lower(condition)?;
            whens.push(match &operand {
                Some(operand) => self.compare(operand.clone(), Comparison::Eq, condition)?,
                None => self.truth(condition, "`WHEN`")?,
            });
            results.push(self.lower(result)?);
        }
        results.push(match otherwise {
            Some(otherwise) => self.lower(otherwise)?,
            None => Typed::literal(ScalarValue::Null),
        });
        choose(whens, results)
    }
}

/// The result whose condition holds first; the last result where none does. Only what is chosen is computed.
pub(in crate::expr) fn choose(whens: Vec<Typed>, mut results: Vec<Typed>) -> Result<Typed, ExprError> {
    let data_type = convert::unify(&mut results, "the results")?;
    if data_type == DataType::Null {
        return Ok(Typed::literal(ScalarValue::Null));
    }
    let nullable = results.iter().any(|result| result.nullable);
    let otherwise = results.pop().map(|result| result.expr);
    let pairs = whens.into_iter().map(|when| when.expr).zip(results.into_iter().map(|result| result.expr)).collect();
    let case = expressions::case(None, pairs, otherwise).map_err(|error| ExprError::from_datafusion(&error))?;
    Ok(Typed::new(case, data_type, nullable))
}

/// Whether a value is null, or is not.
pub(in crate::expr) fn is_null(value: &Typed, negated: bool) -> Typed {
    if !value.nullable && value.data_type != DataType::Null {
        return Typed::literal(ScalarValue::Boolean(Some(negated)));
    }
    let expr = Arc::clone(&value.expr);
    let expr: Arc<dyn datafusion_physical_expr::PhysicalExpr> =
        if negated { Arc::new(expressions::IsNotNullExpr::new(expr)) } else { Arc::new(IsNullExpr::new(expr)) };
    Typed::new(expr, DataType::Boolean, false)
}
