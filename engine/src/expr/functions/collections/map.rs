//! Maps: made of keys and values, taken apart, put together. A key is there once and never null, as in Spark.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ListArray, StringViewBuilder, StructArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::concat;
use arrow::datatypes::Field;

use super::keys::Keys;
use super::list::{Lists, Maps, Picks, map_of_entries};
use super::unify::{item_type, parts_of};
use crate::expr::functions::prelude::*;
use crate::expr::java_regex::Patterns;
use crate::expr::lower::convert::unify;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::{list_of, map_of};

const MAP: Takes = Takes::these(&[Param::Map]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form(
        "map",
        "map(key, value, ...)",
        "A map of keys and their values.",
        Takes::these(&[]).more(Param::Any),
        map,
    ),
    Entry::own(
        "map_of_pairs",
        "map(key, value, ...)",
        "",
        Takes::these(&[]).more(Param::Any),
        Gives::By(|args| Ok(map_of(type_at(args, 0), type_at(args, 1)))),
        of_pairs,
    )
    .total(),
    Entry::own(
        "map_keys",
        "map_keys(map)",
        "The keys as an array.",
        MAP,
        Gives::By(|args| Ok(list_of(first_parts(args)?.0))),
        keys,
    )
    .total(),
    Entry::own(
        "map_values",
        "map_values(map)",
        "The values as an array.",
        MAP,
        Gives::By(|args| Ok(list_of(first_parts(args)?.1))),
        values,
    )
    .total(),
    Entry::own(
        "map_entries",
        "map_entries(map)",
        "The entries as an array of structures `key`, `value`.",
        MAP,
        Gives::By(entries_type),
        entries,
    )
    .total(),
    Entry::form(
        "map_concat",
        "map_concat(map, ...)",
        "The entries of all maps; a key may be in one only.",
        Takes::these(&[]).more(Param::Map),
        map_concat,
    ),
    Entry::own(
        "joined_maps",
        "map_concat(map, ...)",
        "",
        Takes::these(&[]).more(Param::Map),
        Gives::By(|args| Ok(type_at(args, 0))),
        joined,
    )
    .total(),
    Entry::own(
        "map_from_entries",
        "map_from_entries(entries)",
        "The map of an array of structures of two fields.",
        Takes::these(&[Param::Array]),
        Gives::By(map_of_entries_type),
        from_entries,
    ),
    Entry::own(
        "map_from_arrays",
        "map_from_arrays(keys, values)",
        "The map of an array of keys and one of values.",
        Takes::these(&[Param::Array, Param::Array]),
        Gives::By(|args| match args {
            [keys, values] => Ok(map_of(item_type(keys)?, item_type(values)?)),
            _ => Ok(DataType::Null),
        }),
        from_arrays,
    )
    .total(),
    Entry::own(
        "str_to_map",
        "str_to_map(text[, between_pairs[, between_key_and_value]])",
        "The map of a text such as 'a:1,b:2'; what parts it are regular expressions, ',' and ':' if none are given.",
        Takes::these(&[Param::Text]).or(&[Param::Regex, Param::Regex]),
        Gives::By(|_| Ok(map_of(DataType::Utf8View, DataType::Utf8View))),
        str_to_map,
    )
    .total(),
];

fn type_at(args: &[Typed], index: usize) -> DataType {
    args.get(index).map_or(DataType::Null, |arg| arg.data_type.clone())
}

fn first_parts(args: &[Typed]) -> Result<(DataType, DataType), ExprError> {
    args.first().map_or(Ok((DataType::Null, DataType::Null)), parts_of)
}

fn null_key() -> ExprError {
    ExprError::new("a key of a map is null; leave such rows out, or give them a key")
}

fn twice() -> ExprError {
    ExprError::new("a key is twice in one map; make the keys distinct first")
}

/// Refuses keys that are null or twice in one map.
fn check(keys: &Keys, column: &ArrayRef, index: usize, range: impl Iterator<Item = usize>) -> Result<(), ExprError> {
    let mut seen = HashSet::new();
    for entry in range {
        if column.is_null(entry) {
            return Err(null_key());
        }
        if !seen.insert(keys.get(index, entry)) {
            return Err(twice());
        }
    }
    Ok(())
}

