//! The source: a task that follows the file and fills an inbox, from which batches are cut.

use std::any::Any;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::sleep;

use super::follower::{Follower, Origin};
use crate::nodes::sources::content::Content;
use crate::nodes::sources::lines::Inbox;
use crate::nodes::sources::lock;
use crate::plan::{Chunk, Clock, Cut, Fault, IoContext, NodeError, Range, Replay, Source, SourceStatus};

/// The time between two looks at a file that was read to its end.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The source of a growing file's rows.
pub(super) struct TailSource {
    path: PathBuf,
    content: Content,
    following: Mutex<Following>,
}

struct Following {
    shared: Arc<Shared>,
    /// `Some` while the task runs.
    task: Option<AbortHandle>,
}

/// What the task and the batches share.
pub(super) struct Shared {
    follower: Mutex<Follower>,
    pub(super) inbox: Inbox,
    /// Why the file cannot be followed any further.
    failure: Mutex<Option<NodeError>>,
}

impl TailSource {
    /// Nothing is touched yet.
    pub(super) fn new(path: PathBuf, from: Origin, content: Content) -> Self {
        let shared = Shared {
            follower: Mutex::new(Follower::new(path.clone(), from, content.clone())),
            inbox: Inbox::new(content.max_line_bytes),
            failure: Mutex::default(),
        };
        Self { path, content, following: Mutex::new(Following { shared: Arc::new(shared), task: None }) }
    }

    /// What the task fills.
    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&lock(&self.following).shared)
    }

    /// Whether the place in the file stays when the other source goes on as this one.
    fn continues(&self, old: &Self) -> bool {
        let (own, other) = (&self.content, &old.content);
        self.path == old.path && own.format == other.format && own.fields == other.fields
    }
}

impl Shared {
    /// One look, and what it gave into the inbox: under one lock, so that no row is lost when the task is aborted in
    /// between. Whether the next look need not wait.
    fn look(&self, clock: &dyn Clock) -> bool {
        let mut follower = lock(&self.follower);
        if lock(&self.failure).is_some() {
            return false;
        }
        // Whoever calls has waited for room; should the bound have sunk since, one line more must do.
        let looked = follower.look(self.inbox.free().rows.max(1)).and_then(|look| {
            let lines = look.lines;
            self.inbox.push_rows(lines.rows, lines.faults, lines.rejected, clock)?;
            Ok((look.waiting, look.has_more))
        });
        match looked {
            Ok((Some(waiting), has_more)) => {
                self.inbox.set_waiting(waiting);
                has_more
            }
            Ok((None, has_more)) => {
                self.inbox.set_connected(follower.sentence());
                has_more
            }
            Err(error) => {
                let sentence = error.message.clone();
                *lock(&self.failure) = Some(error).filter(|error| error.fault != Fault::Environment);
                self.inbox.set_waiting(sentence);
                false
            }
        }
    }
}

/// Follows until it is aborted.
async fn follow_forever(shared: Arc<Shared>, clock: Arc<dyn Clock>) {
    loop {
        shared.inbox.room().await;
        let (own, clock) = (Arc::clone(&shared), Arc::clone(&clock));
        if !spawn_blocking(move || own.look(&*clock)).await.unwrap_or(false) {
            sleep(LOOK_EVERY).await;
        }
    }
}

impl Source for TailSource {
    fn start(&self, io: &IoContext) -> Result<(), NodeError> {
        let mut following = lock(&self.following);
        following.shared.inbox.set_bounds(io.max_buffered_rows, io.max_buffered_bytes);
        following.shared.inbox.set_max_line_bytes(self.content.max_line_bytes);
        if following.task.is_none() {
            let task = io.io.spawn(follow_forever(Arc::clone(&following.shared), Arc::clone(&io.clock)));
            following.task = Some(task.abort_handle());
        }
        Ok(())
    }

    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError> {
        let shared = self.shared();
        let (from, to, first_arrival) = shared.inbox.plan(cut.until, cut.max_rows)?;
        // What was read before the failure is given first.
        if from == to
            && let Some(failure) = lock(&shared.failure).clone()
        {
            return Err(failure);
        }
        // Rows that were held back arrived before the batch's own span, and their latency must say so.
        let since = first_arrival.map_or(cut.from, |arrival| arrival.min(cut.from));
        Ok(Range { from, to, since, until: cut.until })
    }

    fn read(&self, range: &Range) -> Result<Vec<Chunk>, NodeError> {
        self.shared().inbox.take(range.from, range.to)
    }

    fn commit(&self, _: &Range) {}

    fn stop(&self) {
        let mut following = lock(&self.following);
        if let Some(task) = following.task.take() {
            task.abort();
            following.shared.inbox.set_ended();
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
        let shared = self.shared();
        let (buffered_rows, buffered_bytes) = shared.inbox.backlog();
        let standing = shared.inbox.standing();
        let rejected = &standing.rejected;
        let connected = match (standing.connected, &rejected.last) {
            (Some(name), Some(last)) => Some(format!(
                "{name}; {} rows did not fit and were left out, the last in (counted from where reading began) {last}",
                rejected.count
            )),
            (connected, _) => connected,
        };
        SourceStatus {
            buffered_rows,
            buffered_bytes,
            dropped: standing.faults.too_long,
            repaired: standing.faults.lines() + rejected.count,
            waiting: standing.waiting,
            connected,
        }
    }

    /// Shares the place in the file and the rows that wait, since batches already cut are still read from the old
    /// source.
    fn take_over(&self, old: &dyn Source) {
        let Some(old) = old.as_any().downcast_ref::<Self>() else { return };
        let mut former = lock(&old.following);
        let task = former.task.take();
        if !self.continues(old) {
            if let Some(task) = task {
                task.abort();
            }
            return;
        }
        let shared = Arc::clone(&former.shared);
        drop(former);
        lock(&shared.follower).content = self.content.clone();
        *lock(&self.following) = Following { shared, task };
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for TailSource {
    fn drop(&mut self) {
        self.stop();
    }
}
