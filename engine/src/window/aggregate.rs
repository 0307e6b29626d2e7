//! A window and the aggregate behind it, fused: per pane the states of its groups, per slide one result.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use super::cache::{Cache, Parts};
use super::partial::Merger;
use super::stacks::Source;
use super::{Coverage, Panes, Partial, Schedule, Window, WindowSpec};
use crate::aggregate::{
    Accumulators, AggregateError, Aggregation, Carried, Grouped, Registry, States, Upkeep, rearrange,
};
use crate::metrics::MemoryReport;
use crate::spec::{Span, Timestamp};

/// Fewer keys than this are not worth clearing up.
const KEYS_WORTH_CLEARING: usize = 1_024;

/// Panes kept beyond the window at most: the rest of what the history allows is let go.
const MAX_HISTORY_PANES: usize = 20_000;

/// Parts that a pane may hold before they are merged.
const MAX_PARTS: usize = 8;

/// The result of one window.
#[derive(Debug, Clone)]
pub struct Fired {
    /// The window.
    pub window: Window,
    /// Keys and results, without the window's columns. Groups come in the order in which their keys were first seen.
    pub rows: RecordBatch,
    /// What the result rests on.
    pub coverage: Coverage,
}

/// The state of a windowed aggregation.
pub struct WindowAggregate {
    aggregation: Arc<Aggregation>,
    schedule: Schedule,
    keys: Registry,
    panes: Panes<Parts>,
    /// What the panes weigh.
    pane_bytes: usize,
    /// Panes that may hold several parts.
    unsealed: Vec<Window>,
    /// Per group, in how many parts of panes it is held.
    held: Vec<u32>,
    held_groups: usize,
    cache: Option<Cache>,
    merger: Merger,
    emits_empty: bool,
    skipped: u64,
}

impl WindowAggregate {
    /// Over windows of this kind. `emits_empty`: without keys, a window without rows still gives its one row.
    pub fn new(aggregation: &Arc<Aggregation>, spec: WindowSpec, emits_empty: bool) -> Result<Self, AggregateError> {
        Ok(Self {
            aggregation: Arc::clone(aggregation),
            schedule: Schedule::new(spec),
            keys: Registry::new(aggregation.keys())?,
            panes: Panes::default(),
            pane_bytes: 0,
            unsealed: Vec::new(),
            held: Vec::new(),
            held_groups: 0,
            cache: None,
            merger: Merger::default(),
            emits_empty,
            skipped: 0,
        })
    }

    /// Begins with the first batch; later calls do nothing.
    pub fn begin(&mut self, run_start: Timestamp, from: Timestamp) {
        self.schedule.begin(run_start, from);
    }

    /// The pane of a row: rows of one pane may be grouped together before they are given to [`Self::absorb`].
    pub fn pane_of(&self, arrived: Timestamp) -> Window {
        self.schedule.pane_of(arrived)
    }

    /// Takes the groups of rows in that arrived in this pane.
    pub fn absorb(&mut self, pane: Window, rows: Grouped) -> Result<(), AggregateError> {
        if rows.groups == 0 {
            return Ok(());
        }
        let groups = self.keys.intern(&rows.keys, rows.groups)?;
        // A row that comes after its window was shown changes what the caches already counted.
        if self.cache.as_ref().is_some_and(|cache| cache.includes(pane.start)) {
            self.cache = None;
        }
        self.hold(&groups);
        let part = Partial { groups, states: rows.states };
        self.pane_bytes += part.size();
        let parts = self.panes.content_mut(pane);
        parts.push(part);
        match parts.len() {
            1 => Ok(()),
            2..=MAX_PARTS => {
                self.unsealed.push(pane);
                Ok(())
            }
            _ => self.seal(pane),
        }
    }

    /// The results of all windows that end by this batch, in order.
    pub fn fire(&mut self, time: Timestamp) -> Result<Vec<Fired>, AggregateError> {
        let due = self.schedule.due(time);
        self.skipped = due.skipped;
        let mut fired = Vec::with_capacity(due.windows.len());
        for window in due.windows {
            fired.push(self.result_of(window)?);
        }
        self.clear_up()?;
        Ok(fired)
    }

