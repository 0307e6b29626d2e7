//! The source: rows of the file by position, read ahead on a thread of its own.
//!
//! How many rows a batch takes is decided by position alone; reading ahead only saves the wait. Where it has not come
//! far enough the rows are read at once, so a run does not depend on how fast the disk was.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use arrow::record_batch::RecordBatch;

use super::Recording;
use super::pace::{Pace, Timeline, rows_at_rate, scaled};
use crate::nodes::sources::content::{FileRows, Rejected};
use crate::nodes::sources::lines::LineFaults;
use crate::nodes::sources::{arrival_at, lock};
use crate::plan::{Chunk, Cut, IoContext, NodeError, Range, Replay, Source, SourceStatus};

/// Rows read ahead at most.
const READ_AHEAD_ROWS: u64 = 65_536;
/// Rows per chunk at most.
const MAX_CHUNK_ROWS: usize = 8_192;

/// The source of a file's rows. After an edit of the pace the old and the new source share one place in the file: a
/// batch that was cut before the edit is read from the old one.
pub(super) struct ReplaySource {
    recording: Recording,
    pace: Pace,
    shared: Mutex<Arc<Shared>>,
    /// Whether reading ahead is this source's to stop.
    is_owner: AtomicBool,
}

#[derive(Debug, Default)]
struct Shared {
    progress: Mutex<Progress>,
    changed: Condvar,
}

/// Positions count rows from 0 over all passes.
#[derive(Debug, Default)]
struct Progress {
    reader: Option<FileRows>,
    /// Rows read and not yet committed.
    blocks: VecDeque<Block>,
    /// One past the last row read.
    end: u64,
    /// One past the last row given to a batch.
    planned: u64,
    /// Rows of the pass under way.
    pass_rows: u64,
    is_over: bool,
    /// Grows with every start and stop: a thread that reads ahead ends once it is not the one it began with.
    generation: u64,
    /// The part of a row that was due but is no whole row yet.
    carried: f64,
    /// Rows due before this are due now.
    horizon: i64,
    timeline: Timeline,
    /// Faults of the passes before the one under way.
    past_faults: LineFaults,
    past_rejected: Rejected,
}

/// How far to read ahead.
#[derive(Debug, Clone, Copy)]
struct ReadAhead {
    rows: u64,
    bytes: u64,
}

#[derive(Debug)]
struct Block {
    first: u64,
    rows: RecordBatch,
    /// When each row is due; empty unless paced by event time.
    due: Vec<i64>,
}

impl ReplaySource {
    /// At the file's beginning.
    pub(super) fn new(recording: Recording, pace: Pace) -> Self {
        Self { recording, pace, shared: Mutex::default(), is_owner: AtomicBool::new(true) }
    }

    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&lock(&self.shared))
    }

    /// Reads from the beginning once more: for a range whose rows were let go.
    fn read_again(&self, range: &Range) -> Result<Vec<Chunk>, NodeError> {
        let mut progress = Progress::default();
        while progress.end < range.to && !progress.is_over {
            progress.read_block(&self.recording, self.pace)?;
            progress.forget(range.from);
        }
        Ok(progress.chunks(range))
    }
}

impl Shared {
    /// Reads ahead until it is stopped. An error is left to the next batch, which meets it again and reports it.
    fn read_ahead(&self, generation: u64, recording: &Recording, pace: Pace, most: ReadAhead) {
        let mut progress = lock(&self.progress);
        while progress.generation == generation {
            let has_enough = progress.end - progress.planned >= most.rows || progress.buffered_bytes() >= most.bytes;
            if has_enough || progress.is_over || progress.read_block(recording, pace).is_err() {
                progress = self.changed.wait(progress).unwrap_or_else(PoisonError::into_inner);
            } else {
                // Whoever waits for the lock goes first.
                drop(progress);
                std::thread::yield_now();
                progress = lock(&self.progress);
            }
        }
    }
}

