//! Kinds that remember across batches.

pub mod running;
