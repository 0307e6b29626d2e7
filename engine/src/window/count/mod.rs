//! Count windows: the last rows of a key, again and again after so many rows more.
//!
//! A key's rows are counted from its first. After every `slide` of them a window fires: the last `rows` rows, or as
//! many as there are. Rows are aggregated in *blocks* of as many rows as divide both `rows` and `slide`, so every
//! window is a run of whole blocks, and a block is let go as soon as no window to come can need it.

mod aggregate;
mod queues;
mod rows;


pub use aggregate::CountAggregate;
pub use queues::CountShape;
pub(super) use queues::{Firing, Queues};
pub use rows::CountRows;
