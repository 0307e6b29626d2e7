//! What generators are made of: the list of rows each row becomes. People write `explode(...)`, see `Generator`.

use std::sync::Arc;

use arrow::array::{StringViewBuilder, StructArray};
use arrow::datatypes::{Field, Fields};

use super::json::{Json, field_text};
use super::list::Picks;
use super::unify::item_type;
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::convert::unify;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::{list_of, type_name};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::form("\u{1}explode", "explode(collection)", "", Takes::these(&[Param::Any]), items),
    Entry::form("\u{1}inline", "inline(structures)", "", Takes::these(&[Param::Array]), structures),
    Entry::form(
        "\u{1}stack",
        "stack(rows, value, ...)",
        "",
        Takes::these(&[Param::Int, Param::Any]).more(Param::Any),
        stack,
    ),
    Entry::form(
        "\u{1}json_tuple",
        "json_tuple(json, name, ...)",
        "",
        Takes::these(&[Param::Text, Param::Text]).more(Param::Text),
        json_tuple,
    ),
];

fn items(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let Some(arg) = args.first().cloned() else { return Err(ExprError::new("a list or a map is missing")) };
    match &arg.data_type {
        DataType::Map(_, _) => lowering.call("map_entries", args),
        DataType::List(_) => Ok(arg),
        other => Err(arg.refuse(format!(
            "`explode` takes an array or a map, this is {}; text is cut by `split(text, ' ')`",
            type_name(other)
        ))),
    }
}

fn structures(_lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let Some(arg) = args.into_iter().next() else { return Err(ExprError::new("an array of structures is missing")) };
    match item_type(&arg)? {
        DataType::Struct(_) => Ok(arg),
        other => Err(arg.refuse(format!(
            "`inline` takes an array of structures, the items are {}; use `explode`",
            type_name(&other)
        ))),
    }
}

fn stack(lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let mut args = args.into_iter();
    let count = args.next().ok_or_else(|| ExprError::new("the number of rows is missing"))?;
    let rows = match count.constant() {
        Some(datafusion_common::ScalarValue::Int32(Some(rows))) if *rows > 0 => usize::try_from(*rows).unwrap_or(1),
        _ => return Err(count.refuse("the number of rows is written out, from 1 on: `stack(2, a, b, c, d)`")),
    };
    let values: Vec<Typed> = args.collect();
    let width = values.len().div_ceil(rows);
    let mut columns: Vec<Vec<Typed>> = vec![Vec::new(); width];
    let null = || Typed::literal(datafusion_common::ScalarValue::Null);
    for place in 0..rows * width {
        columns[place % width].push(values.get(place).cloned().unwrap_or_else(null));
    }
    for column in &mut columns {
        unify(column, "the values of a column")?;
    }
    let mut made = Vec::with_capacity(rows);
    for row in 0..rows {
        let fields = columns
            .iter()
            .enumerate()
            .flat_map(|(index, column)| [Typed::text(format!("col{index}")), column[row].clone()]);
        made.push(lowering.call("named_struct", fields.collect())?);
    }
    lowering.call("array", made)
}

fn json_tuple(_lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    let count = args.len() - 1;
    let fields: Fields = (0..count).map(|index| Field::new(format!("c{index}"), DataType::Utf8View, true)).collect();
    let gives = list_of(DataType::Struct(fields.clone()));
    Ok(Call::typed("json_tuple", &args, gives, false, Arc::new(move |args: &Args<'_>| tuples(args, &fields))))
}

/// One row for each text; one of nulls where it is no object.
fn tuples(args: &Args<'_>, fields: &Fields) -> Result<ArrayRef, ExprError> {
    let json = args.text(0)?;
    let names = (1..args.len()).map(|index| args.text(index)).collect::<Result<Vec<_>, _>>()?;
    let mut columns: Vec<StringViewBuilder> = names.iter().map(|_| StringViewBuilder::new()).collect();
    let mut picks = Picks::default();
    for row in 0..args.rows() {
        let value = json.get(row).and_then(|text| Json::read(text, false));
        for (column, name) in columns.iter_mut().zip(&names) {
            column.append_option(value.as_ref().zip(name.get(row)).and_then(|(value, name)| field_text(value, name)));
        }
        picks.push(row);
        picks.end()?;
    }
    let columns = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
    let structs: ArrayRef = Arc::new(StructArray::try_new(fields.clone(), columns, None)?);
    picks.into_lists(&structs, args.gives())
}
