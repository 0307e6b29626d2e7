//! Windows as queries over panes: pure, without IO or clocks.
//!
//! What arrives is kept in *panes*, short spans of time, never in windows. A window is a query that merges the
//! panes which start in it. So the length of the window, its slide and the interval of the batches can all change
//! while running: the query changes, the panes stay. Windows by event time are the same over panes of event time; many
//! are open at once, and the watermark says when they are over ([`OpenWindows`]).

mod aggregate;
mod arrange;
mod cache;
mod cells;
mod chains;
mod count;
mod dues;
mod event;
mod holders;
mod keys;
mod open;
#[cfg(test)]
mod open_tests;
mod panes;
mod partial;
mod placing;
mod rows;
mod schedule;
mod session;
mod spec;
mod stacks;

#[cfg(test)]
mod tests;

pub use crate::metrics::Coverage;
pub use aggregate::{Fired, WindowAggregate};
pub use count::{CountAggregate, CountRows, CountShape};
pub use event::{EventAggregate, Given, Mode};
pub use open::{Inherited, MAX_WINDOWS, OpenWindows};
pub use panes::Panes;
pub use partial::Partial;
pub use placing::{Grid, is_plausible};
pub use rows::WindowRows;
pub use schedule::{Due, MAX_WINDOWS_PER_BATCH, Schedule, Window};
pub use session::{SessionAggregate, SessionGap, SessionRows, SessionTimes};
pub use spec::{CountWindow, EventTime, EventWindow, LONGEST, LinkWindow, SessionWindow, WINDOW_END, WindowSpec};
