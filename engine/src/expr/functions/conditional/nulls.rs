//! Nulls and NaN: finding them and putting something in their place.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::Float64Type;
use datafusion_common::ScalarValue;

use super::super::{Entry, Gives, Param, Takes};
use crate::expr::args::numbers;
use crate::expr::lower::condition::is_null;
use crate::expr::lower::convert::unify;
use crate::expr::lower::lazy::coalesce;
use crate::expr::typed::Typed;

pub(super) const COALESCE: Entry = Entry::form(
    "coalesce",
    "coalesce(value, ...)",
    "The first argument that is not null.",
    Takes::these(&[Param::Common]).more(Param::Common),
    |_, args, _| Ok(coalesce(&args)),
);

pub(super) const NVL: Entry = Entry::form(
    "nvl",
    "nvl(value, other)",
    "The first argument where it is not null, else the second.",
    Takes::these(&[Param::Common, Param::Common]),
    |_, args, _| Ok(coalesce(&args)),
)
.also(&["ifnull"]);

pub(super) const ZEROIFNULL: Entry = Entry::form(
    "zeroifnull",
    "zeroifnull(number)",
    "Zero where the number is null, else the number.",
    Takes::these(&[Param::Number]),
    |_, mut args, _| {
        args.push(Typed::literal(ScalarValue::Int32(Some(0))));
        unify(&mut args, "the values of `zeroifnull`")?;
        Ok(coalesce(&args))
    },
);

pub(super) const ISNULL: Entry =
    Entry::form("isnull", "isnull(value)", "Whether the value is null.", Takes::these(&[Param::Any]), |_, args, _| {
        Ok(args.first().map_or_else(|| Typed::literal(ScalarValue::Null), |value| is_null(value, false)))
    });

pub(super) const ISNOTNULL: Entry = Entry::form(
    "isnotnull",
    "isnotnull(value)",
    "Whether the value is not null.",
    Takes::these(&[Param::Any]),
    |_, args, _| Ok(args.first().map_or_else(|| Typed::literal(ScalarValue::Null), |value| is_null(value, true))),
);

pub(super) const ISNAN: Entry = Entry::own(
    "isnan",
    "isnan(number)",
    "Whether the number is NaN; false where it is null.",
    Takes::these(&[Param::Double]),
    Gives::Boolean,
    |args| {
        let values = args.numbers::<Float64Type>(0)?;
        let is_nan = (0..args.rows()).map(|row| Some(values.get(row).is_some_and(f64::is_nan)));
        Ok(Arc::new(is_nan.collect::<BooleanArray>()) as ArrayRef)
    },
)
.total();

pub(super) const NANVL: Entry = Entry::own(
    "nanvl",
    "nanvl(number, other)",
    "The first argument where it is not NaN, else the second.",
    Takes::these(&[Param::Double, Param::Double]),
    Gives::Double,
    |args| {
        let (values, others) = (args.numbers::<Float64Type>(0)?, args.numbers::<Float64Type>(1)?);
        numbers::<Float64Type>(args, |row| {
            Ok(match values.get(row) {
                Some(value) if value.is_nan() => others.get(row),
                value => value,
            })
        })
    },
);

pub(super) const EQUAL_NULL: Entry = Entry::form(
    "equal_null",
    "equal_null(left, right)",
    "Whether both are equal, or both are null.",
    Takes::these(&[Param::Any, Param::Any]),
    |lowering, args, _| {
        let mut args = args.into_iter();
        match (args.next(), args.next()) {
            (Some(left), Some(right)) => lowering.null_safe(left, right, false),
            _ => Ok(Typed::literal(ScalarValue::Null)),
        }
    },
);
