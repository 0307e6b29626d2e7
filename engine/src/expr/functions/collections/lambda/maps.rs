//! `map_filter`, `transform_values` and `transform_keys`: a function of every entry.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::UInt64Array;
use arrow::compute::take;

use super::super::keys::Keys;
use super::super::list::{Maps, Picks};
use super::super::unify::parts_of;
use super::function::{Lambda, condition};
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::map_of;

const TAKES: Takes = Takes::these(&[Param::Any, Param::Any]);

pub(in super::super) const ENTRIES: &[Entry] = &[
    Entry::written(
        "map_filter",
        "map_filter(map, (key, value) -> condition)",
        "The entries for which the condition holds.",
        TAKES,
        |lowering, site| of_entries(lowering, site, What::Filter),
    ),
    Entry::written(
        "transform_values",
        "transform_values(map, (key, value) -> value)",
        "The map with what the function makes of every entry as its value.",
        TAKES,
        |lowering, site| of_entries(lowering, site, What::Values),
    ),
    Entry::written(
        "transform_keys",
        "transform_keys(map, (key, value) -> key)",
        "The map with what the function makes of every entry as its key.",
        TAKES,
        |lowering, site| of_entries(lowering, site, What::Keys),
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Filter,
    Values,
    Keys,
}

fn of_entries(lowering: &mut Lowering<'_>, site: &Site<'_>, what: What) -> Result<Typed, ExprError> {
    let [map, written] = site.args else { return Err(ExprError::new("a map and a function are expected")) };
    let map = lowering.lower(map)?;
    let (key, value) = parts_of(&map)?;
    let types = [key.clone(), value.clone()];
    let lambda =
        Lambda::lower(
            lowering,
            written,
            &types,
            2,
            |body| if what == What::Filter { condition(body) } else { Ok(body) },
        )?;
    let gives = match what {
        What::Filter => map.data_type.clone(),
        What::Values => map_of(key, lambda.gives.clone()),
        What::Keys => map_of(lambda.gives.clone(), value),
    };
    let name = format!("{}[{}]", site.name.to_lowercase(), lambda.text());
    let args: Vec<Typed> = std::iter::once(map).chain(lambda.captures.iter().cloned()).collect();
    Ok(Call::typed(name, &args, gives, true, Arc::new(move |args: &Args<'_>| run(args, &lambda, what))))
}

fn run(args: &Args<'_>, lambda: &Lambda, what: What) -> Result<ArrayRef, ExprError> {
    let maps = Maps::new(args, 0)?;
    let (mut parents, mut entries) = (Vec::new(), Vec::new());
    for row in 0..args.rows() {
        for entry in maps.range(row).into_iter().flatten() {
            parents.push(row as u64);
            entries.push(entry as u64);
        }
    }
    let entries = UInt64Array::from(entries);
    let (keys, values) = (take(maps.keys(), &entries, None)?, take(maps.values(), &entries, None)?);
    let made = lambda.evaluate(args, 1, &UInt64Array::from(parents), vec![Arc::clone(&keys), Arc::clone(&values)])?;
    let compared = (what == What::Keys).then(|| Keys::new(&[&made])).transpose()?;
    let (mut picks, mut at) = (Picks::default(), 0);
    for row in 0..args.rows() {
        let Some(count) = maps.range(row).map(|range| range.len()) else {
            picks.end_null()?;
            continue;
        };
        let range = at..at + count;
        at += count;
        if let Some(compared) = &compared {
            let mut seen = HashSet::new();
            if range.clone().any(|entry| made.is_null(entry) || !seen.insert(compared.get(0, entry))) {
                return Err(ExprError::new("the function makes a key of a map null, or the same for two entries"));
            }
        }
        let is_kept = |entry: &usize| what != What::Filter || made.is_valid(*entry) && made.as_boolean().value(*entry);
        picks.extend(range.filter(is_kept));
        picks.end()?;
    }
    match what {
        What::Filter => picks.into_maps(&keys, &values, args.gives()),
        What::Values => picks.into_maps(&keys, &made, args.gives()),
        What::Keys => picks.into_maps(&made, &values, args.gives()),
    }
}
