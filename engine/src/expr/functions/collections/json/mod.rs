//! Functions of JSON. Texts are read by an own small reader, because Spark's keeps the order of keys, duplicates and the
//! digits of numbers, takes single quotes in places, and shows doubles as Java does.

mod from;
mod keys;
mod path;
mod schema;
mod to;
mod value;

pub(super) use from::ENTRIES as FROM;
pub(super) use keys::ENTRIES as KEYS;
pub(super) use path::ENTRIES as PATH;
pub(in crate::expr) use path::field_text;
pub(super) use schema::ENTRIES as SCHEMA;
pub(super) use to::ENTRIES as TO;
pub(in crate::expr) use value::Json;

#[cfg(test)]
mod tests;
