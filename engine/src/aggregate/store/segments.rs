//! Columns by id of types that cannot be written in place, such as lists.
//!
//! New rows are appended as a segment and a table says where each id's current row is. Whenever the younger segments
//! weigh as much as what still counts of an older one, they are merged: writing costs O(log n) copies per row over time,
//! and at most about half of what is held is out of date.

use arrow::array::{Array, ArrayRef};
use arrow::compute::interleave;

use crate::aggregate::{AggregateError, compact};

/// Where an id without a row points to.
const NOWHERE: (u32, u32) = (u32::MAX, u32::MAX);

/// Columns by id.
#[derive(Default)]
pub(super) struct Segments {
    segments: Vec<Segment>,
    places: Vec<(u32, u32)>,
}

struct Segment {
    owners: Vec<u32>,
    current: usize,
    columns: Vec<ArrayRef>,
}

impl Segments {
    /// Whether the id has a row.
    pub(super) fn contains(&self, id: u32) -> bool {
        self.places.get(id as usize).is_some_and(|&place| place != NOWHERE)
    }

    /// Writes a row for each of these (distinct) ids.
    pub(super) fn put(&mut self, ids: &[u32], columns: Vec<ArrayRef>) -> Result<(), AggregateError> {
        if ids.is_empty() {
            return Ok(());
        }
        let segment = index(self.segments.len());
        let highest = ids.iter().max().map_or(0, |&id| id as usize + 1);
        if highest > self.places.len() {
            self.places.resize(highest, NOWHERE);
        }
        for (row, &id) in (0u32..).zip(ids) {
            let old = std::mem::replace(&mut self.places[id as usize], (segment, row));
            if let Some(outdated) = self.segments.get_mut(old.0 as usize) {
                outdated.current -= 1;
            }
        }
        self.segments.push(Segment { owners: ids.to_vec(), current: ids.len(), columns });
        self.tidy()
    }

    /// The rows of these ids, in this order. All of them must have one.
    pub(super) fn gather(&self, ids: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let mut places = Vec::with_capacity(ids.len());
        for &id in ids {
            match self.places.get(id as usize) {
                Some(&place) if place != NOWHERE => places.push((place.0 as usize, place.1 as usize)),
                Some(_) | None => {
                    return Err(super::missing(id));
                }
            }
        }
        pick(&self.segments, &places)
    }

    /// Removes the rows of these ids. Gives how many there were.
    pub(super) fn remove(&mut self, ids: &[u32]) -> usize {
        let mut removed = 0;
        for &id in ids {
            let Some(place) = self.places.get_mut(id as usize) else { continue };
            let old = std::mem::replace(place, NOWHERE);
            if let Some(outdated) = self.segments.get_mut(old.0 as usize) {
                outdated.current -= 1;
                removed += 1;
            }
        }
        removed
    }

    /// The ids that have a row.
    pub(super) fn ids(&self) -> Vec<u32> {
        (0u32..).zip(&self.places).filter(|(_, place)| **place != NOWHERE).map(|(id, _)| id).collect()
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        let columns = self.segments.iter().flat_map(|segment| &segment.columns);
        columns.map(Array::get_array_memory_size).sum::<usize>()
            + self.places.capacity() * size_of::<(u32, u32)>()
            + self.segments.iter().map(|segment| segment.owners.capacity() * size_of::<u32>()).sum::<usize>()
    }

    fn tidy(&mut self) -> Result<(), AggregateError> {
        let mut younger: usize = self.segments.iter().map(|segment| segment.owners.len()).sum();
        for at in 0..self.segments.len().saturating_sub(1) {
            younger -= self.segments[at].owners.len();
            if self.segments[at].current <= younger {
                return self.merge_from(at);
            }
        }
        Ok(())
    }

    /// Merges the segments from `at` on, dropping what is out of date.
    fn merge_from(&mut self, at: usize) -> Result<(), AggregateError> {
        let target = index(at);
        let mut places = Vec::new();
        let mut owners = Vec::new();
        for (segment_at, segment) in self.segments.iter().enumerate().skip(at) {
            for (row, &owner) in segment.owners.iter().enumerate() {
                let place = &mut self.places[owner as usize];
                if *place == (index(segment_at), index(row)) {
                    *place = (target, index(owners.len()));
                    places.push((segment_at - at, row));
                    owners.push(owner);
                }
            }
        }
        let columns = pick(&self.segments[at..], &places)?.iter().map(compact).collect();
        self.segments.truncate(at);
        self.segments.push(Segment { current: owners.len(), owners, columns });
        Ok(())
    }
}

/// Segments and rows are counted in 32 bits: ids are, and there are at most twice as many rows as ids in a segment.
fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn pick(segments: &[Segment], places: &[(usize, usize)]) -> Result<Vec<ArrayRef>, AggregateError> {
    let width = segments.first().map_or(0, |segment| segment.columns.len());
    let mut columns = Vec::with_capacity(width);
    for column in 0..width {
        let parts: Vec<&dyn Array> = segments.iter().map(|segment| segment.columns[column].as_ref()).collect();
        columns.push(interleave(&parts, places)?);
    }
    Ok(columns)
}
