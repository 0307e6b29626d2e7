//! Sealed aggregate states of some groups, and merging them.

use std::sync::Arc;

use arrow::array::{Array, UInt32Array};

use crate::aggregate::{Accumulators, AggregateError, Aggregation, States};

/// The states of some groups, as immutable columns.
#[derive(Debug, Clone, Default)]
pub struct Partial {
    /// The ids of the groups; each once.
    pub groups: Vec<u32>,
    /// Per call its state columns, in the order of `groups`; none for calls that take no part.
    pub states: States,
}

impl Partial {
    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        let columns = self.states.iter().flatten();
        columns.map(Array::get_array_memory_size).sum::<usize>() + self.groups.capacity() * size_of::<u32>()
    }
}

/// Merges partials. Keeps a table from group id to row between uses; only what is touched is written.
#[derive(Debug, Default)]
pub(super) struct Merger {
    rows: Vec<u32>,
}

const ABSENT: u32 = u32::MAX;

impl Merger {
    /// One partial of many, in order, of the calls that `wanted` says.
    pub(super) fn merge(
        &mut self,
        aggregation: &Arc<Aggregation>,
        parts: &[&Partial],
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Partial, AggregateError> {
        let mut groups = Vec::new();
        let mut accumulators = Accumulators::of_calls(aggregation, wanted)?;
        for part in parts {
            let rows: Vec<usize> = part.groups.iter().map(|&group| self.row_of(group, &mut groups)).collect();
            accumulators.merge(&part.states, &rows, groups.len())?;
        }
        self.forget(&groups);
        accumulators.grow(groups.len())?;
        Ok(Partial { states: accumulators.state()?, groups })
    }

    /// Prepares for [`Self::rows`]: these groups are rows 0, 1, 2 ...
    pub(super) fn number(&mut self, groups: &[u32]) {
        for (row, &group) in (0u32..).zip(groups) {
            *self.slot(group) = row;
        }
    }

    /// Per group of the partial its row. All of its groups must have been numbered.
    pub(super) fn rows(&self, part: &Partial) -> Vec<usize> {
        part.groups.iter().map(|&group| self.rows.get(group as usize).map_or(0, |&row| row as usize)).collect()
    }

    /// The rows of the partial whose groups are numbered, and their numbers.
    pub(super) fn known(&self, part: &Partial) -> (UInt32Array, Vec<usize>) {
        let number = |group: &u32| self.rows.get(*group as usize).copied().filter(|row| *row != ABSENT);
        let known = (0u32..).zip(&part.groups).filter_map(|(at, group)| Some((at, number(group)? as usize)));
        let (at, rows): (Vec<u32>, Vec<usize>) = known.unzip();
        (UInt32Array::from(at), rows)
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        self.rows.capacity() * size_of::<u32>()
    }

    /// Takes the numbers of these groups back.
    pub(super) fn forget(&mut self, groups: &[u32]) {
        for &group in groups {
            *self.slot(group) = ABSENT;
        }
    }

    /// The number of a group; a new one gets the next.
    pub(super) fn row_of(&mut self, group: u32, groups: &mut Vec<u32>) -> usize {
        let next = u32::try_from(groups.len()).unwrap_or(ABSENT);
        let slot = self.slot(group);
        if *slot == ABSENT {
            *slot = next;
            groups.push(group);
        }
        self.rows[group as usize] as usize
    }

    fn slot(&mut self, group: u32) -> &mut u32 {
        let at = group as usize;
        if at >= self.rows.len() {
            self.rows.resize(at + 1, ABSENT);
        }
        &mut self.rows[at]
    }
}
