//! The source: a task that looks into the folder again and again, and batches that read what it found.

use std::any::Any;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::{sleep, timeout};

use super::Existing;
use super::look::files_in;
use super::pattern::Pattern;
use super::progress::{Progress, Tally};
use super::read::read_file;
use crate::nodes::sources::content::Content;
use crate::nodes::sources::lock;
use crate::plan::{Chunk, Clock, Cut, IoContext, NodeError, Range, Replay, Source, SourceStatus};

/// The time between two looks: what an unchanged file must rest.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Which files, and how they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) pattern: Pattern,
    pub(super) content: Content,
}

/// The source of a folder's files.
pub(super) struct FolderSource {
    folder: Arc<Folder>,
    existing: Existing,
    max_files: usize,
    watching: Mutex<Watching>,
}

struct Watching {
    shared: Arc<Shared>,
    /// `Some` while the task runs.
    task: Option<AbortHandle>,
}

/// What the task and the batches share.
pub(super) struct Shared {
    progress: Mutex<Progress>,
    looked: watch::Sender<Looked>,
    /// Makes the next look come at once.
    pub(super) hurry: Notify,
}

/// What the looks said.
#[derive(Debug, Clone, Default)]
pub(super) struct Looked {
    /// How many there were.
    pub(super) count: u64,
    /// Why the last one failed.
    pub(super) trouble: Option<String>,
}

impl FolderSource {
    /// Nothing is touched yet.
    pub(super) fn new(folder: Folder, existing: Existing, max_files: usize) -> Self {
        let watching = Watching { shared: Arc::new(Shared::new(Progress::new())), task: None };
        Self { folder: Arc::new(folder), existing, max_files, watching: Mutex::new(watching) }
    }

    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&lock(&self.watching).shared)
    }

    /// Follows the looks, and the way to hurry them.
    #[cfg(test)]
    pub(super) fn looks(&self) -> (watch::Receiver<Looked>, Arc<Shared>) {
        let shared = self.shared();
        (shared.looked.subscribe(), shared)
    }
}

impl Shared {
    fn new(progress: Progress) -> Self {
        Self { progress: Mutex::new(progress), looked: watch::Sender::default(), hurry: Notify::new() }
    }

    fn look(&self, folder: &Folder, existing: Existing, clock: &dyn Clock) {
        let found = files_in(&folder.path);
        let mut progress = lock(&self.progress);
        let trouble = match found {
            Ok(files) => {
                progress.look(files, &folder.pattern, existing, clock.now());
                None
            }
            Err(error) => {
                let name = folder.path.display();
                Some(if error.kind() == ErrorKind::NotFound {
                    progress.begin_without_folder();
                    format!("there is no folder {name}; make it or choose another")
                } else if error.kind() == ErrorKind::NotADirectory {
                    format!("{name} is a file; choose the folder it is in")
                } else if error.kind() == ErrorKind::PermissionDenied {
                    format!("the folder {name} may not be read; change its permissions or choose another")
                } else {
                    format!("the folder {name} cannot be read: {error}")
                })
            }
        };
        drop(progress);
        self.looked.send_modify(|looked| {
            looked.count += 1;
            looked.trouble = trouble;
        });
    }
}

/// Looks until it is aborted.
async fn look_forever(shared: Arc<Shared>, folder: Arc<Folder>, existing: Existing, clock: Arc<dyn Clock>) {
    loop {
        let (seer, folder, clock) = (Arc::clone(&shared), Arc::clone(&folder), Arc::clone(&clock));
        if spawn_blocking(move || seer.look(&folder, existing, &*clock)).await.is_err() {
            // The runtime is being shut down, or a defect made the look panic: the next one is due in its time.
            sleep(LOOK_EVERY).await;
        }
        // Whether the time is up or somebody hurries, it is time for the next look.
        let _ = timeout(LOOK_EVERY, shared.hurry.notified()).await;
    }
}

impl Source for FolderSource {
    fn start(&self, io: &IoContext) -> Result<(), NodeError> {
        let mut watching = lock(&self.watching);
        if watching.task.is_none() {
            let (shared, folder) = (Arc::clone(&watching.shared), Arc::clone(&self.folder));
            let task = io.io.spawn(look_forever(shared, folder, self.existing, Arc::clone(&io.clock)));
            watching.task = Some(task.abort_handle());
        }
        Ok(())
    }

    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError> {
        Ok(lock(&self.shared().progress).plan(cut, self.max_files))
    }

    fn read(&self, range: &Range) -> Result<Vec<Chunk>, NodeError> {
        let shared = self.shared();
        let files = lock(&shared.progress).files(range).ok_or_else(|| {
            NodeError::weir(format!("files {} to {} were asked for, but their batch was done", range.from, range.to))
        })?;
        let mut chunks = Vec::new();
        let mut tallies = Vec::with_capacity(files.len());
        for found in &files {
            let (rows, tally) = read_file(&self.folder.path, &found.file, &self.folder.content);
            chunks.extend(rows.into_iter().map(|rows| Chunk::new(rows, found.at)));
            tallies.push(tally);
        }
        lock(&shared.progress).count(range, tallies);
        Ok(chunks)
    }

    fn commit(&self, range: &Range) {
        lock(&self.shared().progress).forget(range.to);
    }

    fn stop(&self) {
        if let Some(task) = lock(&self.watching).task.take() {
            task.abort();
        }
    }

    fn replay(&self) -> Replay {
        Replay::Exactly
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
        let progress = lock(&shared.progress);
        let (waiting_files, buffered_bytes) = progress.backlog();
        let tally = &progress.tally;
        let path = &self.folder.path;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        SourceStatus {
            buffered_rows: 0,
            buffered_bytes,
            dropped: tally.missed + tally.faults.too_long,
            repaired: tally.faults.lines() + tally.rejected.count,
            waiting: shared.looked.borrow().trouble.clone(),
            connected: Some(format!("{name}: {}", sentence(tally, waiting_files))),
        }
    }

    /// The same files read in the same way go on where they were. Else what is in no batch yet is found again, by the
    /// new pattern and format; another folder begins anew.
    fn take_over(&self, old: &dyn Source) {
        let Some(old) = old.as_any().downcast_ref::<Self>() else { return };
        let (shared, task) = {
            let mut watching = lock(&old.watching);
            (Arc::clone(&watching.shared), watching.task.take())
        };
        if old.folder == self.folder {
            *lock(&self.watching) = Watching { shared, task };
            return;
        }
        if let Some(task) = task {
            task.abort();
        }
        if old.folder.path == self.folder.path {
            lock(&self.watching).shared = Arc::new(Shared::new(lock(&shared.progress).anew()));
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for FolderSource {
    fn drop(&mut self) {
        self.stop();
    }
}

fn sentence(tally: &Tally, waiting: usize) -> String {
    let mut parts = vec![format!("{} files read", tally.read)];
    if waiting > 0 {
        parts.push(format!("{waiting} wait"));
    }
    if let Some(last) = &tally.last_missed {
        parts.push(format!("{} left out, the last was {last}", tally.missed));
    }
    if let Some(last) = &tally.rejected.last {
        parts.push(format!("{} rows did not fit and were left out, the last in {last}", tally.rejected.count));
    }
    parts.join("; ")
}
