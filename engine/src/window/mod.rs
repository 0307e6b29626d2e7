//! Windows as queries over panes: pure, without IO or clocks.
//!
//! What arrives is kept in *panes*, short spans of arrival time, never in windows. A window is a query that merges the
//! panes which start in it. So the length of the window, its slide and the interval of the batches can all change
//! while running: the query changes, the panes stay.

mod aggregate;
mod arrange;
mod cache;
mod cells;
mod chains;
mod count;
mod dues;
mod keys;
mod panes;
mod partial;
mod rows;
mod schedule;
mod session;
mod spec;

#[cfg(test)]
mod tests;

pub use aggregate::{Fired, WindowAggregate};
pub use count::{CountAggregate, CountRows, CountShape};
pub use panes::Panes;
pub use partial::Partial;
pub use rows::WindowRows;
pub use schedule::{Coverage, Due, MAX_WINDOWS_PER_BATCH, Schedule, Window};
pub use session::{SessionAggregate, SessionGap, SessionRows, SessionTimes};
pub use spec::{CountWindow, EventTime, EventWindow, LinkWindow, SessionWindow, WINDOW_END, WindowSpec};