impl Progress {
    fn read_block(&mut self, recording: &Recording, pace: Pace) -> Result<(), NodeError> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => self.reader.insert(FileRows::open(&recording.path, &recording.content)?),
        };
        if let Some(rows) = reader.next_block()? {
            let due = match pace {
                Pace::EventTime { column, .. } => self.timeline.stamp(&rows, column),
                Pace::Fast { .. } | Pace::Rate { .. } => Vec::new(),
            };
            let first = self.end;
            self.end += rows.num_rows() as u64;
            self.pass_rows += rows.num_rows() as u64;
            self.blocks.push_back(Block { first, rows, due });
            return Ok(());
        }
        // A file without any row would be read for ever.
        if !recording.loops || self.pass_rows == 0 {
            self.is_over = true;
            return Ok(());
        }
        self.past_faults += reader.faults;
        self.past_rejected = self.rejected();
        self.reader = Some(FileRows::open(&recording.path, &recording.content)?);
        self.pass_rows = 0;
        self.timeline.begin_pass();
        Ok(())
    }

    /// Reads until there are rows up to `target`, or no more.
    fn read_up_to(&mut self, target: u64, recording: &Recording, pace: Pace) -> Result<(), NodeError> {
        while self.end < target && !self.is_over {
            self.read_block(recording, pace)?;
        }
        Ok(())
    }

    /// One past the last row due before the horizon.
    fn due_up_to(&mut self, max_rows: u64, recording: &Recording, pace: Pace) -> Result<u64, NodeError> {
        let bound = self.planned.saturating_add(max_rows);
        loop {
            let last_is_due =
                self.blocks.back().and_then(|block| block.due.last()).is_none_or(|due| *due < self.horizon);
            if !last_is_due || self.is_over || self.end >= bound {
                break;
            }
            self.read_block(recording, pace)?;
        }
        let due_in = |block: &Block| block.due.partition_point(|due| *due < self.horizon) as u64;
        let first = self.blocks.front().map_or(self.end, |block| block.first);
        Ok((first + self.blocks.iter().map(due_in).sum::<u64>()).clamp(self.planned, bound))
    }

    /// Bytes of the rows read and not yet committed.
    fn buffered_bytes(&self) -> u64 {
        self.blocks.iter().map(|block| block.rows.get_array_memory_size() as u64).sum()
    }

    /// Lets go of blocks that end at or before this row.
    fn forget(&mut self, before: u64) {
        while self.blocks.front().is_some_and(|block| block.first + block.rows.num_rows() as u64 <= before) {
            self.blocks.pop_front();
        }
    }

    fn chunks(&self, range: &Range) -> Vec<Chunk> {
        let total = range.to - range.from;
        let mut chunks = Vec::new();
        for block in &self.blocks {
            let start = range.from.saturating_sub(block.first);
            let stop = range.to.saturating_sub(block.first).min(block.rows.num_rows() as u64);
            let (mut start, stop) = (usize::try_from(start).unwrap_or(usize::MAX), usize::try_from(stop).unwrap_or(0));
            while start < stop {
                let count = MAX_CHUNK_ROWS.min(stop - start);
                let position = block.first + start as u64 - range.from;
                let arrived = arrival_at(range, position * 2 + count as u64, total * 2);
                chunks.push(Chunk::new(block.rows.slice(start, count), arrived));
                start += count;
            }
        }
        chunks
    }

    /// Another column says when rows are due: from the next row on, as if it were the first.
    fn stamp_again(&mut self, pace: Pace) {
        let Pace::EventTime { column, .. } = pace else { return };
        self.timeline = Timeline::default();
        self.horizon = 0;
        for block in &mut self.blocks {
            block.due = self.timeline.stamp(&block.rows, column);
            let planned = usize::try_from(self.planned.saturating_sub(block.first)).unwrap_or(usize::MAX);
            if let Some(due) = planned.checked_sub(1).and_then(|last| block.due.get(last.min(block.due.len() - 1))) {
                self.horizon = *due;
            }
        }
    }

    fn faults(&self) -> LineFaults {
        let mut faults = self.past_faults;
        faults += self.reader.as_ref().map(|reader| reader.faults).unwrap_or_default();
        faults
    }

    fn rejected(&self) -> Rejected {
        let mut rejected = self.past_rejected.clone();
        rejected.append(self.reader.as_ref().map(|reader| reader.rejected.clone()).unwrap_or_default());
        rejected
    }
}

