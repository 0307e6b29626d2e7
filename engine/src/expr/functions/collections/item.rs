//! One item of a list, or the value of a map's key: `element_at`, `get`, and what `a[0]` and `m['k']` stand for.

use std::sync::Arc;

use arrow::array::UInt64Array;
use arrow::compute::take;

use super::keys::Keys;
use super::list::{Lists, Maps};
use super::unify::{item_of_first, parts_of};
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::convert::silent;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::type_name;

const TWO: Takes = Takes::these(&[Param::Any, Param::Any]);
const ITEM: Takes = Takes::these(&[Param::Array, Param::Int]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form(
        "element_at",
        "element_at(collection, place)",
        "The item at a place, counted from 1 or from the end where negative; of a map the value of a key, null where there is none.",
        TWO,
        |lowering, args, _| of_either(lowering, args, "item_at_place"),
    ),
    Entry::form(
        "try_element_at",
        "try_element_at(collection, place)",
        "As `element_at`; null where there is no such item.",
        TWO,
        |lowering, args, _| of_either(lowering, args, "try_item_at_place"),
    ),
    Entry::form("get_item", "collection[place]", "", TWO, get_item),
    Entry::own(
        "get",
        "get(array, index)",
        "The item at an index, counted from 0; null where there is none.",
        ITEM,
        Gives::By(item_of_first),
        |args| pick(args, |index, count| Ok(from_zero(index, count))),
    ),
    Entry::own("item_at_index", "array[index]", "", ITEM, Gives::By(item_of_first), |args| {
        pick(args, |index, count| from_zero(index, count).map(Some).ok_or_else(|| missing(index, count)))
    }),
    Entry::own("item_at_place", "element_at(array, place)", "", ITEM, Gives::By(item_of_first), |args| {
        pick(args, |place, count| from_one(place, count)?.map(Some).ok_or_else(|| missing(place, count)))
    }),
    Entry::own("try_item_at_place", "try_element_at(array, place)", "", ITEM, Gives::By(item_of_first), |args| {
        pick(args, from_one)
    }),
    Entry::own("value_of_key", "map[key]", "", TWO, Gives::By(value_type), value_of_key),
    Entry::form(
        "map_contains_key",
        "map_contains_key(map, key)",
        "Whether the map has the key.",
        TWO,
        |lowering, args, _| keyed(lowering, args, "has_key"),
    ),
    Entry::own("has_key", "map_contains_key(map, key)", "", TWO, Gives::Boolean, has_key).total(),
];

fn missing(place: i32, count: usize) -> ExprError {
    ExprError::advising(
        format!("there is no item {place}, the array has {count}"),
        "`try_element_at` gives null instead",
    )
}

fn from_zero(index: i32, count: usize) -> Option<usize> {
    usize::try_from(index).ok().filter(|index| *index < count)
}

fn from_one(place: i32, count: usize) -> Result<Option<usize>, ExprError> {
    let distance = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
    match place {
        0 => Err(ExprError::new("items are counted from 1, or from -1 at the end; there is none at the place 0")),
        _ if distance > count => Ok(None),
        place if place > 0 => Ok(Some(distance - 1)),
        _ => Ok(Some(count - distance)),
    }
}

fn of_either(lowering: &mut Lowering<'_>, args: Vec<Typed>, of_array: &str) -> Result<Typed, ExprError> {
    match args.first().map(|arg| &arg.data_type) {
        Some(DataType::Map(_, _)) => keyed(lowering, args, "value_of_key"),
        _ => lowering.call(of_array, args),
    }
}

/// Calls with the key in the type of the map's keys.
fn keyed(lowering: &mut Lowering<'_>, args: Vec<Typed>, name: &str) -> Result<Typed, ExprError> {
    let [map, key] = <[Typed; 2]>::try_from(args).map_err(|_| ExprError::new("a map and a key are expected"))?;
    let (wanted, _) = parts_of(&map)?;
    let Some(taken) = silent(&key, &wanted) else {
        let (found, wanted) = (type_name(&key.data_type), type_name(&wanted));
        return Err(key.refuse(format!("the keys are {wanted}, this is {found}; convert it with CAST")));
    };
    lowering.call(name, vec![map, taken])
}

