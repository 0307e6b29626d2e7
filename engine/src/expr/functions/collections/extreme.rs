//! `array_max`, `array_min` and `array_join`: one value of all items.

use arrow::array::UInt64Array;
use arrow::compute::take;

use super::keys::Keys;
use super::list::Lists;
use super::unify::item_of_first;
use crate::expr::functions::prelude::*;
use crate::expr::lower::convert::to_type;
use crate::expr::types::list_of;

const ONE: Takes = Takes::these(&[Param::Array]);
const JOIN: Takes = Takes::these(&[Param::Array, Param::Text]).or(&[Param::Text]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "array_max",
        "array_max(array)",
        "The largest item; nulls do not count.",
        ONE,
        Gives::By(item_of_first),
        |args| extreme(args, true),
    ),
    Entry::own(
        "array_min",
        "array_min(array)",
        "The smallest item; nulls do not count.",
        ONE,
        Gives::By(item_of_first),
        |args| extreme(args, false),
    ),
    Entry::form(
        "array_join",
        "array_join(array, separator[, for_null])",
        "The items as one text with a separator between; nulls are left out unless a text for them is given.",
        JOIN,
        |lowering, mut args, _| {
            if let Some(list) = args.first_mut() {
                *list = to_type(list, &list_of(DataType::Utf8View));
            }
            lowering.call("joined_texts", args)
        },
    ),
    Entry::own("joined_texts", "array_join(array, separator[, for_null])", "", JOIN, Gives::Text, join).total(),
];

fn extreme(args: &Args<'_>, is_max: bool) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    let keys = Keys::new(&[lists.values()])?;
    let found = (0..args.rows()).map(|row| {
        let items = lists.range(row)?.filter(|item| lists.values().is_valid(*item));
        let order = |a: &usize, b: &usize| keys.get(0, *a).cmp(&keys.get(0, *b));
        let found = if is_max { items.max_by(order) } else { items.min_by(order) };
        u64::try_from(found?).ok()
    });
    Ok(take(lists.values(), &found.collect::<UInt64Array>(), None)?)
}

fn join(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (lists, separator) = (Lists::new(args, 0)?, args.text(1)?);
    let for_null = (args.len() > 2).then(|| args.text(2)).transpose()?;
    let items = lists.values().as_string_view();
    texts(args.rows(), |row| {
        let Some((range, separator)) = lists.range(row).zip(separator.get(row)) else { return Ok(None) };
        let for_null = match &for_null {
            Some(for_null) => match for_null.get(row) {
                Some(text) => Some(text),
                None => return Ok(None),
            },
            None => None,
        };
        let shown = range.filter_map(|item| if items.is_valid(item) { Some(items.value(item)) } else { for_null });
        Ok(Some(shown.collect::<Vec<_>>().join(separator)))
    })
}
