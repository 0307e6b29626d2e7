//! The last batches of a run, at bounded memory and with bounded cost to draw.

use std::collections::VecDeque;
use std::sync::Arc;

use super::BatchReport;

/// What a plot shows of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Rows per second that arrived.
    InputRate,
    /// Rows per second of processing time.
    Throughput,
    /// Milliseconds.
    ProcessingTime,
    /// Milliseconds.
    SchedulingDelay,
    /// Milliseconds.
    TotalDelay,
    /// Milliseconds.
    LatencyP50,
    /// Milliseconds.
    LatencyP95,
    /// Milliseconds.
    LatencyP99,
    /// Milliseconds.
    Interval,
    /// Batches waiting.
    Queue,
    /// Bytes of all nodes' state.
    StateBytes,
}

/// Several neighbouring batches as one point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// First batch.
    pub first_batch: u64,
    /// Last batch.
    pub last_batch: u64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Average.
    pub mean: f64,
}

/// The last reports.
#[derive(Debug, Default)]
pub struct History {
    reports: VecDeque<Arc<BatchReport>>,
}

impl History {
    /// Adds the newest report.
    pub fn push(&mut self, report: Arc<BatchReport>) {
        self.reports.push_back(report);
    }

    /// The newest report.
    pub fn latest(&self) -> Option<&Arc<BatchReport>> {
        self.reports.back()
    }

    /// The full report of a batch, while it is kept.
    pub fn report(&self, batch: u64) -> Option<&Arc<BatchReport>> {
        self.reports.iter().rev().find(|report| report.batch == batch)
    }

    /// Full reports, newest first.
    pub fn recent(&self) -> impl DoubleEndedIterator<Item = &BatchReport> + Clone {
        self.reports.iter().rev().map(AsRef::as_ref)
    }
}
