//! Functions that take a function: `transform(array, x -> x + 1)`.
//!
//! The body is lowered once, with its variables as columns behind all others, and evaluated for all items of a batch at
//! a time: the columns it reads beside its variables are repeated for every item of their row.

mod aggregate;
mod function;
mod lists;
mod maps;
mod sort;
mod zipped;

pub(super) use aggregate::ENTRIES as AGGREGATE;
pub(super) use lists::ENTRIES as LISTS;
pub(super) use maps::ENTRIES as MAPS;
pub(super) use sort::ENTRIES as SORT;
pub(super) use zipped::ENTRIES as ZIPPED;