impl Source for ReplaySource {
    fn start(&self, io: &IoContext) -> Result<(), NodeError> {
        let shared = self.shared();
        let mut progress = lock(&shared.progress);
        if progress.reader.is_none() {
            progress.reader = Some(FileRows::open(&self.recording.path, &self.recording.content)?);
        }
        progress.generation += 1;
        let generation = progress.generation;
        drop(progress);
        let (recording, pace) = (self.recording.clone(), self.pace);
        let most = ReadAhead { rows: READ_AHEAD_ROWS.min(io.max_buffered_rows), bytes: io.max_buffered_bytes };
        std::thread::Builder::new()
            .name("weir replay".to_owned())
            .spawn(move || shared.read_ahead(generation, &recording, pace, most))
            .map_err(|error| NodeError::environment(format!("no thread can be started to read the file: {error}")))?;
        Ok(())
    }

    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError> {
        let (recording, pace, shared) = (&self.recording, self.pace, self.shared());
        let mut progress = lock(&shared.progress);
        let from = progress.planned;
        let span = cut.until.since(cut.from);
        let to = match pace {
            Pace::Fast { rows_per_batch } => from.saturating_add(rows_per_batch.min(cut.max_rows)),
            Pace::Rate { rows_per_sec } => {
                from.saturating_add(rows_at_rate(rows_per_sec, span, &mut progress.carried).min(cut.max_rows))
            }
            Pace::EventTime { speed, .. } => {
                progress.horizon = progress.horizon.saturating_add(scaled(span, speed));
                progress.due_up_to(cut.max_rows, recording, pace)?
            }
        };
        progress.read_up_to(to, recording, pace)?;
        let to = to.min(progress.end);
        progress.planned = to;
        // Whether the file has ended shows only when more is asked of it than it has.
        if progress.end == to && !progress.is_over {
            progress.read_block(recording, pace)?;
        }
        shared.changed.notify_all();
        Ok(Range { from, to, since: cut.from, until: cut.until })
    }

    fn read(&self, range: &Range) -> Result<Vec<Chunk>, NodeError> {
        if range.to <= range.from {
            return Ok(Vec::new());
        }
        let shared = self.shared();
        let progress = lock(&shared.progress);
        if progress.blocks.front().is_some_and(|block| block.first <= range.from) && range.to <= progress.end {
            return Ok(progress.chunks(range));
        }
        drop(progress);
        self.read_again(range)
    }

    fn commit(&self, range: &Range) {
        lock(&self.shared().progress).forget(range.to);
    }

    fn stop(&self) {
        if self.is_owner.load(Ordering::Acquire) {
            let shared = self.shared();
            lock(&shared.progress).generation += 1;
            shared.changed.notify_all();
        }
    }

    fn replay(&self) -> Replay {
        Replay::Exactly
    }

    fn is_live(&self) -> bool {
        false
    }

    fn is_bounded(&self) -> bool {
        !self.recording.loops
    }

    fn is_done(&self) -> bool {
        let shared = self.shared();
        let progress = lock(&shared.progress);
        progress.is_over && progress.planned == progress.end
    }

    fn status(&self) -> SourceStatus {
        let shared = self.shared();
        let progress = lock(&shared.progress);
        let faults = progress.faults();
        let rejected = progress.rejected();
        let path = &self.recording.path;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let connected = match &rejected.last {
            Some(last) => format!("{name}: {} rows did not fit and were left out, the last in {last}", rejected.count),
            None => name,
        };
        SourceStatus {
            buffered_rows: progress.end - progress.planned,
            buffered_bytes: progress.buffered_bytes(),
            dropped: faults.too_long,
            repaired: faults.lines() + rejected.count,
            waiting: None,
            connected: Some(connected),
        }
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let shared = self.shared();
        vec![("ignored", lock(&shared.progress).rejected().ignored)]
    }

    fn take_over(&self, old: &dyn Source) {
        let Some(old) = old.as_any().downcast_ref::<Self>() else { return };
        old.stop();
        if old.recording != self.recording {
            return;
        }
        old.is_owner.store(false, Ordering::Release);
        let shared = old.shared();
        let column = |pace| match pace {
            Pace::EventTime { column, .. } => Some(column),
            Pace::Fast { .. } | Pace::Rate { .. } => None,
        };
        if column(old.pace) != column(self.pace) {
            lock(&shared.progress).stamp_again(self.pace);
        }
        *lock(&self.shared) = shared;
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for ReplaySource {
    fn drop(&mut self) {
        self.stop();
    }
}
