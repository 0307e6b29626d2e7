//! The source: an inbox that batches are cut from, and the task that fills it.

use std::any::Any;
use std::sync::{Arc, Mutex};

use tokio::task::AbortHandle;

use super::peers::receive_forever;
use crate::nodes::net::Target;
use crate::nodes::sources::lines::Inbox;
use crate::nodes::sources::lock;
use crate::plan::{Chunk, Cut, IoContext, NodeError, Range, Replay, Source, SourceStatus};

/// The source of lines from TCP.
pub(super) struct SocketSource {
    target: Target,
    max_line_bytes: usize,
    receiving: Mutex<Receiving>,
}

struct Receiving {
    inbox: Arc<Inbox>,
    /// `Some` while the task runs.
    task: Option<AbortHandle>,
}

impl SocketSource {
    /// Not connected yet.
    pub(super) fn new(target: Target, max_line_bytes: usize) -> Self {
        let inbox = Arc::new(Inbox::new(max_line_bytes));
        Self { target, max_line_bytes, receiving: Mutex::new(Receiving { inbox, task: None }) }
    }

    /// What the receiving task fills.
    pub(super) fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&lock(&self.receiving).inbox)
    }
}

impl Source for SocketSource {
    fn start(&self, io: &IoContext) -> Result<(), NodeError> {
        let mut receiving = lock(&self.receiving);
        receiving.inbox.set_bounds(io.max_buffered_rows, io.max_buffered_bytes);
        receiving.inbox.set_max_line_bytes(self.max_line_bytes);
        if receiving.task.is_none() {
            let (target, inbox) = (self.target.clone(), Arc::clone(&receiving.inbox));
            let task = io.io.spawn(receive_forever(target, inbox, Arc::clone(&io.clock)));
            receiving.task = Some(task.abort_handle());
        }
        Ok(())
    }

    fn set_bounds(&self, max_rows: u64, max_bytes: u64) {
        self.inbox().set_bounds(max_rows, max_bytes);
    }

    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError> {
        let (from, to, first_arrival) = self.inbox().plan(cut.until, cut.max_rows)?;
        // Rows that were held back arrived before the batch's own span, and their latency must say so.
        let since = first_arrival.map_or(cut.from, |arrival| arrival.min(cut.from));
        Ok(Range { from, to, since, until: cut.until })
    }

    fn read(&self, range: &Range) -> Result<Vec<Chunk>, NodeError> {
        self.inbox().take(range.from, range.to)
    }

    fn commit(&self, _: &Range) {}

    fn stop(&self) {
        let mut receiving = lock(&self.receiving);
        if let Some(task) = receiving.task.take() {
            task.abort();
            receiving.inbox.set_ended();
        }
    }

    fn replay(&self) -> Replay {
        Replay::No
    }

    fn is_live(&self) -> bool {
        true
    }

    fn is_bounded(&self) -> bool {
        false
    }

    fn is_done(&self) -> bool {
        false
    }

    fn status(&self) -> SourceStatus {
        let inbox = self.inbox();
        let (buffered_rows, buffered_bytes) = inbox.backlog();
        let standing = inbox.standing();
        SourceStatus {
            buffered_rows,
            buffered_bytes,
            dropped: standing.faults.too_long,
            repaired: standing.faults.lines(),
            waiting: standing.waiting,
            connected: standing.connected,
        }
    }

    /// Shares the inbox, since batches already cut are still read from the old source. The connection goes along
    /// where it is the same one; else the old one closes and a new one fills the same inbox.
    fn take_over(&self, old: &dyn Source) {
        let Some(old) = old.as_any().downcast_ref::<Self>() else { return };
        let inbox = old.inbox();
        let mut task = lock(&old.receiving).task.take();
        if old.target != self.target
            && let Some(task) = task.take()
        {
            task.abort();
            inbox.set_ended();
        }
        inbox.set_max_line_bytes(self.max_line_bytes);
        *lock(&self.receiving) = Receiving { inbox, task };
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for SocketSource {
    fn drop(&mut self) {
        self.stop();
    }
}
