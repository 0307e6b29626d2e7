//! What a person set for all documents: remembered between starts, apart from any pipeline.
//!
//! The file is read once before the window opens and written whenever something changed. A damaged file costs the
//! settings, never the start.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Files the list of recent ones keeps.
const MAX_RECENT: usize = 10;
/// Agreements the list of them keeps.
const MAX_AGREED: usize = 200;
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
    /// How wires are drawn.
    pub wires: WireStyle,
    /// Whether the welcome view is shown at start.
    pub show_welcome: bool,
    /// Where the window was; `None`: where the desktop puts it.
    pub window: Option<WindowPlace>,
    /// What strangers' pipelines may touch, as fingerprints of what was agreed to, newest first.
    pub agreed: Vec<u64>,
    /// How the panels lie, as the dock wrote it; apart, so that a layout of another version spoils nothing else.
    pub layout: Option<serde_json::Value>,
}

/// Where the window was, in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WindowPlace {
    /// The upper left corner of its frame, where the desktop tells.
    pub position: Option<[f32; 2]>,
    /// Its inner size.
    pub size: [f32; 2],
    /// Whether it filled the screen; `size` is what it had before.
    pub is_maximized: bool,
}

/// How wires are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireStyle {
    /// As curves.
    #[default]
    Curved,
    /// In right angles.
    Angular,
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
            wires: WireStyle::Curved,
            show_welcome: true,
            window: None,
            agreed: Vec::new(),
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
                settings.agreed.truncate(MAX_AGREED);
                settings.window = settings.window.filter(WindowPlace::is_sensible);
                (settings, None)
            }
            Err(error) => (Self::default(), Some(error.to_string())),
        }
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Remembers what was agreed to.
    pub fn agree(&mut self, fingerprint: u64) {
        self.agreed.retain(|known| *known != fingerprint);
        self.agreed.insert(0, fingerprint);
        self.agreed.truncate(MAX_AGREED);
    }

    /// Puts a file at the head of the recent ones.
    pub fn remember_file(&mut self, path: PathBuf) {
        self.recent.retain(|known| *known != path);
        self.recent.insert(0, path);
        self.recent.truncate(MAX_RECENT);
    }
}

impl WindowPlace {
    /// Whether all numbers are such that a window can have them.
    fn is_sensible(&self) -> bool {
        let position = self.position.unwrap_or_default();
        self.size.iter().all(|side| (200.0..=20_000.0).contains(side))
            && position.iter().all(|at| at.is_finite() && at.abs() < 100_000.0)
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
    fn an_absurd_window_is_forgotten() {
        let place = |text: &str| Settings::parse(&format!("{{\"window\": {text}}}")).0.window;
        assert!(place(r#"{"position": [10, 20], "size": [900, 600], "is_maximized": false}"#).is_some());
        assert!(place(r#"{"position": null, "size": [900, 600], "is_maximized": true}"#).is_some());
        assert!(place(r#"{"position": [10, 20], "size": [0, 600], "is_maximized": false}"#).is_none());
        assert!(place(r#"{"position": [1e30, 20], "size": [900, 600], "is_maximized": false}"#).is_none());
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
