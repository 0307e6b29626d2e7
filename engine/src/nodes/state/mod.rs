//! Kinds that remember across batches.

pub mod dedup;
pub mod running;

mod columns;
mod event_time;
#[cfg(test)]
mod testing;
