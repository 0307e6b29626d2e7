//! Arithmetic and comparison by Spark's rules (ANSI mode): which type a result has, and that nothing wraps around.

mod bits;
mod compare;
mod decimal;
mod numbers;

use std::sync::Arc;

use arrow::datatypes::DataType;

use super::ExprError;
use super::call::Call;
use super::lower::{convert, literal};
use super::typed::Typed;
use super::types::{self, type_name};

pub(super) use bits::{bits, bits_not};
pub(super) use compare::{Comparison, compare, compare_arrays, null_safe};
pub(super) use decimal::{negated as negated_decimal, rescale};

/// An operation on two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    /// `/`: never of whole numbers.
    Divide,
    /// `%`: with the sign of the left side.
    Remainder,
    /// `DIV`: the whole part of the quotient, a bigint.
    WholeDivide,
    /// `pmod`: never negative for a positive divisor.
    PositiveRemainder,
}

impl Arithmetic {
    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::WholeDivide => "div",
            Self::PositiveRemainder => "pmod",
        }
    }
}

/// `left op right`; with `is_try` null where it fails.
pub(super) fn apply(op: Arithmetic, left: Typed, right: Typed, is_try: bool) -> Result<Typed, ExprError> {
    let (left, right) = numbers_of(op, left, right)?;
    let has_fraction = types::is_fraction(&left.data_type) || types::is_fraction(&right.data_type);
    let has_decimal = [&left, &right].iter().any(|side| matches!(side.data_type, DataType::Decimal128(_, _)));
    if has_decimal && !has_fraction {
        return Ok(decimals(op, &left, &right, is_try));
    }
    let operands = match op {
        Arithmetic::Divide => DataType::Float64,
        Arithmetic::WholeDivide if has_fraction => {
            return Err(left.refuse("`div` works on whole numbers and decimals; use `/` and `floor`"));
        }
        Arithmetic::WholeDivide => DataType::Int64,
        Arithmetic::Add
        | Arithmetic::Subtract
        | Arithmetic::Multiply
        | Arithmetic::Remainder
        | Arithmetic::PositiveRemainder => {
            types::common(&left.data_type, &right.data_type).unwrap_or(DataType::Float64)
        }
    };
    let sides = [convert::to_type(&left, &operands), convert::to_type(&right, &operands)];
    let nullable = is_try || sides.iter().any(|side| side.nullable);
    let kernel = numbers::kernel(op, &operands, is_try)?;
    Ok(Call::typed(name(op, is_try), &sides, operands, nullable, kernel))
}

fn name(op: Arithmetic, is_try: bool) -> String {
    format!("{}{}", if is_try { "try_" } else { "" }, op.sign())
}

/// The sides as numbers: a text beside a number becomes one, a null takes the other's type.
fn numbers_of(op: Arithmetic, left: Typed, right: Typed) -> Result<(Typed, Typed), ExprError> {
    let refuse = |side: &Typed| {
        let found = type_name(&side.data_type);
        let advice = match side.data_type {
            DataType::Timestamp(_, _) | DataType::Date32 => {
                "times move by spans: `INTERVAL 1 DAY`, `INTERVAL '90' MINUTE`"
            }
            DataType::Utf8View if op == Arithmetic::Add => "texts are joined with `||`, numbers in them read with CAST",
            _ => "convert it with CAST",
        };
        Err(side.refuse(format!("`{}` works on numbers, but this is {found}; {advice}", op.sign())))
    };
    let beside = |side: &Typed, other: &Typed| {
        if types::is_text(&side.data_type) && types::is_number(&other.data_type) {
            let is_long = types::is_whole(&other.data_type) && op != Arithmetic::Divide;
            return Some(convert::to_type(side, &if is_long { DataType::Int64 } else { DataType::Float64 }));
        }
        if literal::is_void(side) {
            let wanted = if types::is_number(&other.data_type) { other.data_type.clone() } else { DataType::Float64 };
            return Some(convert::to_type(side, &wanted));
        }
        types::is_number(&side.data_type).then(|| side.clone())
    };
    match (beside(&left, &right), beside(&right, &left)) {
        (Some(left), Some(right)) => Ok((left, right)),
        (None, _) => refuse(&left),
        (_, None) => refuse(&right),
    }
}

/// Decimals, or a decimal and a whole number.
fn decimals(op: Arithmetic, left: &Typed, right: &Typed, is_try: bool) -> Typed {
    let as_decimal = |side: &Typed| {
        let parts = literal::whole_digits(side).or_else(|| types::as_decimal(&side.data_type));
        let (precision, scale) = parts.unwrap_or((types::MAX_PRECISION, 0));
        (convert::to_type(side, &DataType::Decimal128(precision, scale)), precision, scale)
    };
    let ((left, p1, s1), (right, p2, s2)) = (as_decimal(left), as_decimal(right));
    let result = decimal::result_type(op, (p1, s1), (p2, s2));
    let nullable = is_try || left.nullable || right.nullable;
    let kernel = decimal::kernel(op, s1, s2, result.clone(), is_try);
    Call::typed(format!("decimal_{}", name(op, is_try)), &[left, right], result, nullable, Arc::new(kernel))
}
