//! `map_zip_with`: a function of every key of two maps, with both values.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::UInt64Array;
use arrow::compute::{concat, take};

use super::super::keys::Keys;
use super::super::list::{Maps, Picks};
use super::super::unify::parts_of;
use super::function::Lambda;
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site, convert};
use crate::expr::types::{common, map_of, type_name};

pub(in super::super) const ENTRIES: &[Entry] = &[Entry::written(
    "map_zip_with",
    "map_zip_with(a, b, (key, x, y) -> value)",
    "A map of all keys of both, each with what the function makes of it and its two values, null where one has none.",
    Takes::these(&[Param::Any, Param::Any, Param::Any]),
    map_zip_with,
)];

fn map_zip_with(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Result<Typed, ExprError> {
    let [left, right, written] = site.args else {
        return Err(ExprError::new("two maps and a function are expected"));
    };
    let (left, right) = (lowering.lower(left)?, lowering.lower(right)?);
    let ((ours, x), (theirs, y)) = (parts_of(&left)?, parts_of(&right)?);
    let key = common(&ours, &theirs).ok_or_else(|| {
        let (ours, theirs) = (type_name(&ours), type_name(&theirs));
        right.refuse(format!("the keys are {ours} and {theirs}, which have no type in common; convert one with CAST"))
    })?;
    let (left, right) = (
        convert::to_type(&left, &map_of(key.clone(), x.clone())),
        convert::to_type(&right, &map_of(key.clone(), y.clone())),
    );
    let lambda = Lambda::lower(lowering, written, &[key.clone(), x, y], 3, Ok)?;
    let (gives, name) = (map_of(key, lambda.gives.clone()), format!("map_zip_with[{}]", lambda.text()));
    let args: Vec<Typed> = [left, right].into_iter().chain(lambda.captures.iter().cloned()).collect();
    Ok(Call::typed(name, &args, gives, true, Arc::new(move |args: &Args<'_>| zip(args, &lambda))))
}

/// The keys come as in the first map, then those that only the second has.
fn zip(args: &Args<'_>, lambda: &Lambda) -> Result<ArrayRef, ExprError> {
    let (left, right) = (Maps::new(args, 0)?, Maps::new(args, 1)?);
    let compared = Keys::new(&[left.keys(), right.keys()])?;
    let own = left.keys().len();
    let (mut parents, mut keys, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let Some((first, second)) = left.range(row).zip(right.range(row)) else {
            picks.end_null()?;
            continue;
        };
        let begin = parents.len();
        let mut places = HashMap::with_capacity(first.len());
        for entry in first {
            places.insert(compared.get(0, entry), parents.len());
            parents.push(row as u64);
            keys.push(entry as u64);
            ours.push(Some(entry as u64));
            theirs.push(None);
        }
        for entry in second {
            if let Some(place) = places.get(&compared.get(1, entry)) {
                theirs[*place] = Some(entry as u64);
            } else {
                parents.push(row as u64);
                keys.push((own + entry) as u64);
                ours.push(None);
                theirs.push(Some(entry as u64));
            }
        }
        picks.extend(begin..parents.len());
        picks.end()?;
    }
    let keys = take(&concat(&[left.keys().as_ref(), right.keys().as_ref()])?, &UInt64Array::from(keys), None)?;
    let ours = take(left.values(), &UInt64Array::from(ours), None)?;
    let theirs = take(right.values(), &UInt64Array::from(theirs), None)?;
    let made = lambda.evaluate(args, 2, &UInt64Array::from(parents), vec![Arc::clone(&keys), ours, theirs])?;
    picks.into_maps(&keys, &made, args.gives())
}
