//! What the sink and its tasks share: the peers with their queues, and a word on how things stand.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use super::SlowPeer;

/// Batches that wait for one peer at most.
const MAX_BATCHES: usize = 16;
/// Bytes that wait for one peer before further batches are dropped.
const MAX_BYTES: usize = 16 << 20;

/// A batch as lines. Whoever made it learns that all peers are done with it when the last copy is gone.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    pub(super) pieces: Arc<[Bytes]>,
    /// Never used: what counts is when it is dropped.
    _receipt: mpsc::Sender<()>,
}

/// A parcel in the queue of one peer.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) parcel: Parcel,
    size: usize,
    waiting: Arc<AtomicUsize>,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing was tried yet.
    Starting,
    /// Connected, or listening.
    Ready(String),
    /// Neither, for this reason.
    Waiting(String),
    /// Closed by the sink.
    Closed,
}

/// The peers.
#[derive(Debug)]
pub(super) struct Outlets {
    peers: Mutex<Vec<Peer>>,
    standing: watch::Sender<Standing>,
}

#[derive(Debug)]
struct Peer {
    id: u64,
    queue: mpsc::Sender<Queued>,
    /// Bytes in the queue.
    waiting: Arc<AtomicUsize>,
}

/// What became of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offered {
    /// In the queues of all peers but these many; there were so many peers.
    Taken { peers: usize, dropped: usize },
    /// In none, because one has no room.
    Full,
}

impl Parcel {
    /// With what tells when all peers are done: it has nothing more to receive then.
    pub(super) fn new(pieces: Vec<Bytes>) -> (Self, mpsc::Receiver<()>) {
        let (receipt, done) = mpsc::channel(1);
        (Self { pieces: pieces.into(), _receipt: receipt }, done)
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.size, Ordering::Relaxed);
    }
}

impl Outlets {
    /// Without peers.
    pub(super) fn new() -> Self {
        Self { peers: Mutex::default(), standing: watch::Sender::new(Standing::Starting) }
    }

    /// A new peer, and the queue it is to be served from.
    pub(super) fn add(&self, id: u64) -> mpsc::Receiver<Queued> {
        let (queue, inbox) = mpsc::channel(MAX_BATCHES);
        self.lock().push(Peer { id, queue, waiting: Arc::default() });
        inbox
    }

    /// The peer has gone.
    pub(super) fn remove(&self, id: u64) {
        self.lock().retain(|peer| peer.id != id);
    }

    /// All peers have gone.
    pub(super) fn remove_all(&self) {
        self.lock().clear();
    }

    /// Puts a parcel into the queue of every peer; of those without room the policy decides.
    pub(super) fn offer(&self, parcel: &Parcel, slow_peer: SlowPeer) -> Offered {
        let size = parcel.pieces.iter().map(Bytes::len).sum();
        let peers = self.lock();
        if slow_peer == SlowPeer::HoldBack && peers.iter().any(|peer| peer.queue.capacity() == 0) {
            return Offered::Full;
        }
        let dropped = peers.iter().filter(|peer| !peer.offer(parcel, size, slow_peer)).count();
        Offered::Taken { peers: peers.len(), dropped }
    }

    /// Lets the peers take what is in their queues, and nothing more.
    pub(super) fn close(&self) {
        self.remove_all();
        self.standing.send_replace(Standing::Closed);
    }

    /// Says how things stand, unless the sink has closed.
    pub(super) fn say(&self, standing: Standing) {
        self.standing.send_if_modified(|present| {
            let is_open = *present != Standing::Closed;
            if is_open {
                *present = standing;
            }
            is_open
        });
    }

    /// Follows how things stand.
    pub(super) fn watch(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Whether the sink has closed.
    pub(super) async fn closed(&self) {
        // The sender lives as long as this does.
        let _ = self.watch().wait_for(|standing| *standing == Standing::Closed).await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Peer>> {
        // Every critical section leaves the list whole at each step.
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peer {
    /// Whether it took the parcel. One that has gone takes everything.
    fn offer(&self, parcel: &Parcel, size: usize, slow_peer: SlowPeer) -> bool {
        let before = self.waiting.fetch_add(size, Ordering::Relaxed);
        let queued = Queued { parcel: parcel.clone(), size, waiting: Arc::clone(&self.waiting) };
        let has_room = match slow_peer {
            SlowPeer::HoldBack => true,
            SlowPeer::Drop => before == 0 || before.saturating_add(size) <= MAX_BYTES,
        };
        has_room && !matches!(self.queue.try_send(queued), Err(mpsc::error::TrySendError::Full(_)))
    }
}
