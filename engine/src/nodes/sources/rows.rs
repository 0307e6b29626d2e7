//! Typed rows: the `fields` parameter as a schema, values of text and JSON read as those types, and rows gathered
//! into record batches. Shared by the sources that read more than lines.

mod builder;
mod cell;
mod fields;

pub(in crate::nodes) use builder::RowBuilder;
pub(in crate::nodes) use cell::Cell;
pub(in crate::nodes) use fields::{
    FieldParam, FieldType, NAMED, PLACED, TYPE, check_fields, check_no_lists, schema_of,
};
