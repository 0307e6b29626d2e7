//! What the window needs from outside: settings, files, engines. A test gives its own, without disk or threads.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;
use weir_engine::runtime::{Command, EngineHandle, EngineOptions, Event, Waker};

use crate::files::{DesktopFiles, Files, MemoryFiles};
use crate::i18n::Language;
use crate::settings::{Settings, WindowPlace};

/// A running engine, as the window sees it.
pub trait Engine {
    /// Sends a command without waiting; `false` if it was not taken.
    fn send(&self, command: Command) -> bool;

    /// The next event, without waiting.
    fn try_event(&self) -> Option<Event>;
}

impl Engine for EngineHandle {
    fn send(&self, command: Command) -> bool {
        Self::send(self, command)
    }

    fn try_event(&self) -> Option<Event> {
        Self::try_event(self)
    }
}

/// Starts an engine.
pub type StartEngine = Box<dyn FnMut(EngineOptions, Waker) -> std::io::Result<Box<dyn Engine>>>;

/// Everything the window needs from outside.
pub struct Services {
    /// The settings, read beforehand.
    pub settings: Settings,
    /// Why they are not what the file says, if so.
    pub settings_note: Option<String>,
    /// The language where the settings name none.
    pub system_language: Language,
    /// Where the samples' data lies.
    pub sample_folder: PathBuf,
    /// Where file dialogs start.
    pub home: PathBuf,
    /// The disk and the desktop.
    pub files: Box<dyn Files>,
    /// Starts the engine at the first run.
    pub start_engine: StartEngine,
    /// Whether glyphs of other scripts are fetched from the system ahead of time.
    pub preload_fonts: bool,
}

impl Services {
    /// Where the window was when it was last closed. Read before there is a window, so apart from the rest.
    pub fn remembered_place() -> Option<WindowPlace> {
        let text = std::fs::read_to_string(Settings::path()?).ok()?;
        Settings::parse(&text).0.window
    }

    /// The real ones. Called once, before the window is drawn, so it may read files.
    pub fn desktop(context: &egui::Context) -> std::io::Result<Self> {
        let (settings, settings_note) = match Settings::path().map(std::fs::read_to_string) {
            Some(Ok(text)) => Settings::parse(&text),
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
                (Settings::default(), Some(error.to_string()))
            }
            Some(Err(_)) | None => (Settings::default(), None),
        };
        let context = context.clone();
        Ok(Self {
            settings,
            settings_note,
            system_language: Language::of_system(),
            sample_folder: crate::samples::locate()?,
            home: directories::UserDirs::new().map_or_else(|| PathBuf::from("/"), |dirs| dirs.home_dir().to_path_buf()),
            files: Box::new(DesktopFiles::start(Arc::new(move || context.request_repaint()))?),
            start_engine: start_real_engine(),
            preload_fonts: true,
        })
    }

    /// Without disk, desktop and system language, and without the welcome view: what tests start from.
    pub fn headless(files: MemoryFiles) -> Self {
        Self {
            settings: Settings { show_welcome: false, ..Settings::default() },
            settings_note: None,
            system_language: Language::English,
            sample_folder: PathBuf::from("samples"),
            home: PathBuf::from("/home"),
            files: Box::new(files),
            start_engine: start_real_engine(),
            preload_fonts: false,
        }
    }
}

/// Starts the engine of this process.
pub fn start_real_engine() -> StartEngine {
    Box::new(|options, waker| EngineHandle::start(options, waker).map(|engine| Box::new(engine) as Box<dyn Engine>))
}
