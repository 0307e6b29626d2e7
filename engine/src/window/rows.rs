//! Whole rows by place, each linked to the one that follows it: what windows per key keep for nodes that want rows.

use arrow::array::ArrayRef;

use super::chains::NONE;
use crate::aggregate::{AggregateError, ColumnStore, compact};

/// Fewer rows than this are not worth clearing up.
const WORTH_CLEARING: usize = 4_096;

/// Rows of windows that are done, window by window.
#[derive(Debug, Default)]
pub struct WindowRows {
    /// Per row where its window starts.
    pub starts: Vec<i64>,
    /// Per row where its window ends.
    pub ends: Vec<i64>,
    /// The columns of the rows; none where there is no row.
    pub columns: Vec<ArrayRef>,
}

/// The rows of all windows.
#[derive(Default)]
pub(super) struct RowStore {
    columns: ColumnStore,
    next: Vec<u32>,
    free: Vec<u32>,
}

impl RowStore {
    /// Keeps rows. Gives the place of each.
    pub(super) fn add(&mut self, columns: &[ArrayRef], rows: usize) -> Result<Vec<u32>, AggregateError> {
        let mut places = Vec::with_capacity(rows);
        for _ in 0..rows {
            places.push(match self.free.pop() {
                Some(place) => {
                    self.next[place as usize] = NONE;
                    place
                }
                None => {
                    self.next.push(NONE);
                    u32::try_from(self.next.len() - 1).ok().filter(|&place| place != NONE).ok_or_else(|| {
                        AggregateError("more than four thousand million rows in windows; use shorter ones".to_owned())
                    })?
                }
            });
        }
        self.columns.put(&places, columns.iter().map(compact).collect())?;
        Ok(places)
    }

    /// The row behind this one.
    pub(super) fn next(&self, place: u32) -> u32 {
        self.next.get(place as usize).copied().unwrap_or(NONE)
    }

    /// Says which row is behind this one.
    pub(super) fn link(&mut self, place: u32, next: u32) {
        if let Some(slot) = self.next.get_mut(place as usize) {
            *slot = next;
        }
    }

    /// The columns of these rows.
    pub(super) fn gather(&self, places: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        self.columns.gather(places)
    }

    /// Lets a row go.
    pub(super) fn release(&mut self, place: u32) {
        self.free.push(place);
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.next.len() - self.free.len()
    }

    /// Once most places are free: numbers the rows anew. Gives the new place by the old one.
    pub(super) fn compact(&mut self) -> Result<Option<Vec<u32>>, AggregateError> {
        if self.next.len() < WORTH_CLEARING || self.len() * 2 >= self.next.len() {
            return Ok(None);
        }
        let mut moved = vec![0; self.next.len()];
        for &place in &self.free {
            moved[place as usize] = NONE;
        }
        let mut kept = Vec::with_capacity(self.len());
        for (old, new) in (0u32..).zip(&mut moved) {
            if *new != NONE {
                *new = u32::try_from(kept.len()).unwrap_or(NONE);
                kept.push(old);
            }
        }
        let next = kept.iter().map(|&old| moved.get(self.next(old) as usize).copied().unwrap_or(NONE)).collect();
        let mut columns = ColumnStore::default();
        let places: Vec<u32> = (0u32..).take(kept.len()).collect();
        if !kept.is_empty() {
            columns.put(&places, self.columns.gather(&kept)?)?;
        }
        *self = Self { columns, next, free: Vec::new() };
        Ok(Some(moved))
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        self.columns.size() + (self.next.capacity() + self.free.capacity()) * size_of::<u32>()
    }
}
