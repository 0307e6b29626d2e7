//! `factorial`.

use arrow::datatypes::{Int32Type, Int64Type};

use super::super::{Entry, Gives, Param, Takes};
use crate::expr::args::numbers;

pub(super) const ENTRY: Entry = Entry::own(
    "factorial",
    "factorial(n)",
    "The product of 1 to n, null where n is not between 0 and 20.",
    Takes::these(&[Param::Int]),
    Gives::Long,
    |args| {
        let values = args.numbers::<Int32Type>(0)?;
        numbers::<Int64Type>(args, |row| {
            Ok(values.get(row).filter(|n| (0..=20).contains(n)).map(|n| (1..=i64::from(n)).product()))
        })
    },
);
