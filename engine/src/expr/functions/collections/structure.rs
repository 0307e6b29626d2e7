//! Structures: `struct`, `named_struct`, and `arrays_zip`, which makes a list of them.

use std::sync::Arc;

use arrow::array::{StructArray, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{Field, Fields};
use datafusion_expr::sqlparser::ast::Expr;

use super::list::{Lists, Picks};
use super::unify::item_type;
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site};
use crate::expr::types::list_of;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::written(
        "struct",
        "struct(value, ...)",
        "A structure of the values; a column's field has the column's name, others are `col1`, `col2`.",
        Takes::these(&[]).more(Param::Any),
        structure,
    ),
    Entry::form(
        "named_struct",
        "named_struct(name, value, ...)",
        "A structure of names and their values.",
        Takes::these(&[]).more(Param::Any),
        named,
    ),
    Entry::written(
        "arrays_zip",
        "arrays_zip(array, ...)",
        "The arrays side by side: an array of structures, as long as the longest.",
        Takes::these(&[]).more(Param::Any),
        zipped,
    ),
];

/// The name a column, or a field, gives to what is made of it.
fn name_of(written: &Expr) -> Option<&str> {
    match written {
        Expr::Identifier(ident) => Some(&ident.value),
        Expr::CompoundIdentifier(idents) => idents.last().map(|ident| ident.value.as_str()),
        Expr::Nested(inner) => name_of(inner),
        _ => None,
    }
}

fn structure(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Result<Typed, ExprError> {
    let mut parts = Vec::new();
    for (index, written) in site.args.iter().enumerate() {
        let name = name_of(written).map_or_else(|| format!("col{}", index + 1), str::to_owned);
        parts.push((name, lowering.lower(written)?));
    }
    Ok(of(parts))
}

fn named(_lowering: &mut Lowering<'_>, args: Vec<Typed>, _site: &Site<'_>) -> Result<Typed, ExprError> {
    if !args.len().is_multiple_of(2) || args.is_empty() {
        return Err(ExprError::new("`named_struct` takes names and values in turn: `named_struct('a', 1, 'b', 2)`"));
    }
    let mut parts = Vec::new();
    let mut args = args.into_iter();
    while let (Some(name), Some(value)) = (args.next(), args.next()) {
        let Some(text) = name.constant_text() else {
            return Err(name.refuse("the name of a field is written as a text: 'a'"));
        };
        parts.push((text.to_owned(), value));
    }
    Ok(of(parts))
}

/// A structure of named values.
fn of(parts: Vec<(String, Typed)>) -> Typed {
    let fields: Fields = parts.iter().map(|(name, value)| Field::new(name, value.data_type.clone(), true)).collect();
    let args: Vec<Typed> = parts.into_iter().map(|(_, value)| value).collect();
    let made = fields.clone();
    let kernel = Arc::new(move |args: &Args<'_>| {
        let columns = (0..args.len()).map(|index| args.array(index)).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(StructArray::try_new_with_length(made.clone(), columns, None, args.rows())?) as ArrayRef)
    });
    Call::typed("named_struct", &args, DataType::Struct(fields), false, kernel)
}

fn zipped(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Result<Typed, ExprError> {
    let (mut fields, mut args) = (Vec::new(), Vec::new());
    for (index, written) in site.args.iter().enumerate() {
        let list = lowering.lower(written)?;
        let name = name_of(written).map_or_else(|| index.to_string(), str::to_owned);
        fields.push(Field::new(name, item_type(&list)?, true));
        args.push(list);
    }
    let fields = Fields::from(fields);
    let gives = list_of(DataType::Struct(fields.clone()));
    let nullable = args.iter().any(|arg| arg.nullable);
    let kernel = Arc::new(move |args: &Args<'_>| zip(args, &fields));
    Ok(Call::typed("arrays_zip", &args, gives, nullable, kernel))
}

fn zip(args: &Args<'_>, fields: &Fields) -> Result<ArrayRef, ExprError> {
    let lists = (0..args.len()).map(|index| Lists::new(args, index)).collect::<Result<Vec<_>, _>>()?;
    let mut columns = vec![Vec::new(); lists.len()];
    let mut picks = Picks::default();
    let mut total = 0;
    for row in 0..args.rows() {
        let Some(ranges) = lists.iter().map(|list| list.range(row)).collect::<Option<Vec<_>>>() else {
            picks.end_null()?;
            continue;
        };
        let longest = ranges.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        for (column, range) in columns.iter_mut().zip(&ranges) {
            column.extend((0..longest).map(|at| range.clone().nth(at).and_then(|item| u64::try_from(item).ok())));
        }
        picks.extend(total..total + longest);
        total += longest;
        picks.end()?;
    }
    let columns = lists.iter().zip(columns).map(|(list, items)| take(list.values(), &UInt64Array::from(items), None));
    let structs = StructArray::try_new_with_length(fields.clone(), columns.collect::<Result<_, _>>()?, None, total)?;
    picks.into_lists(&(Arc::new(structs) as ArrayRef), args.gives())
}
