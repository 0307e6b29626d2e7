//! The sink: stages a batch as bytes and publishes it by handing it to every peer.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::outlets::{Offered, Outlets, Parcel, Standing};
use super::tasks::serve;
use super::{Format, SlowPeer};
use crate::nodes::net::Target;
use crate::nodes::sinks::encode::{json_lines, tabbed_lines};
use crate::plan::{BatchContext, Flow, Idempotence, IoContext, NodeError, Sink, rows_of};

/// How long publishing waits for the peers before it says so. The runtime tries again.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long peers have for what is left when the sink closes.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// The sink of lines over TCP.
pub(super) struct SocketSink {
    target: Target,
    format: Format,
    slow_peer: SlowPeer,
    link: Option<Link>,
    staged: Option<Staged>,
    /// Rows of the batch that peers lost.
    dropped: u64,
    /// Rows of the batch that nobody was there for.
    unheard: u64,
}

/// A batch on its way.
struct Staged {
    batch: u64,
    rows: u64,
    /// Taken once it is offered.
    pieces: Vec<Bytes>,
    /// Once it is offered: ends when all peers are done.
    done: Option<mpsc::Receiver<()>>,
}

/// The task that keeps the connections.
struct Link {
    outlets: Arc<Outlets>,
    io: Handle,
    task: JoinHandle<()>,
}

impl SocketSink {
    /// Not connected yet.
    pub(super) fn new(target: Target, format: Format, slow_peer: SlowPeer) -> Self {
        Self { target, format, slow_peer, link: None, staged: None, dropped: 0, unheard: 0 }
    }

    fn encode(&self, rows: &RecordBatch) -> Result<Bytes, ArrowError> {
        let mut bytes = Vec::new();
        match self.format {
            Format::Text => tabbed_lines(rows, &mut bytes)?,
            Format::JsonLines => json_lines(rows, &mut bytes)?,
        }
        Ok(bytes.into())
    }

    /// Follows how the connections stand.
    #[cfg(test)]
    pub(super) fn watch(&self) -> Option<tokio::sync::watch::Receiver<Standing>> {
        self.link.as_ref().map(|link| link.outlets.watch())
    }
}

impl Link {
    fn start(target: Target, io: &IoContext) -> Self {
        let outlets = Arc::new(Outlets::new());
        let task = io.io.spawn(serve(target, Arc::clone(&outlets)));
        Self { outlets, io: io.io.clone(), task }
    }

    /// Waits shortly for the connection.
    fn ready(&self, target: &Target) -> Result<(), NodeError> {
        let mut standing = self.outlets.watch();
        // Whether it was in time shows in how things stand.
        let _ = self.io.block_on(async {
            timeout(PATIENCE, standing.wait_for(|standing| *standing != Standing::Starting)).await.map(|_| ())
        });
        match &*standing.borrow() {
            Standing::Ready(_) => Ok(()),
            Standing::Waiting(reason) => Err(NodeError::environment(reason.clone())),
            Standing::Starting | Standing::Closed => Err(NodeError::environment(format!("connecting to {target}"))),
        }
    }
}

impl Drop for Link {
    /// What was published reaches the peers that read it.
    fn drop(&mut self) {
        self.outlets.close();
        // Inside the IO runtime waiting is not possible; the task then ends by itself.
        if Handle::try_current().is_err() {
            let task = &mut self.task;
            let ended = self.io.block_on(async { timeout(LAST_PATIENCE, task).await.is_ok() });
            if !ended {
                self.task.abort();
            }
        }
    }
}

impl Sink for SocketSink {
    fn start(&mut self, io: &IoContext) -> Result<(), NodeError> {
        if self.link.is_none() {
            self.link = Some(Link::start(self.target.clone(), io));
        }
        Ok(())
    }

    fn stage(&mut self, inputs: &[Flow], context: &BatchContext) -> Result<(), NodeError> {
        // Part of it may have been sent: it goes on, and is not begun again.
        if self.staged.as_ref().is_some_and(|staged| staged.batch == context.batch && staged.done.is_some()) {
            return Ok(());
        }
        let chunks = || inputs.iter().flat_map(Flow::chunks).filter(|chunk| chunk.rows.num_rows() > 0);
        let pieces = chunks().map(|chunk| self.encode(&chunk.rows)).collect::<Result<_, _>>()?;
        let rows = inputs.iter().map(|flow| rows_of(flow.chunks())).sum();
        (self.dropped, self.unheard) = (0, 0);
        self.staged = Some(Staged { batch: context.batch, rows, pieces, done: None });
        Ok(())
    }

    fn publish(&mut self, batch: u64) -> Result<(), NodeError> {
        let Some(staged) = self.staged.as_mut().filter(|staged| staged.batch == batch) else { return Ok(()) };
        let Some(link) = &self.link else {
            return Err(NodeError::weir("the socket was to be written to before it was started"));
        };
        if staged.rows == 0 {
            return Ok(());
        }
        let full = || NodeError::environment(format!("{} does not read fast enough; the batch waits", self.target));
        if staged.done.is_none() {
            link.ready(&self.target)?;
            // The copy of the bytes is one of references.
            let (parcel, done) = Parcel::new(staged.pieces.clone());
            match link.outlets.offer(&parcel, self.slow_peer) {
                Offered::Full => return Err(full()),
                Offered::Taken { peers, dropped } => {
                    self.dropped = staged.rows.saturating_mul(dropped as u64);
                    self.unheard = if peers == 0 { staged.rows } else { 0 };
                }
            }
            staged.pieces = Vec::new();
            staged.done = Some(done);
        }
        if let (SlowPeer::HoldBack, Some(done)) = (self.slow_peer, &mut staged.done) {
            let waited = link.io.block_on(async { timeout(PATIENCE, done.recv()).await });
            if waited.is_err() {
                let standing = link.outlets.watch().borrow().clone();
                return Err(match standing {
                    Standing::Waiting(reason) => NodeError::environment(reason),
                    Standing::Starting | Standing::Ready(_) | Standing::Closed => full(),
                });
            }
        }
        Ok(())
    }

    fn idempotence(&self) -> Idempotence {
        Idempotence::None
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        vec![("dropped", self.dropped), ("unheard", self.unheard)]
    }

    fn stop(&mut self) {
        self.link = None;
    }

    /// The connections go along where they are the same ones, and with them a batch on its way.
    fn take_over(&mut self, old: Box<dyn Sink>) {
        let old: Box<dyn Any> = old;
        if let Ok(mut old) = old.downcast::<Self>()
            && old.target == self.target
        {
            self.link = old.link.take();
            self.staged = old.staged.take();
        }
    }
}
