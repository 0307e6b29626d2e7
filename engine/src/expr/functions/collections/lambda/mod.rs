//! Functions that take a function: `transform(array, x -> x + 1)`.
//!
//! The body is lowered once, with its variables as columns behind all others, and evaluated for all items of a batch at
//! a time: the columns it reads beside its variables are repeated for every item of their row.

mod aggregate;
mod function;
mod lists;
mod maps;

pub(super) use aggregate::ENTRIES as AGGREGATE;
pub(super) use lists::ENTRIES as LISTS;
pub(super) use maps::ENTRIES as MAPS;
