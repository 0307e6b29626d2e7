//! Lists and items brought to one type, before a kernel sees them.

use crate::expr::functions::prelude::*;
use crate::expr::lower::Lowering;
use crate::expr::lower::convert::to_type;
use crate::expr::types::{self, common, list_of, type_name};

/// The type of a list's items; of `NULL` that is void.
pub(super) fn item_type(list: &Typed) -> Result<DataType, ExprError> {
    match &list.data_type {
        DataType::List(item) => Ok(item.data_type().clone()),
        DataType::Null => Ok(DataType::Null),
        other => Err(list.refuse(format!("an array is expected here, this is {}", type_name(other)))),
    }
}

/// Lists, and the items that are compared with theirs or put into them, in one type: `shape` says for each argument
/// which it is.
pub(super) fn unified(args: Vec<Typed>, shape: &[Shape]) -> Result<Vec<Typed>, ExprError> {
    let mut item = DataType::Null;
    for (arg, shape) in args.iter().zip(shape) {
        let own = match shape {
            Shape::List => item_type(arg)?,
            Shape::Item => arg.data_type.clone(),
            Shape::Other => continue,
        };
        item = common(&item, &own).ok_or_else(|| {
            let (one, other) = (type_name(&item), type_name(&own));
            arg.refuse(format!("the items are {one} and {other}, which have no type in common; convert one with CAST"))
        })?;
    }
    let into = |(arg, shape): (Typed, &Shape)| match shape {
        Shape::List => to_type(&arg, &list_of(item.clone())),
        Shape::Item => to_type(&arg, &item),
        Shape::Other => arg,
    };
    Ok(args.into_iter().zip(shape).map(into).collect())
}

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    List,
    Item,
    Other,
}

/// Calls the kernel of this name with arguments of one type.
pub(super) fn call(
    lowering: &mut Lowering<'_>,
    name: &str,
    args: Vec<Typed>,
    shape: &[Shape],
) -> Result<Typed, ExprError> {
    lowering.call(name, unified(args, shape)?)
}

/// The first argument's type: what lists of the same items give.
pub(super) fn like_first(args: &[Typed]) -> Result<DataType, ExprError> {
    args.first().map(|arg| arg.data_type.clone()).ok_or_else(|| ExprError::new("an array is missing"))
}

/// The type of the first argument's items.
pub(super) fn item_of_first(args: &[Typed]) -> Result<DataType, ExprError> {
    args.first().map_or(Ok(DataType::Null), item_type)
}

/// Key and value of a map.
pub(super) fn parts_of(map: &Typed) -> Result<(DataType, DataType), ExprError> {
    match types::map_parts(&map.data_type) {
        Some((key, value)) => Ok((key.data_type().clone(), value.data_type().clone())),
        None => Err(map.refuse(format!("a map is expected here, this is {}", type_name(&map.data_type)))),
    }
}
