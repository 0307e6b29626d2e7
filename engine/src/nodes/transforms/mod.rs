//! Kinds that work on one batch at a time.

pub(super) mod refusal;
pub(super) mod rowwise;

pub mod aggregate;
pub mod filter;
pub mod flat_map;
pub mod group;
pub mod map;
pub mod parse;
pub mod sort;
pub mod union;
