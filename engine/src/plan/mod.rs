//! From declared nodes to executable stages: the traits every node kind implements and the data that flows.

mod clock;
mod data;
mod error;
mod fate;
mod kind;
mod link;
mod operator;
mod reach;
mod sink;
mod source;
mod types;

pub use clock::Clock;
pub use data::{BatchContext, Chunk, Flow, Watermark, rows_of};
pub use error::{Fault, NodeError};
pub use fate::{Migration, StateFate};
pub use kind::{Category, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
pub use link::{LinkType, WINDOW_END, WINDOW_START};
pub use operator::{Inputs, Operator, Outputs, Relief, StateSize, known};
pub use reach::Reach;
pub use sink::{Idempotence, Sink};
pub use source::{Cut, IoContext, Range, Replay, Source, SourceStatus};
