//! What a run tells about itself: a report per batch, latency histograms, a bounded history of both, whether the run
//! keeps up, which node limits it, and why another gives nothing.

mod control;
mod counter;
mod culprit;
mod facts;
mod history;
mod latency;
mod memory;
mod report;
mod stability;
#[cfg(test)]
mod testing;
mod why;

pub use control::{ControlReport, IntervalMove, IntervalReason, RateBound, RateTerms, SourceControl};
pub use counter::{COUNTERS, Counter, is_loss};
pub use culprit::{Cause, Culprit, culprit};
pub use facts::{
    CountFacts, EventTimeFacts, KeySkew, NodeFacts, StreamFacts, Waited, WindowClock, WindowEmit, WindowFacts,
};
pub use history::{Bucket, BusyBucket, History, HistoryTable, Measure};
pub use latency::{LatencyHistogram, LatencySummary};
pub use memory::{Coverage, MemoryReport, ParkedColumn, ParkedState};
pub use report::{BatchReport, BatchStatus, NodeReport, NodeStatus};
pub use stability::{Forecast, Verdict, judge};
pub use why::{Reason, explain};
