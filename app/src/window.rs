//! The designer's window on the desktop.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use eframe::egui::{self, Rect, ViewportBuilder, ViewportCommand, pos2, vec2};

use crate::app::{LEAST_SIZE, Services, WeirApp};
use crate::settings::WindowPlace;

const ICON: &[u8] = include_bytes!("../../assets/icon.png");

/// The window's size at the very first start.
const USUAL_SIZE: [f32; 2] = [1_440.0, 900.0];
/// So much of a window's frame must be on a screen for it to be found and moved.
const GRIP: egui::Vec2 = vec2(120.0, 40.0);

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
    let place = Services::remembered_place();
    let mut viewport = ViewportBuilder::default()
        .with_title("Weir")
        .with_app_id("weir")
        .with_inner_size(place.map_or(USUAL_SIZE, |place| place.size))
        .with_maximized(place.is_some_and(|place| place.is_maximized))
        .with_min_inner_size(LEAST_SIZE)
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
            if let (Some(place), Some(window)) = (place.filter(|place| !place.is_maximized), creation.winit_window()) {
                let screens: Vec<Rect> = window
                    .available_monitors()
                    .map(|screen| {
                        let scale = screen.scale_factor();
                        let (corner, size) = (screen.position().to_logical(scale), screen.size().to_logical(scale));
                        Rect::from_min_size(pos2(corner.x, corner.y), vec2(size.width, size.height))
                    })
                    .collect();
                put(&creation.egui_ctx, &screens, place);
            }
            let mut app = WeirApp::new(Services::desktop(&creation.egui_ctx)?);
            if let Some(file) = file {
                app.open_at_start(file);
            }
            Ok(Box::new(app))
        }),
    )
}

/// Puts the window where it was, if that is still on a screen.
fn put(context: &egui::Context, screens: &[Rect], place: WindowPlace) {
    let Some(corner) = place.position else { return };
    let wanted = Rect::from_min_size(corner.into(), place.size.into());
    let found = on_a_screen(wanted, screens);
    context.send_viewport_cmd(ViewportCommand::OuterPosition(found.min));
    if found.size() != wanted.size() {
        context.send_viewport_cmd(ViewportCommand::InnerSize(found.size()));
    }
}

/// Where a window goes that was at `wanted`: there, if enough of it is on one of the screens; else onto the first, as
/// much smaller as it must be. Without known screens it stays as it is.
fn on_a_screen(wanted: Rect, screens: &[Rect]) -> Rect {
    let can_be_reached = |screen: &Rect| {
        let title = Rect::from_min_size(wanted.min, vec2(wanted.width(), GRIP.y));
        let seen = title.intersect(*screen);
        seen.width() >= GRIP.x.min(wanted.width()) && seen.height() >= GRIP.y / 2.0
    };
    let Some(first) = screens.first() else { return wanted };
    let home = screens.iter().find(|screen| can_be_reached(screen));
    let screen = home.unwrap_or(first);
    let size = wanted.size().min(screen.size());
    let corner = if home.is_some() { wanted.min } else { screen.center() - size / 2.0 };
    Rect::from_min_size(pos2(corner.x, corner.y), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f32, y: f32, width: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(x, y), vec2(width, height))
    }

    #[test]
    fn a_window_comes_back_where_it_was_unless_that_screen_is_gone() {
        let (left, right) = (rect(0.0, 0.0, 1920.0, 1080.0), rect(1920.0, 0.0, 2560.0, 1440.0));
        let there = rect(2_200.0, 100.0, 1_600.0, 1_000.0);
        assert_eq!(on_a_screen(there, &[left, right]), there);
        let moved = on_a_screen(there, &[left]);
        assert!(left.contains_rect(moved) && moved.size() == there.size());
        let small = rect(0.0, 0.0, 1280.0, 720.0);
        let shrunk = on_a_screen(there, &[small]);
        assert!(small.contains_rect(shrunk), "{shrunk:?}");
        assert_eq!(on_a_screen(there, &[]), there, "no screen is known");
        let above = rect(100.0, -900.0, 1_000.0, 880.0);
        assert!(left.contains_rect(on_a_screen(above, &[left])), "its title could not be reached");
    }

    #[test]
    fn the_icon_can_be_read() {
        assert!(eframe::icon_data::from_png_bytes(ICON).is_ok());
    }
}
