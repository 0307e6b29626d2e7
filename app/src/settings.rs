//! What a person set for all documents: remembered between starts, apart from any pipeline.
//!
//! The file is read once before the window opens and written whenever something changed. A damaged file costs the
//! settings, never the start.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Files the list of recent ones keeps.
const MAX_RECENT: usize = 10;
/// Smallest and largest scale.
const SCALES: std::ops::RangeInclusive<f32> = 0.5..=3.0;

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
    pub recent: Vec<PathBuf>,
    /// Whether nodes snap to the grid.
    pub snap_to_grid: bool,
    /// Whether the welcome view is shown at start.
    pub show_welcome: bool,
    /// How the panels lie, as the dock wrote it; apart, so that a layout of another version spoils nothing else.
    pub layout: Option<serde_json::Value>,
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
        Self {
            language: None,
            theme: ThemeChoice::System,
            scale: 1.0,
            recent: Vec::new(),
            snap_to_grid: true,
            show_welcome: true,
            layout: None,
        }
    }
}

impl Settings {
    /// Where the settings file lies on this system; `None` without a home folder.
    pub fn path() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "weir").map(|dirs| dirs.config_dir().join("settings.json"))
    }

    /// Reads the file's text. Damaged text gives the defaults and a sentence for the log.
    pub fn parse(text: &str) -> (Self, Option<String>) {
        // A list would do as well for the reader: an object is asked for first.
        let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
        match object.and_then(|object| serde_json::from_value::<Self>(object.into())) {
            Ok(mut settings) => {
                settings.scale =
                    if settings.scale.is_finite() { settings.scale.clamp(*SCALES.start(), *SCALES.end()) } else { 1.0 };
                settings.recent.truncate(MAX_RECENT);
                (settings, None)
            }
            Err(error) => (Self::default(), Some(error.to_string())),
        }
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Puts a file at the head of the recent ones.
    pub fn remember_file(&mut self, path: PathBuf) {
        self.recent.retain(|known| *known != path);
        self.recent.insert(0, path);
        self.recent.truncate(MAX_RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_there_after_a_restart() {
        let mut settings = Settings { scale: 1.25, theme: ThemeChoice::Light, ..Settings::default() };
        settings.remember_file("/a.weir.json".into());
        assert_eq!(Settings::parse(&settings.to_text()), (settings, None));
    }

    #[test]
    fn a_damaged_file_gives_the_defaults_and_says_so() {
        for text in ["", "{", "[]", "{\"scale\": \"big\"}", "\u{0}\u{1}"] {
            let (settings, note) = Settings::parse(text);
            assert_eq!(settings, Settings::default(), "{text}");
            assert!(note.is_some(), "{text}");
        }
    }

    #[test]
    fn an_absurd_scale_cannot_make_the_window_unusable() {
        assert!((Settings::parse("{\"scale\": 1000}").0.scale - 3.0).abs() < f32::EPSILON);
        assert!((Settings::parse("{\"scale\": 0}").0.scale - 0.5).abs() < f32::EPSILON);
    }

    #[test]
    fn the_newest_file_comes_first_and_only_once() {
        let mut settings = Settings::default();
        for name in ["a", "b", "a"] {
            settings.remember_file(name.into());
        }
        assert_eq!(settings.recent, [PathBuf::from("a"), PathBuf::from("b")]);
    }
}
