//! The designer's window on the desktop.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use eframe::egui::ViewportBuilder;

use crate::app::{Services, WeirApp};

const ICON: &[u8] = include_bytes!("../../assets/icon.png");

/// Opens the designer, with this file if one is given, and returns when it is closed.
pub fn open(file: Option<PathBuf>) -> ExitCode {
    if !has_display() {
        return refuse("there is no display here");
    }
    match run(file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&format!("the window cannot be opened ({error})")),
    }
}

/// Says in one sentence why there is no window, and what works without one.
fn refuse(why: &str) -> ExitCode {
    // Without a place to write to there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "weir: {why}; `weir run FILE` runs a pipeline without a window");
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
fn has_display() -> bool {
    ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(not(target_os = "linux"))]
fn has_display() -> bool {
    true
}

fn run(file: Option<PathBuf>) -> eframe::Result {
    let mut viewport = ViewportBuilder::default()
        .with_title("Weir")
        .with_app_id("weir")
        .with_inner_size([1_440.0, 900.0])
        .with_min_inner_size([800.0, 520.0])
        .with_drag_and_drop(true);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(ICON) {
        viewport = viewport.with_icon(icon);
    }
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    // Relative paths on the command line count from where the program was started.
    let file = file.map(|file| std::path::absolute(&file).unwrap_or(file));
    eframe::run_native(
        "weir",
        options,
        Box::new(|creation| {
            let mut app = WeirApp::new(Services::desktop(&creation.egui_ctx)?);
            if let Some(file) = file {
                app.open_at_start(file);
            }
            Ok(Box::new(app))
        }),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_icon_can_be_read() {
        assert!(eframe::icon_data::from_png_bytes(super::ICON).is_ok());
    }
}
