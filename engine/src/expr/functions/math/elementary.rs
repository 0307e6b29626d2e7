//! Roots, powers, exponentials and the trigonometric functions, of doubles.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::compute::binary;
use arrow::datatypes::Float64Type;

use super::super::{Entry, Gives, Param, Takes};
use crate::expr::ExprError;
use crate::expr::args::Args;

const NONE: Takes = Takes::these(&[]);
const ONE: Takes = Takes::these(&[Param::Double]);
const TWO: Takes = Takes::these(&[Param::Double, Param::Double]);

type Kernel = fn(&Args<'_>) -> Result<ArrayRef, ExprError>;

const fn of_one(name: &'static str, form: &'static str, doc: &'static str, kernel: Kernel) -> Entry {
    Entry::own(name, form, doc, ONE, Gives::Double, kernel).total()
}

const fn of_two(name: &'static str, form: &'static str, doc: &'static str, kernel: Kernel) -> Entry {
    Entry::own(name, form, doc, TWO, Gives::Double, kernel).total()
}

pub(super) const SQRT: Entry =
    of_one("sqrt", "sqrt(x)", "The square root, NaN of a negative number.", |args| each(args, f64::sqrt));
pub(super) const CBRT: Entry = of_one("cbrt", "cbrt(x)", "The cube root.", |args| each(args, f64::cbrt));
pub(super) const EXP: Entry = of_one("exp", "exp(x)", "e to the power of the number.", |args| each(args, f64::exp));
pub(super) const EXPM1: Entry =
    of_one("expm1", "expm1(x)", "e to the power of the number, minus 1.", |args| each(args, f64::exp_m1));
pub(super) const SIN: Entry = of_one("sin", "sin(x)", "The sine of an angle in radians.", |args| each(args, f64::sin));
pub(super) const COS: Entry =
    of_one("cos", "cos(x)", "The cosine of an angle in radians.", |args| each(args, f64::cos));
pub(super) const TAN: Entry =
    of_one("tan", "tan(x)", "The tangent of an angle in radians.", |args| each(args, f64::tan));
pub(super) const ASIN: Entry =
    of_one("asin", "asin(x)", "The angle with this sine, NaN beyond 1.", |args| each(args, f64::asin));
pub(super) const ACOS: Entry =
    of_one("acos", "acos(x)", "The angle with this cosine, NaN beyond 1.", |args| each(args, f64::acos));
pub(super) const ATAN: Entry = of_one("atan", "atan(x)", "The angle with this tangent.", |args| each(args, f64::atan));
pub(super) const SINH: Entry = of_one("sinh", "sinh(x)", "The hyperbolic sine.", |args| each(args, f64::sinh));
pub(super) const COSH: Entry = of_one("cosh", "cosh(x)", "The hyperbolic cosine.", |args| each(args, f64::cosh));
pub(super) const TANH: Entry = of_one("tanh", "tanh(x)", "The hyperbolic tangent.", |args| each(args, f64::tanh));
pub(super) const RADIANS: Entry = of_one("radians", "radians(degrees)", "Degrees as radians.", |args| {
    each(args, |x| x * (std::f64::consts::PI / 180.0))
});
pub(super) const DEGREES: Entry = of_one("degrees", "degrees(radians)", "Radians as degrees.", |args| {
    each(args, |x| x * (180.0 / std::f64::consts::PI))
});
pub(super) const ATAN2: Entry =
    of_two("atan2", "atan2(y, x)", "The angle of the point (x, y).", |args| pairs(args, f64::atan2));
pub(super) const HYPOT: Entry =
    of_two("hypot", "hypot(a, b)", "The root of `a * a + b * b`.", |args| pairs(args, f64::hypot));
pub(super) const POW: Entry =
    of_two("pow", "pow(base, exponent)", "The base to the power of the exponent.", |args| pairs(args, java_pow))
        .also(&["power"]);
pub(super) const PI: Entry =
    Entry::own("pi", "pi()", "The number pi.", NONE, Gives::Double, |_| constant(std::f64::consts::PI)).total();
pub(super) const E: Entry =
    Entry::own("e", "e()", "The number e.", NONE, Gives::Double, |_| constant(std::f64::consts::E)).total();

fn constant(value: f64) -> Result<ArrayRef, ExprError> {
    Ok(Arc::new(Float64Array::from(vec![value])))
}

fn each(args: &Args<'_>, function: impl Fn(f64) -> f64) -> Result<ArrayRef, ExprError> {
    Ok(Arc::new(args.array(0)?.as_primitive::<Float64Type>().unary::<_, Float64Type>(function)))
}

fn pairs(args: &Args<'_>, function: impl Fn(f64, f64) -> f64) -> Result<ArrayRef, ExprError> {
    let (left, right) = (args.array(0)?, args.array(1)?);
    let (left, right) = (left.as_primitive::<Float64Type>(), right.as_primitive::<Float64Type>());
    Ok(Arc::new(binary::<_, _, _, Float64Type>(left, right, function)?))
}

/// Java's: the powers of 1 and -1 to no or an infinite number are no number.
fn java_pow(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs().to_bits() == 1.0_f64.to_bits() && exponent.is_infinite()) {
        f64::NAN
    } else {
        base.powf(exponent)
    }
}
