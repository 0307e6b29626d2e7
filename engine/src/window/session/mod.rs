//! Sessions: spans of a key's rows between pauses.
//!
//! A session is `[first row, last row + gap)`; sessions of a key that touch are one. What is stored are *atoms*, the
//! longest runs of rows under the smallest gap that was ever asked for. A session under the present gap is a run of
//! atoms, put together when it is asked for: so the gap can be changed while it runs, and changed back. Where every
//! row has a gap of its own, an atom reaches as far as its rows do.
//!
//! A batch is sorted by key and time once; what it touches is found by walking both the batch's pieces and the newest
//! atoms of their keys. Keys without rows in the batch cost nothing until one of their sessions ends.

mod aggregate;
mod rows;
mod timeline;


pub use aggregate::{SessionAggregate, SessionTimes};
pub use rows::SessionRows;
pub use timeline::SessionGap;
use timeline::{Sessions, Timeline};
