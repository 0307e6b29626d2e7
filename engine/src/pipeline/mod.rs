//! The document: a petgraph of nodes with settings and layout, changed only by edits that know their inverse.

mod assemble;
mod control;
mod diff;
mod edit;
mod graph;
mod history;
mod node;
mod settings;
mod subflow;
#[cfg(test)]
mod tests;

pub use assemble::{AssembleError, Parts};
pub use control::{Backpressure, IntervalSettings, RateSettings};
pub use diff::{NodeChange, PipelineDiff, diff};
pub use edit::{Edit, EditError};
pub use graph::Pipeline;
pub use history::{Document, Step};
pub use node::{Frame, FrameId, NodeEntry, NodeMode, Position, Subflow, SubflowId, Tint};
pub use settings::{Setting, Settings, Trigger, WatermarkPolicy, WhenLate};
