//! `transform`, `filter`, `exists`, `forall` and `zip_with`: a function of every item.

use std::sync::Arc;

use arrow::array::{Int32Array, UInt64Array};
use arrow::compute::take;

use super::super::list::{Lists, Picks};
use super::super::unify::item_type;
use super::function::{Lambda, condition};
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::list_of;

const TAKES: Takes = Takes::these(&[Param::Any, Param::Any]);

pub(in super::super) const ENTRIES: &[Entry] = &[
    Entry::written(
        "transform",
        "transform(array, item -> value)",
        "An array of what the function makes of every item; it may take its index too.",
        TAKES,
        |lowering, site| of_items(lowering, site, What::Transform),
    ),
    Entry::written(
        "filter",
        "filter(array, item -> condition)",
        "The items for which the condition holds; it may take their index too.",
        TAKES,
        |lowering, site| of_items(lowering, site, What::Filter),
    ),
    Entry::written(
        "exists",
        "exists(array, item -> condition)",
        "Whether the condition holds for any item; null where it holds for none but is null for one.",
        TAKES,
        |lowering, site| of_items(lowering, site, What::Exists),
    ),
    Entry::written(
        "forall",
        "forall(array, item -> condition)",
        "Whether the condition holds for all items; null where it fails for none but is null for one.",
        TAKES,
        |lowering, site| of_items(lowering, site, What::Forall),
    ),
    Entry::written(
        "zip_with",
        "zip_with(a, b, (x, y) -> value)",
        "An array of what the function makes of the items side by side; the shorter goes on with nulls.",
        Takes::these(&[Param::Any, Param::Any, Param::Any]),
        zip_with,
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Transform,
    Filter,
    Exists,
    Forall,
}

fn of_items(lowering: &mut Lowering<'_>, site: &Site<'_>, what: What) -> Result<Typed, ExprError> {
    let [list, written] = site.args else { return Err(ExprError::new("an array and a function are expected")) };
    let list = lowering.lower(list)?;
    let item = item_type(&list)?;
    let takes_index = matches!(what, What::Transform | What::Filter);
    let types = [item, DataType::Int32];
    let types = if takes_index { &types[..] } else { &types[..1] };
    let lambda =
        Lambda::lower(
            lowering,
            written,
            types,
            1,
            |body| if what == What::Transform { Ok(body) } else { condition(body) },
        )?;
    let gives = match what {
        What::Transform => list_of(lambda.gives.clone()),
        What::Filter => list.data_type.clone(),
        What::Exists | What::Forall => DataType::Boolean,
    };
    let name = format!("{}[{}]", site.name.to_lowercase(), lambda.text());
    let args: Vec<Typed> = std::iter::once(list).chain(lambda.captures.iter().cloned()).collect();
    Ok(Call::typed(name, &args, gives, true, Arc::new(move |args: &Args<'_>| run(args, &lambda, what))))
}

fn run(args: &Args<'_>, lambda: &Lambda, what: What) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    let (mut parents, mut items, mut indices) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..args.rows() {
        for (index, item) in lists.range(row).into_iter().flatten().enumerate() {
            parents.push(row as u64);
            items.push(item as u64);
            indices.push(i32::try_from(index).unwrap_or(i32::MAX));
        }
    }
    let values = take(lists.values(), &UInt64Array::from(items), None)?;
    let indices: ArrayRef = Arc::new(Int32Array::from(indices));
    let made = lambda.evaluate(args, 1, &UInt64Array::from(parents), vec![Arc::clone(&values), indices])?;
    // The items were packed in order: each list's are the next ones.
    let mut at = 0;
    let mut next = |row: usize| {
        let start = at;
        lists.range(row).map(|range| {
            at = start + range.len();
            start..at
        })
    };
    match what {
        What::Transform | What::Filter => {
            let mut picks = Picks::default();
            for row in 0..args.rows() {
                let Some(range) = next(row) else {
                    picks.end_null()?;
                    continue;
                };
                let is_kept = |item: &usize| what == What::Transform || holds(&made, *item) == Some(true);
                picks.extend(range.filter(is_kept));
                picks.end()?;
            }
            picks.into_lists(if what == What::Transform { &made } else { &values }, args.gives())
        }
        What::Exists | What::Forall => booleans(args.rows(), |row| {
            let decisive = what == What::Exists;
            let Some(mut range) = next(row) else { return Ok(None) };
            let has_null = range.clone().any(|item| holds(&made, item).is_none());
            let is_decided = range.any(|item| holds(&made, item) == Some(decisive));
            Ok(if is_decided { Some(decisive) } else { (!has_null).then_some(!decisive) })
        }),
    }
}

fn holds(made: &ArrayRef, item: usize) -> Option<bool> {
    made.is_valid(item).then(|| made.as_boolean().value(item))
}

fn zip_with(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Result<Typed, ExprError> {
    let [left, right, written] = site.args else {
        return Err(ExprError::new("two arrays and a function are expected"));
    };
    let (left, right) = (lowering.lower(left)?, lowering.lower(right)?);
    let types = [item_type(&left)?, item_type(&right)?];
    let lambda = Lambda::lower(lowering, written, &types, 2, Ok)?;
    let (gives, name) = (list_of(lambda.gives.clone()), format!("zip_with[{}]", lambda.text()));
    let args: Vec<Typed> = [left, right].into_iter().chain(lambda.captures.iter().cloned()).collect();
    Ok(Call::typed(name, &args, gives, true, Arc::new(move |args: &Args<'_>| zip(args, &lambda))))
}

fn zip(args: &Args<'_>, lambda: &Lambda) -> Result<ArrayRef, ExprError> {
    let (left, right) = (Lists::new(args, 0)?, Lists::new(args, 1)?);
    let (mut parents, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let Some((mut a, mut b)) = left.range(row).zip(right.range(row)) else {
            picks.end_null()?;
            continue;
        };
        let longest = a.len().max(b.len());
        picks.extend(parents.len()..parents.len() + longest);
        for _ in 0..longest {
            parents.push(row as u64);
            ours.push(a.next().map(|item| item as u64));
            theirs.push(b.next().map(|item| item as u64));
        }
        picks.end()?;
    }
    let ours = take(left.values(), &UInt64Array::from(ours), None)?;
    let theirs = take(right.values(), &UInt64Array::from(theirs), None)?;
    let made = lambda.evaluate(args, 2, &UInt64Array::from(parents), vec![ours, theirs])?;
    picks.into_lists(&made, args.gives())
}