fn get_item(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let [whole, part] = <[Typed; 2]>::try_from(args).map_err(|_| ExprError::new("a value and a part are expected"))?;
    match &whole.data_type {
        DataType::Map(_, _) => keyed(lowering, vec![whole, part], "value_of_key"),
        DataType::Struct(fields) => {
            let name = part.constant_text().unwrap_or_default();
            let found = fields.iter().position(|field| field.name().eq_ignore_ascii_case(name));
            let Some((index, field)) = found.and_then(|index| Some((index, fields.get(index)?))) else {
                return Err(part.refuse(format!("the structure has no field `{name}`")));
            };
            let (label, data_type) = (format!("field_{index}"), field.data_type().clone());
            Ok(Call::typed(
                label,
                std::slice::from_ref(&whole),
                data_type,
                true,
                Arc::new(move |args: &Args<'_>| field_of(args, index)),
            ))
        }
        DataType::List(_) => lowering.call("item_at_index", vec![whole, part]),
        other => {
            Err(whole.refuse(format!("parts are taken of arrays, maps and structures, this is {}", type_name(other))))
        }
    }
}

/// A field is null where its structure is.
fn field_of(args: &Args<'_>, index: usize) -> Result<ArrayRef, ExprError> {
    let array = args.array(0)?;
    let parts = array.as_struct();
    let field = parts.column(index);
    match parts.nulls() {
        None => Ok(Arc::clone(field)),
        Some(nulls) => {
            let places = (0..array.len()).map(|row| u64::try_from(row).ok().filter(|_| nulls.is_valid(row)));
            Ok(take(field, &places.collect::<UInt64Array>(), None)?)
        }
    }
}

fn pick(
    args: &Args<'_>,
    place: impl Fn(i32, usize) -> Result<Option<usize>, ExprError>,
) -> Result<ArrayRef, ExprError> {
    let (lists, index) = (Lists::new(args, 0)?, args.numbers::<Int32Type>(1)?);
    let found = (0..args.rows()).map(|row| {
        let Some((range, index)) = lists.range(row).zip(index.get(row)) else { return Ok(None) };
        Ok(place(index, range.len())?.and_then(|item| u64::try_from(range.start + item).ok()))
    });
    Ok(take(lists.values(), &found.collect::<Result<UInt64Array, ExprError>>()?, None)?)
}

fn value_type(args: &[Typed]) -> Result<DataType, ExprError> {
    args.first().map_or(Ok(DataType::Null), |map| Ok(parts_of(map)?.1))
}

/// Where each row's key lies among the entries.
fn places(args: &Args<'_>) -> Result<(Maps, Vec<Option<usize>>), ExprError> {
    let (maps, key) = (Maps::new(args, 0)?, args.array(1)?);
    let keys = Keys::new(&[maps.keys(), &key])?;
    let places = (0..args.rows()).map(|row| {
        let wanted = keys.get(1, row);
        maps.range(row).filter(|_| key.is_valid(row))?.find(|entry| keys.get(0, *entry) == wanted)
    });
    let places = places.collect();
    Ok((maps, places))
}

fn value_of_key(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (maps, places) = places(args)?;
    let found = places.into_iter().map(|place| u64::try_from(place?).ok());
    Ok(take(maps.values(), &found.collect::<UInt64Array>(), None)?)
}

fn has_key(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (maps, places) = places(args)?;
    let key = args.array(1)?;
    booleans(args.rows(), |row| {
        let is_known = maps.range(row).is_some() && key.is_valid(row);
        Ok(is_known.then(|| places.get(row).is_some_and(Option::is_some)))
    })
}
