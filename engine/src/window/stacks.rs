//! Sliding what cannot be subtracted: merged panes, so that a window is three merges whatever its length.
//!
//! The classic queue of two stacks keeps, for every window start to come, the merge of all panes from there to the
//! *middle* (the front), and one merge of everything since (the back); when the front is used up, the back becomes the
//! front. (For the family see Tangwongsan, Hirzel and Schneider, "Low-Latency Sliding-Window Aggregation in Worst-Case
//! Constant Time", DEBS 2017.) With many keys that front is a copy of all of them per pane, made all at once. So the
//! front has two levels here: merges from the start of each *block* of panes to the middle, and, for the oldest block
//! alone, from each start to the block's end. With n panes in blocks of the square root of n, both memory and the
//! longest pause fall from n to about its root.

use std::sync::Arc;

use super::cache::Parts;
use super::partial::Merger;
use super::{Panes, Partial, Window};
use crate::aggregate::{AggregateError, Aggregation, Upkeep};
use crate::spec::{Span, Timestamp};

/// Merges of panes by where they start.
#[derive(Default)]
pub(super) struct Stacks {
    /// From each window start of the oldest block to the block's end; the next start last.
    fine: Vec<(Timestamp, Partial)>,
    /// From each later block's start to the middle; the next block last.
    coarse: Vec<(Timestamp, Partial)>,
    middle: Timestamp,
    /// Everything since the middle.
    back: Partial,
    /// The same in whole blocks: what the next front is made of.
    blocks: Vec<(Timestamp, Partial)>,
    block: Span,
    end: Timestamp,
}

/// What is merged, and how.
pub(super) struct Source<'a> {
    pub(super) aggregation: &'a Arc<Aggregation>,
    pub(super) panes: &'a Panes<Parts>,
    pub(super) slide: Span,
    pub(super) merger: &'a mut Merger,
}

impl Source<'_> {
    /// All panes of a span, and what comes after them, as one.
    fn merge(&mut self, span: Window, later: Option<&Partial>) -> Result<Partial, AggregateError> {
        let mut parts: Vec<&Partial> = self.panes.within(span).flat_map(|(_, parts)| parts).collect();
        parts.extend(later);
        self.merge_all(&parts)
    }

    fn merge_all(&mut self, parts: &[&Partial]) -> Result<Partial, AggregateError> {
        let calls = self.aggregation.calls();
        let is_stacked = |call: usize| calls.get(call).is_some_and(|call| call.upkeep() == Upkeep::Stacks);
        self.merger.merge(self.aggregation, parts, is_stacked)
    }

    fn slide(&self) -> i64 {
        self.slide.0.max(1)
    }
}

impl Stacks {
    /// Whether a pane of this start is already merged.
    pub(super) fn include(&self, pane: Timestamp) -> bool {
        pane < self.end && !self.fine.is_empty()
    }

    /// The parts that make up the window, in order of time, after [`Self::move_to`].
    pub(super) fn parts(&self) -> impl Iterator<Item = &Partial> {
        let front = [self.fine.last(), self.coarse.last()].into_iter().flatten().map(|(_, part)| part);
        front.chain((!self.back.groups.is_empty()).then_some(&self.back))
    }

    /// Moves to a window.
    pub(super) fn move_to(&mut self, window: Window, source: &mut Source<'_>) -> Result<(), AggregateError> {
        let is_past = |entry: &(Timestamp, Partial)| entry.0 < window.start;
        while self.fine.last().is_some_and(is_past) {
            self.fine.pop();
        }
        if self.fine.is_empty() {
            while self.coarse.last().is_some_and(is_past) {
                self.coarse.pop();
            }
            if self.coarse.last().is_some_and(|(start, _)| *start == window.start) {
                self.coarse.pop();
                self.open_block(window.start, source)?;
            }
        }
        let stands_here = self.fine.last().is_some_and(|(start, _)| *start == window.start);
        if !stands_here || window.end < self.end {
            return self.flip(window, source);
        }
        self.extend(window.end, source)
    }

    /// Takes the panes up to this end in.
    fn extend(&mut self, end: Timestamp, source: &mut Source<'_>) -> Result<(), AggregateError> {
        let entering = Window { start: self.end, end };
        let mut parts = vec![&self.back];
        parts.extend(source.panes.within(entering).flat_map(|(_, parts)| parts));
        if parts.len() > 1 {
            let back = source.merge_all(&parts)?;
            self.back = back;
        }
        self.end = end;
        loop {
            let start = self.blocks.last().map_or(self.middle, |(start, _)| start.plus(self.block));
            if self.block.0 <= 0 || start.plus(self.block) > end {
                return Ok(());
            }
            let whole = source.merge(Window { start, end: start.plus(self.block) }, None)?;
            self.blocks.push((start, whole));
        }
    }

    /// Builds the front for this window, block by block from its end backwards.
    fn flip(&mut self, window: Window, source: &mut Source<'_>) -> Result<(), AggregateError> {
        let slide = source.slide();
        let starts = (window.end.since(window.start).0.max(1) - 1) / slide + 1;
        let block = Span(slide.saturating_mul(starts.isqrt().max(1)));
        let is_sequel = window.start == self.middle && block == self.block;
        let known = if is_sequel { std::mem::take(&mut self.blocks) } else { Vec::new() };
        *self = Self { middle: window.end, end: window.end, block, ..Self::default() };
        let last = (window.end.since(window.start).0 - 1).max(0) / block.0;
        for at in (1..=last).rev() {
            let start = window.start.plus(Span(block.0 * at));
            let end = start.plus(block).min(window.end);
            let later = self.coarse.last().map(|(_, later)| later);
            let suffix = match known.iter().find(|(known, _)| *known == start && end == start.plus(block)) {
                Some((_, whole)) => {
                    let parts: Vec<&Partial> = std::iter::once(whole).chain(later).collect();
                    source.merge_all(&parts)?
                }
                None => source.merge(Window { start, end }, later)?,
            };
            self.coarse.push((start, suffix));
        }
        self.open_block(window.start, source)
    }

    /// Makes the block that starts here the oldest one: a merge for each window start in it.
    fn open_block(&mut self, first: Timestamp, source: &mut Source<'_>) -> Result<(), AggregateError> {
        let slide = source.slide();
        let mut end = self.coarse.last().map_or(self.middle, |(start, _)| *start);
        let mut start = first.plus(Span((end.since(first).0 - 1).max(0) / slide * slide));
        loop {
            let later = self.fine.last().map(|(_, later)| later);
            let suffix = source.merge(Window { start, end }, later)?;
            self.fine.push((start, suffix));
            if start <= first {
                return Ok(());
            }
            end = start;
            start = start.minus(Span(slide));
        }
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        let all = self.fine.iter().chain(&self.coarse).chain(&self.blocks);
        all.map(|(_, part)| part.size()).sum::<usize>() + self.back.size()
    }
}
