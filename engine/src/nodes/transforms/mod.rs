//! Kinds that work on one batch at a time.

mod refusal;
mod rowwise;

pub mod filter;
pub mod flat_map;
pub mod map;
pub mod parse;
pub mod sort;
pub mod union;
