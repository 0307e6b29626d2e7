//! What a run tells about itself: a report per batch, latency histograms, and a bounded history of both.

mod history;
mod latency;
mod report;

pub use history::{Bucket, History, Measure};
pub use latency::{LatencyHistogram, LatencySummary};
pub use report::{BatchReport, BatchStatus, NodeReport, NodeStatus};
