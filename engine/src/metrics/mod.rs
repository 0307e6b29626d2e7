//! What a run tells about itself: a report per batch, latency histograms, a bounded history of both, and whether the
//! run keeps up.

mod control;
mod history;
mod latency;
mod memory;
mod report;
mod stability;
#[cfg(test)]
mod testing;

pub use control::{ControlReport, IntervalMove, IntervalReason, RateBound, RateTerms, SourceControl};
pub use history::{Bucket, History, Measure};
pub use latency::{LatencyHistogram, LatencySummary};
pub use memory::{Coverage, MemoryReport, ParkedColumn, ParkedState};
pub use report::{BatchReport, BatchStatus, NodeReport, NodeStatus};
pub use stability::{Culprit, Forecast, Verdict, culprit, judge};