fn map(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    if !args.len().is_multiple_of(2) {
        return Err(ExprError::new("`map` takes keys and values in turn: `map('a', 1, 'b', 2)`"));
    }
    let (mut keys, mut values): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    for (index, arg) in args.into_iter().enumerate() {
        if index.is_multiple_of(2) { keys.push(arg) } else { values.push(arg) }
    }
    unify(&mut keys, "the keys")?;
    unify(&mut values, "the values")?;
    let pairs = keys.into_iter().zip(values).flat_map(|(key, value)| [key, value]).collect();
    lowering.call("map_of_pairs", pairs)
}

fn of_pairs(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for index in 0..args.len() {
        let column = args.array(index)?;
        if index.is_multiple_of(2) { keys.push(column) } else { values.push(column) }
    }
    let all = |columns: &[ArrayRef]| {
        let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        if columns.is_empty() { Ok(arrow::array::new_empty_array(&DataType::Null)) } else { concat(&columns) }
    };
    let (keys, values, count) = (all(&keys)?, all(&values)?, keys.len());
    let compared = Keys::new(&[&keys])?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let entries = (0..count).map(|column| column * args.rows() + row);
        check(&compared, &keys, 0, entries.clone())?;
        picks.extend(entries);
        picks.end()?;
    }
    picks.into_maps(&keys, &values, args.gives())
}

fn parted(args: &Args<'_>, part: fn(&Maps) -> &ArrayRef) -> Result<ArrayRef, ExprError> {
    let maps = Maps::new(args, 0)?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        match maps.range(row) {
            Some(range) => {
                picks.extend(range);
                picks.end()?;
            }
            None => picks.end_null()?,
        }
    }
    picks.into_lists(part(&maps), args.gives())
}

fn keys(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    parted(args, Maps::keys)
}

fn values(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    parted(args, Maps::values)
}

fn entries_type(args: &[Typed]) -> Result<DataType, ExprError> {
    let (key, value) = first_parts(args)?;
    let fields = vec![Field::new("key", key, false), Field::new("value", value, true)];
    Ok(list_of(DataType::Struct(fields.into())))
}

fn entries(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let array = args.array(0)?;
    let maps = array.as_map();
    let DataType::List(field) = args.gives() else { return Err(ExprError::new("entries are an array")) };
    let DataType::Struct(fields) = field.data_type() else { return Err(ExprError::new("entries are structures")) };
    let columns = vec![Arc::clone(maps.keys()), Arc::clone(maps.values())];
    let structs = StructArray::try_new(fields.clone(), columns, None)?;
    Ok(Arc::new(ListArray::try_new(
        Arc::clone(field),
        maps.offsets().clone(),
        Arc::new(structs),
        maps.nulls().cloned(),
    )?))
}

fn map_concat(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let mut maps = args;
    if maps.is_empty() {
        return lowering.call("map_of_pairs", maps);
    }
    unify(&mut maps, "the maps")?;
    lowering.call("joined_maps", maps)
}

fn joined(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let maps = (0..args.len()).map(|index| Maps::new(args, index)).collect::<Result<Vec<_>, _>>()?;
    let all =
        |part: fn(&Maps) -> &ArrayRef| concat(&maps.iter().map(|map| part(map).as_ref()).collect::<Vec<&dyn Array>>());
    let (keys, values) = (all(Maps::keys)?, all(Maps::values)?);
    let compared = Keys::new(&[&keys])?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let Some(ranges) = maps.iter().map(|map| map.range(row)).collect::<Option<Vec<_>>>() else {
            picks.end_null()?;
            continue;
        };
        let (mut behind, mut entries) = (0, Vec::new());
        for (map, range) in maps.iter().zip(ranges) {
            entries.extend(range.start + behind..range.end + behind);
            behind += map.keys().len();
        }
        check(&compared, &keys, 0, entries.iter().copied())?;
        picks.extend(entries);
        picks.end()?;
    }
    picks.into_maps(&keys, &values, args.gives())
}

