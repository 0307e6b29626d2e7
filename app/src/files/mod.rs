//! Everything of the window that touches the disk or asks the desktop for a file, off the thread that draws.
//!
//! The window sends [`FileRequest`]s and fetches [`FileEvent`]s; neither ever waits. [`DesktopFiles`] does the work on
//! the thread `weir-files`, what may take long on one of its own, [`MemoryFiles`] at once and without a disk, for tests.

mod desktop;
mod dialog;
mod export;
mod job;
mod memory;
mod recovery;
mod stamp;

use std::path::PathBuf;
use std::sync::Arc;

use weir_engine::pipeline::Pipeline;
use weir_engine::spec::{NodeId, Params};

use crate::i18n::tr;

pub use desktop::DesktopFiles;
pub(crate) use export::with_extension;
pub use export::{Content, Export};
pub use job::{Job, Progress};
pub use memory::MemoryFiles;
pub use recovery::{Journal, Lost};
pub use stamp::Stamp;

/// What pipeline files end with.
pub const SUFFIX: &str = ".weir.json";

/// What the window wants done.
pub enum FileRequest {
    /// Reads a pipeline.
    Open {
        /// From where.
        path: PathBuf,
        /// Under which number.
        job: Job,
    },
    /// Writes a pipeline, whole or not at all.
    Save {
        /// Where.
        path: PathBuf,
        /// What.
        pipeline: Arc<Pipeline>,
        /// The document's revision that this is.
        revision: u64,
        /// What the file held when it was last read or written here: if it holds something else by now, it is left
        /// alone. `None`: whatever is there is replaced.
        over: Option<Stamp>,
        /// Under which number.
        job: Job,
    },
    /// Looks what a file holds now.
    Look(PathBuf),
    /// Lists a folder for the in-app file dialog.
    List {
        /// Which.
        folder: PathBuf,
        /// Suffixes of the files to list, without the dot; none: all.
        extensions: &'static [&'static str],
    },
    /// Writes the settings file.
    WriteSettings(String),
    /// Keeps a document for the case of a crash, in place of the one kept before; `None`: all is saved.
    Keep(Option<Box<Journal>>),
    /// Looks for what an earlier run left behind unsaved.
    FindLost,
    /// Writes a file of another kind, whole or not at all.
    Write {
        /// Where.
        path: PathBuf,
        /// What.
        content: Content,
        /// Under which number.
        job: Job,
    },
    /// Looks what a parameter of a node may be, by what its file says.
    Infer {
        /// Under which number.
        job: Job,
        /// The node.
        node: NodeId,
        /// Its kind.
        kind: String,
        /// The parameter.
        param: String,
        /// All of its parameters so far.
        params: Params,
        /// Relative paths count from here.
        folder: PathBuf,
    },
    /// Lets go of what was left behind under this id.
    ForgetLost(String),
}

/// What came of it.
pub enum FileEvent {
    /// A pipeline was read, or a sentence says why not.
    Opened {
        /// The number it was asked under.
        ticket: u64,
        /// From where.
        path: PathBuf,
        /// The pipeline.
        outcome: Result<Box<Opened>, String>,
    },
    /// What a file holds now; `None`: it is gone or cannot be read.
    Looked {
        /// Which.
        path: PathBuf,
        /// What it holds.
        stamp: Option<Stamp>,
    },
    /// A pipeline was written, or a sentence says why not.
    Saved {
        /// The number it was asked under.
        ticket: u64,
        /// Where.
        path: PathBuf,
        /// The document's revision that was written.
        revision: u64,
        /// What the file holds now.
        outcome: Result<Stamp, NotSaved>,
    },
    /// A file of another kind was written, or a sentence says why not.
    Written {
        /// The number it was asked under.
        ticket: u64,
        /// Where.
        path: PathBuf,
        /// Whether it was.
        outcome: Result<(), String>,
    },
    /// What a parameter may be, or a sentence says why nothing can be told.
    Inferred {
        /// The number it was asked under.
        ticket: u64,
        /// The node.
        node: NodeId,
        /// The parameter.
        param: String,
        /// Its rows.
        outcome: Result<Vec<serde_json::Value>, String>,
    },
    /// A folder was listed.
    Listed {
        /// Which.
        folder: PathBuf,
        /// What lies in it, folders first.
        outcome: Result<Vec<FolderEntry>, String>,
    },
    /// The desktop's file dialog answered.
    Picked {
        /// The number it was asked under.
        ticket: u64,
        /// The choice; `None` also where there is no such dialog.
        answer: Option<PathBuf>,
    },
    /// The settings could not be written.
    SettingsFailed(String),
    /// What an earlier run left behind unsaved, and sentences about what of it cannot be read.
    Lost {
        /// The documents, the newest first.
        documents: Vec<Lost>,
        /// What cannot be read.
        unreadable: Vec<String>,
    },
    /// The document could not be kept for the case of a crash.
    KeepFailed(String),
}

