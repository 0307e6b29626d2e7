//! Windows as queries over panes: pure, without IO or clocks.
//!
//! What arrives is kept in *panes*, short spans of arrival time, never in windows. A window is a query that merges the
//! panes which start in it. So the length of the window, its slide and the interval of the batches can all change
//! while running: the query changes, the panes stay.

mod aggregate;
mod cache;
mod panes;
mod partial;
mod schedule;
mod spec;
mod stacks;

#[cfg(test)]
mod tests;

pub use aggregate::{Fired, WindowAggregate};
pub use panes::Panes;
pub use partial::Partial;
pub use schedule::{Coverage, Due, MAX_WINDOWS_PER_BATCH, Schedule, Window};
pub use spec::{CountWindow, EventTime, EventWindow, LinkWindow, SessionWindow, WindowSpec};
