//! What the connections of a source share with the batches: the waiting lines, and a word on how things stand.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arrow::error::ArrowError;
use tokio::sync::{Notify, watch};

use crate::nodes::sources::lines::{LineBuffer, LineFaults, TextBlock};
use crate::nodes::sources::lock;
use crate::plan::{Chunk, Clock, NodeError};
use crate::spec::Timestamp;

/// The one meeting place of readers and batches.
#[derive(Debug)]
pub(super) struct Inbox {
    lines: Mutex<LineBuffer>,
    has_room: Notify,
    max_rows: AtomicU64,
    max_bytes: AtomicU64,
    max_line_bytes: AtomicUsize,
    standing: watch::Sender<Standing>,
}

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// What is being waited for.
    pub(super) waiting: Option<String>,
    /// What is connected.
    pub(super) connected: Option<String>,
    /// Lines received since the source was made.
    pub(super) received: u64,
    /// Lines that had to be repaired.
    pub(super) faults: LineFaults,
}

impl Inbox {
    /// Without lines.
    pub(super) fn new(max_line_bytes: usize) -> Self {
        Self {
            lines: Mutex::default(),
            has_room: Notify::new(),
            max_rows: AtomicU64::new(1),
            max_bytes: AtomicU64::new(1),
            max_line_bytes: AtomicUsize::new(max_line_bytes),
            standing: watch::Sender::new(Standing::default()),
        }
    }

    /// Sets where readers stop.
    pub(super) fn set_bounds(&self, max_rows: u64, max_bytes: u64) {
        self.max_rows.store(max_rows, Ordering::Relaxed);
        self.max_bytes.store(max_bytes, Ordering::Relaxed);
        self.has_room.notify_waiters();
    }

    /// Sets where a line is cut.
    pub(super) fn set_max_line_bytes(&self, max_line_bytes: usize) {
        self.max_line_bytes.store(max_line_bytes, Ordering::Relaxed);
    }

    /// Where a line is cut.
    pub(super) fn max_line_bytes(&self) -> usize {
        self.max_line_bytes.load(Ordering::Relaxed)
    }

    /// Waits until there is room. Not reading is how a peer is held back.
    pub(super) async fn room(&self) {
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

    /// Takes lines in, leaving `lines` empty.
    pub(super) fn push(&self, lines: &mut TextBlock, faults: LineFaults, clock: &dyn Clock) -> Result<(), ArrowError> {
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

    /// Promises a batch what arrived before `until`: the range and when its first row arrived.
    pub(super) fn plan(&self, until: Timestamp, max_rows: u64) -> Result<(u64, u64, Option<Timestamp>), NodeError> {
        let due = lock(&self.lines).plan(until, max_rows)?;
        Ok((due.from, due.to, due.first_arrival))
    }

    /// Gives exactly these rows away.
    pub(super) fn take(&self, from: u64, to: u64) -> Result<Vec<Chunk>, NodeError> {
        let taken = lock(&self.lines).take(from, to);
        self.has_room.notify_waiters();
        taken.ok_or_else(|| {
            NodeError::weir(format!("rows {from} to {to} of the socket were asked for, but they are gone"))
        })
    }

    /// Rows and bytes that wait.
    pub(super) fn backlog(&self) -> (u64, u64) {
        let lines = lock(&self.lines);
        (lines.unplanned_rows(), lines.size_bytes())
    }

    /// Says that something is being waited for.
    pub(super) fn set_waiting(&self, reason: String) {
        self.standing.send_modify(|standing| {
            standing.waiting = Some(reason);
            standing.connected = None;
        });
    }

    /// Says what is connected.
    pub(super) fn set_connected(&self, to: String) {
        self.standing.send_modify(|standing| {
            standing.waiting = None;
            standing.connected = Some(to);
        });
    }

    /// Says that nothing is connected or waited for any more.
    pub(super) fn set_ended(&self) {
        self.standing.send_modify(|standing| {
            standing.waiting = None;
            standing.connected = None;
        });
    }

    /// How things stand.
    pub(super) fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Follows how things stand.
    #[cfg(test)]
    pub(super) fn watch(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }
}
