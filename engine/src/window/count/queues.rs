//! Which rows of a key are in which block, and which blocks are a window: numbers only, no values.

use super::super::cells::{Share, Source};
use super::super::chains::NONE;
use super::super::spec::gcd;
use crate::aggregate::AggregateError;
use crate::metrics::CountFacts;

/// How many rows a window holds, and how many come between two windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountShape {
    /// Rows of a window.
    pub rows: u64,
    /// Rows between two windows.
    pub slide: u64,
}

/// The window of a key that is due.
#[derive(Debug, Clone, Copy)]
pub(in crate::window) struct Firing {
    /// Its first block.
    pub(in crate::window) from: u32,
    /// Its last block.
    pub(in crate::window) to: u32,
    /// The row that completed it, by its position in the batch.
    pub(in crate::window) row: u32,
}

/// What a batch did.
#[derive(Debug, Default)]
pub(in crate::window) struct Taken {
    /// Per row, in the order given, its piece.
    pub(in crate::window) pieces: Vec<u32>,
    /// How many pieces there are.
    pub(in crate::window) piece_count: u32,
    /// What each block that changed is made of.
    pub(in crate::window) shares: Vec<Share>,
    /// The windows that are due, in the order of the rows that completed them.
    pub(in crate::window) firings: Vec<Firing>,
}

/// Per key its blocks, oldest first.
#[derive(Debug)]
pub(in crate::window) struct Queues {
    shape: CountShape,
    block_rows: u64,
    queues: Vec<Queue>,
    blocks: Vec<Block>,
    free: Vec<u32>,
    retired: Vec<u32>,
    /// How many keys hold nothing.
    idle: usize,
    /// The most rows since its last window of any key that the last rows were of.
    furthest: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Queue {
    oldest: u32,
    newest: u32,
    /// Rows in its blocks.
    held: u64,
    /// Rows since its last window.
    since: u64,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    /// When its earliest row arrived.
    first: i64,
    /// When its latest row arrived.
    last: i64,
    rows: u64,
    newer: u32,
}

const EMPTY: Queue = Queue { oldest: NONE, newest: NONE, held: 0, since: 0 };

impl CountShape {
    /// The rows of a block: windows of this shape begin and end between blocks.
    pub(in crate::window) fn block_rows(self) -> u64 {
        let whole = |rows: u64| i64::try_from(rows.max(1)).unwrap_or(i64::MAX);
        gcd(whole(self.rows), whole(self.slide)).unsigned_abs().max(1)
    }
}

impl Queue {
    fn is_idle(&self) -> bool {
        self.held == 0 && self.since == 0
    }
}

impl Queues {
    /// Nothing yet. `block_rows` must divide both numbers of the shape.
    pub(in crate::window) fn new(shape: CountShape, block_rows: u64) -> Self {
        let shape = CountShape { rows: shape.rows.max(1), slide: shape.slide.max(1) };
        Self {
            shape,
            block_rows: block_rows.max(1),
            queues: Vec::new(),
            blocks: Vec::new(),
            free: Vec::new(),
            retired: Vec::new(),
            idle: 0,
            furthest: None,
        }
    }

    /// Takes rows in, sorted by key and then by position: each is its key, its position and when it arrived.
    pub(in crate::window) fn absorb(
        &mut self,
        keys: usize,
        rows: impl Iterator<Item = (u32, u32, i64)>,
    ) -> Result<Taken, AggregateError> {
        self.free.append(&mut self.retired);
        self.cover(keys);
        self.furthest = None;
        let mut taken = Taken::default();
        let mut before = None;
        for (key, row, arrived) in rows {
            let is_first = before != Some(key);
            if is_first {
                self.leave(before);
                self.idle -= usize::from(self.queues[key as usize].is_idle());
                before = Some(key);
            }
            self.push(key, arrived, is_first, &mut taken)?;
            self.fire(key, row, &mut taken);
        }
        self.leave(before);
        taken.firings.sort_unstable_by_key(|firing| firing.row);
        Ok(taken)
    }

