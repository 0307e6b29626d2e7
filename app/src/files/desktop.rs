//! Files on a real disk: one worker thread, requests in order, answers over a bounded channel. What may take long works
//! on a thread of its own, so that a slow network folder cannot hold up a save.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use weir_engine::format;
use weir_engine::pipeline::Pipeline;

use super::recovery::Recovery;
use super::{Ask, FileEvent, FileRequest, Files, FolderEntry, NotSaved, Opened, Progress, Stamp, dialog};

/// Requests that may wait.
const QUEUE: usize = 32;
/// Long requests that may be under way at once.
const MAX_LONG: usize = 4;
/// Bytes written between two looks whether the file is still wanted.
const PIECE: usize = 1 << 20;
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
    /// Long requests under way, and whether closing waits for them.
    long: Vec<(bool, JoinHandle<()>)>,
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
        Ok(Self { requests: Some(requests), events, answers, worker: Some(worker), long: Vec::new(), wake })
    }

    /// Does it on a thread of its own; `false` if too many are under way.
    fn start_long(&mut self, request: FileRequest) -> bool {
        self.long.retain(|(_, thread)| !thread.is_finished());
        if self.long.len() >= MAX_LONG {
            return false;
        }
        let is_write = matches!(request, FileRequest::Write { .. });
        let (outbox, waker) = (self.answers.clone(), Arc::clone(&self.wake));
        let thread = std::thread::Builder::new().name("weir-job".to_owned()).spawn(move || {
            if let Some(event) = perform(request, &mut None) {
                // The window may be gone already.
                let _ = outbox.send(event);
                waker();
            }
        });
        thread.map(|thread| self.long.push((is_write, thread))).is_ok()
    }
}

impl Files for DesktopFiles {
    fn send(&mut self, request: FileRequest) -> bool {
        if request.is_long() {
            return self.start_long(request);
        }
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
        let writes = self.long.drain(..).filter_map(|(is_write, thread)| is_write.then_some(thread));
        for thread in writes.chain(self.worker.take()) {
            let _ = thread.join();
        }
    }
}

/// `recovery` is entered when it is first needed.
fn perform(request: FileRequest, recovery: &mut Option<Recovery>) -> Option<FileEvent> {
    match request {
        FileRequest::Open { path, job } => {
            // Taken first: what is written in between is noticed later.
            let stamp = Stamp::of_file(&path).unwrap_or(Stamp::of(&[]));
            let outcome = format::open_watched(&path, &mut |done, total| job.progress.tell(done, total))
                .map(|loaded| Box::new(Opened { stamp, pipeline: loaded.pipeline, warnings: loaded.warnings }))
                .map_err(|error| error.to_string());
            Some(FileEvent::Opened { ticket: job.ticket, path, outcome })
        }
        FileRequest::Look(path) => {
            let stamp = Stamp::of_file(&path);
            Some(FileEvent::Looked { path, stamp })
        }
        FileRequest::Save { path, pipeline, revision, over, job } => {
            let outcome = save(&path, &pipeline, over);
            Some(FileEvent::Saved { ticket: job.ticket, path, revision, outcome })
        }
        FileRequest::List { folder, extensions } => {
            let outcome = list(&folder, extensions).map_err(|error| format!("{}: {error}", folder.display()));
            Some(FileEvent::Listed { folder, outcome })
        }
        FileRequest::WriteSettings(text) => {
            let path = crate::settings::Settings::path()?;
            write_whole(&path, text.as_bytes(), &Progress::default())
                .err()
                .map(|error| FileEvent::SettingsFailed(error.to_string()))
        }
        FileRequest::Keep(journal) => {
            let kept = entered(recovery)?.and_then(|recovery| recovery.keep(journal.as_deref()));
            kept.err().map(|error| FileEvent::KeepFailed(error.to_string()))
        }
        FileRequest::FindLost => match entered(recovery)?.and_then(Recovery::lost) {
            Ok((documents, unreadable)) => Some(FileEvent::Lost { documents, unreadable }),
            Err(error) => Some(FileEvent::KeepFailed(error.to_string())),
        },
        FileRequest::Write { path, content, job } => {
            let outcome = content.bytes(&job.progress).and_then(|bytes| {
                write_whole(&path, &bytes, &job.progress)
                    .map_err(|error| format!("{} could not be written: {error}", path.display()))
            });
            Some(FileEvent::Written { ticket: job.ticket, path, outcome })
        }
        FileRequest::Infer { job, node, kind, param, params, folder } => {
            let outcome = weir_engine::nodes::infer(&kind, &param, &params, &folder);
            Some(FileEvent::Inferred { ticket: job.ticket, node, param, outcome })
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

/// Writes beside the old file and then takes its place: never half a file, and none that is not wanted any more.
fn write_whole(path: &Path, content: &[u8], progress: &Progress) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    for (index, piece) in content.chunks(PIECE).enumerate() {
        if !progress.tell((index * PIECE) as u64, content.len() as u64) {
            return Err(std::io::Error::other(crate::i18n::tr("progress.cancelled")));
        }
        file.write_all(piece)?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Content, Job};
    use super::*;

    #[test]
    fn what_is_saved_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty.weir.json");
        let saved = perform(
            FileRequest::Save {
                path: path.clone(),
                pipeline: Arc::new(Pipeline::new()),
                revision: 7,
                over: None,
                job: Job::default(),
            },
            &mut None,
        );
        assert!(matches!(saved, Some(FileEvent::Saved { revision: 7, outcome: Ok(_), .. })));
        assert!(matches!(
            perform(FileRequest::Open { path, job: Job::default() }, &mut None),
            Some(FileEvent::Opened { outcome: Ok(_), .. })
        ));
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
        let event =
            perform(FileRequest::Open { path: "/no/such/file.weir.json".into(), job: Job::default() }, &mut None);
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
        write_whole(&path, b"{}", &Progress::default()).unwrap();
        write_whole(&path, b"{\"scale\": 2}", &Progress::default()).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "{\"scale\": 2}");
    }

    #[test]
    fn what_is_not_wanted_any_more_is_neither_opened_nor_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph.svg");
        let job = Job::default();
        let write = |job: &Job| {
            let request =
                FileRequest::Write { path: path.clone(), content: Content::Svg("<svg/>".into()), job: job.clone() };
            perform(request, &mut None)
        };
        job.progress.cancel();
        assert!(matches!(write(&job), Some(FileEvent::Written { outcome: Err(_), .. })));
        assert!(!path.exists(), "nothing is left of it");
        assert!(matches!(write(&Job::default()), Some(FileEvent::Written { outcome: Ok(()), .. })));
        let opened = perform(FileRequest::Open { path, job }, &mut None);
        let Some(FileEvent::Opened { outcome: Err(why), .. }) = opened else { panic!("it opened") };
        assert!(why.contains("as asked"), "{why}");
    }

    #[test]
    fn closing_the_window_finishes_what_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..20).map(|number| folder.path().join(format!("{number}.weir.json"))).collect();
        let mut files = DesktopFiles::start(Arc::new(|| ())).unwrap();
        for path in &paths {
            let pipeline = Arc::new(Pipeline::new());
            let request =
                FileRequest::Save { path: path.clone(), pipeline, revision: 0, over: None, job: Job::default() };
            assert!(files.send(request));
        }
        drop(files);
        assert!(paths.iter().all(|path| path.exists()));
    }
}
