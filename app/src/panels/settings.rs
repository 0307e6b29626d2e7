//! The program's settings in one place: how it looks and how it behaves, for all documents. All act at once.

use eframe::egui::{self, RichText};

use super::overlay::{answers_ui, modal};
use crate::action::{Action, Actions};
use crate::i18n::{Language, tr};
use crate::settings::{Settings, ThemeChoice};
use crate::state::AppState;

/// Scales to choose from, in percent.
pub(super) const SCALES: [u16; 7] = [75, 90, 100, 110, 125, 150, 200];

/// Draws it; `true` once it is done with.
pub(super) fn ui(context: &egui::Context, state: &AppState, actions: &mut Actions) -> bool {
    let mut is_done = false;
    let mut wanted = state.settings.clone();
    let was_closed = modal(context, "settings", 520.0, |ui| {
        ui.heading(tr("settings.title"));
        ui.label(RichText::new(tr("settings.hint")).color(state.theme.text_weak));
        ui.add_space(8.0);
        language_ui(ui, &mut wanted);
        theme_ui(ui, &mut wanted);
        scale_ui(ui, &mut wanted);
        toggles_ui(ui, &mut wanted);
        ui.add_space(12.0);
        answers_ui(ui, |ui| is_done = ui.button(tr("dialog.close")).clicked());
    });
    if wanted != state.settings {
        actions.push(Action::Settings(Box::new(wanted)));
    }
    is_done || was_closed
}

/// A setting: what it is called, and below it the choices.
fn part_ui(ui: &mut egui::Ui, title: &str, add: impl FnOnce(&mut egui::Ui)) {
    ui.add_space(6.0);
    ui.label(RichText::new(title).strong());
    ui.horizontal_wrapped(add);
}

fn language_ui(ui: &mut egui::Ui, wanted: &mut Settings) {
    part_ui(ui, tr("menu.language"), |ui| {
        ui.radio_value(&mut wanted.language, None, tr("language.system"));
        for language in Language::ALL {
            ui.radio_value(&mut wanted.language, Some(language.tag().to_owned()), language.native_name());
        }
    });
}

fn theme_ui(ui: &mut egui::Ui, wanted: &mut Settings) {
    part_ui(ui, tr("menu.theme"), |ui| {
        ui.radio_value(&mut wanted.theme, ThemeChoice::System, tr("theme.system"));
        ui.radio_value(&mut wanted.theme, ThemeChoice::Light, tr("theme.light"));
        ui.radio_value(&mut wanted.theme, ThemeChoice::Dark, tr("theme.dark"));
    });
}

fn scale_ui(ui: &mut egui::Ui, wanted: &mut Settings) {
    part_ui(ui, tr("menu.scale"), |ui| {
        for percent in SCALES {
            ui.radio_value(&mut wanted.scale, f32::from(percent) / 100.0, format!("{percent} %"));
        }
    });
}

fn toggles_ui(ui: &mut egui::Ui, wanted: &mut Settings) {
    part_ui(ui, tr("settings.behaviour"), |ui| {
        ui.vertical(|ui| {
            ui.checkbox(&mut wanted.snap_to_grid, tr("menu.snap"));
            ui.checkbox(&mut wanted.show_welcome, tr("settings.show_welcome"));
            let forget = egui::Button::new(tr("settings.forget_agreed"));
            let response = ui.add_enabled(!wanted.agreed.is_empty(), forget);
            if response.on_hover_text(tr("settings.forget_agreed_hint")).clicked() {
                wanted.agreed.clear();
            }
        });
    });
}
