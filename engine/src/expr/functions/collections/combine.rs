//! Lists of several lists' items, or with items added: `array_union`, `array_append`, `flatten` and their kin.

use std::collections::HashSet;

use arrow::compute::concat;

use super::keys::Keys;
use super::list::{Lists, Picks};
use super::unify::{Shape, call, item_type, like_first, unified};
use crate::expr::functions::bounded_length;
use crate::expr::functions::prelude::*;
use crate::expr::types::list_of;

const LISTS: Takes = Takes::these(&[Param::Array, Param::Array]);
const VALUE: Takes = Takes::these(&[Param::Array, Param::Any]);
const INSERT: Takes = Takes::these(&[Param::Array, Param::Int, Param::Any]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form("array_union", "array_union(a, b)", "The items of both, each once.", LISTS, |lowering, args, _| {
        call(lowering, "union_of_arrays", args, &[Shape::List, Shape::List])
    }),
    Entry::own("union_of_arrays", "array_union(a, b)", "", LISTS, Gives::By(like_first), |args| {
        sets(args, true, |_, _| true)
    })
    .total(),
    Entry::form(
        "array_intersect",
        "array_intersect(a, b)",
        "The items of the first that are in the second too, each once.",
        LISTS,
        |lowering, args, _| call(lowering, "arrays_in_common", args, &[Shape::List, Shape::List]),
    ),
    Entry::own("arrays_in_common", "array_intersect(a, b)", "", LISTS, Gives::By(like_first), |args| {
        sets(args, false, |is_in, _| is_in)
    })
    .total(),
    Entry::form(
        "array_except",
        "array_except(a, b)",
        "The items of the first that are not in the second, each once.",
        LISTS,
        |lowering, args, _| call(lowering, "array_less_array", args, &[Shape::List, Shape::List]),
    ),
    Entry::own("array_less_array", "array_except(a, b)", "", LISTS, Gives::By(like_first), |args| {
        sets(args, false, |is_in, _| !is_in)
    })
    .total(),
    Entry::form(
        "array_append",
        "array_append(array, value)",
        "The array with a value behind it.",
        VALUE,
        |lowering, args, _| call(lowering, "array_and_item", args, &[Shape::List, Shape::Item]),
    ),
    Entry::own("array_and_item", "array_append(array, value)", "", VALUE, Gives::By(like_first), |args| {
        with_item(args, 1, |_, count| Ok((count, 0)))
    })
    .total(),
    Entry::form(
        "array_prepend",
        "array_prepend(array, value)",
        "The array with a value before it.",
        VALUE,
        |lowering, args, _| call(lowering, "item_and_array", args, &[Shape::List, Shape::Item]),
    ),
    Entry::own("item_and_array", "array_prepend(array, value)", "", VALUE, Gives::By(like_first), |args| {
        with_item(args, 1, |_, _| Ok((0, 0)))
    })
    .total(),
    Entry::form(
        "array_insert",
        "array_insert(array, place, value)",
        "The array with a value put in at a place, counted from 1 or from the end where negative; nulls fill a gap.",
        INSERT,
        |lowering, args, _| call(lowering, "array_with_item", args, &[Shape::List, Shape::Other, Shape::Item]),
    ),
    Entry::own("array_with_item", "array_insert(array, place, value)", "", INSERT, Gives::By(like_first), insert)
        .total(),
    Entry::form(
        "concat_arrays",
        "concat(array, ...)",
        "",
        Takes::these(&[]).more(Param::Array),
        |lowering, args, _| {
            let shape = vec![Shape::List; args.len()];
            lowering.call("joined_arrays", unified(args, &shape)?)
        },
    ),
    Entry::own(
        "joined_arrays",
        "concat(array, ...)",
        "",
        Takes::these(&[]).more(Param::Array),
        Gives::By(like_first),
        joined,
    )
    .total(),
    Entry::own(
        "flatten",
        "flatten(arrays)",
        "The items of all arrays in an array; null where one of them is.",
        Takes::these(&[Param::Array]),
        Gives::By(inner),
        flatten,
    ),
    Entry::own(
        "array_repeat",
        "array_repeat(value, count)",
        "An array of the value so many times.",
        Takes::these(&[Param::Any, Param::Int]),
        Gives::By(|args| Ok(list_of(args.first().map_or(DataType::Null, |arg| arg.data_type.clone())))),
        repeat,
    ),
    Entry::own(
        "array",
        "array(value, ...)",
        "An array of the values.",
        Takes::these(&[]).more(Param::Common),
        Gives::By(|args| Ok(list_of(args.first().map_or(DataType::Null, |arg| arg.data_type.clone())))),
        array_of,
    )
    .total(),
];

fn inner(args: &[Typed]) -> Result<DataType, ExprError> {
    let Some(outer) = args.first() else { return Err(ExprError::new("an array is missing")) };
    match item_type(outer)? {
        inner @ (DataType::List(_) | DataType::Null) => Ok(inner),
        _ => Err(outer.refuse("`flatten` takes an array of arrays")),
    }
}

