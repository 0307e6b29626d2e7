//! Everything the views may read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use weir_engine::analysis::Analysis;
use weir_engine::pipeline::{Document, SubflowId};
use weir_engine::runtime::{ClockKind, Recording};
use weir_engine::spec::{NodeId, PortRef};

use crate::action::Selection;
use crate::jobs::Jobs;
use crate::live::Live;
use crate::settings::Settings;
use crate::staged::Staged;
use crate::theme::Theme;

/// The designer's state. Views get it read-only.
pub struct AppState {
    /// The pipeline with its history.
    pub document: Document,
    /// Its file, once it has one.
    pub file: Option<PathBuf>,
    /// For a document without a file made from a sample: the sample's name and the folder with its data.
    pub sample: Option<SampleOrigin>,
    /// Checked on every edit.
    pub analysis: Analysis,
    /// What is selected.
    pub selection: Selection,
    /// The subflow that is open on the canvas; `None`: the pipeline itself.
    pub level: Option<SubflowId>,
    /// The port whose rows the Data panel shows; `None` follows the selection.
    pub watched: Option<PortRef>,
    /// Probes on ports: an expression that pauses the run when it is true of a row.
    pub probes: BTreeMap<PortRef, String>,
    /// By which clock the next run goes, and how fast.
    pub pace: Pace,
    /// What is being recorded.
    pub recording: Option<Recording>,
    /// The newest recording of each source.
    pub recordings: BTreeMap<NodeId, PathBuf>,
    /// A change that would cost the run state and waits for the person's word.
    pub staged: Option<Staged>,
    /// What is under way elsewhere and may take long.
    pub jobs: Jobs,
    /// What the engine told.
    pub live: Live,
    /// What the person set for all documents: language, theme, scale.
    pub settings: Settings,
    /// The colours and sizes in force.
    pub theme: Theme,
}

/// By which clock a run goes, and how fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// The clock.
    pub clock: ClockKind,
    /// On the virtual clock: so many times as fast as real time; `None`: as fast as it can.
    pub speed: Option<f64>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { clock: ClockKind::Wall, speed: Some(1.0) }
    }
}

/// Where an untitled document came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleOrigin {
    /// The sample's file name without its suffix.
    pub name: String,
    /// Its relative paths count from here.
    pub folder: PathBuf,
}

impl AppState {
    /// A state that shows this document, with nothing selected and nothing running.
    pub fn new(document: Document) -> Self {
        Self {
            document,
            file: None,
            sample: None,
            analysis: Analysis::default(),
            selection: Selection::default(),
            level: None,
            watched: None,
            probes: BTreeMap::new(),
            pace: Pace::default(),
            recording: None,
            recordings: BTreeMap::new(),
            staged: None,
            jobs: Jobs::default(),
            live: Live::default(),
            settings: Settings::default(),
            theme: Theme::dark(),
        }
    }

    /// What people call a node; one that was taken away since the run began is known by its last name.
    pub fn name_of(&self, node: NodeId) -> String {
        let present = self.document.pipeline().node(node).map(|node| node.name.clone());
        present.or_else(|| self.live.names.get(&node).cloned()).unwrap_or_else(|| node.to_string())
    }

    /// The folder relative paths of the pipeline count from.
    pub fn folder(&self) -> PathBuf {
        match (&self.file, &self.sample) {
            (Some(file), _) => match file.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
                Some(_) | None => PathBuf::from("."),
            },
            (None, Some(sample)) => sample.folder.clone(),
            (None, None) => PathBuf::from("."),
        }
    }

    /// What people call the document: its file's name without suffix, or its sample's.
    pub fn title(&self) -> String {
        let from_file = self.file.as_ref().and_then(|file| file.file_name()).map(|name| {
            let name = name.to_string_lossy();
            name.strip_suffix(".weir.json").or(name.strip_suffix(".json")).unwrap_or(&name).to_owned()
        });
        from_file
            .or_else(|| self.sample.as_ref().map(|sample| sample.name.clone()))
            .unwrap_or_else(|| crate::i18n::tr("document.untitled").to_owned())
    }
}
