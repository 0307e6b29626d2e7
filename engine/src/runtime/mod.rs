//! Runs pipelines: clocks, the batch loop, the compute pool, and the one door to all of it.

mod engine;
mod handle;

pub use engine::{EngineHandle, Waker};

pub use handle::{
    AppliedChange, ClockKind, Command, EngineOptions, Event, NodeFate, Presented, Preview, RunState, StopRule,
};