    /// The blocks of a window, oldest first.
    pub(in crate::window) fn blocks_of(&self, firing: &Firing) -> impl Iterator<Item = u32> {
        let (mut at, to) = (firing.from, firing.to);
        std::iter::from_fn(move || {
            let block = self.blocks.get(at as usize)?;
            let next = if at == to { NONE } else { block.newer };
            Some(std::mem::replace(&mut at, next))
        })
    }

    /// When the earliest row of a window arrived, and just after the latest did.
    pub(in crate::window) fn bounds_of(&self, firing: &Firing) -> (i64, i64) {
        let blocks = || self.blocks_of(firing).filter_map(|place| self.blocks.get(place as usize));
        let first = blocks().map(|block| block.first).min().unwrap_or_default();
        let last = blocks().map(|block| block.last).max().unwrap_or_default();
        (first, last.saturating_add(1))
    }

    /// How far the keys of the last rows are; `None` before the first row, and after the slide changed.
    pub(in crate::window) fn counting(&self) -> Option<CountFacts> {
        let slide = self.shape.slide;
        self.furthest.map(|since| CountFacts { slide, missing: slide.saturating_sub(since) })
    }

    /// The blocks that went with the last batch. Until the next one they can still be read.
    pub(in crate::window) fn retired(&self) -> &[u32] {
        &self.retired
    }

    /// How many keys hold something.
    pub(in crate::window) fn live_keys(&self) -> usize {
        self.queues.len() - self.idle
    }

    /// How many blocks there are.
    pub(in crate::window) fn live(&self) -> usize {
        self.blocks.len() - self.free.len() - self.retired.len()
    }

    /// How many places for blocks there are.
    pub(in crate::window) fn places(&self) -> usize {
        self.blocks.len()
    }