    /// When the next window ends; `None` before the first batch.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.schedule.next_end()
    }

    /// Windows that were left out of the last batch because too many were due at once.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How many keys are held.
    pub fn key_count(&self) -> usize {
        self.held_groups
    }

    /// How many panes are held.
    pub fn pane_count(&self) -> usize {
        self.panes.len()
    }

    /// Bytes: panes, keys and caches. Does not look at every pane.
    pub fn size(&self) -> usize {
        let per_group = self.held.capacity() * size_of::<u32>() + self.merger.size();
        self.pane_bytes + self.keys.size() + per_group + self.cache.as_ref().map_or(0, Cache::size)
    }

    /// Drops the caches; the next window rebuilds what it needs.
    pub fn drop_caches(&mut self) {
        self.cache = None;
        self.merger = Merger::default();
    }

    /// Lets history go that no window of the present length needs, oldest first, until at most so many bytes are held.
    pub fn let_history_go(&mut self, bytes: usize) -> Result<(), AggregateError> {
        while self.size() > bytes && self.let_oldest_go() {}
        self.clear_keys()
    }

    /// The aggregation, with what is parked.
    pub fn aggregation(&self) -> &Arc<Aggregation> {
        &self.aggregation
    }

    /// What came before this is no longer held.
    pub fn let_go_before(&self) -> Option<Timestamp> {
        self.schedule.let_go_before()
    }

    /// Stands where a run's report says, for a rehearsal.
    pub fn imagine(&mut self, now: Timestamp, memory: &MemoryReport) {
        self.schedule.imagine(now, memory.let_go_before);
        self.aggregation = Arc::new(self.aggregation.with_ghosts(&memory.parked_columns));
    }

    /// Begins anew where another stands: windows fire as they would have.
    pub fn follow(&mut self, old: &Self) {
        self.schedule.take_over(&old.schedule);
        self.schedule.forget_before(self.schedule.now());
    }

    /// Goes on with another's panes of the same keys. Length and slide may differ; calls are matched by what they
    /// compute, and those that it lacks are parked.
    pub fn take_over(&mut self, old: Self) -> Result<Carried, AggregateError> {
        self.aggregation = Arc::new(self.aggregation.parking(&old.aggregation));
        let (from, mut carried) = self.aggregation.carry(&old.aggregation);
        self.schedule.take_over(&old.schedule);
        carried.coverage = self.schedule.shortfall();
        let is_same = from.len() == old.aggregation.calls().len()
            && from.iter().enumerate().all(|(index, from)| *from == Some(index));
        self.keys = old.keys;
        self.panes = old.panes;
        self.unsealed = old.unsealed;
        self.held = old.held;
        self.held_groups = old.held_groups;
        self.cache = if is_same { old.cache } else { None };
        self.pane_bytes = old.pane_bytes;
        if !is_same {
            for part in self.panes.iter_mut().flatten() {
                part.states = rearrange(&self.aggregation, &from, &part.states, part.groups.len())?;
            }
            self.pane_bytes = self.panes.iter().flatten().map(Partial::size).sum();
        }
        Ok(carried)
    }

    fn result_of(&mut self, window: Window) -> Result<Fired, AggregateError> {
        for pane in std::mem::take(&mut self.unsealed) {
            self.seal(pane)?;
        }
        let coverage = self.schedule.coverage(window, self.panes.are_cut_by(window));
        let mut cache = self.cache.take().unwrap_or_else(|| Cache::new(&self.aggregation, window));
        cache.move_totals(&self.aggregation, &self.panes, window, self.keys.len());
        let mut live = cache.live();
        if live.is_empty() && self.aggregation.is_keyless() && self.emits_empty {
            live.push(0);
        }
        if self.has(Upkeep::Stacks) {
            let slide = Span(self.schedule.slide());
            let (aggregation, panes, merger) = (&self.aggregation, &self.panes, &mut self.merger);
            cache.stacks.move_to(window, &mut Source { aggregation, panes, slide, merger })?;
        }
        let rows = self.evaluate(&cache, window, &live)?;
        self.cache = Some(cache);
        Ok(Fired { window, rows, coverage })
    }

    /// Brings the three ways of upkeep together: totals as one state per group, the stacks' parts, and the panes
    /// themselves, each for its own calls.
    fn evaluate(&mut self, cache: &Cache, window: Window, live: &[u32]) -> Result<RecordBatch, AggregateError> {
        if live.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(self.aggregation.output())));
        }
        let mut accumulators = Accumulators::new(&self.aggregation)?;
        accumulators.grow(live.len())?;
        if self.has(Upkeep::Totals) {
            let own: Vec<usize> = (0..live.len()).collect();
            accumulators.merge(&self.total_states(cache, live)?, &own, live.len())?;
        }
        self.merger.number(live);
        for part in cache.stacks.parts() {
            let rows = self.merger.rows(part);
            accumulators.merge(&part.states, &rows, live.len())?;
        }
        if self.has(Upkeep::Recount) {
            for part in self.panes.within(window).flat_map(|(_, parts)| parts) {
                let rows = self.merger.rows(part);
                accumulators.merge(&self.only(Upkeep::Recount, part), &rows, live.len())?;
            }
        }
        self.merger.forget(live);
        self.aggregation.batch(self.keys.keys(live)?, accumulators.evaluate()?)
    }

    fn total_states(&self, cache: &Cache, live: &[u32]) -> Result<States, AggregateError> {
        let is_total = |call: &crate::aggregate::Call| call.upkeep() == Upkeep::Totals;
        // The one row of an empty keyless window is in no pane and has no totals.
        if !live.iter().all(|&group| cache.holds(group)) {
            return Ok(States::new());
        }
        let mut columns = cache.totals().gather(live)?.into_iter();
        let take =
            |call| if is_total(call) { columns.by_ref().take(call.state_fields().len()).collect() } else { Vec::new() };
        Ok(self.aggregation.calls().iter().map(take).collect())
    }

    fn only(&self, upkeep: Upkeep, part: &Partial) -> States {
        let calls = self.aggregation.calls().iter().zip(&part.states);
        calls.map(|(call, columns)| if call.upkeep() == upkeep { columns.clone() } else { Vec::new() }).collect()
    }

    fn has(&self, upkeep: Upkeep) -> bool {
        self.aggregation.calls().iter().any(|call| call.upkeep() == upkeep)
    }

    /// Merges the parts of a pane into one, as the caches count panes, not parts.
    fn seal(&mut self, pane: Window) -> Result<(), AggregateError> {
        if let Some(parts) = self.panes.get_mut(pane.start).filter(|parts| parts.len() > 1) {
            let all: Vec<&Partial> = parts.iter().collect();
            let merged = self.merger.merge(&self.aggregation, &all, |_| true)?;
            for group in parts.iter().flat_map(|part| &part.groups) {
                self.held[*group as usize] -= 1;
            }
            for group in &merged.groups {
                self.held[*group as usize] += 1;
            }
            self.pane_bytes -= parts.iter().map(Partial::size).sum::<usize>();
            self.pane_bytes += merged.size();
            *parts = vec![merged];
        }
        Ok(())
    }

    fn hold(&mut self, groups: &[u32]) {
        self.held.resize(self.keys.len().max(self.held.len()), 0);
        for &group in groups {
            let held = &mut self.held[group as usize];
            self.held_groups += usize::from(*held == 0);
            *held += 1;
        }
    }

    /// Lets panes go that no window can need, and keys that no pane holds.
    fn clear_up(&mut self) -> Result<(), AggregateError> {
        let counted = self.cache.as_ref().map(|cache| cache.covers().start);
        let horizon = self.schedule.horizon().min(counted.unwrap_or(Timestamp(i64::MAX)));
        self.let_go_before_horizon(horizon);
        if self.panes.len() > MAX_HISTORY_PANES {
            let excess = self.panes.len() - MAX_HISTORY_PANES;
            (0..excess).all(|_| self.let_oldest_go());
        }
        self.clear_keys()
    }

    /// Lets the oldest pane go, unless a window of the present length needs it.
    fn let_oldest_go(&mut self) -> bool {
        let counted = self.cache.as_ref().map_or(Timestamp(i64::MAX), |cache| cache.covers().start);
        let needed = self.schedule.needed_from().min(counted);
        let Some(oldest) = self.panes.oldest().filter(|oldest| oldest.start < needed) else { return false };
        self.let_go_before_horizon(oldest.end.min(needed));
        true
    }

    fn let_go_before_horizon(&mut self, horizon: Timestamp) {
        for part in self.panes.evict(horizon).iter().flatten() {
            self.pane_bytes -= part.size();
            for &group in &part.groups {
                let held = &mut self.held[group as usize];
                *held -= 1;
                self.held_groups -= usize::from(*held == 0);
            }
        }
        self.schedule.forget_before(horizon);
    }

    /// Lets keys go that no pane holds, once they are the majority.
    fn clear_keys(&mut self) -> Result<(), AggregateError> {
        let keys = self.keys.len();
        if keys < KEYS_WORTH_CLEARING || self.held_groups * 2 >= keys { Ok(()) } else { self.renumber() }
    }

    fn renumber(&mut self) -> Result<(), AggregateError> {
        let kept: Vec<u32> = (0u32..).zip(&self.held).filter(|(_, held)| **held > 0).map(|(group, _)| group).collect();
        let renumbered = self.keys.retain(&kept)?;
        let mut held = vec![0; kept.len()];
        for (&new, &old) in renumbered.iter().zip(&kept) {
            held[new as usize] = self.held[old as usize];
        }
        self.held = held;
        self.merger.number(&kept);
        for part in self.panes.iter_mut().flatten() {
            part.groups = self.merger.rows(part).into_iter().map(|row| renumbered[row]).collect();
        }
        self.pane_bytes = self.panes.iter().flatten().map(Partial::size).sum();
        self.drop_caches();
        Ok(())
    }
}
