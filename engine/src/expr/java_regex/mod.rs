//! Regular expressions as Spark means them: Java's.
//!
//! The engine underneath is the `regex` crate, which runs in linear time. `translate` rewrites a Java pattern into one
//! that means the same there, and refuses what has no equal (look-around, back references, possessive repetition);
//! [`Pattern`] walks matches in Java's order. Where a text could make the two differ, the row fails with a sentence.

mod classes;
mod flags;
mod pattern;
mod replacement;
mod translate;

pub(super) use pattern::{Pattern, Patterns};
pub(super) use replacement::Replacement;

#[cfg(test)]
mod tests;
