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
mod facts;
mod flush;
mod govern;
mod graveyard;
mod handle;
mod headless;
mod node;
mod observe;
mod pace;
mod probe;
mod queue;
mod recording;
mod rehearsal;
mod resources;
mod rhythm;
mod session;
mod show;
mod succession;
#[cfg(test)]
mod tests;
mod ticker;
mod trace;
mod work;

pub use clock::{RealStopwatch, Stopwatch, VirtualClock, WallClock};
pub use control::Directions;
pub use cutter::{CutBatch, Schedule, Sources};
pub use driver::RunOutcome;
pub use engine::{EngineHandle, Waker};
pub use handle::{
    AppliedChange, ClockKind, Command, EngineOptions, Event, Glimpses, NodeFate, Presented, Preview, RunState, StopRule,
};
pub use headless::{RunError, StopFlag, run_to_end};
pub use probe::{Probe, ProbeHit, Probed};
pub use queue::{Queue, Waiting};
pub use recording::{Recorded, Recording};
pub use rehearsal::{ChangePreview, preview_change, preview_of};
pub use resources::Resources;
pub use session::{Progress, Session};
pub use trace::{TracedRow, WindowShape, WindowTrace};
