//! Runs pipelines: clocks, the batch loop, the compute pool, and the one door to all of it.

mod apply;
mod clock;
mod compact;
mod compiler;
mod control;
mod cutter;
mod driver;
mod engine;
#[cfg(test)]
mod event_time_tests;
mod govern;
mod graveyard;
mod handle;
mod headless;
mod node;
mod queue;
mod rehearsal;
mod resources;
mod session;
mod show;
mod succession;
#[cfg(test)]
mod tests;
mod ticker;
mod work;

pub use clock::{RealStopwatch, Stopwatch, VirtualClock, WallClock};
pub use control::Directions;
pub use cutter::{CutBatch, Schedule, Sources};
pub use driver::RunOutcome;
pub use engine::{EngineHandle, Waker};
pub use handle::{
    AppliedChange, ClockKind, Command, EngineOptions, Event, NodeFate, Presented, Preview, RunState, StopRule,
};
pub use headless::{RunError, StopFlag, run_to_end};
pub use queue::{Queue, Waiting};
pub use rehearsal::{ChangePreview, preview_change, preview_of};
pub use resources::Resources;
pub use session::{Progress, Session};
