//! The rows of sessions, for nodes that want rows.

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use rayon::ThreadPool;

use super::super::arrange::by_key_and_time;
use super::super::cells::{Share, Source};
use super::super::chains::NONE;
use super::super::rows::{RowStore, WindowRows};
use super::{SessionGap, SessionTimes, Timeline};
use crate::aggregate::{AggregateError, Registry};
use crate::metrics::MemoryReport;
use crate::spec::{Span, Timestamp};

/// Fewer keys than this are not worth clearing up.
const WORTH_CLEARING: usize = 1_024;

/// The rows of open sessions.
pub struct SessionRows {
    keys: Registry,
    timeline: Timeline,
    rows: RowStore,
    /// Per atom its first and last row.
    ends: Vec<(u32, u32)>,
}

impl SessionRows {
    /// For sessions by keys of this schema.
    pub fn new(keys: &SchemaRef, gap: SessionGap) -> Result<Self, AggregateError> {
        Ok(Self {
            keys: Registry::new(keys)?,
            timeline: Timeline::new(gap),
            rows: RowStore::default(),
            ends: Vec::new(),
        })
    }

    /// Takes the rows of a batch in: their keys and all their columns.
    pub fn absorb(
        &mut self,
        keys: &[ArrayRef],
        columns: &[ArrayRef],
        times: SessionTimes<'_>,
        pool: &ThreadPool,
    ) -> Result<(), AggregateError> {
        let count = times.starts.len();
        if count == 0 {
            return Ok(());
        }
        let keys = self.keys.intern(keys, count)?;
        let order = by_key_and_time(|row| keys[row], times.starts, pool)?;
        let sorted = order.iter().map(|&row| {
            let row = row as usize;
            (keys[row], times.starts[row], times.ends[row])
        });
        let (pieces, piece_of) = self.timeline.cut(sorted);
        let places = self.rows.add(columns, count)?;
        let mut ends_of: Vec<(u32, u32)> = vec![(NONE, NONE); pieces.len()];
        for (&row, &piece) in order.iter().zip(&piece_of) {
            let place = places[row as usize];
            self.append(&mut ends_of[piece as usize], (place, place));
        }
        let shares = self.timeline.absorb(self.keys.len(), &pieces)?;
        self.join(&shares, &ends_of);
        Ok(())
    }

    /// Takes out the sessions that end by this time, one after the other.
    pub fn close(&mut self, by: Timestamp) -> Result<WindowRows, AggregateError> {
        let closed = self.timeline.close(by);
        let mut kept = WindowRows::default();
        let mut places = Vec::new();
        for session in &closed.list {
            for &atom in closed.atoms_of(session) {
                let mut at = self.ends.get(atom as usize).map_or(NONE, |ends| ends.0);
                while at != NONE {
                    places.push(at);
                    at = self.rows.next(at);
                }
            }
            kept.starts.resize(places.len(), session.start);
            kept.ends.resize(places.len(), session.end);
        }
        if !places.is_empty() {
            kept.columns = self.rows.gather(&places)?;
        }
        places.into_iter().for_each(|place| self.rows.release(place));
        self.clear_up()?;
        Ok(kept)
    }

    /// A time before which no session ends; `None` without sessions.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.timeline.next_due().map(Timestamp)
    }

    /// The smallest gap there was.
    pub fn finest_gap(&self) -> Span {
        self.timeline.finest()
    }

    /// Stands where a run's report says, for a rehearsal.
    pub fn imagine(&mut self, memory: &MemoryReport) {
        self.timeline.imagine(memory.finest_gap);
    }

    /// How many rows are held.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        let ends = self.ends.capacity() * size_of::<(u32, u32)>();
        self.keys.size() + self.timeline.size() + self.rows.size() + ends
    }

    /// Goes on with the rows of another of the same keys and columns. Says what is not as if the present gap had held
    /// from the start.
    pub fn take_over(&mut self, old: Self) -> Option<String> {
        (self.keys, self.rows, self.ends) = (old.keys, old.rows, old.ends);
        self.timeline.go_on(old.timeline)
    }

    fn join(&mut self, shares: &[Share], pieces: &[(u32, u32)]) {
        for shares in shares.chunk_by(|a, b| a.into == b.into) {
            let mut whole = (NONE, NONE);
            for share in shares {
                let part = match share.source {
                    Source::Piece(piece) => pieces.get(piece as usize),
                    Source::Span(atom) => self.ends.get(atom as usize),
                };
                let part = part.copied().unwrap_or((NONE, NONE));
                self.append(&mut whole, part);
            }
            let Some(into) = shares.first().map(|share| share.into as usize) else { continue };
            if into >= self.ends.len() {
                self.ends.resize(into + 1, (NONE, NONE));
            }
            self.ends[into] = whole;
        }
    }

    /// Puts a list of rows behind another.
    fn append(&mut self, list: &mut (u32, u32), part: (u32, u32)) {
        if list.0 == NONE {
            *list = part;
        } else if part.0 != NONE {
            self.rows.link(list.1, part.0);
            list.1 = part.1;
        }
    }

    fn clear_up(&mut self) -> Result<(), AggregateError> {
        if self.keys.len() >= WORTH_CLEARING && self.timeline.live() * 2 < self.keys.len() {
            let (keys, atoms) = self.timeline.compact();
            self.ends = atoms.iter().map(|&atom| self.ends[atom as usize]).collect();
            self.keys.retain(&keys)?;
        }
        if let Some(moved) = self.rows.compact()? {
            let new = |place: u32| moved.get(place as usize).copied().unwrap_or(NONE);
            self.ends.iter_mut().for_each(|ends| *ends = (new(ends.0), new(ends.1)));
        }
        Ok(())
    }
}
