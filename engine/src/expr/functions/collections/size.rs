//! `size`: how many items or entries.

use super::list::{Lists, Maps};
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::type_name;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form(
        "size",
        "size(collection)",
        "How many items an array, or entries a map, has.",
        Takes::these(&[Param::Any]),
        size,
    )
    .also(&["cardinality"]),
    Entry::own(
        "array_size",
        "array_size(array)",
        "How many items the array has.",
        Takes::these(&[Param::Array]),
        Gives::Int,
        of_lists,
    )
    .total(),
    Entry::own("map_size", "size(map)", "", Takes::these(&[Param::Map]), Gives::Int, of_maps).total(),
];

fn size(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let Some(arg) = args.first() else { return Err(ExprError::new("an array or a map is missing")) };
    match &arg.data_type {
        DataType::Map(_, _) => lowering.call("map_size", args),
        DataType::List(_) | DataType::Null => lowering.call("array_size", args),
        other => Err(
            arg.refuse(format!("`size` takes an array or a map, this is {}; of text it is `length`", type_name(other)))
        ),
    }
}

fn of_lists(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    numbers::<Int32Type>(args, |row| Ok(lists.range(row).map(|range| i32::try_from(range.len()).unwrap_or(i32::MAX))))
}

fn of_maps(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let maps = Maps::new(args, 0)?;
    numbers::<Int32Type>(args, |row| Ok(maps.range(row).map(|range| i32::try_from(range.len()).unwrap_or(i32::MAX))))
}
