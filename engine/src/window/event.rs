//! A window by event time and the aggregate behind it, fused: per pane the states of its groups, merged per window
//! when its results are due.
//!
//! A pane holds parts in the order in which they came. A new part is merged with its predecessor while that is not
//! twice as large, so a pane of n groups has O(log n) parts and every group is copied O(log n) times. Results of many
//! windows are computed together: thousands of small windows cost little more than one large one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::record_batch::RecordBatch;

use super::cache::Parts;
use super::holders::Holders;
use super::partial::Merger;
use super::{EventWindow, OpenWindows, Partial, Window};
use crate::aggregate::{
    Accumulators, AggregateError, Aggregation, Carried, Grouped, Registry, States, compact, rearrange,
};
use crate::metrics::{Coverage, MemoryReport};
use crate::spec::Timestamp;

/// Groups whose results are computed together, roughly.
const GROUPS_TOGETHER: usize = 16 * 1024;

/// A batch gives at most so many results.
const MAX_RESULTS: usize = 20_000_000;

/// When windows give their results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Once, when they are over.
    Close,
    /// In every batch those that rows of the batch changed, and of them the keys that changed.
    Change,
    /// In every batch all there are; no window is ever over.
    Whole,
}

/// Results of some windows.
#[derive(Debug, Clone)]
pub struct Given {
    /// Per row its window, in order of their ends.
    pub windows: Vec<Window>,
    /// Keys and results.
    pub rows: RecordBatch,
    /// Per window the number of its rows, and how much of it they rest on.
    pub coverage: Vec<(usize, Coverage)>,
}

/// The state of an aggregation behind event-time windows.
pub struct EventAggregate {
    aggregation: Arc<Aggregation>,
    mode: Mode,
    keys: Registry,
    open: OpenWindows<Parts>,
    /// What the panes weigh.
    pane_bytes: usize,
    holders: Holders,
    merger: Merger,
    /// What rows of this batch changed: per pane the groups.
    touched: BTreeMap<Timestamp, Vec<u32>>,
}

impl EventAggregate {
    /// Nothing seen yet.
    pub fn new(aggregation: &Arc<Aggregation>, window: EventWindow, mode: Mode) -> Result<Self, AggregateError> {
        Ok(Self {
            aggregation: Arc::clone(aggregation),
            mode,
            keys: Registry::new(aggregation.keys())?,
            open: OpenWindows::new(window, mode == Mode::Whole),
            pane_bytes: 0,
            holders: Holders::default(),
            merger: Merger::default(),
            touched: BTreeMap::new(),
        })
    }

    /// The windows and panes.
    pub fn open(&self) -> &OpenWindows<Parts> {
        &self.open
    }

    /// Takes groups in whose rows are all of one pane.
    pub fn absorb(&mut self, pane: Window, rows: Grouped) -> Result<(), AggregateError> {
        if rows.groups == 0 {
            return Ok(());
        }
        let groups = self.keys.intern(&rows.keys, rows.groups)?;
        self.put(pane, Partial { groups, states: rows.states })
    }

    /// Takes groups in of which each has a pane: where it starts.
    pub fn absorb_mixed(&mut self, panes: &[i64], rows: &Grouped) -> Result<(), AggregateError> {
        let groups = self.keys.intern(&rows.keys, rows.groups)?;
        let mut order: Vec<u32> = (0u32..).take(panes.len()).collect();
        order.sort_by_key(|&row| panes[row as usize]);
        for run in order.chunk_by(|a, b| panes[*a as usize] == panes[*b as usize]) {
            let Some(&first) = run.first() else { continue };
            let pane = self.open.pane_of(Timestamp(panes[first as usize]));
            let picked = UInt32Array::from_iter_values(run.iter().copied());
            let partial = Partial {
                groups: run.iter().map(|&row| groups[row as usize]).collect(),
                states: pick(&rows.states, &picked)?,
            };
            self.put(pane, partial)?;
        }
        Ok(())
    }

    /// The watermark has come to `until`: gives the windows that close with it, if they are given then, and lets go of
    /// what no open window needs.
    pub fn pass(&mut self, until: Timestamp) -> Result<Vec<Given>, AggregateError> {
        let given = if self.mode == Mode::Close {
            let due = self.open.due(until).map_err(AggregateError)?;
            self.give(&due, false)?
        } else {
            Vec::new()
        };
        let gone = self.open.pass(until);
        self.release(&gone);
        self.clear_up()?;
        Ok(given)
    }

