//! Sessions and the aggregate behind them, fused: per session the states of its groups.

use std::sync::Arc;

use rayon::ThreadPool;

use super::super::arrange::{Arrangement, accumulate, by_key_and_time};
use super::super::cells::Cells;
use super::super::keys::Keys;
use super::super::rows::WindowRows;
use super::{SessionGap, Sessions, Timeline};
use crate::aggregate::{AggregateError, Aggregation, Carried, Rows};
use crate::metrics::MemoryReport;
use crate::spec::{Span, Timestamp};

/// Fewer keys or atoms than this are not worth clearing up.
const WORTH_CLEARING: usize = 1_024;

/// Where the rows of a batch are in time.
#[derive(Debug, Clone, Copy)]
pub struct SessionTimes<'a> {
    /// Per row its time, in microseconds since the epoch.
    pub starts: &'a [i64],
    /// Per row how far it reaches: its time plus its gap. Read where every row has a gap of its own.
    pub ends: &'a [i64],
}

/// The state of an aggregation over sessions.
pub struct SessionAggregate {
    aggregation: Arc<Aggregation>,
    /// The positions of the sessions' keys among those of the groups; none: all.
    per: Vec<usize>,
    keys: Keys,
    timeline: Timeline,
    cells: Cells,
}

impl SessionAggregate {
    /// Over sessions of the groups' keys at the positions `per`; without any, every group has sessions of its own.
    pub fn new(aggregation: &Arc<Aggregation>, mut per: Vec<usize>, gap: SessionGap) -> Result<Self, AggregateError> {
        let keys = Keys::new(aggregation.keys(), &per)?;
        if keys.are_groups() {
            per.clear();
        }
        Ok(Self {
            keys,
            per,
            timeline: Timeline::new(gap),
            cells: Cells::new(aggregation),
            aggregation: Arc::clone(aggregation),
        })
    }

    /// Takes the rows of a batch in. To be called for every batch, with rows or without.
    pub fn absorb(&mut self, rows: &Rows, times: SessionTimes<'_>, pool: &ThreadPool) -> Result<(), AggregateError> {
        if rows.len == 0 {
            return self.timeline.absorb(self.keys.owner_count(), &[]).map(drop);
        }
        let groups = self.keys.intern(&rows.keys, rows.len)?;
        let owner = |row: usize| self.keys.owner(groups[row]);
        let order = by_key_and_time(owner, times.starts, pool)?;
        let sorted = order.iter().map(|&row| {
            let row = row as usize;
            (owner(row), times.starts[row], times.ends[row])
        });
        let (pieces, piece_of) = self.timeline.cut(sorted);
        let is_single = self.keys.are_groups();
        let arrangement =
            Arrangement { order: &order, pieces: &piece_of, piece_count: pieces.len(), groups: &groups, is_single };
        let batch = accumulate(&self.aggregation, &rows.arguments, &arrangement)?;
        let shares = self.timeline.absorb(self.keys.owner_count(), &pieces)?;
        self.cells.join(&shares, &batch, is_single)
    }

    /// Takes out the sessions that end by this time and gives their keys and results: by their end, then their start,
    /// then in the order in which their keys were first seen.
    pub fn close(&mut self, by: Timestamp) -> Result<WindowRows, AggregateError> {
        let closed = self.timeline.close(by);
        let results = self.results(&closed);
        closed.atoms().iter().for_each(|&atom| self.cells.release(atom));
        self.clear_up()?;
        results
    }

    /// Forgets the sessions that end by this time.
    pub fn evict(&mut self, by: Timestamp) -> Result<(), AggregateError> {
        let closed = self.timeline.close(by);
        closed.atoms().iter().for_each(|&atom| self.cells.release(atom));
        self.clear_up()
    }

    /// The results of the sessions that rows of the last batch are in.
    pub fn changed(&self) -> Result<WindowRows, AggregateError> {
        self.results(&self.timeline.changed())
    }

    /// The results of all sessions there are.
    pub fn all(&self) -> Result<WindowRows, AggregateError> {
        self.results(&self.timeline.all())
    }

    /// A time before which no session ends: that of the next one that does, or earlier where rows came since. `None`
    /// without sessions.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.timeline.next_due().map(Timestamp)
    }

    /// How many groups of open sessions are held.
    pub fn len(&self) -> usize {
        self.cells.live()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        self.keys.size() + self.timeline.size() + self.cells.size()
    }

    /// The aggregation, with what is parked.
    pub fn aggregation(&self) -> &Arc<Aggregation> {
        &self.aggregation
    }

    /// Why nothing of another's state can go on.
    pub fn fits(&self, old: &Self) -> Result<(), String> {
        self.aggregation.fits(&old.aggregation)?;
        if self.per == old.per { Ok(()) } else { Err("its sessions are of other keys, so it starts anew".to_owned()) }
    }

    /// The smallest gap there was.
    pub fn finest_gap(&self) -> Span {
        self.timeline.finest()
    }

    /// Stands where a run's report says, for a rehearsal.
    pub fn imagine(&mut self, memory: &MemoryReport) {
        self.aggregation = Arc::new(self.aggregation.with_ghosts(&memory.parked_columns));
        self.timeline.imagine(memory.finest_gap);
    }

    /// Goes on with another's sessions. The gap may differ; calls are matched by what they compute, and those that
    /// it lacks are parked.
    pub fn take_over(&mut self, old: Self) -> Result<Carried, AggregateError> {
        self.aggregation = Arc::new(self.aggregation.parking(&old.aggregation));
        self.cells = Cells::new(&self.aggregation);
        let (from, mut carried) = self.aggregation.carry(&old.aggregation);
        self.keys = old.keys;
        carried.note = self.timeline.go_on(old.timeline);
        self.cells.go_on(old.cells, &from)?;
        Ok(carried)
    }

    fn results(&self, sessions: &Sessions) -> Result<WindowRows, AggregateError> {
        let spans = (0u32..)
            .zip(&sessions.list)
            .flat_map(|(number, session)| sessions.atoms_of(session).iter().map(move |&atom| (number, atom)));
        let evaluated = self.cells.evaluate(spans, self.keys.are_groups())?;
        let bounds = |number: u32| sessions.list.get(number as usize).map(|session| (session.start, session.end));
        evaluated.into_rows(&self.keys, bounds)
    }

    /// Drops keys without sessions once they are the majority, and the places of sessions that went.
    fn clear_up(&mut self) -> Result<(), AggregateError> {
        let is_sparse = |live: usize, all: usize| all >= WORTH_CLEARING && live * 2 < all;
        let is_worth = is_sparse(self.timeline.live(), self.keys.owner_count())
            || is_sparse(self.cells.live(), self.keys.group_count())
            || is_sparse(self.timeline.live(), self.timeline.places());
        if !is_worth {
            return Ok(());
        }
        let (owners, atoms) = self.timeline.compact();
        let groups = self.cells.compact(&atoms, &[])?;
        self.keys.retain(&groups, &owners)
    }
}
