//! What makes a slide cheap: droppable caches over panes, whose cost per slide does not depend on how many panes a
//! window has.
//!
//! Exact states are kept as running totals (*subtract on evict*). The others, which cannot be subtracted, go through
//! stacks of merged panes ([`Stacks`]). Both are by window start, so a changed length or slide that asks for another
//! start rebuilds them.

use super::stacks::Stacks;
use super::{Panes, Partial, Window};
use crate::aggregate::{Aggregation, Call, Totals, Upkeep};
use crate::spec::Timestamp;

/// The panes' contents: parts in order of arrival, merged into one when they are read.
pub(super) type Parts = Vec<Partial>;

/// Caches of one operator.
pub(super) struct Cache {
    /// The panes that are in the totals.
    covers: Window,
    /// Per group, in how many of those panes it is.
    panes_of: Vec<u32>,
    totals: Totals,
    pub(super) stacks: Stacks,
}

impl Cache {
    /// An empty cache, standing before this window.
    pub(super) fn new(aggregation: &Aggregation, window: Window) -> Self {
        let exact = aggregation.calls().iter().filter(|call| call.upkeep() == Upkeep::Totals);
        let types = exact.flat_map(Call::state_fields).map(|field| field.data_type());
        let none = Window { start: window.start, end: window.start };
        Self { covers: none, panes_of: Vec::new(), totals: Totals::new(types), stacks: Stacks::default() }
    }

    /// The panes in the totals.
    pub(super) fn covers(&self) -> Window {
        self.covers
    }

    /// Whether a pane of this start is already accounted for.
    pub(super) fn includes(&self, pane: Timestamp) -> bool {
        let is_in_totals = pane >= self.covers.start && pane < self.covers.end;
        is_in_totals || self.stacks.include(pane)
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

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        self.stacks.size() + self.totals.size() + self.panes_of.capacity() * size_of::<u32>()
    }
}

/// The states of the calls that are kept as totals, one column after the other.
fn exact_states<'a>(aggregation: &Aggregation, part: &'a Partial) -> Vec<&'a arrow::array::ArrayRef> {
    let calls = aggregation.calls().iter().zip(&part.states);
    calls.filter(|(call, _)| call.upkeep() == Upkeep::Totals).flat_map(|(_, columns)| columns).collect()
}
