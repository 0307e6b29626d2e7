//! Files on a real disk: one worker thread, requests in order, answers over a bounded channel.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use weir_engine::format;
use weir_engine::pipeline::Pipeline;

use super::recovery::Recovery;
use super::{Ask, FileEvent, FileRequest, Files, FolderEntry, NotSaved, Opened, Stamp, dialog};

/// Requests that may wait.
const QUEUE: usize = 32;
/// Lines of a folder shown at most.
const MAX_ENTRIES: usize = 5_000;

/// Called after an answer was queued, so that the window can wake up.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The disk and the desktop. Dropping it finishes what was asked for.
pub struct DesktopFiles {
    requests: Option<SyncSender<FileRequest>>,
    events: Receiver<FileEvent>,
    answers: SyncSender<FileEvent>,
    worker: Option<JoinHandle<()>>,
    wake: Wake,
}

impl DesktopFiles {
    /// Starts the worker.
    pub fn start(wake: Wake) -> std::io::Result<Self> {
        let (requests, inbox) = sync_channel::<FileRequest>(QUEUE);
        let (answers, events) = sync_channel(QUEUE);
        let (outbox, waker) = (answers.clone(), Arc::clone(&wake));
        let worker = std::thread::Builder::new().name("weir-files".to_owned()).spawn(move || {
            let mut recovery = None;
            while let Ok(request) = inbox.recv() {
                if let Some(event) = perform(request, &mut recovery) {
                    // The window may be gone already; what was asked for is still done.
                    let _ = outbox.send(event);
                    waker();
                }
            }
        })?;
        Ok(Self { requests: Some(requests), events, answers, worker: Some(worker), wake })
    }
}

impl Files for DesktopFiles {
    fn send(&mut self, request: FileRequest) -> bool {
        self.requests.as_ref().is_some_and(|requests| requests.try_send(request).is_ok())
    }

    fn pick(&mut self, ask: Ask, ticket: u64, parent: Option<&eframe::Frame>) {
        dialog::pick(ask, ticket, parent, self.answers.clone(), Arc::clone(&self.wake));
    }

    fn poll(&mut self) -> Option<FileEvent> {
        self.events.try_recv().ok()
    }
}

impl Drop for DesktopFiles {
    fn drop(&mut self) {
        // Without a sender the worker ends after the last request; without a reader its answers cannot block it.
        self.requests = None;
        let (_, nobody) = sync_channel(1);
        self.events = nobody;
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// `recovery` is entered when it is first needed.
fn perform(request: FileRequest, recovery: &mut Option<Recovery>) -> Option<FileEvent> {
    match request {
        FileRequest::Open(path) => {
            // Taken first: what is written in between is noticed later.
            let stamp = Stamp::of_file(&path).unwrap_or(Stamp::of(&[]));
            let outcome = format::open(&path)
                .map(|loaded| Box::new(Opened { stamp, pipeline: loaded.pipeline, warnings: loaded.warnings }))
                .map_err(|error| error.to_string());
            Some(FileEvent::Opened { path, outcome })
        }
        FileRequest::Look(path) => {
            let stamp = Stamp::of_file(&path);
            Some(FileEvent::Looked { path, stamp })
        }
        FileRequest::Save { path, pipeline, revision, over } => {
            let outcome = save(&path, &pipeline, over);
            Some(FileEvent::Saved { path, revision, outcome })
        }
        FileRequest::Export { path, picture } => {
            let written = picture
                .bytes()
                .and_then(|bytes| write_whole(&path, &bytes).map_err(|error| format!("{}: {error}", path.display())));
            Some(FileEvent::Exported { path, outcome: written })
        }
        FileRequest::List { folder, extensions } => {
            let outcome = list(&folder, extensions).map_err(|error| format!("{}: {error}", folder.display()));
            Some(FileEvent::Listed { folder, outcome })
        }
        FileRequest::WriteSettings(text) => {
            let path = crate::settings::Settings::path()?;
            write_whole(&path, text.as_bytes()).err().map(|error| FileEvent::SettingsFailed(error.to_string()))
        }
        FileRequest::Keep(journal) => {
            let kept = entered(recovery)?.and_then(|recovery| recovery.keep(journal.as_deref()));
            kept.err().map(|error| FileEvent::KeepFailed(error.to_string()))
        }
        FileRequest::FindLost => match entered(recovery)?.and_then(Recovery::lost) {
            Ok((documents, unreadable)) => Some(FileEvent::Lost { documents, unreadable }),
            Err(error) => Some(FileEvent::KeepFailed(error.to_string())),
        },
        FileRequest::Write { path, content } => {
            let outcome = content.bytes().and_then(|bytes| {
                write_whole(&path, &bytes).map_err(|error| format!("{} could not be written: {error}", path.display()))
            });
            Some(FileEvent::Written { path, outcome })
        }
        FileRequest::ForgetLost(id) => {
            let forgotten = entered(recovery)?.and_then(|recovery| recovery.forget(&id));
            forgotten.err().map(|error| FileEvent::KeepFailed(error.to_string()))
        }
    }
}

/// Writes a pipeline unless someone else has written the file since it held `over`.
fn save(path: &Path, pipeline: &Pipeline, over: Option<Stamp>) -> Result<Stamp, NotSaved> {
    if let (Some(over), Some(now)) = (over, Stamp::of_file(path))
        && over != now
    {
        return Err(NotSaved::ChangedOnDisk(now));
    }
    format::save_atomically(path, pipeline).map_err(|error| NotSaved::Failed(error.to_string()))?;
    Ok(Stamp::of(format::save(pipeline).as_bytes()))
}

/// The recovery folder; `None` where the system has no place for one.
fn entered(recovery: &mut Option<Recovery>) -> Option<std::io::Result<&Recovery>> {
    if recovery.is_none() {
        match Recovery::enter(&Recovery::usual_folder()?) {
            Ok(entered) => *recovery = Some(entered),
            Err(error) => return Some(Err(error)),
        }
    }
    recovery.as_ref().map(Ok)
}

/// Folders first, then the files with one of these suffixes; nothing hidden.
fn list(folder: &Path, extensions: &[&str]) -> std::io::Result<Vec<FolderEntry>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)?.take(MAX_ENTRIES) {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = std::fs::metadata(entry.path()).is_ok_and(|meta| meta.is_dir());
        let suffix = Path::new(&name).extension().unwrap_or_default();
        let is_wanted = extensions.is_empty() || extensions.iter().any(|wanted| suffix.eq_ignore_ascii_case(wanted));
        if !name.starts_with('.') && (is_folder || is_wanted) {
            entries.push(FolderEntry { name, is_folder });
        }
    }
    entries.sort_by_key(|entry| (!entry.is_folder, entry.name.to_lowercase()));
    Ok(entries)
}

