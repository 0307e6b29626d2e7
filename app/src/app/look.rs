//! Language, colours and scale in force, and the glyphs of scripts not yet on screen.

use eframe::egui;

use crate::i18n::{self, Language};
use crate::settings::{Settings, ThemeChoice, WindowPlace};
use crate::state::AppState;
use crate::theme::Theme;

/// Seconds a window rests before its place is remembered.
const PLACE_RESTS: f64 = 1.0;
/// Seconds after the start when the system's fonts are surely known, so that asking for one does not hold a frame up.
const PRELOAD_AFTER: f64 = 1.5;
/// The least size of the window: what all panels need.
pub(crate) const LEAST_SIZE: egui::Vec2 = egui::vec2(800.0, 520.0);
/// A glyph that no bundled font has.
const PRELOAD: &str = "\u{9F98}";

/// What was last set on the window.
pub(super) struct Look {
    system_language: Language,
    is_installed: bool,
    must_preload: bool,
    /// The window's title.
    pub(super) title: String,
    /// Where the window is, and since when.
    place: Option<(WindowPlace, f64)>,
}

impl Look {
    pub(super) fn new(system_language: Language, preload_fonts: bool) -> Self {
        Self { system_language, is_installed: false, must_preload: preload_fonts, title: String::new(), place: None }
    }

    /// Sets the language the settings or the system ask for.
    pub(super) fn choose_language(&self, settings: &Settings) {
        i18n::set_language(settings.language.as_deref().map_or(self.system_language, Language::from_tag));
    }

    /// Makes the window look as the settings say.
    pub(super) fn apply(&mut self, context: &egui::Context, state: &mut AppState) {
        self.choose_language(&state.settings);
        let is_dark = match state.settings.theme {
            ThemeChoice::Dark => true,
            ThemeChoice::Light => false,
            ThemeChoice::System => context.system_theme() != Some(egui::Theme::Light),
        };
        if !self.is_installed || state.theme.is_dark != is_dark {
            state.theme = if is_dark { Theme::dark() } else { Theme::light() };
            state.theme.install(context);
            if !self.is_installed {
                crate::fonts::install(context);
            }
            self.is_installed = true;
        }
        if (context.zoom_factor() - state.settings.scale).abs() > f32::EPSILON {
            // The least size is in the program's points: it grows with the scale, but never beyond the screen.
            let screen = context.input(|input| input.viewport().monitor_size).map(|size| size * context.zoom_factor());
            let least = screen.map_or(LEAST_SIZE, |screen| LEAST_SIZE.min(screen * 0.9 / state.settings.scale));
            context.set_zoom_factor(state.settings.scale);
            context.send_viewport_cmd(egui::ViewportCommand::MinInnerSize(least));
        }
        self.preload(context);
    }

    /// Remembers where the window is once it has rested there.
    pub(super) fn watch_place(&mut self, context: &egui::Context, settings: &mut Settings) {
        let Some(place) = place_of(context, settings.window) else { return };
        let now = context.time();
        let since = match self.place {
            Some((known, since)) if known == place => since,
            Some(_) | None => now,
        };
        self.place = Some((place, since));
        if settings.window == Some(place) {
            return;
        }
        if now - since >= PLACE_RESTS {
            settings.window = Some(place);
        } else {
            context.request_repaint_after(std::time::Duration::from_secs_f64(PLACE_RESTS - (now - since)));
        }
    }

    /// The first glyph that no bundled font has makes egui wait until the system's fonts are enumerated, which goes on
    /// in the background from the start. So one is asked for a little later, before such text flows in as data.
    fn preload(&mut self, context: &egui::Context) {
        if !self.must_preload {
            return;
        }
        let wait = PRELOAD_AFTER - context.time();
        if wait > 0.0 {
            context.request_repaint_after(std::time::Duration::from_secs_f64(wait));
        } else {
            self.must_preload = false;
            let font = egui::TextStyle::Body.resolve(&context.global_style());
            context.fonts_mut(|fonts| {
                fonts.layout_no_wrap(PRELOAD.to_owned(), font, egui::Color32::TRANSPARENT);
            });
        }
    }
}

/// Where the window is, as far as the desktop tells; `before` keeps what a maximized window goes back to.
fn place_of(context: &egui::Context, before: Option<WindowPlace>) -> Option<WindowPlace> {
    let zoom = context.zoom_factor();
    context.input(|input| {
        let window = input.viewport();
        if window.minimized == Some(true) || window.fullscreen == Some(true) {
            return None;
        }
        let inner = window.inner_rect?;
        if window.maximized == Some(true) {
            let before = before.unwrap_or(WindowPlace {
                position: None,
                size: [inner.width() * zoom, inner.height() * zoom],
                is_maximized: true,
            });
            return Some(WindowPlace { is_maximized: true, ..before });
        }
        // In points of the desktop: the program's own scale is not in force before it draws.
        let position = window.outer_rect.map(|outer| [outer.min.x * zoom, outer.min.y * zoom]);
        Some(WindowPlace { position, size: [inner.width() * zoom, inner.height() * zoom], is_maximized: false })
    })
}
