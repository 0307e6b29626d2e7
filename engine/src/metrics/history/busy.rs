//! How long each node worked, in pre-aggregated blocks, so that a stacked plot of any span costs as much as it shows.
//!
//! A block covers 8, 64 or 512 batches, counted from the first one ever pushed. Single batches are read from the full
//! reports. Memory follows nodes and blocks: 10,000 batches of 200 nodes are 1,250 + 156 + 19 blocks of 3.2 kB.

use std::collections::VecDeque;

use crate::metrics::BatchReport;
use crate::spec::NodeId;

/// Batches per block, by level.
const WIDTHS: [u64; 3] = [8, 64, 512];

/// How long the nodes worked over neighbouring batches, on average.
#[derive(Debug, Clone, PartialEq)]
pub struct BusyBucket {
    /// First batch.
    pub first_batch: u64,
    /// Last batch.
    pub last_batch: u64,
    /// Milliseconds per batch of each node, in topological order.
    pub busy_millis: Vec<(NodeId, f64)>,
}

#[derive(Debug)]
struct Block {
    number: u64,
    first_batch: u64,
    last_batch: u64,
    batches: u64,
    /// Sums, in the order of the newest report.
    sums: Vec<(NodeId, f64)>,
}

/// All levels.
#[derive(Debug, Default)]
pub(super) struct BusyLevels {
    pushed: u64,
    levels: [VecDeque<Block>; WIDTHS.len()],
}

impl BusyLevels {
    /// Adds the newest batch.
    pub(super) fn push(&mut self, report: &BatchReport) {
        for (level, width) in self.levels.iter_mut().zip(WIDTHS) {
            let number = self.pushed / width;
            if level.back().is_none_or(|block| block.number != number) {
                level.push_back(Block {
                    number,
                    first_batch: report.batch,
                    last_batch: report.batch,
                    batches: 0,
                    sums: Vec::with_capacity(report.nodes.len()),
                });
            }
            if let Some(block) = level.back_mut() {
                block.add(report);
            }
        }
        self.pushed += 1;
    }

    /// Forgets the blocks that lie wholly before this batch.
    pub(super) fn forget_before(&mut self, batch: u64) {
        for level in &mut self.levels {
            while level.front().is_some_and(|block| block.last_batch < batch) {
                level.pop_front();
            }
        }
    }

    /// The blocks of the finest level that covers these batches with at most so many; whole blocks also at the ends.
    pub(super) fn buckets(&self, from: u64, to: u64, max_points: usize) -> Vec<BusyBucket> {
        let within = |level: &VecDeque<Block>| {
            let first = level.partition_point(|block| block.last_batch < from);
            first..level.partition_point(|block| block.first_batch <= to).max(first)
        };
        let fits = self.levels.iter().find(|level| within(level).len() <= max_points).or(self.levels.last());
        let Some(level) = fits else { return Vec::new() };
        level.range(within(level)).map(Block::bucket).collect()
    }
}

impl Block {
    fn add(&mut self, report: &BatchReport) {
        self.last_batch = report.batch;
        self.batches += 1;
        for (place, node) in report.nodes.iter().enumerate() {
            let millis = node.busy.as_millis_f64();
            // The order rarely changes: mostly the sum is where the node is.
            match self.sums.get_mut(place).filter(|sum| sum.0 == node.node) {
                Some(sum) => sum.1 += millis,
                None => match self.sums.iter_mut().find(|sum| sum.0 == node.node) {
                    Some(sum) => sum.1 += millis,
                    None => self.sums.push((node.node, millis)),
                },
            }
        }
    }

    fn bucket(&self) -> BusyBucket {
        let mean = |(node, sum): &(NodeId, f64)| (*node, sum / self.batches as f64);
        BusyBucket {
            first_batch: self.first_batch,
            last_batch: self.last_batch,
            busy_millis: self.sums.iter().map(mean).collect(),
        }
    }
}

/// A single batch as a bucket.
pub(super) fn single(report: &BatchReport) -> BusyBucket {
    BusyBucket {
        first_batch: report.batch,
        last_batch: report.batch,
        busy_millis: report.nodes.iter().map(|node| (node.node, node.busy.as_millis_f64())).collect(),
    }
}
