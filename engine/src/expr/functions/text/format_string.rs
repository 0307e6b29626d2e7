//! `format_string`, also called `printf`: values put into a text, as Java's `Formatter` does it.
//!
//! Conversions: `%s %d %x %X %o %c %b %e %E %f %n %%`, with flags, width, precision and `%2$s`. What else Java has is
//! refused. Values are text, whole numbers, doubles or booleans; of other types Spark shows the inside (a timestamp is a
//! number of microseconds), so those are refused: convert them to string.

use arrow::datatypes::{Float32Type, Float64Type, Int8Type, Int16Type};

use super::placeholder::{Piece, Value, pieces};
use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[Entry::own(
    "format_string",
    "format_string(format, value, ...)",
    "The text with `%s`, `%d`, `%.2f` and the like replaced by the values.",
    Takes::these(&[Param::Text]).more(Param::Any),
    Gives::By(check),
    format_string,
)
.also(&["printf"])
.total()];

fn check(args: &[Typed]) -> Result<DataType, ExprError> {
    for arg in args.iter().skip(1) {
        let is_taken = matches!(
            arg.data_type,
            DataType::Null
                | DataType::Utf8View
                | DataType::Boolean
                | DataType::Int8
                | DataType::Int16
                | DataType::Int32
                | DataType::Int64
                | DataType::Float32
                | DataType::Float64
        );
        if !is_taken {
            let name = crate::expr::types::type_name(&arg.data_type);
            return Err(arg.refuse(format!(
                "a {name} is not formatted as people write it; convert it with CAST to string or double"
            )));
        }
    }
    Ok(DataType::Utf8View)
}

fn format_string(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let format = args.text(0)?;
    let values = (1..args.len()).map(|index| args.array(index)).collect::<Result<Vec<_>, _>>()?;
    let mut last: Option<(String, Vec<Piece>)> = None;
    texts(args.rows(), |row| {
        let Some(format) = format.get(row) else { return Ok(None) };
        if !matches!(&last, Some((source, _)) if source == format) {
            last = Some((format.to_owned(), pieces(format)?));
        }
        let Some((_, pieces)) = &last else { return Ok(None) };
        let mut out = String::new();
        let mut next = 0;
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Place(place) => {
                    let index = place.argument.unwrap_or(next);
                    next += usize::from(place.argument.is_none());
                    let value = values.get(index).ok_or_else(|| {
                        ExprError::new(format!(
                            "the format has a place for value {}, there are {}",
                            index + 1,
                            values.len()
                        ))
                    })?;
                    place.write(&value_at(value, row), &mut out)?;
                }
            }
        }
        Ok(Some(out))
    })
}

fn value_at(array: &ArrayRef, row: usize) -> Value<'_> {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8View => Value::Text(array.as_string_view().value(row)),
        DataType::Boolean => Value::Boolean(array.as_boolean().value(row)),
        DataType::Int8 => Value::Whole(array.as_primitive::<Int8Type>().value(row).into(), 8),
        DataType::Int16 => Value::Whole(array.as_primitive::<Int16Type>().value(row).into(), 16),
        DataType::Int32 => Value::Whole(array.as_primitive::<Int32Type>().value(row).into(), 32),
        DataType::Int64 => Value::Whole(array.as_primitive::<Int64Type>().value(row), 64),
        DataType::Float32 => Value::Fraction(array.as_primitive::<Float32Type>().value(row).into()),
        DataType::Float64 => Value::Fraction(array.as_primitive::<Float64Type>().value(row)),
        _ => Value::Null,
    }
}
