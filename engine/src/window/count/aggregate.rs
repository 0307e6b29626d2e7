//! Count windows and the aggregate behind them, fused: per block the states of its groups.

use std::sync::Arc;

use rayon::ThreadPool;

use super::super::arrange::{Arrangement, accumulate, by_key};
use super::super::cells::Cells;
use super::super::keys::Keys;
use super::super::rows::WindowRows;
use super::{CountShape, Firing, Queues};
use crate::aggregate::{AggregateError, Aggregation, Carried, Rows};
use crate::metrics::{CountFacts, ParkedColumn};

/// Fewer keys or blocks than this are not worth clearing up.
const WORTH_CLEARING: usize = 1_024;

/// Blocks that are merged at once: more windows are evaluated one part after the other, to bound memory.
const BLOCKS_AT_ONCE: usize = 1 << 20;

/// The state of an aggregation over count windows.
pub struct CountAggregate {
    aggregation: Arc<Aggregation>,
    /// The positions of the windows' keys among those of the groups; none: all.
    per: Vec<usize>,
    keys: Keys,
    queues: Queues,
    cells: Cells,
}

impl CountAggregate {
    /// Over windows of the groups' keys at the positions `per`; without any, every group has windows of its own.
    pub fn new(aggregation: &Arc<Aggregation>, mut per: Vec<usize>, shape: CountShape) -> Result<Self, AggregateError> {
        let keys = Keys::new(aggregation.keys(), &per)?;
        if keys.are_groups() {
            per.clear();
        }
        Ok(Self {
            keys,
            per,
            queues: Queues::new(shape, shape.block_rows()),
            cells: Cells::new(aggregation),
            aggregation: Arc::clone(aggregation),
        })
    }

    /// Takes the rows of a batch in, each with its arrival. Gives the results of the windows that became due, in the
    /// order of the rows that completed them.
    pub fn absorb(
        &mut self,
        rows: &Rows,
        arrived: &[i64],
        pool: &ThreadPool,
    ) -> Result<Vec<WindowRows>, AggregateError> {
        if rows.len == 0 {
            return Ok(Vec::new());
        }
        let groups = self.keys.intern(&rows.keys, rows.len)?;
        let owner = |row: usize| self.keys.owner(groups[row]);
        let order = by_key(owner, rows.len, pool)?;
        let sorted = order.iter().map(|&row| (owner(row as usize), row, arrived[row as usize]));
        let taken = self.queues.absorb(self.keys.owner_count(), sorted)?;
        let is_single = self.keys.are_groups();
        let arrangement = Arrangement {
            order: &order,
            pieces: &taken.pieces,
            piece_count: taken.piece_count as usize,
            groups: &groups,
            is_single,
        };
        let batch = accumulate(&self.aggregation, &rows.arguments, &arrangement)?;
        self.cells.join(&taken.shares, &batch, is_single)?;
        let results = self.results(&taken.firings);
        self.queues.retired().iter().for_each(|&block| self.cells.release(block));
        self.clear_up()?;
        results
    }

    /// How far the windows are.
    pub fn counting(&self) -> Option<CountFacts> {
        self.queues.counting()
    }

    /// How many groups of blocks are held.
    pub fn len(&self) -> usize {
        self.cells.live()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes, roughly.
    pub fn size(&self) -> usize {
        self.keys.size() + self.queues.size() + self.cells.size()
    }

    /// The aggregation, with what is parked.
    pub fn aggregation(&self) -> &Arc<Aggregation> {
        &self.aggregation
    }

    /// Why nothing of another's state can go on.
    pub fn fits(&self, old: &Self) -> Result<(), String> {
        self.aggregation.fits(&old.aggregation)?;
        if self.per == old.per { Ok(()) } else { Err("its windows are of other keys, so it starts anew".to_owned()) }
    }

    /// Takes these calls to be parked, for a rehearsal.
    pub fn imagine(&mut self, parked: &[ParkedColumn]) {
        self.aggregation = Arc::new(self.aggregation.with_ghosts(parked));
    }

    /// Goes on with another's rows. The shape may differ; calls are matched by what they compute, and those that
    /// it lacks are parked.
    pub fn take_over(&mut self, old: Self) -> Result<Carried, AggregateError> {
        self.aggregation = Arc::new(self.aggregation.parking(&old.aggregation));
        self.cells = Cells::new(&self.aggregation);
        let (from, mut carried) = self.aggregation.carry(&old.aggregation);
        self.keys = old.keys;
        carried.note = self.queues.go_on(old.queues);
        self.cells.go_on(old.cells, &from)?;
        Ok(carried)
    }

    fn results(&self, firings: &[Firing]) -> Result<Vec<WindowRows>, AggregateError> {
        let mut results = Vec::new();
        let mut from = 0;
        while from < firings.len() {
            let mut blocks = Vec::new();
            let mut to = from;
            while let Some(firing) = firings.get(to)
                && (blocks.is_empty() || blocks.len() < BLOCKS_AT_ONCE)
            {
                let number = u32::try_from(to - from).unwrap_or(u32::MAX);
                blocks.extend(self.queues.blocks_of(firing).map(|block| (number, block)));
                to += 1;
            }
            let evaluated = self.cells.evaluate(blocks.into_iter(), self.keys.are_groups())?;
            let bounds: Vec<_> = firings[from..to].iter().map(|firing| self.queues.bounds_of(firing)).collect();
            results.push(evaluated.into_rows(&self.keys, |number| bounds.get(number as usize).copied())?);
            from = to;
        }
        Ok(results)
    }

    /// Drops keys that hold nothing once they are the majority, and the places of blocks that went.
    fn clear_up(&mut self) -> Result<(), AggregateError> {
        let is_sparse = |live: usize, all: usize| all >= WORTH_CLEARING && live * 2 < all;
        let is_single = self.keys.are_groups();
        let is_worth = is_sparse(self.queues.live_keys(), self.keys.owner_count())
            || (!is_single && is_sparse(self.cells.live(), self.keys.group_count()))
            || is_sparse(self.queues.live(), self.queues.places());
        if !is_worth {
            return Ok(());
        }
        let (owners, blocks) = self.queues.compact();
        // A key may count towards its next window without holding a row.
        let groups = self.cells.compact(&blocks, if is_single { &owners } else { &[] })?;
        self.keys.retain(&groups, &owners)
    }
}
