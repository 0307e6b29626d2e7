//! Operators: arithmetic, comparison, logic, bits.

use arrow::datatypes::DataType;
use datafusion_expr::sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

use super::{Lowering, convert, fold, lazy, literal};
use crate::expr::ExprError;
use crate::expr::arithmetic::{self, Arithmetic, Comparison};
use crate::expr::typed::Typed;
use crate::expr::types::{self, type_name};

impl Lowering<'_> {
    /// An operator before its operand.
    pub(super) fn unary(&mut self, op: UnaryOperator, expr: &Expr) -> Result<Typed, ExprError> {
        if let (UnaryOperator::Minus, Expr::Value(value)) = (op, expr)
            && let Value::Number(digits, is_long) = &value.value
        {
            return literal::number(digits, *is_long, true);
        }
        let operand = self.lower(expr)?;
        match op {
            UnaryOperator::Not | UnaryOperator::BangNot => self.not(operand),
            UnaryOperator::Minus => self.call("negative", vec![operand]),
            UnaryOperator::Plus => self.call("positive", vec![operand]),
            UnaryOperator::BitwiseNot => arithmetic::bits_not(operand),
            _ => Err(ExprError::new(format!("`{op}` is no operator of Spark"))),
        }
    }

    /// `NOT a`.
    pub(super) fn not(&mut self, operand: Typed) -> Result<Typed, ExprError> {
        Ok(lazy::not(self.truth(operand, "`NOT`")?))
    }

    /// An operator between its operands.
    pub(super) fn binary(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<Typed, ExprError> {
        let (left, right) = (self.lower(left)?, self.lower(right)?);
        if let Some(word) = logic_word(op) {
            let (left, right) = (self.truth(left, word)?, self.truth(right, word)?);
            return Ok(lazy::logic(&left, &right, matches!(op, BinaryOperator::And)));
        }
        if let Some(comparison) = comparison(op) {
            return self.compare(left, comparison, right);
        }
        if let Some(result) = self.temporal(&left, op, &right)? {
            return Ok(result);
        }
        if let Some(arithmetic) = arithmetic(op) {
            return arithmetic::apply(arithmetic, left, right, false);
        }
        match op {
            BinaryOperator::Spaceship => self.null_safe(left, right, false),
            BinaryOperator::StringConcat => self.call("concat", vec![left, right]),
            BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseOr | BinaryOperator::BitwiseXor => {
                arithmetic::bits(op, left, right)
            }
            BinaryOperator::PGBitwiseShiftLeft => self.call("shiftleft", vec![left, right]),
            BinaryOperator::PGBitwiseShiftRight => self.call("shiftright", vec![left, right]),
            BinaryOperator::Custom(text) if text == ">>>" => self.call("shiftrightunsigned", vec![left, right]),
            BinaryOperator::Custom(text) if text.contains('~') => Err(pattern_operator(op)),
            BinaryOperator::PGRegexMatch
            | BinaryOperator::PGRegexIMatch
            | BinaryOperator::PGRegexNotMatch
            | BinaryOperator::PGRegexNotIMatch => Err(pattern_operator(op)),
            _ => Err(ExprError::new(format!("`{op}` is no operator between two values; write it with a function"))),
        }
    }

    /// A comparison; the sides take their common type.
    pub(in crate::expr) fn compare(&mut self, left: Typed, op: Comparison, right: Typed) -> Result<Typed, ExprError> {
        let mut sides = [left, right];
        self.unify_sides(&mut sides)?;
        let [left, right] = &sides;
        Ok(fold::folded(arithmetic::compare(op, left, right)))
    }

    /// `a <=> b`, or its negation: nulls are equal to each other and to nothing else.
    pub(in crate::expr) fn null_safe(&mut self, left: Typed, right: Typed, negated: bool) -> Result<Typed, ExprError> {
        let mut sides = [left, right];
        self.unify_sides(&mut sides)?;
        let [left, right] = &sides;
        Ok(fold::folded(arithmetic::null_safe(left, right, negated)))
    }

    fn unify_sides(&mut self, sides: &mut [Typed; 2]) -> Result<(), ExprError> {
        let data_type = convert::unify(sides, "the sides of the comparison")?;
        if matches!(data_type, DataType::Map(_, _)) {
            return Err(sides[0].refuse("maps cannot be compared; compare their keys or values"));
        }
        Ok(())
    }

    /// The operand as a condition.
    pub(super) fn truth(&mut self, operand: Typed, what: &str) -> Result<Typed, ExprError> {
        match convert::silent(&operand, &DataType::Boolean) {
            Some(truth) if !types::is_number(&operand.data_type) => Ok(truth),
            Some(_) | None => {
                let found = type_name(&operand.data_type);
                Err(operand.refuse(format!("{what} takes a boolean, but this is {found}; compare it with something")))
            }
        }
    }
}

fn pattern_operator(op: &BinaryOperator) -> ExprError {
    ExprError::new(format!("`{op}` is no operator between two values; patterns are compared with `RLIKE`"))
}

fn logic_word(op: &BinaryOperator) -> Option<&'static str> {
    match op {
        BinaryOperator::And => Some("`AND`"),
        BinaryOperator::Or => Some("`OR`"),
        _ => None,
    }
}

fn comparison(op: &BinaryOperator) -> Option<Comparison> {
    Some(match op {
        BinaryOperator::Eq => Comparison::Eq,
        BinaryOperator::NotEq => Comparison::NotEq,
        BinaryOperator::Lt => Comparison::Lt,
        BinaryOperator::LtEq => Comparison::LtEq,
        BinaryOperator::Gt => Comparison::Gt,
        BinaryOperator::GtEq => Comparison::GtEq,
        _ => return None,
    })
}

fn arithmetic(op: &BinaryOperator) -> Option<Arithmetic> {
    Some(match op {
        BinaryOperator::Plus => Arithmetic::Add,
        BinaryOperator::Minus => Arithmetic::Subtract,
        BinaryOperator::Multiply => Arithmetic::Multiply,
        BinaryOperator::Divide => Arithmetic::Divide,
        BinaryOperator::Modulo => Arithmetic::Remainder,
        BinaryOperator::MyIntegerDivide => Arithmetic::WholeDivide,
        _ => return None,
    })
}
