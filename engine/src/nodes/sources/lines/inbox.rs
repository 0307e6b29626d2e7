//! What the readers of a source share with the batches: the waiting rows, and a word on how things stand.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use tokio::sync::{Notify, watch};

use super::{LineBuffer, LineFaults, TextBlock};
use crate::nodes::sources::content::Rejected;
use crate::nodes::sources::lock;
use crate::plan::{Chunk, Clock, NodeError};
use crate::spec::Timestamp;

/// The one meeting place of readers and batches.
#[derive(Debug)]
pub(in crate::nodes) struct Inbox {
    lines: Mutex<LineBuffer>,
    has_room: Notify,
    max_rows: AtomicU64,
    max_bytes: AtomicU64,
    max_line_bytes: AtomicUsize,
    standing: watch::Sender<Standing>,
    turn: Mutex<()>,
}

/// What may still be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nodes) struct Room {
    /// In rows.
    pub(in crate::nodes) rows: usize,
    /// In bytes.
    pub(in crate::nodes) bytes: usize,
}

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::nodes) struct Standing {
    /// What is being waited for.
    pub(in crate::nodes) waiting: Option<String>,
    /// What is connected.
    pub(in crate::nodes) connected: Option<String>,
    /// Rows received since the source was made.
    pub(in crate::nodes) received: u64,
    /// Lines that had to be repaired.
    pub(in crate::nodes) faults: LineFaults,
    /// Lines that did not fit and were left out.
    pub(in crate::nodes) rejected: Rejected,
}

impl Inbox {
    /// Without lines.
    pub(in crate::nodes) fn new(max_line_bytes: usize) -> Self {
        Self {
            lines: Mutex::default(),
            has_room: Notify::new(),
            max_rows: AtomicU64::new(1),
            max_bytes: AtomicU64::new(1),
            max_line_bytes: AtomicUsize::new(max_line_bytes),
            standing: watch::Sender::new(Standing::default()),
            turn: Mutex::default(),
        }
    }

    /// Sets where readers stop.
    pub(in crate::nodes) fn set_bounds(&self, max_rows: u64, max_bytes: u64) {
        self.max_rows.store(max_rows, Ordering::Relaxed);
        self.max_bytes.store(max_bytes, Ordering::Relaxed);
        self.has_room.notify_waiters();
    }

    /// Sets where a line is cut.
    pub(in crate::nodes) fn set_max_line_bytes(&self, max_line_bytes: usize) {
        self.max_line_bytes.store(max_line_bytes, Ordering::Relaxed);
    }

    /// Where a line is cut.
    pub(in crate::nodes) fn max_line_bytes(&self) -> usize {
        self.max_line_bytes.load(Ordering::Relaxed)
    }

    /// Waits until there is room. Not reading is how a peer is held back.
    pub(in crate::nodes) async fn room(&self) {
        loop {
            let mut freed = std::pin::pin!(self.has_room.notified());
            freed.as_mut().enable();
            let (max_rows, max_bytes) = (self.max_rows.load(Ordering::Relaxed), self.max_bytes.load(Ordering::Relaxed));
            if !lock(&self.lines).is_full(max_rows, max_bytes) {
                return;
            }
            freed.await;
        }
    }

    /// What may be taken in now. Readers that share an inbox hold its [`Self::turn`] from here to the push.
    pub(in crate::nodes) fn free(&self) -> Room {
        let (max_rows, max_bytes) = (self.max_rows.load(Ordering::Relaxed), self.max_bytes.load(Ordering::Relaxed));
        let (rows, bytes) = lock(&self.lines).free(max_rows, max_bytes);
        let count = |free: u64| usize::try_from(free).unwrap_or(usize::MAX);
        Room { rows: count(rows), bytes: count(bytes) }
    }

    /// One reader after the other, so that what is free to one is not taken by another.
    pub(in crate::nodes) fn turn(&self) -> MutexGuard<'_, ()> {
        lock(&self.turn)
    }

    /// Takes lines in, leaving `lines` empty.
    pub(in crate::nodes) fn push(
        &self,
        lines: &mut TextBlock,
        faults: LineFaults,
        clock: &dyn Clock,
    ) -> Result<(), ArrowError> {
        let count = lines.line_count() as u64;
        if count == 0 {
            return Ok(());
        }
        lock(&self.lines).push(lines, clock.now())?;
        self.standing.send_modify(|standing| {
            standing.received += count;
            standing.faults += faults;
        });
        Ok(())
    }

    /// Takes rows in that were read from lines. Their times of arrival never go back.
    pub(in crate::nodes) fn push_rows(
        &self,
        rows: Option<RecordBatch>,
        faults: LineFaults,
        rejected: Rejected,
        clock: &dyn Clock,
    ) -> Result<(), ArrowError> {
        let count = rows.as_ref().map_or(0, |rows| rows.num_rows() as u64);
        if let Some(rows) = rows.filter(|_| count > 0) {
            lock(&self.lines).push_rows(rows, clock.now())?;
        }
        self.standing.send_modify(|standing| {
            standing.received += count;
            standing.faults += faults;
            standing.rejected.append(rejected);
        });
        Ok(())
    }

    /// Promises a batch what arrived before `until`: the range and when its first row arrived.
    pub(in crate::nodes) fn plan(
        &self,
        until: Timestamp,
        max_rows: u64,
    ) -> Result<(u64, u64, Option<Timestamp>), NodeError> {
        let due = lock(&self.lines).plan(until, max_rows)?;
        Ok((due.from, due.to, due.first_arrival))
    }

    /// Gives exactly these rows away.
    pub(in crate::nodes) fn take(&self, from: u64, to: u64) -> Result<Vec<Chunk>, NodeError> {
        let taken = lock(&self.lines).take(from, to);
        self.has_room.notify_waiters();
        taken.ok_or_else(|| {
            NodeError::weir(format!("rows {from} to {to} of what arrived were asked for, but they are gone"))
        })
    }

    /// Rows and bytes that wait.
    pub(in crate::nodes) fn backlog(&self) -> (u64, u64) {
        let lines = lock(&self.lines);
        (lines.unplanned_rows(), lines.size_bytes())
    }

    /// Says that something is being waited for.
    pub(in crate::nodes) fn set_waiting(&self, reason: String) {
        self.standing.send_modify(|standing| {
            standing.waiting = Some(reason);
            standing.connected = None;
        });
    }

    /// Says what is connected.
    pub(in crate::nodes) fn set_connected(&self, to: String) {
        self.standing.send_modify(|standing| {
            standing.waiting = None;
            standing.connected = Some(to);
        });
    }

    /// Says that nothing is connected or waited for any more.
    pub(in crate::nodes) fn set_ended(&self) {
        self.standing.send_modify(|standing| {
            standing.waiting = None;
            standing.connected = None;
        });
    }

    /// How things stand.
    pub(in crate::nodes) fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Follows how things stand.
    #[cfg(test)]
    pub(in crate::nodes) fn watch(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }
}
