//! `typeof`: Spark's name of a type.

use datafusion_common::ScalarValue;

use super::super::{Entry, Param, Takes};
use crate::expr::typed::Typed;
use crate::expr::types::type_name;

pub(super) const ENTRY: Entry = Entry::form(
    "typeof",
    "typeof(value)",
    "The name of the value's type.",
    Takes::these(&[Param::Any]),
    |_, args, _| {
        let name = args.first().map(|value| type_name(&value.data_type));
        Ok(Typed::literal(ScalarValue::Utf8View(name)))
    },
);
