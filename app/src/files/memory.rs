//! Files without a disk or a desktop: everything happens at once, in memory. Tests drive the whole window with it.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;

use weir_engine::format;

use super::{Ask, FileEvent, FileRequest, Files, FolderEntry, Journal, Lost, NotSaved, Opened, Stamp};

/// Files by path, and what the file dialog will answer. Clones share both, so that a test can look in from outside.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles {
    shared: Rc<RefCell<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    files: BTreeMap<PathBuf, String>,
    answers: VecDeque<Option<PathBuf>>,
    written: BTreeMap<PathBuf, Vec<u8>>,
    settings: Option<String>,
    kept: Option<Journal>,
    lost: Vec<Lost>,
    events: VecDeque<FileEvent>,
}

impl std::fmt::Debug for FileEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Opened { .. } => "Opened",
            Self::Looked { .. } => "Looked",
            Self::Saved { .. } => "Saved",
            Self::Written { .. } => "Written",
            Self::Inferred { .. } => "Inferred",
            Self::Listed { .. } => "Listed",
            Self::Picked { .. } => "Picked",
            Self::SettingsFailed(_) => "SettingsFailed",
            Self::Lost { .. } => "Lost",
            Self::KeepFailed(_) => "KeepFailed",
        })
    }
}

impl MemoryFiles {
    /// Puts a file there.
    pub fn put(&self, path: impl Into<PathBuf>, text: impl Into<String>) {
        self.shared.borrow_mut().files.insert(path.into(), text.into());
    }

    /// The text of a file.
    pub fn text(&self, path: impl Into<PathBuf>) -> Option<String> {
        self.shared.borrow().files.get(&path.into()).cloned()
    }

    /// Removes a file.
    pub fn remove(&self, path: impl Into<PathBuf>) {
        self.shared.borrow_mut().files.remove(&path.into());
    }

    /// The bytes of a file that is no pipeline.
    pub fn written(&self, path: impl Into<PathBuf>) -> Option<Vec<u8>> {
        self.shared.borrow().written.get(&path.into()).cloned()
    }

    /// What the file dialog answers next time; without an answer it says `None`, as a missing one does.
    pub fn will_pick(&self, path: impl Into<PathBuf>) {
        self.shared.borrow_mut().answers.push_back(Some(path.into()));
    }

    /// Leaves a document behind, as a program that was killed does.
    pub fn put_lost(&self, lost: Lost) {
        self.shared.borrow_mut().lost.push(lost);
    }

    /// The ids of what is left behind.
    pub fn lost(&self) -> Vec<String> {
        self.shared.borrow().lost.iter().map(|lost| lost.id.clone()).collect()
    }

    /// What is kept for the case of a crash.
    pub fn kept(&self) -> Option<Journal> {
        self.shared.borrow().kept.clone()
    }

    /// The settings last written.
    pub fn settings(&self) -> Option<String> {
        self.shared.borrow().settings.clone()
    }
}

impl Files for MemoryFiles {
    fn send(&mut self, request: FileRequest) -> bool {
        let mut shared = self.shared.borrow_mut();
        let event = match request {
            FileRequest::Open { path, job } => {
                let outcome = match shared.files.get(&path) {
                    None => Err(format!("{} does not exist", path.display())),
                    Some(text) => format::load(text)
                        .map(|loaded| {
                            let stamp = Stamp::of(text.as_bytes());
                            Box::new(Opened { stamp, pipeline: loaded.pipeline, warnings: loaded.warnings })
                        })
                        .map_err(|error| error.to_string()),
                };
                FileEvent::Opened { ticket: job.ticket, path, outcome }
            }
            FileRequest::Look(path) => {
                let stamp = shared.files.get(&path).map(|text| Stamp::of(text.as_bytes()));
                FileEvent::Looked { path, stamp }
            }
            FileRequest::Save { path, pipeline, revision, over, job } => {
                let now = shared.files.get(&path).map(|text| Stamp::of(text.as_bytes()));
                let outcome = match now {
                    Some(now) if over.is_some_and(|over| over != now) => Err(NotSaved::ChangedOnDisk(now)),
                    Some(_) | None => {
                        let text = format::save(&pipeline);
                        let stamp = Stamp::of(text.as_bytes());
                        shared.files.insert(path.clone(), text);
                        Ok(stamp)
                    }
                };
                FileEvent::Saved { ticket: job.ticket, path, revision, outcome }
            }
            FileRequest::List { folder, .. } => {
                let inside = shared.files.keys().filter(|path| path.parent() == Some(&folder));
                let names = inside.filter_map(|path| path.file_name());
                let entries = names
                    .map(|name| FolderEntry { name: name.to_string_lossy().into_owned(), is_folder: false })
                    .collect();
                FileEvent::Listed { folder, outcome: Ok(entries) }
            }
            FileRequest::WriteSettings(text) => {
                shared.settings = Some(text);
                return true;
            }
            FileRequest::Keep(journal) => {
                shared.kept = journal.map(|journal| *journal);
                return true;
            }
            FileRequest::FindLost => FileEvent::Lost { documents: shared.lost.clone(), unreadable: Vec::new() },
            FileRequest::Write { path, content, job } => {
                let outcome = content.bytes(&job.progress).map(|bytes| {
                    shared.written.insert(path.clone(), bytes);
                });
                FileEvent::Written { ticket: job.ticket, path, outcome }
            }
            FileRequest::Infer { job, node, kind, param, params, folder } => {
                // What nodes read, they read from the disk in tests too.
                let outcome = weir_engine::nodes::infer(&kind, &param, &params, &folder);
                FileEvent::Inferred { ticket: job.ticket, node, param, outcome }
            }
            FileRequest::ForgetLost(id) => {
                shared.lost.retain(|lost| lost.id != id);
                return true;
            }
        };
        shared.events.push_back(event);
        true
    }

    fn pick(&mut self, _ask: Ask, ticket: u64, _parent: Option<&eframe::Frame>) {
        let mut shared = self.shared.borrow_mut();
        let answer = shared.answers.pop_front().flatten();
        shared.events.push_back(FileEvent::Picked { ticket, answer });
    }

    fn poll(&mut self) -> Option<FileEvent> {
        self.shared.borrow_mut().events.pop_front()
    }
}