    /// Goes on where another was. A changed slide counts from here. Says what differs from having had this shape from
    /// the start.
    pub(in crate::window) fn go_on(&mut self, old: Self) -> Option<String> {
        let (shape, block_rows) = (self.shape, self.block_rows);
        let was = old.shape;
        let old_block_rows = old.block_rows;
        let cuts = old_block_rows > 1 && (shape.slide != was.slide || !shape.rows.is_multiple_of(old_block_rows));
        *self = Self { shape, block_rows, ..old };
        if shape.slide != was.slide {
            self.furthest = None;
            for queue in &mut self.queues {
                self.idle += usize::from(!queue.is_idle() && queue.held == 0);
                queue.since = 0;
            }
        }
        let mut notes = Vec::new();
        if shape.rows > was.rows || shape.slide < was.slide {
            notes.push(format!("a window holds fewer than {} rows until so many have come", shape.rows));
        }
        if cuts {
            let more = old_block_rows - 1;
            notes.push(format!("a window that reaches back to before the change may hold up to {more} rows more"));
        }
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    /// Numbers keys and blocks anew. Gives the keys that are left and the blocks' old places in their new order.
    pub(in crate::window) fn compact(&mut self) -> (Vec<u32>, Vec<u32>) {
        let number = |place: usize| u32::try_from(place).unwrap_or(NONE);
        let mut keys = Vec::with_capacity(self.live_keys());
        let mut places = Vec::with_capacity(self.live());
        let (mut queues, mut blocks) = (Vec::new(), Vec::new());
        for (key, queue) in (0u32..).zip(&self.queues).filter(|(_, queue)| !queue.is_idle()) {
            keys.push(key);
            let start = places.len();
            let mut at = queue.oldest;
            while let Some(block) = self.blocks.get(at as usize) {
                places.push(at);
                let newer = if at == queue.newest { NONE } else { number(places.len()) };
                blocks.push(Block { newer, ..*block });
                at = if at == queue.newest { NONE } else { block.newer };
            }
            let is_empty = places.len() == start;
            let (oldest, newest) = if is_empty { (NONE, NONE) } else { (number(start), number(places.len() - 1)) };
            queues.push(Queue { oldest, newest, ..*queue });
        }
        self.queues = queues;
        self.blocks = blocks;
        self.free = Vec::new();
        self.retired = Vec::new();
        self.idle = 0;
        (keys, places)
    }

    /// Bytes, roughly.
    pub(in crate::window) fn size(&self) -> usize {
        let places = self.free.capacity() + self.retired.capacity();
        self.queues.capacity() * size_of::<Queue>()
            + self.blocks.capacity() * size_of::<Block>()
            + places * size_of::<u32>()
    }

    fn cover(&mut self, keys: usize) {
        if keys > self.queues.len() {
            self.idle += keys - self.queues.len();
            self.queues.resize(keys, EMPTY);
        }
    }

    /// Notes that the rows of a key are done.
    fn leave(&mut self, key: Option<u32>) {
        if let Some(queue) = key.and_then(|key| self.queues.get(key as usize)) {
            self.idle += usize::from(queue.is_idle());
            self.furthest = self.furthest.max(Some(queue.since));
        }
    }

    /// Puts a row into the block that is being filled, or begins one.
    fn push(&mut self, key: u32, arrived: i64, is_first: bool, taken: &mut Taken) -> Result<(), AggregateError> {
        let queue = self.queues[key as usize];
        let begins = queue.newest == NONE || queue.since.is_multiple_of(self.block_rows);
        let place = if begins { self.begin(key, arrived)? } else { queue.newest };
        if begins || is_first {
            let source = Source::Piece(taken.piece_count);
            if !begins {
                taken.shares.push(Share { into: place, source: Source::Span(place), last: 0 });
            }
            taken.shares.push(Share { into: place, source, last: 0 });
            taken.piece_count += 1;
        }
        taken.pieces.push(taken.piece_count - 1);
        let block = &mut self.blocks[place as usize];
        block.rows += 1;
        block.first = block.first.min(arrived);
        block.last = block.last.max(arrived);
        let queue = &mut self.queues[key as usize];
        queue.held += 1;
        queue.since += 1;
        Ok(())
    }

    fn begin(&mut self, key: u32, arrived: i64) -> Result<u32, AggregateError> {
        let block = Block { first: arrived, last: arrived, rows: 0, newer: NONE };
        let place = if let Some(place) = self.free.pop() {
            self.blocks[place as usize] = block;
            place
        } else {
            self.blocks.push(block);
            u32::try_from(self.blocks.len() - 1).ok().filter(|&place| place != NONE).ok_or_else(|| {
                AggregateError("more than four thousand million blocks of rows in windows; use shorter ones".to_owned())
            })?
        };
        let queue = &mut self.queues[key as usize];
        let newest = std::mem::replace(&mut queue.newest, place);
        if newest == NONE {
            queue.oldest = place;
        } else {
            self.blocks[newest as usize].newer = place;
        }
        Ok(place)
    }

    /// Fires if enough rows have come, and lets blocks go that no window to come can need.
    fn fire(&mut self, key: u32, row: u32, taken: &mut Taken) {
        let since = self.queues[key as usize].since;
        if !since.is_multiple_of(self.block_rows) && since < self.shape.slide {
            return;
        }
        if since >= self.shape.slide {
            self.trim(key, self.shape.rows);
            let queue = &mut self.queues[key as usize];
            taken.firings.push(Firing { from: queue.oldest, to: queue.newest, row });
            queue.since = 0;
        }
        let to_come = self.shape.slide - self.queues[key as usize].since;
        self.trim(key, self.shape.rows.saturating_sub(to_come));
    }

    /// Lets the oldest blocks go as long as so many rows are left.
    fn trim(&mut self, key: u32, needed: u64) {
        let queue = &mut self.queues[key as usize];
        while let Some(block) = self.blocks.get(queue.oldest as usize)
            && queue.held - block.rows >= needed
        {
            self.retired.push(queue.oldest);
            queue.held -= block.rows;
            if queue.oldest == queue.newest {
                (queue.oldest, queue.newest) = (NONE, NONE);
            } else {
                queue.oldest = block.newer;
            }
        }
    }
}
