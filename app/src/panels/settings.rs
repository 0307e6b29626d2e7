//! The program's settings in one place: how it looks and how it behaves, for all documents. All act at once.

use eframe::egui::{self, RichText};

use super::overlay::modal;
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
        egui::Grid::new("settings").num_columns(2).spacing([24.0, 12.0]).show(ui, |ui| {
            language_ui(ui, &mut wanted);
            theme_ui(ui, &mut wanted);
            scale_ui(ui, &mut wanted);
            toggles_ui(ui, &mut wanted);
        });
        ui.add_space(12.0);
        is_done = ui.button(tr("dialog.close")).clicked();
    });
    if wanted != state.settings {
        actions.push(Action::Settings(Box::new(wanted)));
    }
    is_done || was_closed
}

fn language_ui(ui: &mut egui::Ui, wanted: &mut Settings) {
    ui.label(tr("menu.language"));
    ui.horizontal_wrapped(|ui| {
        ui.radio_value(&mut wanted.language, None, tr("language.system"));
        for language in Language::ALL {
            ui.radio_value(&mut wanted.language, Some(language.tag().to_owned()), language.native_name());
        }
    });
    ui.end_row();
}

fn theme_ui(ui: &mut egui::Ui, wanted: &mut Settings) {
    ui.label(tr("menu.theme"));
    ui.horizontal_wrapped(|ui| {
        ui.radio_value(&mut wanted.theme, ThemeChoice::System, tr("theme.system"));
        ui.radio_value(&mut wanted.theme, ThemeChoice::Light, tr("theme.light"));
        ui.radio_value(&mut wanted.theme, ThemeChoice::Dark, tr("theme.dark"));
    });
    ui.end_row();
}

fn scale_ui(ui: &mut egui::Ui, wanted: &mut Settings) {
    ui.label(tr("menu.scale"));
    let present = format!("{:.0} %", wanted.scale * 100.0);
    let combo = egui::ComboBox::from_id_salt("scale").selected_text(present).show_ui(ui, |ui| {
        for percent in SCALES {
            ui.selectable_value(&mut wanted.scale, f32::from(percent) / 100.0, format!("{percent} %"));
        }
    });
    combo.response.accessible_name(tr("menu.scale"));
    ui.end_row();
}

fn toggles_ui(ui: &mut egui::Ui, wanted: &mut Settings) {
    ui.label(tr("settings.behaviour"));
    ui.vertical(|ui| {
        ui.checkbox(&mut wanted.snap_to_grid, tr("menu.snap"));
        ui.checkbox(&mut wanted.show_welcome, tr("settings.show_welcome"));
        let forget = egui::Button::new(tr("settings.forget_agreed"));
        if ui.add_enabled(!wanted.agreed.is_empty(), forget).on_hover_text(tr("settings.forget_agreed_hint")).clicked()
        {
            wanted.agreed.clear();
        }
    });
    ui.end_row();
}