    /// Lets history go that no open window needs, oldest first, until at most so many bytes are held.
    pub fn let_history_go(&mut self, bytes: usize) -> Result<(), AggregateError> {
        while self.size() > bytes
            && let Some(gone) = self.open.let_oldest_go()
        {
            self.release(&gone);
        }
        self.clear_up()
    }

    fn release(&mut self, gone: &[Parts]) {
        for part in gone.iter().flatten() {
            self.pane_bytes -= part.size();
            self.holders.release(&part.groups);
        }
    }

    /// What this batch gives besides windows that close; asked once, after its rows were taken in.
    pub fn changes(&mut self) -> Result<Vec<Given>, AggregateError> {
        match self.mode {
            Mode::Close => Ok(Vec::new()),
            Mode::Change => {
                let windows = self.open.touched(self.touched.keys().copied()).map_err(AggregateError)?;
                let given = self.give(&windows, true);
                self.touched.clear();
                given
            }
            Mode::Whole => {
                let windows = self.open.held().map_err(AggregateError)?;
                self.give(&windows, false)
            }
        }
    }

    /// How many keys are held.
    pub fn key_count(&self) -> usize {
        self.holders.live()
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        let touched: usize = self.touched.values().map(|groups| groups.capacity() * size_of::<u32>()).sum();
        self.pane_bytes + self.keys.size() + self.holders.size() + self.merger.size() + touched
    }

    /// Throws away what only serves the batch at work, after one that failed halfway.
    pub fn drop_scratch(&mut self) {
        self.merger = Merger::default();
    }

    /// The aggregation, with what is parked.
    pub fn aggregation(&self) -> &Arc<Aggregation> {
        &self.aggregation
    }

    /// Stands where a run's report says, for a rehearsal.
    pub fn imagine(&mut self, over: Timestamp, memory: &MemoryReport) {
        self.open.imagine(over, memory.let_go_before);
        self.aggregation = Arc::new(self.aggregation.with_ghosts(&memory.parked_columns));
    }

    /// Begins anew where another stands: windows that were given are not given again, from the few rows that follow.
    pub fn follow(&mut self, old: &Self) {
        self.open.pass(old.open.over());
    }

    /// Goes on with another's panes of the same keys. Length, slide, offset and mode may differ; calls are matched by
    /// what they compute, and those that it lacks are parked.
    pub fn take_over(&mut self, old: Self) -> Result<Carried, AggregateError> {
        self.aggregation = Arc::new(self.aggregation.parking(&old.aggregation));
        let (from, mut carried) = self.aggregation.carry(&old.aggregation);
        let is_same = from.len() == old.aggregation.calls().len()
            && from.iter().enumerate().all(|(index, from)| *from == Some(index));
        self.keys = old.keys;
        self.holders = old.holders;
        let inherited = self.open.take_over(old.open);
        if !is_same {
            for part in self.open.iter_mut().flatten() {
                part.states = rearrange(&self.aggregation, &from, &part.states, part.groups.len())?;
            }
        }
        self.pane_bytes = self.open.iter().flatten().map(Partial::size).sum();
        carried.coverage = inherited.coverage;
        carried.note = inherited
            .has_gaps
            .then(|| "rows that came between the former windows were in none of them and are not counted".to_owned());
        Ok(carried)
    }

    fn put(&mut self, pane: Window, partial: Partial) -> Result<(), AggregateError> {
        self.holders.hold(&partial.groups);
        self.pane_bytes += partial.size();
        if self.mode == Mode::Change {
            self.touched.entry(pane.start).or_default().extend(&partial.groups);
        }
        let parts = self.open.content_mut(pane);
        parts.push(partial);
        while let [.., older, younger] = parts.as_slice() {
            if older.groups.len() >= younger.groups.len().saturating_mul(2) {
                break;
            }
            let merged = self.merger.merge(&self.aggregation, &[older, younger], |_| true)?;
            self.holders.release(&older.groups);
            self.holders.release(&younger.groups);
            self.holders.hold(&merged.groups);
            self.pane_bytes -= older.size() + younger.size();
            self.pane_bytes += merged.size();
            parts.truncate(parts.len() - 2);
            parts.push(merged);
        }
        Ok(())
    }

