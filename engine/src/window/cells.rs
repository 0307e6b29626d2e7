//! The aggregate states of spans: per span a cell for each of its groups, the states as columns.
//!
//! Spans are joined by joining their cells of the same group. Everything that happens in a batch is one gather of the
//! states it touches, one merge and one write, whatever the number of spans.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::{interleave, take};

use super::arrange::BatchCells;
use super::chains::NONE;
use super::keys::Keys;
use super::rows::WindowRows;
use crate::aggregate::{
    Accumulators, AggregateError, AggregateFunction, Aggregation, ColumnStore, States, rearrange, split,
};

/// What becomes part of a span: the shares of one span follow each other, by the time of their first rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// The span.
    pub(super) into: u32,
    /// What joins it.
    pub(super) source: Source,
    /// The time of the last row of what joins.
    pub(super) last: i64,
}

/// Where a share comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A piece of the batch.
    Piece(u32),
    /// A span that was there before; perhaps the one it becomes part of.
    Span(u32),
}

/// Results of several windows: a row per window and group.
#[derive(Debug)]
pub(super) struct Evaluated {
    /// Per call its results.
    pub(super) results: Vec<ArrayRef>,
    /// Per row its group.
    pub(super) groups: Vec<u32>,
    /// Per row its window, by position.
    pub(super) windows: Vec<u32>,
}

impl Evaluated {
    /// Keys and results with the windows' bounds, which are asked for by the window's position.
    pub(super) fn into_rows(
        self,
        keys: &Keys,
        bounds: impl Fn(u32) -> Option<(i64, i64)>,
    ) -> Result<WindowRows, AggregateError> {
        if self.groups.is_empty() {
            return Ok(WindowRows::default());
        }
        let bounds = self.windows.iter().map(|&window| bounds(window).unwrap_or_default());
        let (starts, ends) = bounds.unzip();
        let columns = keys.columns(&self.groups)?.into_iter().chain(self.results).collect();
        Ok(WindowRows { starts, ends, columns })
    }
}

/// The states of all cells.
pub(super) struct Cells {
    aggregation: Arc<Aggregation>,
    states: ColumnStore,
    cells: Vec<Cell>,
    /// Per span its first cell.
    firsts: Vec<u32>,
    free: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    group: u32,
    next: u32,
}

/// One cell on its way into another. `place` is (0, row of the stored) or (1, row of the batch).
#[derive(Debug, Clone, Copy)]
struct Part {
    target: u32,
    group: u32,
    place: (usize, usize),
    last: i64,
}

