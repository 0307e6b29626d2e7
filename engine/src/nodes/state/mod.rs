//! Kinds that remember across batches.

pub mod changes;
pub mod dedup;
pub mod fold;
pub mod interval_join;
pub mod running;
pub mod snapshot;

mod ageing;
mod columns;
mod condition;
mod event_time;
mod initial;
#[cfg(test)]
mod testing;
