//! What makes a slide cheap: droppable caches over panes, whose cost per slide does not depend on how many panes a
//! window has.
//!
//! Exact states are kept as running totals (*subtract on evict*). The others, which cannot be subtracted, go through
//! two stacks of merged panes (the queue from two stacks; see Tangwongsan, Hirzel and Schneider, "Low-Latency
//! Sliding-Window Aggregation in Worst-Case Constant Time", DEBS 2017, for the family): the front holds, for every
//! window start to come, all panes from there to the middle, the back everything since. One merge of the two is a
//! window. Entries are by window start, so a changed length or slide that asks for another start rebuilds them.

use std::sync::Arc;

use super::partial::Merger;
use super::{Panes, Partial, Window};
use crate::aggregate::{AggregateError, Aggregation, Totals, Upkeep};
use crate::spec::{Span, Timestamp};

/// The panes' contents: parts in order of arrival, merged into one when they are read.
pub(super) type Parts = Vec<Partial>;

/// Caches of one operator.
pub(super) struct Cache {
    /// The panes that are in the totals.
    covers: Window,
    /// Per group, in how many of those panes it is.
    panes_of: Vec<u32>,
    totals: Totals,
    front: Vec<(Timestamp, Partial)>,
    back: Partial,
    /// Where the back ends.
    end: Timestamp,
}

impl Cache {
    /// An empty cache, standing before this window.
    pub(super) fn new(aggregation: &Aggregation, window: Window) -> Self {
        let exact = aggregation.calls().iter().filter(|call| call.upkeep() == Upkeep::Totals);
        let types = exact.flat_map(|call| call.state_fields()).map(|field| field.data_type());
        let none = Window { start: window.start, end: window.start };
        Self {
            covers: none,
            panes_of: Vec::new(),
            totals: Totals::new(types),
            front: Vec::new(),
            back: Partial::default(),
            end: window.start,
        }
    }

    /// The panes in the totals.
    pub(super) fn covers(&self) -> Window {
        self.covers
    }

    /// Whether a pane of this start is already accounted for.
    pub(super) fn includes(&self, pane: Timestamp) -> bool {
        let is_in_totals = pane >= self.covers.start && pane < self.covers.end;
        is_in_totals || (pane < self.end && !self.front.is_empty())
    }

    /// The groups that are in some pane of the window, ascending.
    pub(super) fn live(&self) -> Vec<u32> {
        (0u32..).zip(&self.panes_of).filter(|(_, panes)| **panes > 0).map(|(group, _)| group).collect()
    }

    /// Whether the group is in some pane of the window.
    pub(super) fn holds(&self, group: u32) -> bool {
        self.panes_of.get(group as usize).is_some_and(|panes| *panes > 0)
    }

    /// The totals, standing at the window after [`Self::move_totals`].
    pub(super) fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The two parts that make up the window, after [`Self::move_stacks`].
    pub(super) fn stacked(&self) -> impl Iterator<Item = &Partial> {
        self.front.last().map(|(_, part)| part).into_iter().chain((!self.back.groups.is_empty()).then_some(&self.back))
    }

    /// Moves the totals to a window: panes that enter are added, panes that left are subtracted.
    pub(super) fn move_totals(
        &mut self,
        aggregation: &Aggregation,
        panes: &Panes<Parts>,
        window: Window,
        groups: usize,
    ) {
        if window.start >= self.covers.end || window.end <= self.covers.start {
            let fresh = Self::new(aggregation, window);
            (self.covers, self.panes_of, self.totals) = (fresh.covers, fresh.panes_of, fresh.totals);
        }
        if groups > self.panes_of.len() {
            self.panes_of.resize(groups, 0);
            self.totals.grow(groups);
        }
        let old = self.covers;
        let span = |start: Timestamp, end: Timestamp| Window { start, end };
        for entering in [span(window.start, old.start.min(window.end)), span(old.end.max(window.start), window.end)] {
            for part in panes.within(entering).flat_map(|(_, parts)| parts) {
                part.groups.iter().for_each(|&group| self.panes_of[group as usize] += 1);
                self.totals.add(&part.groups, &exact_states(aggregation, part));
            }
        }
        for leaving in [span(old.start, window.start.min(old.end)), span(window.end.max(old.start), old.end)] {
            for part in panes.within(leaving).flat_map(|(_, parts)| parts) {
                part.groups.iter().for_each(|&group| self.panes_of[group as usize] -= 1);
                self.totals.subtract(&part.groups, &exact_states(aggregation, part));
            }
        }
        self.covers = window;
    }

    /// Moves the stacks to a window.
    pub(super) fn move_stacks(
        &mut self,
        aggregation: &Arc<Aggregation>,
        panes: &Panes<Parts>,
        window: Window,
        slide: Span,
        merger: &mut Merger,
    ) -> Result<(), AggregateError> {
        let stacked = |call: usize| aggregation.calls().get(call).is_some_and(|call| call.upkeep() == Upkeep::Stacks);
        while self.front.last().is_some_and(|(start, _)| *start < window.start) {
            self.front.pop();
        }
        let stands_here = self.front.last().is_some_and(|(start, _)| *start == window.start);
        if !stands_here || window.end < self.end {
            return self.flip(aggregation, panes, window, slide, merger);
        }
        let entering = Window { start: self.end, end: window.end };
        let mut parts = vec![&self.back];
        parts.extend(panes.within(entering).flat_map(|(_, parts)| parts));
        if parts.len() > 1 {
            let back = merger.merge(aggregation, &parts, stacked)?;
            self.back = back;
        }
        self.end = window.end;
        Ok(())
    }

    /// Builds the front anew from this window: from its end backwards, a merge for every window start to come.
    fn flip(
        &mut self,
        aggregation: &Arc<Aggregation>,
        panes: &Panes<Parts>,
        window: Window,
        slide: Span,
        merger: &mut Merger,
    ) -> Result<(), AggregateError> {
        let stacked = |call: usize| aggregation.calls().get(call).is_some_and(|call| call.upkeep() == Upkeep::Stacks);
        let slide = slide.0.max(1);
        self.front.clear();
        self.back = Partial::default();
        let mut end = window.end;
        let mut start = Timestamp(window.start.0 + (window.end.since(window.start).0 - 1).max(0) / slide * slide);
        loop {
            let mut parts: Vec<&Partial> = panes.within(Window { start, end }).flat_map(|(_, parts)| parts).collect();
            parts.extend(self.front.last().map(|(_, later)| later));
            let merged = merger.merge(aggregation, &parts, stacked)?;
            self.front.push((start, merged));
            if start <= window.start {
                break;
            }
            end = start;
            start = start.minus(Span(slide));
        }
        self.end = window.end;
        Ok(())
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        let front: usize = self.front.iter().map(|(_, part)| part.size()).sum();
        front + self.back.size() + self.totals.size() + self.panes_of.capacity() * size_of::<u32>()
    }
}

/// The states of the calls that are kept as totals, one column after the other.
fn exact_states<'a>(aggregation: &Aggregation, part: &'a Partial) -> Vec<&'a arrow::array::ArrayRef> {
    let calls = aggregation.calls().iter().zip(&part.states);
    calls.filter(|(call, _)| call.upkeep() == Upkeep::Totals).flat_map(|(_, columns)| columns).collect()
}
