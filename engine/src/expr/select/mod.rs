//! One `SELECT`, parsed into plain data: clauses, and [`Term`]s, the scalar expressions in them.
//!
//! Nothing is planned here. Whoever plans asks a term which columns and aggregates it holds, and compiles it against
//! the columns it has by then; so every expression takes the one way of all expressions, with their meaning.

mod aggregates;
mod clauses;
mod parse;
mod replace;
mod resolve;
mod term;
#[cfg(test)]
mod tests;

pub use aggregates::AggregateTerm;
pub use clauses::{Body, Item, JoinKind, On, OrderBy, Query, Select, Source};
pub use parse::with_select;
pub use resolve::Lookup;
pub use term::Term;