    /// The results of these windows; `changed`: only of the groups that this batch touched.
    fn give(&mut self, windows: &[Window], changed: bool) -> Result<Vec<Given>, AggregateError> {
        let Self { aggregation, keys, open, merger, touched, .. } = self;
        let mut given = Vec::new();
        let mut pending = Pending::default();
        let mut total = 0;
        for window in windows {
            let mut groups = Vec::new();
            if changed && window.start < window.end {
                for touched in touched.range(window.start..window.end).flat_map(|(_, groups)| groups) {
                    merger.row_of(*touched, &mut groups);
                }
            }
            let base = pending.groups.len();
            for part in open.within(*window).flat_map(|(_, parts)| parts) {
                if changed {
                    let (picked, rows) = merger.known(part);
                    pending.add(base, rows, Cow::Owned(pick(&part.states, &picked)?));
                } else {
                    let rows = part.groups.iter().map(|group| merger.row_of(*group, &mut groups)).collect();
                    pending.add(base, rows, Cow::Borrowed(&part.states));
                }
            }
            merger.forget(&groups);
            total += groups.len();
            if total > MAX_RESULTS {
                return Err(AggregateError(format!(
                    "the windows of this batch have more than {MAX_RESULTS} results together; lengthen the slide, or \
                     group by something coarser"
                )));
            }
            if !groups.is_empty() {
                pending.coverage.push((groups.len(), open.coverage(*window)));
            }
            pending.windows.resize(base + groups.len(), *window);
            pending.groups.append(&mut groups);
            if pending.groups.len() >= GROUPS_TOGETHER {
                given.extend(std::mem::take(&mut pending).evaluate(aggregation, keys)?);
            }
        }
        given.extend(pending.evaluate(aggregation, keys)?);
        Ok(given)
    }

    /// Lets keys go that no pane holds, once they are the majority.
    fn clear_up(&mut self) -> Result<(), AggregateError> {
        let Some(kept) = self.holders.worth_keeping(self.keys.len()) else { return Ok(()) };
        let numbers = self.keys.retain(&kept)?;
        self.holders.renumber(&kept, &numbers);
        self.merger.number(&kept);
        for part in self.open.iter_mut().flatten() {
            part.groups = self.merger.rows(part).into_iter().map(|row| numbers[row]).collect();
        }
        self.pane_bytes = self.open.iter().flatten().map(Partial::size).sum();
        self.merger = Merger::default();
        Ok(())
    }
}

/// Windows whose results are computed together: one row per window and group.
#[derive(Default)]
struct Pending<'a> {
    windows: Vec<Window>,
    groups: Vec<u32>,
    coverage: Vec<(usize, Coverage)>,
    parts: Vec<(Vec<usize>, Cow<'a, States>)>,
}

impl<'a> Pending<'a> {
    fn add(&mut self, base: usize, mut rows: Vec<usize>, states: Cow<'a, States>) {
        if !rows.is_empty() {
            rows.iter_mut().for_each(|row| *row += base);
            self.parts.push((rows, states));
        }
    }

    fn evaluate(self, aggregation: &Arc<Aggregation>, keys: &Registry) -> Result<Option<Given>, AggregateError> {
        let total = self.groups.len();
        if total == 0 {
            return Ok(None);
        }
        let mut accumulators = Accumulators::new(aggregation)?;
        accumulators.grow(total)?;
        for (rows, states) in &self.parts {
            accumulators.merge(states, rows, total)?;
        }
        let rows = aggregation.batch(keys.keys(&self.groups)?, accumulators.evaluate()?)?;
        Ok(Some(Given { windows: self.windows, rows, coverage: self.coverage }))
    }
}

/// Some rows of states, in buffers of their own.
fn pick(states: &States, rows: &UInt32Array) -> Result<States, AggregateError> {
    let column = |column: &ArrayRef| Ok(compact(&take(column, rows, None)?));
    states.iter().map(|columns| columns.iter().map(column).collect()).collect()
}
