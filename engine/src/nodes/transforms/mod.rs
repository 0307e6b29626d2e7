//! Kinds that work on one batch at a time.

pub mod aggregate;
pub mod group;