/// Writes beside the old file and then takes its place: never half a file.
fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty.weir.json");
        let saved = perform(
            FileRequest::Save { path: path.clone(), pipeline: Arc::new(Pipeline::new()), revision: 7, over: None },
            &mut None,
        );
        assert!(matches!(saved, Some(FileEvent::Saved { revision: 7, outcome: Ok(_), .. })));
        assert!(matches!(perform(FileRequest::Open(path), &mut None), Some(FileEvent::Opened { outcome: Ok(_), .. })));
    }

    #[test]
    fn what_someone_else_wrote_is_not_overwritten_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shared.weir.json");
        let ours = save(&path, &Pipeline::new(), None).unwrap();
        assert_eq!(Stamp::of_file(&path), Some(ours), "the stamp is that of the file");
        assert_eq!(save(&path, &Pipeline::new(), Some(ours)), Ok(ours), "nobody else wrote");
        std::fs::write(&path, "theirs").unwrap();
        let theirs = Stamp::of(b"theirs");
        assert_eq!(save(&path, &Pipeline::new(), Some(ours)), Err(NotSaved::ChangedOnDisk(theirs)));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(save(&path, &Pipeline::new(), Some(theirs)), Ok(ours), "agreed to");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(save(&path, &Pipeline::new(), Some(ours)), Ok(ours), "a file that is gone is written again");
    }

    #[test]
    fn a_missing_file_is_a_sentence() {
        let event = perform(FileRequest::Open("/no/such/file.weir.json".into()), &mut None);
        let Some(FileEvent::Opened { outcome: Err(sentence), .. }) = event else { panic!("it opened") };
        assert!(!sentence.is_empty());
    }

    #[test]
    fn a_folder_shows_folders_and_pipelines_only() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("Sub")).unwrap();
        for name in ["b.weir.json", "a.txt", ".hidden.json"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let names: Vec<_> = list(folder.path(), &["json"]).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["Sub", "b.weir.json"]);
    }

    #[test]
    fn the_settings_folder_is_made_when_needed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.json");
        write_whole(&path, b"{}").unwrap();
        write_whole(&path, b"{\"scale\": 2}").unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "{\"scale\": 2}");
    }

    #[test]
    fn closing_the_window_finishes_what_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..20).map(|number| folder.path().join(format!("{number}.weir.json"))).collect();
        let mut files = DesktopFiles::start(Arc::new(|| ())).unwrap();
        for path in &paths {
            let pipeline = Arc::new(Pipeline::new());
            let request = FileRequest::Save { path: path.clone(), pipeline, revision: 0, over: None };
            assert!(files.send(request));
        }
        drop(files);
        assert!(paths.iter().all(|path| path.exists()));
    }
}
