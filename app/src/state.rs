//! Everything the views may read.

use std::path::PathBuf;

use weir_engine::analysis::Analysis;
use weir_engine::pipeline::Document;
use weir_engine::spec::PortRef;

use crate::action::Selection;
use crate::live::Live;
use crate::settings::Settings;
use crate::theme::Theme;

/// The designer's state. Views get it read-only.
pub struct AppState {
    /// The pipeline with its history.
    pub document: Document,
    /// Its file, once it has one.
    pub file: Option<PathBuf>,
    /// Checked on every edit.
    pub analysis: Analysis,
    /// What is selected.
    pub selection: Selection,
    /// The port whose rows the Data panel shows; `None` follows the selection.
    pub watched: Option<PortRef>,
    /// What the engine told.
    pub live: Live,
    /// What the person set for all documents: language, theme, scale.
    pub settings: Settings,
    /// The colours and sizes in force.
    pub theme: Theme,
}

impl AppState {
    /// A state that shows this document, with nothing selected and nothing running.
    pub fn new(document: Document) -> Self {
        Self {
            document,
            file: None,
            analysis: Analysis::default(),
            selection: Selection::default(),
            watched: None,
            live: Live::default(),
            settings: Settings::default(),
            theme: Theme::dark(),
        }
    }

    /// The folder relative paths of the pipeline count from.
    pub fn folder(&self) -> PathBuf {
        self.file.as_ref().and_then(|file| file.parent()).map_or_else(|| PathBuf::from("."), PathBuf::from)
    }
}
