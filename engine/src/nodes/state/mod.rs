//! Kinds that remember across batches.

pub mod dedup;
pub mod interval_join;
pub mod running;

mod columns;
mod condition;
mod event_time;
#[cfg(test)]
mod testing;
