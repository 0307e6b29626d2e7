//! Operators that are called as functions, and their forms that give null instead of failing.

use super::super::{Entry, Param, Takes};
use crate::expr::ExprError;
use crate::expr::arithmetic::{Arithmetic, apply};
use crate::expr::typed::Typed;

const TWO: Takes = Takes::these(&[Param::Any, Param::Any]);

pub(super) const TRY_ADD: Entry =
    Entry::form("try_add", "try_add(a, b)", "`a + b`, null where it grows too large.", TWO, |_, args, _| {
        both(Arithmetic::Add, args, true)
    });
pub(super) const TRY_SUBTRACT: Entry =
    Entry::form("try_subtract", "try_subtract(a, b)", "`a - b`, null where it grows too large.", TWO, |_, args, _| {
        both(Arithmetic::Subtract, args, true)
    });
pub(super) const TRY_MULTIPLY: Entry =
    Entry::form("try_multiply", "try_multiply(a, b)", "`a * b`, null where it grows too large.", TWO, |_, args, _| {
        both(Arithmetic::Multiply, args, true)
    });
pub(super) const TRY_DIVIDE: Entry =
    Entry::form("try_divide", "try_divide(a, b)", "`a / b`, null where `b` is zero.", TWO, |_, args, _| {
        both(Arithmetic::Divide, args, true)
    });
pub(super) const TRY_MOD: Entry =
    Entry::form("try_mod", "try_mod(a, b)", "`a % b`, null where `b` is zero.", TWO, |_, args, _| {
        both(Arithmetic::Remainder, args, true)
    });
pub(super) const MOD: Entry =
    Entry::form("mod", "mod(a, b)", "The remainder of `a / b`, with the sign of `a`.", TWO, |_, args, _| {
        both(Arithmetic::Remainder, args, false)
    });
pub(super) const PMOD: Entry = Entry::form(
    "pmod",
    "pmod(a, b)",
    "The remainder of `a / b`, not negative where `b` is positive.",
    TWO,
    |_, args, _| both(Arithmetic::PositiveRemainder, args, false),
);
pub(super) const DIV: Entry = Entry::form("div", "div(a, b)", "The whole part of `a / b`.", TWO, |_, args, _| {
    both(Arithmetic::WholeDivide, args, false)
});

fn both(op: Arithmetic, args: Vec<Typed>, is_try: bool) -> Result<Typed, ExprError> {
    let mut args = args.into_iter();
    match (args.next(), args.next()) {
        (Some(left), Some(right)) => apply(op, left, right, is_try),
        _ => Err(ExprError::new(format!("`{}` takes two numbers", op.sign()))),
    }
}
