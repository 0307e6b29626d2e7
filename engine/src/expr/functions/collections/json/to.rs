//! `to_json`: a structure, map or list as JSON text. Fields that are null are left out, as in Spark.

use arrow::datatypes::{Date32Type, Decimal128Type, DecimalType, Float32Type, Float64Type, TimestampMicrosecondType};

use super::value::write_text;
use crate::expr::cast::{double_text, shown};
use crate::expr::functions::prelude::*;
use crate::expr::functions::time::Pattern;
use crate::expr::types::type_name;

pub(in super::super) const ENTRIES: &[Entry] = &[Entry::own(
    "to_json",
    "to_json(value)",
    "A structure, map or array as JSON text; fields that are null are left out.",
    Takes::these(&[Param::Any]),
    Gives::By(check),
    to_json,
)
.total()];

fn check(args: &[Typed]) -> Result<DataType, ExprError> {
    for arg in args {
        if !matches!(arg.data_type, DataType::Struct(_) | DataType::Map(_, _) | DataType::List(_)) {
            let name = type_name(&arg.data_type);
            return Err(arg.refuse(format!(
                "`to_json` takes a structure, map or array, this is {name}; wrap it: `named_struct('a', value)`"
            )));
        }
    }
    Ok(DataType::Utf8View)
}

fn to_json(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let array = args.array(0)?;
    let writer =
        Writer { timestamps: Pattern::new("yyyy-MM-dd'T'HH:mm:ss.SSSXXX")?, dates: Pattern::new("yyyy-MM-dd")? };
    texts(args.rows(), |row| {
        if array.is_null(row) {
            return Ok(None);
        }
        let mut out = String::new();
        writer.write(&array, row, &mut out)?;
        Ok(Some(out))
    })
}

struct Writer {
    timestamps: Pattern,
    dates: Pattern,
}

impl Writer {
    fn write(&self, array: &ArrayRef, row: usize, out: &mut String) -> Result<(), ExprError> {
        if array.is_null(row) {
            out.push_str("null");
            return Ok(());
        }
        match array.data_type() {
            DataType::Utf8View => write_text(array.as_string_view().value(row), out),
            DataType::Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
            DataType::Float64 => double(array.as_primitive::<Float64Type>().value(row), out),
            DataType::Float32 => {
                let value = array.as_primitive::<Float32Type>().value(row);
                if value.is_finite() { as_text(array, row, out)? } else { double(value.into(), out) }
            }
            DataType::Decimal128(precision, scale) => {
                let value = array.as_primitive::<Decimal128Type>().value(row);
                out.push_str(&Decimal128Type::format_decimal(value, *precision, *scale));
            }
            DataType::Timestamp(_, Some(_)) => {
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                out.push('"');
                self.timestamps.write(micros, out);
                out.push('"');
            }
            DataType::Date32 => {
                let days = i64::from(array.as_primitive::<Date32Type>().value(row));
                out.push('"');
                self.dates.write(days.saturating_mul(crate::expr::functions::time::MICROS_PER_DAY), out);
                out.push('"');
            }
            DataType::List(_) => {
                let items = array.as_list::<i32>().value(row);
                out.push('[');
                for item in 0..items.len() {
                    if item > 0 {
                        out.push(',');
                    }
                    self.write(&items, item, out)?;
                }
                out.push(']');
            }
            DataType::Struct(fields) => {
                let parts = array.as_struct();
                let mut is_first = true;
                out.push('{');
                for (field, column) in fields
                    .iter()
                    .zip(parts.columns())
                    .filter(|(_, column)| column.is_valid(row) && !column.data_type().is_null())
                {
                    name(field.name(), &mut is_first, out);
                    self.write(column, row, out)?;
                }
                out.push('}');
            }
            DataType::Map(_, _) => {
                let entries = array.as_map().value(row);
                let keys = shown_keys(entries.column(0))?;
                let mut is_first = true;
                out.push('{');
                for entry in 0..entries.len() {
                    name(keys.as_string_view().value(entry), &mut is_first, out);
                    self.write(entries.column(1), entry, out)?;
                }
                out.push('}');
            }
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => as_text(array, row, out)?,
            other => {
                let message =
                    format!("{} has no form in JSON here; convert it with CAST to string first", type_name(other));
                return Err(ExprError::new(message));
            }
        }
        Ok(())
    }
}

fn as_text(array: &ArrayRef, row: usize, out: &mut String) -> Result<(), ExprError> {
    out.push_str(shown(&array.slice(row, 1))?.as_string_view().value(0));
    Ok(())
}

/// Keys are written as the conversion to string writes them.
fn shown_keys(keys: &ArrayRef) -> Result<ArrayRef, ExprError> {
    crate::expr::cast::cast_array(keys, &DataType::Utf8View, false)
}

fn name(name: &str, is_first: &mut bool, out: &mut String) {
    if !std::mem::replace(is_first, false) {
        out.push(',');
    }
    write_text(name, out);
    out.push(':');
}

fn double(value: f64, out: &mut String) {
    if value.is_finite() { out.push_str(&double_text(value)) } else { write_text(&double_text(value), out) }
}
