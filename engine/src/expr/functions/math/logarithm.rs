//! Logarithms: null where there is none, unlike other functions of doubles.

use arrow::array::ArrayRef;
use arrow::datatypes::Float64Type;

use super::super::{Entry, Gives, Param, Takes};
use crate::expr::ExprError;
use crate::expr::args::{Args, numbers};

const ONE: Takes = Takes::these(&[Param::Double]);

pub(super) const LN: Entry =
    Entry::own("ln", "ln(x)", "The natural logarithm, null of zero and below.", ONE, Gives::Double, |args| {
        above(args, 0.0, f64::ln)
    });
pub(super) const LOG2: Entry =
    Entry::own("log2", "log2(x)", "The logarithm to base 2, null of zero and below.", ONE, Gives::Double, |args| {
        above(args, 0.0, |x| x.ln() / 2.0_f64.ln())
    });
pub(super) const LOG10: Entry =
    Entry::own("log10", "log10(x)", "The logarithm to base 10, null of zero and below.", ONE, Gives::Double, |args| {
        above(args, 0.0, f64::log10)
    });
pub(super) const LOG1P: Entry = Entry::own(
    "log1p",
    "log1p(x)",
    "The natural logarithm of `1 + x`, null of -1 and below.",
    ONE,
    Gives::Double,
    |args| above(args, -1.0, f64::ln_1p),
);
pub(super) const LOG: Entry = Entry::own(
    "log",
    "log([base, ]x)",
    "The logarithm to this base, or the natural one; null where there is none.",
    ONE.or(&[Param::Double]),
    Gives::Double,
    |args| {
        if args.len() == 1 {
            return above(args, 0.0, f64::ln);
        }
        let (bases, values) = (args.numbers::<Float64Type>(0)?, args.numbers::<Float64Type>(1)?);
        numbers::<Float64Type>(args, |row| {
            let both = bases.get(row).zip(values.get(row));
            // NaN is above zero in Spark's order.
            let has_logarithm = |x: &f64| x.is_nan() || *x > 0.0;
            let both = both.filter(|(base, x)| has_logarithm(base) && has_logarithm(x));
            Ok(both.map(|(base, x)| x.ln() / base.ln()))
        })
    },
);

fn above(args: &Args<'_>, least: f64, function: impl Fn(f64) -> f64) -> Result<ArrayRef, ExprError> {
    let values = args.numbers::<Float64Type>(0)?;
    numbers::<Float64Type>(args, |row| Ok(values.get(row).filter(|x| x.is_nan() || *x > least).map(&function)))
}
