//! `if`, `nvl2`, `nullif`, `nullifzero`: written as `CASE`, so only what is chosen is computed.

use datafusion_common::ScalarValue;

use super::super::{Entry, Param, Takes};
use crate::expr::arithmetic::Comparison;
use crate::expr::lower::condition::{choose, is_null};
use crate::expr::typed::Typed;

pub(super) const IF: Entry = Entry::form(
    "if",
    "if(condition, then, otherwise)",
    "The second argument where the condition holds, else the third.",
    Takes::these(&[Param::Boolean, Param::Any, Param::Any]),
    |_, mut args, _| {
        let results = args.split_off(1);
        choose(args, results)
    },
);

pub(super) const NVL2: Entry = Entry::form(
    "nvl2",
    "nvl2(value, present, absent)",
    "The second argument where the first is not null, else the third.",
    Takes::these(&[Param::Any, Param::Any, Param::Any]),
    |_, mut args, _| {
        let results = args.split_off(1);
        choose(args.iter().map(|value| is_null(value, true)).collect(), results)
    },
);

pub(super) const NULLIF: Entry = Entry::form(
    "nullif",
    "nullif(value, other)",
    "Null where both arguments are equal, else the first.",
    Takes::these(&[Param::Any, Param::Any]),
    |lowering, args, _| {
        let mut args = args.into_iter();
        let (Some(value), Some(other)) = (args.next(), args.next()) else {
            return Ok(Typed::literal(ScalarValue::Null));
        };
        let is_equal = lowering.compare(value.clone(), Comparison::Eq, other)?;
        choose(vec![is_equal], vec![Typed::literal(ScalarValue::Null), value])
    },
);

pub(super) const NULLIFZERO: Entry = Entry::form(
    "nullifzero",
    "nullifzero(number)",
    "Null where the number is zero, else the number.",
    Takes::these(&[Param::Number]),
    |lowering, args, _| {
        let Some(value) = args.into_iter().next() else { return Ok(Typed::literal(ScalarValue::Null)) };
        let zero = Typed::literal(ScalarValue::Int32(Some(0)));
        let is_zero = lowering.compare(value.clone(), Comparison::Eq, zero)?;
        choose(vec![is_zero], vec![Typed::literal(ScalarValue::Null), value])
    },
);
