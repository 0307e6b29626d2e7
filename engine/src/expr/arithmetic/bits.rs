//! `&`, `|`, `^` and `~` on whole numbers.

use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::compute::{binary, unary};
use arrow::datatypes::{DataType, Int8Type, Int16Type, Int32Type, Int64Type};
use datafusion_expr::sqlparser::ast::BinaryOperator;
use std::ops::{BitAnd, BitOr, BitXor, Not};

use crate::expr::ExprError;
use crate::expr::args::Args;
use crate::expr::call::{Call, Kernel};
use crate::expr::lower::convert;
use crate::expr::typed::Typed;
use crate::expr::types::{is_whole, type_name};

#[derive(Clone, Copy)]
enum Bits {
    And,
    Or,
    Xor,
}

/// `left op right`.
pub(in crate::expr) fn bits(op: &BinaryOperator, left: Typed, right: Typed) -> Result<Typed, ExprError> {
    let bits = match op {
        BinaryOperator::BitwiseAnd => Bits::And,
        BinaryOperator::BitwiseOr => Bits::Or,
        _ => Bits::Xor,
    };
    let mut sides = [left, right];
    let data_type = convert::unify(&mut sides, "the sides")?;
    let kernel: Kernel = match data_type {
        DataType::Int8 => Arc::new(move |args| both::<Int8Type>(bits, args)),
        DataType::Int16 => Arc::new(move |args| both::<Int16Type>(bits, args)),
        DataType::Int32 => Arc::new(move |args| both::<Int32Type>(bits, args)),
        DataType::Int64 => Arc::new(move |args| both::<Int64Type>(bits, args)),
        _ => return Err(refuse(&sides[0])),
    };
    let nullable = sides.iter().any(|side| side.nullable);
    Ok(Call::typed(op.to_string(), &sides, data_type, nullable, kernel))
}

/// `~operand`.
pub(in crate::expr) fn bits_not(operand: Typed) -> Result<Typed, ExprError> {
    if !is_whole(&operand.data_type) {
        return Err(refuse(&operand));
    }
    let (data_type, nullable) = (operand.data_type.clone(), operand.nullable);
    let kernel: Kernel = match data_type {
        DataType::Int8 => Arc::new(inverted::<Int8Type>),
        DataType::Int16 => Arc::new(inverted::<Int16Type>),
        DataType::Int32 => Arc::new(inverted::<Int32Type>),
        _ => Arc::new(inverted::<Int64Type>),
    };
    Ok(Call::typed("~", &[operand], data_type, nullable, kernel))
}

fn refuse(side: &Typed) -> ExprError {
    let found = type_name(&side.data_type);
    side.refuse(format!("bits are those of whole numbers, but this is {found}; convert it with CAST"))
}

fn both<T: ArrowPrimitiveType>(op: Bits, args: &Args<'_>) -> Result<ArrayRef, ExprError>
where
    T::Native: BitAnd<Output = T::Native> + BitOr<Output = T::Native> + BitXor<Output = T::Native>,
{
    let (left, right) = (args.array(0)?, args.array(1)?);
    let combined = binary::<T, T, _, T>(left.as_primitive(), right.as_primitive(), |left, right| match op {
        Bits::And => left & right,
        Bits::Or => left | right,
        Bits::Xor => left ^ right,
    })?;
    Ok(Arc::new(combined))
}

fn inverted<T: ArrowPrimitiveType>(args: &Args<'_>) -> Result<ArrayRef, ExprError>
where
    T::Native: Not<Output = T::Native>,
{
    let array = args.array(0)?;
    let inverted = unary::<T, _, T>(array.as_primitive(), |value| !value);
    Ok(Arc::new(inverted))
}
