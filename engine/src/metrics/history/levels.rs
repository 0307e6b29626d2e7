//! Pre-aggregated blocks over a growing sequence of samples.
//!
//! A block of level k covers the samples `[b * 8^k, (b + 1) * 8^k)`, counted from the first sample ever pushed, so
//! that a block never changes once it is full. Any range is then the merge of at most `2 * 7 * LEVELS` blocks and
//! samples at its edges, and of one block per `8^LEVELS` samples between them.

use std::collections::VecDeque;

use super::measure::{COUNT, Sample};

/// Samples, or blocks of the level below, per block.
const FAN_OUT: u64 = 8;
/// Levels above the samples: blocks of 8, 64, 512 and 4,096.
const LEVELS: usize = 4;

/// Several values as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) sum: f64,
    pub(super) count: u64,
}

impl Summary {
    pub(super) const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0, count: 0 };

    /// Takes in one value; what is not a number is no value.
    fn add(&mut self, value: f64) {
        if !value.is_nan() {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
            self.sum += value;
            self.count += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.count += other.count;
    }

    /// The average; `None` without values.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// The blocks of one level, oldest first.
#[derive(Debug, Default)]
struct Level {
    /// The number of the front block.
    first: u64,
    blocks: VecDeque<[Summary; COUNT]>,
}

/// Samples with their levels, as a queue: pushed at the back, dropped at the front.
#[derive(Debug, Default)]
pub(super) struct Levels {
    /// How many samples were dropped so far: the place of the front sample.
    first: u64,
    samples: VecDeque<Sample>,
    levels: [Level; LEVELS],
}

impl Levels {
    /// The places that are kept, counted from the first sample ever pushed.
    pub(super) fn places(&self) -> std::ops::Range<u64> {
        self.first..self.first + self.samples.len() as u64
    }

    /// One measure of the sample at a place.
    pub(super) fn value(&self, measure: usize, place: u64) -> Option<f64> {
        let offset = usize::try_from(place.checked_sub(self.first)?).ok()?;
        self.samples.get(offset).map(|sample| sample[measure]).filter(|value| !value.is_nan())
    }

    /// Adds a sample at the back.
    pub(super) fn push(&mut self, sample: Sample) {
        let place = self.places().end;
        self.samples.push_back(sample);
        let mut width = 1;
        for level in &mut self.levels {
            width *= FAN_OUT;
            if level.blocks.is_empty() {
                level.first = place / width;
            }
            if level.first + level.blocks.len() as u64 <= place / width {
                level.blocks.push_back([Summary::EMPTY; COUNT]);
            }
            if let Some(block) = level.blocks.back_mut() {
                for (summary, value) in block.iter_mut().zip(sample) {
                    summary.add(value);
                }
            }
        }
    }

    /// Drops the front sample, and every block of which nothing is left.
    pub(super) fn pop_front(&mut self) {
        if self.samples.pop_front().is_none() {
            return;
        }
        self.first += 1;
        let mut width = 1;
        for level in &mut self.levels {
            width *= FAN_OUT;
            while (level.first + 1) * width <= self.first && level.blocks.pop_front().is_some() {
                level.first += 1;
            }
        }
    }

    /// One measure over the places `[from, to)`, which must be kept.
    pub(super) fn summary(&self, measure: usize, from: u64, to: u64) -> Summary {
        let end = self.places().end;
        let (mut place, to) = (from.max(self.first), to.min(end));
        let mut total = Summary::EMPTY;
        while place < to {
            place = if let Some((block, width)) = self.widest_block(place, to, end) {
                total.merge(&block[measure]);
                place + width
            } else {
                total.add(self.value(measure, place).unwrap_or(f64::NAN));
                place + 1
            };
        }
        total
    }

    /// The widest block that starts at `place` and holds nothing beyond `to`. The newest block may still be filling:
    /// all it holds lies before `end`.
    fn widest_block(&self, place: u64, to: u64, end: u64) -> Option<(&[Summary; COUNT], u64)> {
        let mut widest = None;
        let mut width = 1;
        for level in &self.levels {
            width *= FAN_OUT;
            if !place.is_multiple_of(width) || (place + width).min(end) > to {
                break;
            }
            let offset = usize::try_from((place / width).checked_sub(level.first)?).ok()?;
            widest = level.blocks.get(offset).map(|block| (block, width)).or(widest);
        }
        widest
    }
}