/// The items of both lists, each once; those of the second only if `adds`, those of the first that `keeps` lets pass.
fn sets(args: &Args<'_>, adds: bool, keeps: fn(bool, usize) -> bool) -> Result<ArrayRef, ExprError> {
    let (left, right) = (Lists::new(args, 0)?, Lists::new(args, 1)?);
    let all = concat(&[left.values(), right.values()])?;
    let (keys, behind) = (Keys::new(&[&all])?, left.values().len());
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let Some((ours, theirs)) = left.range(row).zip(right.range(row)) else {
            picks.end_null()?;
            continue;
        };
        let theirs = theirs.start + behind..theirs.end + behind;
        let others: HashSet<_> = theirs.clone().map(|item| keys.get(0, item)).collect();
        let mut seen = HashSet::new();
        let ours = ours.filter(|item| keeps(others.contains(&keys.get(0, *item)), *item));
        picks.extend(ours.chain(theirs.filter(|_| adds)).filter(|item| seen.insert(keys.get(0, *item))));
        picks.end()?;
    }
    picks.into_lists(&all, args.gives())
}

/// Each list with the row's item put in; `place` says before which item and how many nulls stand between.
fn with_item(
    args: &Args<'_>,
    item: usize,
    place: impl Fn(usize, usize) -> Result<(usize, usize), ExprError>,
) -> Result<ArrayRef, ExprError> {
    let (lists, value) = (Lists::new(args, 0)?, args.array(item)?);
    let all = concat(&[lists.values(), &value])?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let Some(range) = lists.range(row) else {
            picks.end_null()?;
            continue;
        };
        let (before, gap) = place(row, range.len())?;
        picks.extend(range.clone().take(before));
        (0..gap).for_each(|_| picks.push_null());
        picks.push(lists.values().len() + row);
        picks.extend(range.skip(before));
        picks.end()?;
    }
    picks.into_lists(&all, args.gives())
}

fn insert(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (lists, place, value) = (Lists::new(args, 0)?, args.numbers::<Int32Type>(1)?, args.array(2)?);
    let all = concat(&[lists.values(), &value])?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let Some((range, place)) = lists.range(row).zip(place.get(row)) else {
            picks.end_null()?;
            continue;
        };
        let distance = bounded_length(i64::from(place).abs())?;
        let item = lists.values().len() + row;
        let count = range.len();
        match place {
            0 => return Err(ExprError::new("places are counted from 1, or from -1 at the end; there is no place 0")),
            place if place > 0 => {
                picks.extend(range.clone().take(distance - 1));
                (count..distance - 1).for_each(|_| picks.push_null());
                picks.push(item);
                picks.extend(range.skip(distance - 1));
            }
            _ if distance > count => {
                picks.push(item);
                (count + 1..distance).for_each(|_| picks.push_null());
                picks.extend(range);
            }
            _ => {
                picks.extend(range.clone().take(count + 1 - distance));
                picks.push(item);
                picks.extend(range.skip(count + 1 - distance));
            }
        }
        picks.end()?;
    }
    picks.into_lists(&all, args.gives())
}

fn joined(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let lists = (0..args.len()).map(|index| Lists::new(args, index)).collect::<Result<Vec<_>, _>>()?;
    let values: Vec<&dyn Array> = lists.iter().map(|list| list.values().as_ref()).collect();
    let all = concat(&values)?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let Some(ranges) = lists.iter().map(|list| list.range(row)).collect::<Option<Vec<_>>>() else {
            picks.end_null()?;
            continue;
        };
        let mut behind = 0;
        for (list, range) in lists.iter().zip(ranges) {
            picks.extend(range.start + behind..range.end + behind);
            behind += list.values().len();
        }
        picks.end()?;
    }
    picks.into_lists(&all, args.gives())
}

fn flatten(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let outer = Lists::new(args, 0)?;
    if outer.values().data_type().is_null() {
        return Ok(arrow::array::new_null_array(args.gives(), args.rows()));
    }
    let inner = Lists::of(outer.values())?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let ranges = outer.range(row).and_then(|range| range.map(|list| inner.range(list)).collect::<Option<Vec<_>>>());
        match ranges {
            Some(ranges) => {
                ranges.into_iter().for_each(|range| picks.extend(range));
                picks.end()?;
            }
            None => picks.end_null()?,
        }
    }
    picks.into_lists(inner.values(), args.gives())
}

fn repeat(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (value, count) = (args.array(0)?, args.numbers::<Int32Type>(1)?);
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        match count.get(row) {
            Some(count) => {
                let count = bounded_length(count.into())?;
                picks.extend(std::iter::repeat_n(row, count));
                picks.end()?;
            }
            None => picks.end_null()?,
        }
    }
    picks.into_lists(&value, args.gives())
}

fn array_of(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let columns = (0..args.len()).map(|index| args.array(index)).collect::<Result<Vec<_>, _>>()?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        picks.extend((0..columns.len()).map(|column| column * args.rows() + row));
        picks.end()?;
    }
    let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
    let all = if columns.is_empty() { arrow::array::new_empty_array(&DataType::Null) } else { concat(&columns)? };
    picks.into_lists(&all, args.gives())
}
