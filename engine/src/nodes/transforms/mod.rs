//! Kinds that work on one batch at a time.

mod joining;
pub(super) mod on_error;
pub(super) mod refusal;
pub(super) mod rowwise;
mod widening;

pub mod aggregate;
pub mod distinct;
pub mod filter;
pub mod flat_map;
pub mod group;
pub mod join;
pub mod limit;
pub mod lookup;
pub mod map;
pub mod parse;
pub mod repartition;
pub mod sample;
pub mod sort;
pub mod sql;
pub mod tee;
pub mod union;
