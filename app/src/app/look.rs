//! Language, colours and scale in force, and the glyphs of scripts not yet on screen.

use eframe::egui;

use crate::i18n::{self, Language};
use crate::settings::{Settings, ThemeChoice};
use crate::state::AppState;
use crate::theme::Theme;

/// Seconds after the start when the system's fonts are surely known, so that asking for one does not hold a frame up.
const PRELOAD_AFTER: f64 = 1.5;
/// Glyphs every Chinese font has: the language menu's own words.
const PRELOAD: &str = "简体中文";

/// What was last set on the window.
pub(super) struct Look {
    system_language: Language,
    is_installed: bool,
    must_preload: bool,
    /// The window's title.
    pub(super) title: String,
}

impl Look {
    pub(super) fn new(system_language: Language, preload_fonts: bool) -> Self {
        Self { system_language, is_installed: false, must_preload: preload_fonts, title: String::new() }
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
            self.is_installed = true;
        }
        if (context.zoom_factor() - state.settings.scale).abs() > f32::EPSILON {
            context.set_zoom_factor(state.settings.scale);
        }
        self.preload(context);
    }

    /// The first glyph of another script makes egui wait until the system's fonts are enumerated, which goes on in the
    /// background from the start. So the glyphs are asked for a little later, before anyone opens the language menu.
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
