//! The rows of count windows, for nodes that want rows.

use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use rayon::ThreadPool;

use super::super::arrange::by_key;
use super::super::cells::Source;
use super::super::chains::NONE;
use super::super::rows::{RowStore, WindowRows};
use super::{CountShape, Firing, Queues};
use crate::aggregate::{AggregateError, Registry};
use crate::metrics::CountFacts;

/// Fewer keys than this are not worth clearing up.
const WORTH_CLEARING: usize = 1_024;

/// Rows that are handed on at once: more windows come in several parts, to bound memory.
const ROWS_AT_ONCE: usize = 1 << 18;

/// The last rows of every key: each is a block of its own.
pub struct CountRows {
    keys: Registry,
    queues: Queues,
    rows: RowStore,
    /// Per block its row.
    row_of: Vec<u32>,
}

impl CountRows {
    /// For windows by keys of this schema.
    pub fn new(keys: &SchemaRef, shape: CountShape) -> Result<Self, AggregateError> {
        Ok(Self {
            keys: Registry::new(keys)?,
            queues: Queues::new(shape, 1),
            rows: RowStore::default(),
            row_of: Vec::new(),
        })
    }

    /// Takes the rows of a batch in: their keys and all their columns, and when each arrived. Gives the rows of the
    /// windows that became due, in the order of the rows that completed them.
    pub fn absorb(
        &mut self,
        keys: &[ArrayRef],
        columns: &[ArrayRef],
        arrived: &[i64],
        pool: &ThreadPool,
    ) -> Result<Vec<WindowRows>, AggregateError> {
        if arrived.is_empty() {
            return Ok(Vec::new());
        }
        let keys = self.keys.intern(keys, arrived.len())?;
        let order = by_key(|row| keys[row], arrived.len(), pool)?;
        let sorted = order.iter().map(|&row| (keys[row as usize], row, arrived[row as usize]));
        let taken = self.queues.absorb(self.keys.len(), sorted)?;
        let places = self.rows.add(columns, arrived.len())?;
        self.row_of.resize(self.queues.places(), NONE);
        for share in &taken.shares {
            if let Source::Piece(piece) = share.source {
                self.row_of[share.into as usize] = places[order[piece as usize] as usize];
            }
        }
        let results = self.results(&taken.firings);
        for &block in self.queues.retired() {
            self.rows.release(std::mem::replace(&mut self.row_of[block as usize], NONE));
        }
        self.clear_up()?;
        results
    }

    /// How far the windows are.
    pub fn counting(&self) -> Option<CountFacts> {
        self.queues.counting()
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
        let rows = self.row_of.capacity() * size_of::<u32>();
        self.keys.size() + self.queues.size() + self.rows.size() + rows
    }

    /// Goes on with the rows of another of the same keys and columns. Says what differs from having had this shape
    /// from the start.
    pub fn take_over(&mut self, old: Self) -> Option<String> {
        (self.keys, self.rows, self.row_of) = (old.keys, old.rows, old.row_of);
        self.queues.go_on(old.queues)
    }

    fn results(&self, firings: &[Firing]) -> Result<Vec<WindowRows>, AggregateError> {
        let mut results = Vec::new();
        let mut places = Vec::new();
        let mut window = WindowRows::default();
        for firing in firings {
            let (start, end) = self.queues.bounds_of(firing);
            places.extend(self.queues.blocks_of(firing).filter_map(|block| self.row_of.get(block as usize)));
            window.starts.resize(places.len(), start);
            window.ends.resize(places.len(), end);
            if places.len() >= ROWS_AT_ONCE {
                window.columns = self.rows.gather(&places)?;
                results.push(std::mem::take(&mut window));
                places.clear();
            }
        }
        if !places.is_empty() {
            window.columns = self.rows.gather(&places)?;
            results.push(window);
        }
        Ok(results)
    }

    fn clear_up(&mut self) -> Result<(), AggregateError> {
        let is_sparse = |live: usize, all: usize| all >= WORTH_CLEARING && live * 2 < all;
        if is_sparse(self.queues.live_keys(), self.keys.len()) || is_sparse(self.queues.live(), self.queues.places()) {
            let (keys, blocks) = self.queues.compact();
            self.row_of = blocks.iter().map(|&block| self.row_of[block as usize]).collect();
            self.keys.retain(&keys)?;
        }
        if let Some(moved) = self.rows.compact()? {
            let new = |row: u32| moved.get(row as usize).copied().unwrap_or(NONE);
            self.row_of.iter_mut().for_each(|row| *row = new(*row));
        }
        Ok(())
    }
}
