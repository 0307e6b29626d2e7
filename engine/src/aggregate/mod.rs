//! Grouped aggregation: the only module that touches DataFusion's group tables and accumulators.
//!
//! Accumulators are scratch: they are made for a piece of work, fed, and emptied by reading them. What is remembered
//! between batches is plain Arrow: key columns and *state columns* per group id. Every result is a merge of such
//! states, so a batch, a window and a running total differ only in which states they merge.

mod accumulators;
mod average;
mod batch;
mod call;
mod compact;
mod error;
mod expiry;
mod folding;
mod frequencies;
mod function;
mod interner;
mod key_set;
mod keyed;
mod moments;
mod numbers;
mod own;
mod pairs;
mod quantiles;
mod running;
mod seed;
mod shape;
mod spec;
mod store;
mod strings;
mod summary;
mod totals;
mod views;

#[cfg(test)]
mod tests;

pub use accumulators::{Accumulators, States};
pub use batch::{BatchGrouper, Grouped, PIECE_ROWS};
pub use call::{Call, Upkeep};
pub use compact::{compact, compact_batch};
pub use error::AggregateError;
pub use expiry::{Expiry, Renumbered};
pub use function::AggregateFunction;
pub use interner::{Interner, Registry};
pub use key_set::{Inserted, KeySet};
pub use keyed::{KeyedStore, comparable, key_columns, key_schema};
pub use running::RunningState;
pub(crate) use running::{rearrange, split};
pub use seed::{seed_type, seeded};
pub use spec::{AggregateCall, Aggregation, Carried, GroupSpec, Input, Key, Rows, normalised};
pub use store::ColumnStore;
pub use totals::Totals;
