//! What a person set for all documents: remembered between starts, apart from any pipeline.

use serde::{Deserialize, Serialize};

/// The settings file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `en`, `zh-CN`, or `None` to follow the system.
    pub language: Option<String>,
    /// Which colours.
    pub theme: ThemeChoice,
    /// Size of everything; 1 is normal.
    pub scale: f32,
    /// Files opened lately, newest first.
    pub recent: Vec<std::path::PathBuf>,
    /// Whether nodes snap to the grid.
    pub snap_to_grid: bool,
}

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Default for Settings {
    fn default() -> Self {
        Self { language: None, theme: ThemeChoice::System, scale: 1.0, recent: Vec::new(), snap_to_grid: true }
    }
}