/// Why a pipeline was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSaved {
    /// Someone else has written the file meanwhile; this is what it holds now.
    ChangedOnDisk(Stamp),
    /// A sentence says why.
    Failed(String),
}

/// A pipeline that was read.
pub struct Opened {
    /// What the file held.
    pub stamp: Stamp,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// What was odd about the file.
    pub warnings: Vec<String>,
}

/// One line of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

impl FileRequest {
    /// What may take so long that it must not hold up the others; a save is small, and comes in its turn.
    fn is_long(&self) -> bool {
        match self {
            Self::Open { .. } | Self::Write { .. } | Self::Infer { .. } => true,
            Self::Save { .. }
            | Self::Look(_)
            | Self::List { .. }
            | Self::WriteSettings(_)
            | Self::Keep(_)
            | Self::FindLost
            | Self::ForgetLost(_) => false,
        }
    }
}

impl FileEvent {
    /// The number it was asked under, if it was.
    pub fn ticket(&self) -> Option<u64> {
        match self {
            Self::Opened { ticket, .. }
            | Self::Saved { ticket, .. }
            | Self::Written { ticket, .. }
            | Self::Inferred { ticket, .. } => Some(*ticket),
            Self::Looked { .. }
            | Self::Listed { .. }
            | Self::Picked { .. }
            | Self::SettingsFailed(_)
            | Self::Lost { .. }
            | Self::KeepFailed(_) => None,
        }
    }
}

/// What a file is wanted for.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// A pipeline to open.
    Open,
    /// A place for the pipeline.
    Save,
    /// A place for something else.
    Export(Export),
    /// A place for what a source gives.
    Record(NodeId),
    /// The value of a node's parameter.
    Param {
        /// The node.
        node: NodeId,
        /// The parameter, as a path.
        param: String,
        /// Whether the node writes to the file.
        writes: bool,
        /// Suffixes to offer, without the dot; none: all.
        extensions: &'static [&'static str],
    },
}

impl Purpose {
    /// Whether the file is to be written, so that it need not exist.
    pub fn is_save(&self) -> bool {
        match self {
            Self::Open => false,
            Self::Save | Self::Export(_) | Self::Record(_) => true,
            Self::Param { writes, .. } => *writes,
        }
    }

    /// Suffixes to offer, without the dot; none: all.
    pub fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::Open | Self::Save => &["json"],
            Self::Export(export) => export.content.extensions(),
            Self::Record(_) => &["jsonl"],
            Self::Param { extensions, .. } => extensions,
        }
    }

    /// The title of the dialog in the language in force.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Open => tr("file.open_title"),
            Self::Save => tr("file.save_title"),
            Self::Export(export) if export.content.is_picture() => tr("file.picture_title"),
            Self::Export(_) => tr("file.export_title"),
            Self::Record(_) => tr("file.record_title"),
            Self::Param { .. } => tr("file.param_title"),
        }
    }

    /// What the offered suffixes stand for, in the language in force.
    pub fn filter(&self) -> &'static str {
        match self {
            Self::Open | Self::Save => tr("file.filter"),
            Self::Export(export) if export.content.is_picture() => tr("file.picture_filter"),
            Self::Param { .. } | Self::Export(_) | Self::Record(_) => tr("file.param_filter"),
        }
    }
}

/// What the desktop's file dialog is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What for.
    pub purpose: Purpose,
    /// Where to start.
    pub folder: PathBuf,
    /// The name proposed for writing.
    pub name: String,
}

/// The disk and the desktop, as the window sees them.
pub trait Files {
    /// Hands over a request; `false` if so many wait already that it was not taken.
    fn send(&mut self, request: FileRequest) -> bool;

    /// Opens the desktop's file dialog; its answer comes as [`FileEvent::Picked`] under this ticket.
    fn pick(&mut self, ask: Ask, ticket: u64, parent: Option<&eframe::Frame>);

    /// What has been done meanwhile.
    fn poll(&mut self) -> Option<FileEvent>;
}

/// The path with our suffix, if a person typed none.
pub fn with_suffix(path: PathBuf) -> PathBuf {
    let has_one = path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("json"));
    match path.file_name() {
        Some(name) if !has_one => path.with_file_name(format!("{}{SUFFIX}", name.to_string_lossy())),
        Some(_) | None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_suffix_gets_ours() {
        for (typed, saved) in [
            ("/a/words", "/a/words.weir.json"),
            ("/a/words.weir.json", "/a/words.weir.json"),
            ("/a/words.json", "/a/words.json"),
            ("/a/v1.2", "/a/v1.2.weir.json"),
        ] {
            assert_eq!(with_suffix(typed.into()), PathBuf::from(saved));
        }
    }
}
