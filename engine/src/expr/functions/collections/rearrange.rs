//! Lists of a list's own items: parts of it, in another order, without some.

use std::collections::HashSet;

use arrow::compute::SortOptions;

use super::keys::Keys;
use super::list::{Lists, Picks};
use super::unify::{Shape, call, like_first};
use crate::expr::functions::prelude::*;

const ONE: Takes = Takes::these(&[Param::Array]);
const SLICE: Takes = Takes::these(&[Param::Array, Param::Int, Param::Int]);
const VALUE: Takes = Takes::these(&[Param::Array, Param::Any]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "array_distinct",
        "array_distinct(array)",
        "The items without those that are there already.",
        ONE,
        Gives::By(like_first),
        distinct,
    )
    .total(),
    Entry::own(
        "sort_array",
        "sort_array(array[, ascending])",
        "The items in order; nulls first when it rises, last when it falls.",
        ONE.or(&[Param::Boolean]),
        Gives::By(like_first),
        sort_array,
    )
    .total(),
    Entry::own("array_risen", "array_sort(array)", "", ONE, Gives::By(like_first), |args| {
        sorted(args, |_| Some(SortOptions { descending: false, nulls_first: false }))
    })
    .total(),
    Entry::own("reverse_array", "reverse(array)", "", ONE, Gives::By(like_first), |args| {
        each(args, |_, range, picks| picks.extend(range.rev()))
    })
    .total(),
    Entry::own(
        "array_compact",
        "array_compact(array)",
        "The items that are not null.",
        ONE,
        Gives::By(like_first),
        compact,
    )
    .total(),
    Entry::own(
        "slice",
        "slice(array, start, length)",
        "So many items from a place on, counted from 1 or from the end where negative.",
        SLICE,
        Gives::By(like_first),
        slice,
    )
    .total(),
    Entry::form(
        "array_remove",
        "array_remove(array, value)",
        "The items that are not this value.",
        VALUE,
        |lowering, args, _| call(lowering, "array_without", args, &[Shape::List, Shape::Item]),
    ),
    Entry::own("array_without", "array_remove(array, value)", "", VALUE, Gives::By(like_first), remove).total(),
];

/// The lists that `row` picks from each list that is not null.
fn each(
    args: &Args<'_>,
    mut row: impl FnMut(usize, std::ops::Range<usize>, &mut Picks),
) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    let mut picks = Picks::default();
    for index in 0..args.rows() {
        match lists.range(index) {
            Some(range) => {
                row(index, range, &mut picks);
                picks.end()?;
            }
            None => picks.end_null()?,
        }
    }
    picks.into_lists(lists.values(), args.gives())
}

fn distinct(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    let keys = Keys::new(&[lists.values()])?;
    each(args, |_, range, picks| {
        let mut seen = HashSet::with_capacity(range.len());
        picks.extend(range.filter(|item| seen.insert(keys.get(0, *item))));
    })
}

fn sort_array(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let ascending = (args.len() > 1).then(|| args.booleans(1)).transpose()?;
    sorted(args, |row| {
        let ascending = ascending.as_ref().map_or(Some(true), |ascending| ascending.get(row))?;
        Some(SortOptions { descending: !ascending, nulls_first: ascending })
    })
}

fn sorted(args: &Args<'_>, order: impl Fn(usize) -> Option<SortOptions>) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    // There are two orders at most: the keys of each are made once.
    let mut known: Vec<(SortOptions, Keys)> = Vec::new();
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let Some((range, order)) = lists.range(row).zip(order(row)) else {
            picks.end_null()?;
            continue;
        };
        if !known.iter().any(|(other, _)| *other == order) {
            known.push((order, Keys::sorted(&[lists.values()], order)?));
        }
        let mut items: Vec<usize> = range.collect();
        if let Some((_, keys)) = known.iter().find(|(other, _)| *other == order) {
            items.sort_by(|a, b| keys.get(0, *a).cmp(&keys.get(0, *b)));
        }
        picks.extend(items);
        picks.end()?;
    }
    picks.into_lists(lists.values(), args.gives())
}

fn compact(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    each(args, |_, range, picks| picks.extend(range.filter(|item| lists.values().is_valid(*item))))
}

fn slice(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (lists, start, length) = (Lists::new(args, 0)?, args.numbers::<Int32Type>(1)?, args.numbers::<Int32Type>(2)?);
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let (Some(range), Some(start), Some(length)) = (lists.range(row), start.get(row), length.get(row)) else {
            picks.end_null()?;
            continue;
        };
        let Ok(length) = usize::try_from(length) else {
            return Err(ExprError::new(format!("a slice of {length} items is asked for; a length is not negative")));
        };
        let distance = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
        let first = match start {
            0 => {
                return Err(ExprError::new(
                    "a slice starts at a place from 1 on, or from -1 at the end; there is no place 0",
                ));
            }
            start if start > 0 => Some(distance - 1),
            _ => range.len().checked_sub(distance),
        };
        if let Some(first) = first.filter(|first| *first < range.len()) {
            picks.extend(range.skip(first).take(length));
        }
        picks.end()?;
    }
    picks.into_lists(lists.values(), args.gives())
}

/// Nulls are no value and stay; without a value there is no list.
fn remove(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (lists, value) = (Lists::new(args, 0)?, args.array(1)?);
    let keys = Keys::new(&[lists.values(), &value])?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        match lists.range(row).filter(|_| value.is_valid(row)) {
            Some(range) => {
                picks.extend(range.filter(|item| keys.get(0, *item) != keys.get(1, row)));
                picks.end()?;
            }
            None => picks.end_null()?,
        }
    }
    picks.into_lists(lists.values(), args.gives())
}
