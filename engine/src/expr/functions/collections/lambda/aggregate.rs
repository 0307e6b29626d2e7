//! `aggregate`, also called `reduce`: a value carried from item to item. All lists of a batch are walked side by side.

use std::sync::Arc;

use arrow::array::UInt64Array;
use arrow::compute::{concat, take};

use super::super::list::Lists;
use super::super::unify::item_type;
use super::function::Lambda;
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::convert::silent;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::type_name;

pub(in super::super) const ENTRIES: &[Entry] = &[Entry::written(
    "aggregate",
    "aggregate(array, start, (carried, item) -> carried[, carried -> result])",
    "What is left when a value is carried over all items, from a start.",
    Takes::these(&[Param::Any, Param::Any, Param::Any]).or(&[Param::Any]),
    aggregate,
)
.also(&["reduce"])];

fn aggregate(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Result<Typed, ExprError> {
    let [list, start, merge, finish @ ..] = site.args else {
        return Err(ExprError::new("an array, a start and a function are expected"));
    };
    let (list, start) = (lowering.lower(list)?, lowering.lower(start)?);
    let (item, carried) = (item_type(&list)?, start.data_type.clone());
    let merge = Lambda::lower(lowering, merge, &[carried.clone(), item], 2, |body| {
        silent(&body, &carried).ok_or_else(|| {
            let (found, wanted) = (type_name(&body.data_type), type_name(&carried));
            body.refuse(format!(
                "the function gives {found} where {wanted} is carried; convert the start or the result with CAST"
            ))
        })
    })?;
    let finish = match finish.first() {
        Some(written) => Some(Lambda::lower(lowering, written, std::slice::from_ref(&carried), 1, Ok)?),
        None => None,
    };
    let gives = finish.as_ref().map_or(carried, |finish| finish.gives.clone());
    let name = format!("aggregate[{}][{}]", merge.text(), finish.as_ref().map(Lambda::text).unwrap_or_default());
    let mut args = vec![list, start];
    args.extend(merge.captures.iter().cloned());
    args.extend(finish.iter().flat_map(|finish| finish.captures.iter().cloned()));
    Ok(Call::typed(name, &args, gives, true, Arc::new(move |args: &Args<'_>| run(args, &merge, finish.as_ref()))))
}

fn run(args: &Args<'_>, merge: &Lambda, finish: Option<&Lambda>) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    let ranges: Vec<_> = (0..args.rows()).map(|row| lists.range(row)).collect();
    let mut rows: Vec<u64> =
        ranges.iter().enumerate().filter(|(_, range)| range.is_some()).map(|(row, _)| row as u64).collect();
    let mut carried = take(&args.array(1)?, &UInt64Array::from(rows.clone()), None)?;
    // Values of the lists that ended, and their rows.
    let (mut ended, mut ended_rows): (Vec<ArrayRef>, Vec<u64>) = (Vec::new(), Vec::new());
    let mut step = 0;
    while !rows.is_empty() {
        let item_at = |row: u64| {
            let range = ranges.get(usize::try_from(row).ok()?)?.clone()?;
            range.clone().nth(step).map(|item| item as u64)
        };
        let items: Vec<Option<u64>> = rows.iter().map(|row| item_at(*row)).collect();
        let places = |wanted: bool| -> Vec<u64> {
            let all = items.iter().enumerate().filter(|(_, item)| item.is_some() == wanted);
            all.map(|(place, _)| place as u64).collect()
        };
        let (going_on, at_end) = (places(true), places(false));
        let of_rows = |places: &[u64]| -> Vec<u64> {
            places.iter().filter_map(|place| rows.get(usize::try_from(*place).ok()?).copied()).collect()
        };
        ended_rows.extend(of_rows(&at_end));
        ended.push(take(&carried, &UInt64Array::from(at_end), None)?);
        let next_rows = of_rows(&going_on);
        let values = take(lists.values(), &UInt64Array::from_iter_values(items.into_iter().flatten()), None)?;
        let before = take(&carried, &UInt64Array::from(going_on), None)?;
        rows = next_rows;
        if rows.is_empty() {
            break;
        }
        carried = merge.evaluate(args, 2, &UInt64Array::from(rows.clone()), vec![before, values])?;
        step += 1;
    }
    let all: Vec<&dyn Array> = ended.iter().map(AsRef::as_ref).collect();
    let mut all = if all.is_empty() { carried } else { concat(&all)? };
    if let Some(finish) = finish {
        all = finish.evaluate(args, 2 + merge.captures.len(), &UInt64Array::from(ended_rows.clone()), vec![all])?;
    }
    let mut places = vec![None; args.rows()];
    for (place, row) in ended_rows.iter().enumerate() {
        if let Some(slot) = usize::try_from(*row).ok().and_then(|row| places.get_mut(row)) {
            *slot = Some(place as u64);
        }
    }
    Ok(take(&all, &UInt64Array::from(places), None)?)
}
