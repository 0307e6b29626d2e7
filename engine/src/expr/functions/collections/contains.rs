//! Whether, and where, an item is in a list: `array_contains`, `array_position`, `arrays_overlap`.

use std::collections::HashSet;

use super::keys::Keys;
use super::list::Lists;
use super::unify::{Shape, call};
use crate::expr::functions::prelude::*;

const TWO: Takes = Takes::these(&[Param::Array, Param::Any]);
const LISTS: Takes = Takes::these(&[Param::Array, Param::Array]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form(
        "array_contains",
        "array_contains(array, value)",
        "Whether the value is in the array; null where it is not found but the array holds a null.",
        TWO,
        |lowering, args, _| {
            if let Some(value) = args.get(1).filter(|value| value.data_type == DataType::Null) {
                return Err(value.refuse("NULL is in no array; write `exists(array, x -> x IS NULL)`"));
            }
            call(lowering, "array_holds", args, &[Shape::List, Shape::Item])
        },
    ),
    Entry::own("array_holds", "array_contains(array, value)", "", TWO, Gives::Boolean, contains),
    Entry::form(
        "array_position",
        "array_position(array, value)",
        "The place of the first such item, from 1; 0 where there is none.",
        TWO,
        |lowering, args, _| call(lowering, "place_in_array", args, &[Shape::List, Shape::Item]),
    ),
    Entry::own("place_in_array", "array_position(array, value)", "", TWO, Gives::Long, position).total(),
    Entry::form(
        "arrays_overlap",
        "arrays_overlap(a, b)",
        "Whether the arrays have an item in common; null where none is found but one of them holds a null.",
        LISTS,
        |lowering, args, _| call(lowering, "arrays_share", args, &[Shape::List, Shape::List]),
    ),
    Entry::own("arrays_share", "arrays_overlap(a, b)", "", LISTS, Gives::Boolean, overlap),
];

fn contains(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (lists, value) = (Lists::new(args, 0)?, args.array(1)?);
    let keys = Keys::new(&[lists.values(), &value])?;
    booleans(args.rows(), |row| {
        let Some(range) = lists.range(row).filter(|_| value.is_valid(row)) else { return Ok(None) };
        let wanted = keys.get(1, row);
        let is_in = range.clone().any(|item| keys.get(0, item) == wanted);
        let has_null = range.into_iter().any(|item| lists.values().is_null(item));
        Ok(if is_in { Some(true) } else { (!has_null).then_some(false) })
    })
}

fn position(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (lists, value) = (Lists::new(args, 0)?, args.array(1)?);
    let keys = Keys::new(&[lists.values(), &value])?;
    numbers::<Int64Type>(args, |row| {
        let Some(mut range) = lists.range(row).filter(|_| value.is_valid(row)) else { return Ok(None) };
        let wanted = keys.get(1, row);
        let place = range.position(|item| keys.get(0, item) == wanted).map_or(0, |place| place + 1);
        Ok(i64::try_from(place).ok())
    })
}

fn overlap(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (left, right) = (Lists::new(args, 0)?, Lists::new(args, 1)?);
    let keys = Keys::new(&[left.values(), right.values()])?;
    booleans(args.rows(), |row| {
        let Some((ours, theirs)) = left.range(row).zip(right.range(row)) else { return Ok(None) };
        let is_valid = |lists: &Lists, item: usize| lists.values().is_valid(item);
        let known: HashSet<_> =
            ours.clone().filter(|item| is_valid(&left, *item)).map(|item| keys.get(0, item)).collect();
        let has_common = theirs.clone().any(|item| is_valid(&right, item) && known.contains(&keys.get(1, item)));
        let has_null = !ours.is_empty()
            && !theirs.is_empty()
            && (ours.into_iter().any(|item| !is_valid(&left, item))
                || theirs.into_iter().any(|item| !is_valid(&right, item)));
        Ok(if has_common { Some(true) } else { (!has_null).then_some(false) })
    })
}
