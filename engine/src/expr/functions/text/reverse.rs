//! `reverse`: the characters of a text, or the items of a list, in the other direction.

use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form(
        "reverse",
        "reverse(value)",
        "The characters of a text, or the items of a list, from last to first.",
        Takes::these(&[Param::Any]),
        reverse,
    ),
    Entry::own("reverse_text", "reverse(text)", "", Takes::these(&[Param::Text]), Gives::Text, reverse_text).total(),
];

fn reverse(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let is_list = args.iter().any(|arg| matches!(arg.data_type, DataType::List(_)));
    lowering.call(if is_list { "reverse_array" } else { "reverse_text" }, args)
}

fn reverse_text(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| Ok(text.get(row).map(|text| text.chars().rev().collect::<String>())))
}