impl Cells {
    /// None yet.
    pub(super) fn new(aggregation: &Arc<Aggregation>) -> Self {
        Self {
            aggregation: Arc::clone(aggregation),
            states: ColumnStore::default(),
            cells: Vec::new(),
            firsts: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Joins pieces of a batch and spans. `is_single`: every span has one cell only.
    pub(super) fn join(&mut self, shares: &[Share], batch: &BatchCells, is_single: bool) -> Result<(), AggregateError> {
        if shares.is_empty() {
            return Ok(());
        }
        let mut stored = Vec::new();
        let mut parts = Vec::with_capacity(shares.len());
        let mut spans: Vec<u32> = Vec::with_capacity(shares.len());
        for share in shares {
            if spans.last() != Some(&share.into) {
                spans.push(share.into);
            }
            let target = index(spans.len() - 1)?;
            match share.source {
                Source::Piece(piece) => parts.extend(batch.cells_of(piece).map(|cell| Part {
                    target,
                    group: batch.groups[cell],
                    place: (1, cell),
                    last: share.last,
                })),
                Source::Span(span) => {
                    for cell in self.cells_of(span) {
                        let group = self.cells[cell as usize].group;
                        parts.push(Part { target, group, place: (0, stored.len()), last: share.last });
                        stored.push(cell);
                    }
                }
            }
        }
        let targets = number(&mut parts, is_single);
        let merged = self.merged(&parts, &targets, &stored, batch)?;
        for share in shares {
            if let Source::Span(span) = share.source {
                self.release(span);
            }
        }
        self.place(&spans, &parts, &targets, merged)
    }

    /// Lets the cells of a span go.
    pub(super) fn release(&mut self, span: u32) {
        let Some(first) = self.firsts.get_mut(span as usize) else { return };
        let mut at = std::mem::replace(first, NONE);
        while let Some(cell) = self.cells.get(at as usize) {
            self.free.push(at);
            at = cell.next;
        }
    }

    /// The results of windows, each of which is some spans in the order of time: per span the window's position.
    /// Spans of one window follow each other.
    pub(super) fn evaluate(
        &self,
        spans: impl Iterator<Item = (u32, u32)>,
        is_single: bool,
    ) -> Result<Evaluated, AggregateError> {
        let mut stored = Vec::new();
        let mut parts = Vec::new();
        for (target, span) in spans {
            for cell in self.cells_of(span) {
                let group = self.cells[cell as usize].group;
                parts.push(Part { target, group, place: (0, stored.len()), last: 0 });
                stored.push(cell);
            }
        }
        let targets = number(&mut parts, is_single);
        let total = targets.last().map_or(0, |last| last + 1);
        let order: Vec<u32> = parts.iter().map(|part| stored[part.place.1]).collect();
        let mut accumulators = Accumulators::new(&self.aggregation)?;
        if total > 0 {
            accumulators.merge(&split(&self.aggregation, self.states.gather(&order)?), &targets, total)?;
        }
        let mut evaluated =
            Evaluated { results: accumulators.evaluate()?, groups: Vec::new(), windows: Vec::with_capacity(total) };
        for (part, &target) in parts.iter().zip(&targets) {
            if target == evaluated.groups.len() {
                evaluated.groups.push(part.group);
                evaluated.windows.push(part.target);
            }
        }
        Ok(evaluated)
    }

    /// How many cells there are.
    pub(super) fn live(&self) -> usize {
        self.cells.len() - self.free.len()
    }

    /// Numbers spans anew, by their old numbers in their new order, and drops what is free. Gives the groups that are
    /// left, ascending, which are numbered anew as well: those that have a cell, and those in `also`.
    pub(super) fn compact(&mut self, spans: &[u32], also: &[u32]) -> Result<Vec<u32>, AggregateError> {
        let mut firsts = Vec::with_capacity(spans.len());
        let mut cells = Vec::with_capacity(self.live());
        let mut kept = Vec::with_capacity(self.live());
        for &span in spans {
            firsts.push(if self.firsts.get(span as usize) == Some(&NONE) { NONE } else { index(cells.len())? });
            for cell in self.cells_of(span) {
                kept.push(cell);
                let Cell { group, next } = self.cells[cell as usize];
                cells.push(Cell { group, next: if next == NONE { NONE } else { index(cells.len() + 1)? } });
            }
        }
        let mut groups: Vec<u32> = cells.iter().map(|cell| cell.group).chain(also.iter().copied()).collect();
        groups.sort_unstable();
        groups.dedup();
        let mut renumbered = vec![NONE; groups.last().map_or(0, |&last| last as usize + 1)];
        for (new, &old) in (0u32..).zip(&groups) {
            renumbered[old as usize] = new;
        }
        cells.iter_mut().for_each(|cell| cell.group = renumbered[cell.group as usize]);
        let mut states = ColumnStore::default();
        let numbers: Vec<u32> = (0u32..).take(kept.len()).collect();
        if !kept.is_empty() {
            states.put(&numbers, self.states.gather(&kept)?)?;
        }
        *self = Self { aggregation: Arc::clone(&self.aggregation), states, cells, firsts, free: Vec::new() };
        Ok(groups)
    }

    /// Goes on with the cells of another aggregation: `from` says which of its calls becomes which.
    pub(super) fn go_on(&mut self, old: Self, from: &[Option<usize>]) -> Result<(), AggregateError> {
        let aggregation = Arc::clone(&self.aggregation);
        let former = Arc::clone(&old.aggregation);
        *self = Self { aggregation: Arc::clone(&aggregation), ..old };
        self.states.convert(|columns, rows| {
            let states = split(&former, columns);
            Ok(rearrange(&aggregation, from, &states, rows)?.into_iter().flatten().collect())
        })
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        let places = self.firsts.capacity() + self.free.capacity();
        self.states.size() + places * size_of::<u32>() + self.cells.capacity() * size_of::<Cell>()
    }

    fn cells_of(&self, span: u32) -> impl Iterator<Item = u32> {
        let mut at = self.firsts.get(span as usize).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let cell = self.cells.get(at as usize)?;
            Some(std::mem::replace(&mut at, cell.next))
        })
    }

