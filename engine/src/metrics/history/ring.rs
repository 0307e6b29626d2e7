//! The history as the window and the command line ask it: by batch number.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::busy::{self, BusyBucket, BusyLevels};
use super::levels::Levels;
use super::measure::Measure;
use crate::metrics::BatchReport;

/// Batches whose measures are kept.
const MAX_BATCHES: usize = 10_000;
/// Node reports kept in all, at about 200 bytes each: full reports of the last 10,000 batches of a ten-node graph, of
/// the last 500 batches of a graph of 200 nodes.
const MAX_NODE_REPORTS: usize = 100_000;
/// Batches a histogram looks at, at most.
const MAX_HISTOGRAM_BATCHES: u64 = 2_000;

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

/// The last batches of one run.
#[derive(Debug, Default)]
pub struct History {
    /// Full reports, oldest first; fewer than there are batches where the graph is large.
    reports: VecDeque<Arc<BatchReport>>,
    /// Node reports in them.
    node_reports: usize,
    /// The numbers of the batches, rising.
    batches: VecDeque<u64>,
    levels: Levels,
    busy: BusyLevels,
}

impl History {
    /// Adds the newest report. Batch numbers rise within a run: one that does not begins another run, and with it an
    /// empty history.
    pub fn push(&mut self, report: Arc<BatchReport>) {
        if self.batches.back().is_some_and(|last| *last >= report.batch) {
            *self = Self::default();
        }
        self.batches.push_back(report.batch);
        self.levels.push(Measure::sample(&report));
        self.busy.push(&report);
        if self.batches.len() > MAX_BATCHES {
            self.batches.pop_front();
            self.levels.pop_front();
            self.busy.forget_before(self.batches.front().copied().unwrap_or(0));
        }
        self.node_reports += report.nodes.len();
        self.reports.push_back(report);
        while self.reports.len() > self.batches.len()
            || (self.node_reports > MAX_NODE_REPORTS && self.reports.len() > 1)
        {
            if let Some(oldest) = self.reports.pop_front() {
                self.node_reports -= oldest.nodes.len();
            }
        }
    }

    /// The newest report.
    pub fn latest(&self) -> Option<&Arc<BatchReport>> {
        self.reports.back()
    }

    /// The full report of a batch, while it is kept.
    pub fn report(&self, batch: u64) -> Option<&Arc<BatchReport>> {
        self.reports.binary_search_by_key(&batch, |report| report.batch).ok().and_then(|at| self.reports.get(at))
    }

    /// Full reports, newest first.
    pub fn recent(&self) -> impl DoubleEndedIterator<Item = &BatchReport> + Clone {
        self.reports.iter().rev().map(AsRef::as_ref)
    }

    /// How many batches there are measures of.
    pub fn len(&self) -> usize {
        self.batches.len()
    }

    /// Whether no batch is done yet.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The numbers of the oldest and of the newest batch there are measures of.
    pub fn range(&self) -> Option<(u64, u64)> {
        Some((*self.batches.front()?, *self.batches.back()?))
    }

    /// The numbers of the batches there are measures of, rising.
    pub(super) fn batches(&self) -> impl Iterator<Item = u64> {
        self.batches.iter().copied()
    }

    /// How long each node worked per batch, over a range of batches as at most `max_points` points (about; whole
    /// blocks at the ends), oldest first. Costs O(`max_points` times nodes), never O(history).
    pub fn busy(&self, range: RangeInclusive<u64>, max_points: usize) -> Vec<BusyBucket> {
        let (from, to) = (*range.start(), *range.end());
        let first = self.reports.partition_point(|report| report.batch < from);
        let last = self.reports.partition_point(|report| report.batch <= to).max(first);
        let is_all_here =
            self.reports.front().is_some_and(|oldest| oldest.batch <= from) || self.reports.len() == self.batches.len();
        if is_all_here && last - first <= max_points {
            return self.reports.range(first..last).map(|report| busy::single(report)).collect();
        }
        self.busy.buckets(from, to, max_points)
    }

    /// One measure of one batch.
    pub fn value(&self, measure: Measure, batch: u64) -> Option<f64> {
        let offset = self.batches.binary_search(&batch).ok()?;
        self.levels.value(measure.index(), self.levels.places().start + offset as u64)
    }

    /// One measure over a range of batches as at most `max_points` points, oldest first. Neighbouring batches fall
    /// into the same bucket however the range moves, so that a plot that follows the newest batch does not flicker.
    /// Buckets without a value are left out. Costs O(`max_points`), never O(history).
    pub fn buckets(&self, measure: Measure, range: RangeInclusive<u64>, max_points: usize) -> Vec<Bucket> {
        let (from, to) = self.places(&range);
        if from >= to || max_points == 0 {
            return Vec::new();
        }
        let last = to - 1;
        let mut width = 1u64;
        while last / width - from / width + 1 > max_points as u64 {
            width *= 2;
        }
        let bucket = |number: u64| {
            let (start, end) = ((number * width).max(from), ((number + 1) * width).min(to));
            let summary = self.levels.summary(measure.index(), start, end);
            Some(Bucket {
                first_batch: self.batch_at(start)?,
                last_batch: self.batch_at(end - 1)?,
                min: summary.min,
                max: summary.max,
                mean: summary.mean()?,
            })
        };
        (from / width..=last / width).filter_map(bucket).collect()
    }

    /// The average of a measure over a range of batches; `None` without values.
    pub fn mean(&self, measure: Measure, range: RangeInclusive<u64>) -> Option<f64> {
        let (from, to) = self.places(&range);
        self.levels.summary(measure.index(), from, to).mean()
    }

    /// How often which values occurred in a range of batches, of which the newest 2,000 count: lower edges of equally
    /// wide bins, from the smallest value to the largest, each with its batches. One bin where all values are equal.
    pub fn histogram(&self, measure: Measure, range: RangeInclusive<u64>, bins: usize) -> Vec<(f64, u64)> {
        let (from, to) = self.places(&range);
        let from = from.max(to.saturating_sub(MAX_HISTOGRAM_BATCHES));
        let summary = self.levels.summary(measure.index(), from, to);
        if summary.count == 0 || bins == 0 {
            return Vec::new();
        }
        let width = (summary.max - summary.min) / bins as f64;
        if width <= 0.0 || !width.is_finite() {
            return vec![(summary.min, summary.count)];
        }
        let mut counts: Vec<_> = (0..bins).map(|bin| (summary.min + width * bin as f64, 0)).collect();
        for value in (from..to).filter_map(|place| self.levels.value(measure.index(), place)) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and bins")]
            let bin = (((value - summary.min) / width) as usize).min(bins - 1);
            counts[bin].1 += 1;
        }
        counts
    }

    /// The places `[from, to)` of the batches of a range.
    fn places(&self, range: &RangeInclusive<u64>) -> (u64, u64) {
        let first = self.levels.places().start;
        let from = self.batches.partition_point(|batch| batch < range.start());
        let to = self.batches.partition_point(|batch| batch <= range.end());
        (first + from as u64, first + to.max(from) as u64)
    }

    fn batch_at(&self, place: u64) -> Option<u64> {
        let offset = place.checked_sub(self.levels.places().start)?;
        self.batches.get(usize::try_from(offset).ok()?).copied()
    }
}