fn map_of_entries_type(args: &[Typed]) -> Result<DataType, ExprError> {
    let Some(list) = args.first() else { return Ok(DataType::Null) };
    match item_type(list)? {
        DataType::Struct(fields) if fields.len() == 2 => {
            Ok(map_of(fields[0].data_type().clone(), fields[1].data_type().clone()))
        }
        _ => Err(list.refuse("`map_from_entries` takes an array of structures of two fields: `array(struct('a', 1))`")),
    }
}

/// A null among the entries makes the whole map null.
fn from_entries(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    let structs = lists.values().as_struct();
    let (keys, values) = (structs.column(0), structs.column(1));
    let compared = Keys::new(&[keys])?;
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        match lists.range(row).filter(|range| range.clone().all(|entry| structs.is_valid(entry))) {
            Some(range) => {
                check(&compared, keys, 0, range.clone())?;
                picks.extend(range);
                picks.end()?;
            }
            None => picks.end_null()?,
        }
    }
    picks.into_maps(keys, values, args.gives())
}

fn from_arrays(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (keys, values) = (Lists::new(args, 0)?, Lists::new(args, 1)?);
    let compared = Keys::new(&[keys.values()])?;
    let (mut key_picks, mut value_picks, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    let mut valid = Vec::new();
    for row in 0..args.rows() {
        let both = keys.range(row).zip(values.range(row));
        valid.push(both.is_some());
        let (ours, theirs) = both.unwrap_or((0..0, 0..0));
        if ours.len() != theirs.len() {
            return Err(ExprError::new(format!(
                "there are {} keys and {} values; a map has as many of both",
                ours.len(),
                theirs.len()
            )));
        }
        check(&compared, keys.values(), 0, ours.clone())?;
        lengths.push(ours.len());
        key_picks.extend(ours.map(|item| item as u64));
        value_picks.extend(theirs.map(|item| item as u64));
    }
    let pick = |values: &ArrayRef, items: Vec<u64>| {
        arrow::compute::take(values, &arrow::array::UInt64Array::from(items), None)
    };
    let (keys, values) = (pick(keys.values(), key_picks)?, pick(values.values(), value_picks)?);
    let nulls = Some(arrow::buffer::NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0);
    map_of_entries(&keys, &values, OffsetBuffer::from_lengths(lengths), nulls, args.gives())
}

fn str_to_map(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    let between = |index: usize| (args.len() > index).then(|| args.text(index)).transpose();
    let (pairs, parts) = (between(1)?, between(2)?);
    let (mut pair_patterns, mut part_patterns) = (Patterns::default(), Patterns::default());
    let (mut keys, mut values) = (StringViewBuilder::new(), StringViewBuilder::new());
    let (mut ends, mut valid) = (vec![0_i32], Vec::new());
    for row in 0..args.rows() {
        let pair = pairs.as_ref().map_or(Some(","), |pairs| pairs.get(row));
        let part = parts.as_ref().map_or(Some(":"), |parts| parts.get(row));
        let given = match (text.get(row), pair, part) {
            (Some(text), Some(pair), Some(part)) => Some((text, pair, part)),
            _ => None,
        };
        valid.push(given.is_some());
        if let Some((text, pair, part)) = given {
            let (pair, part) = (pair_patterns.get(pair)?, part_patterns.get(part)?);
            let mut seen = HashSet::new();
            for entry in pair.pieces(text, usize::MAX)? {
                let pieces = part.pieces(entry, 2)?;
                let key = pieces.first().copied().unwrap_or_default();
                if !seen.insert(key) {
                    return Err(twice());
                }
                keys.append_value(key);
                values.append_option(pieces.get(1));
            }
        }
        ends.push(i32::try_from(arrow::array::ArrayBuilder::len(&keys)).map_err(|_| ExprError::overflow("int"))?);
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
    let nulls = Some(arrow::buffer::NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0);
    let (keys, values): (ArrayRef, ArrayRef) = (Arc::new(keys.finish()), Arc::new(values.finish()));
    map_of_entries(&keys, &values, offsets, nulls, args.gives())
}
