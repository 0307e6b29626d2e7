//! Whole numbers as Spark types them: `1` is an `int` where it fits, and constant arithmetic that overflows is an error
//! instead of a wrapped number.

use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::expr::BinaryExpr;
use datafusion_expr::{Expr, Operator};

use super::ExprError;

/// Types the whole-number literals and folds arithmetic between them.
pub(super) fn type_literals(expr: Expr) -> Result<Expr, ExprError> {
    let mut overflow = None;
    let typed = expr.transform_up(|node| {
        Ok(match &node {
            Expr::Literal(ScalarValue::Int64(Some(number)), metadata) => match i32::try_from(*number) {
                Ok(small) => Transformed::yes(Expr::Literal(ScalarValue::Int32(Some(small)), metadata.clone())),
                Err(_) => Transformed::no(node),
            },
            Expr::BinaryExpr(binary) => match fold(binary) {
                Folded::No => Transformed::no(node),
                Folded::Value(value) => Transformed::yes(Expr::Literal(value, None)),
                Folded::Overflow => {
                    overflow = Some(node.human_display().to_string());
                    Transformed::no(node)
                }
            },
            _ => Transformed::no(node),
        })
    });
    match overflow {
        Some(text) => Err(ExprError::new(format!("`{text}` is too large for its type; cast one side to bigint"))),
        None => typed.map(|typed| typed.data).map_err(|error| ExprError::from_datafusion(&error)),
    }
}

/// What constant arithmetic gives.
enum Folded {
    /// It is none.
    No,
    Value(ScalarValue),
    /// The result does not fit its type.
    Overflow,
}

fn fold(binary: &BinaryExpr) -> Folded {
    let (Some(left), Some(right)) = (whole(&binary.left), whole(&binary.right)) else { return Folded::No };
    let is_int = matches!((left, right), (Whole::Int(_), Whole::Int(_)));
    let (left, right) = (left.wide(), right.wide());
    let value = match binary.op {
        Operator::Plus => left.checked_add(right),
        Operator::Minus => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        _ => return Folded::No,
    };
    let typed = |value| {
        if is_int {
            i32::try_from(value).ok().map(|value| ScalarValue::Int32(Some(value)))
        } else {
            Some(ScalarValue::Int64(Some(value)))
        }
    };
    value.and_then(typed).map_or(Folded::Overflow, Folded::Value)
}

#[derive(Clone, Copy)]
enum Whole {
    Int(i32),
    Long(i64),
}

impl Whole {
    fn wide(self) -> i64 {
        match self {
            Self::Int(value) => value.into(),
            Self::Long(value) => value,
        }
    }
}

fn whole(expr: &Expr) -> Option<Whole> {
    match expr {
        Expr::Literal(ScalarValue::Int32(Some(value)), _) => Some(Whole::Int(*value)),
        Expr::Literal(ScalarValue::Int64(Some(value)), _) => Some(Whole::Long(*value)),
        _ => None,
    }
}
