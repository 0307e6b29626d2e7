//! Everything of the window that touches the disk or asks the desktop for a file, off the thread that draws.
//!
//! The window sends [`FileRequest`]s and fetches [`FileEvent`]s; neither ever waits. [`DesktopFiles`] does the work on
//! the thread `weir-files`, [`MemoryFiles`] at once and without a disk, for tests.

mod desktop;
mod dialog;
mod export;
mod memory;
mod recovery;
mod stamp;

use std::path::PathBuf;
use std::sync::Arc;

use weir_engine::pipeline::Pipeline;
use weir_engine::spec::NodeId;

use crate::drawing::Drawing;
use crate::i18n::tr;

pub use desktop::DesktopFiles;
pub(crate) use export::with_extension;
pub use export::{Content, Export};
pub use memory::MemoryFiles;
pub use recovery::{Journal, Lost};
pub use stamp::Stamp;

/// What pipeline files end with.
pub const SUFFIX: &str = ".weir.json";

/// What the window wants done.
pub enum FileRequest {
    /// Reads a pipeline.
    Open(PathBuf),
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
    },
    /// Looks what a file holds now.
    Look(PathBuf),
    /// Writes a picture of the graph.
    Export {
        /// Where.
        path: PathBuf,
        /// What.
        picture: Picture,
    },
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
    },
    /// Lets go of what was left behind under this id.
    ForgetLost(String),
}

/// What came of it.
pub enum FileEvent {
    /// A pipeline was read, or a sentence says why not.
    Opened {
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
        /// Where.
        path: PathBuf,
        /// The document's revision that was written.
        revision: u64,
        /// What the file holds now.
        outcome: Result<Stamp, NotSaved>,
    },
    /// A picture was written, or a sentence says why not.
    Exported {
        /// Where.
        path: PathBuf,
        /// Whether it was.
        outcome: Result<(), String>,
    },
    /// A file of another kind was written, or a sentence says why not.
    Written {
        /// Where.
        path: PathBuf,
        /// Whether it was.
        outcome: Result<(), String>,
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

/// A picture to write.
pub enum Picture {
    /// Its text.
    Svg(String),
    /// What is still to be turned into pixels; that takes too long for the thread that draws.
    Png(Box<Drawing>),
}

impl Picture {
    /// The bytes of its file.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Svg(text) => Ok(text.clone().into_bytes()),
            Self::Png(drawing) => drawing.png(),
        }
    }
}

/// The formats of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// Vectors.
    Svg,
    /// Pixels.
    Png,
}

impl PictureKind {
    /// What its files end with, without the dot.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }

    /// The path with the suffix, if a person typed none.
    pub fn with_suffix(self, path: PathBuf) -> PathBuf {
        let has_one = path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case(self.suffix()));
        match path.file_name() {
            Some(name) if !has_one => path.with_file_name(format!("{}.{}", name.to_string_lossy(), self.suffix())),
            Some(_) | None => path,
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
    /// A place for a picture of the graph.
    Picture(PictureKind),
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
            Self::Save | Self::Export(_) | Self::Record(_) | Self::Picture(_) => true,
            Self::Param { writes, .. } => *writes,
        }
    }

    /// Suffixes to offer, without the dot; none: all.
    pub fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::Open | Self::Save => &["json"],
            Self::Export(export) => export.content.extensions(),
            Self::Record(_) => &["jsonl"],
            Self::Picture(PictureKind::Svg) => &["svg"],
            Self::Picture(PictureKind::Png) => &["png"],
            Self::Param { extensions, .. } => extensions,
        }
    }

    /// The title of the dialog in the language in force.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Open => tr("file.open_title"),
            Self::Save => tr("file.save_title"),
            Self::Export(_) => tr("file.export_title"),
            Self::Record(_) => tr("file.record_title"),
            Self::Picture(_) => tr("file.picture_title"),
            Self::Param { .. } => tr("file.param_title"),
        }
    }

    /// What the offered suffixes stand for, in the language in force.
    pub fn filter(&self) -> &'static str {
        match self {
            Self::Open | Self::Save => tr("file.filter"),
            Self::Picture(_) => tr("file.picture_filter"),
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