    /// The states of the targets, one column after the other.
    fn merged(
        &self,
        parts: &[Part],
        targets: &[usize],
        stored: &[u32],
        batch: &BatchCells,
    ) -> Result<Vec<ArrayRef>, AggregateError> {
        let own: Vec<ArrayRef> = batch.states.iter().flatten().cloned().collect();
        if stored.is_empty() && targets.last() == Some(&(parts.len().saturating_sub(1))) {
            let is_whole = parts.len() == batch.groups.len() && parts.iter().enumerate().all(|(at, part)| part.place.1 == at);
            if is_whole {
                return Ok(own);
            }
            let rows = parts.iter().map(|part| index(part.place.1)).collect::<Result<Vec<_>, _>>()?;
            let rows = UInt32Array::from(rows);
            return own.iter().map(|column| Ok(take(column, &rows, None)?)).collect();
        }
        let places: Vec<(usize, usize)> = parts.iter().map(|part| part.place).collect();
        let held = self.states.gather(stored)?;
        let both = held.iter().zip(&own);
        let all = both
            .map(|(held, own)| interleave(&[held.as_ref(), own.as_ref()], &places))
            .collect::<Result<Vec<_>, _>>()?;
        let mut accumulators = Accumulators::new(&self.aggregation)?;
        let total = targets.last().map_or(0, |last| last + 1);
        accumulators.grow(total)?;
        self.merge_by_time(&mut accumulators, &split(&self.aggregation, all), parts, targets, total)?;
        Ok(accumulators.state()?.into_iter().flatten().collect())
    }

    /// Parts come by the time of their first rows. Where one lies within another, `last` wants them by that of their
    /// last rows.
    fn merge_by_time(
        &self,
        accumulators: &mut Accumulators,
        states: &States,
        parts: &[Part],
        targets: &[usize],
        total: usize,
    ) -> Result<(), AggregateError> {
        let is_last = |call: usize| {
            self.aggregation.calls().get(call).is_some_and(|call| call.function() == AggregateFunction::Last)
        };
        let only = |wanted: bool| -> States {
            let calls = states.iter().enumerate();
            calls.map(|(call, columns)| if is_last(call) == wanted { columns.clone() } else { Vec::new() }).collect()
        };
        // Of rows at the same time, those of the batch came later.
        let ending = |at: usize| (targets[at], parts[at].last, parts[at].place.0);
        let in_order = |at: usize| ending(at) <= ending(at + 1);
        let has_last = (0..states.len()).any(is_last);
        if !has_last || (0..parts.len().saturating_sub(1)).all(in_order) {
            return accumulators.merge(states, targets, total);
        }
        accumulators.merge(&only(false), targets, total)?;
        let mut order = (0..parts.len()).map(index).collect::<Result<Vec<_>, _>>()?;
        order.sort_by_key(|&at| ending(at as usize));
        let targets: Vec<usize> = order.iter().map(|&at| targets[at as usize]).collect();
        let order = UInt32Array::from(order);
        let sorted = only(true)
            .iter()
            .map(|columns| columns.iter().map(|column| take(column, &order, None)).collect())
            .collect::<Result<States, _>>()?;
        accumulators.merge(&sorted, &targets, total)
    }

    /// Writes the states of the targets into cells of their spans.
    fn place(
        &mut self,
        spans: &[u32],
        parts: &[Part],
        targets: &[usize],
        states: Vec<ArrayRef>,
    ) -> Result<(), AggregateError> {
        let highest = spans.iter().max().map_or(0, |&highest| highest as usize + 1);
        if highest > self.firsts.len() {
            self.firsts.resize(highest, NONE);
        }
        let mut placed = Vec::with_capacity(targets.last().map_or(0, |last| last + 1));
        for (part, &target) in parts.iter().zip(targets) {
            if target < placed.len() {
                continue;
            }
            let first = &mut self.firsts[spans[part.target as usize] as usize];
            let cell = Cell { group: part.group, next: *first };
            *first = match self.free.pop() {
                Some(place) => {
                    self.cells[place as usize] = cell;
                    place
                }
                None => {
                    self.cells.push(cell);
                    index(self.cells.len() - 1)?
                }
            };
            placed.push(*first);
        }
        self.states.put(&placed, states)
    }
}

/// Per part the number of the cell it goes into: parts of one target and group go into one, and come to stand beside
/// each other.
fn number(parts: &mut [Part], is_single: bool) -> Vec<usize> {
    if !is_single {
        parts.sort_by_key(|part| (part.target, part.group));
    }
    let mut targets = Vec::with_capacity(parts.len());
    let mut next = 0;
    for at in 0..parts.len() {
        let is_same =
            at > 0 && parts[at].target == parts[at - 1].target && parts[at].group == parts[at - 1].group;
        if at > 0 && !is_same {
            next += 1;
        }
        targets.push(next);
    }
    targets
}

/// Cells are counted in 32 bits.
fn index(value: usize) -> Result<u32, AggregateError> {
    u32::try_from(value)
        .map_err(|_| AggregateError("more than four thousand million groups in open windows".to_owned()))
}
