//! The menu bar, made from the table of commands.

use eframe::egui::{self, Button, MenuBar};

use crate::action::{Action, Actions};
use crate::command::{COMMANDS, Command, CommandInfo, Menu};
use crate::i18n::{Language, tr};
use crate::settings::ThemeChoice;
use crate::state::AppState;
use crate::widgets::keys_text;

/// Draws the menu bar over the whole width.
pub(crate) fn menu_bar(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let frame = egui::Frame::NONE.fill(state.theme.background).inner_margin(egui::Margin::symmetric(8, 2));
    egui::Panel::top("menu_bar").frame(frame).show_separator_line(false).show(ui, |ui| {
        MenuBar::new().ui(ui, |ui| {
            for menu in Menu::ALL {
                ui.menu_button(menu.title(), |ui| menu_ui(ui, menu, state, actions));
            }
        });
    });
}

fn menu_ui(ui: &mut egui::Ui, menu: Menu, state: &AppState, actions: &mut Actions) {
    ui.set_min_width(232.0);
    let mut group = None;
    for info in COMMANDS.iter().filter(|info| info.menu == menu) {
        if group.is_some_and(|group| group != info.group) {
            ui.separator();
        }
        group = Some(info.group);
        item_ui(ui, info, state, actions);
        if info.command == Command::Open {
            recent_ui(ui, state, actions);
        }
    }
    if menu == Menu::View {
        ui.separator();
        look_ui(ui, state, actions);
    }
}

fn item_ui(ui: &mut egui::Ui, info: &CommandInfo, state: &AppState, actions: &mut Actions) {
    let mut button = Button::new(info.label(state));
    if let Some(shortcut) = info.shortcuts.first() {
        button = button.shortcut_text(keys_text(ui.ctx(), shortcut));
    }
    if ui.add_enabled((info.is_enabled)(state), button).clicked() {
        actions.push(Action::Command(info.command));
        ui.close();
    }
}

fn recent_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    ui.add_enabled_ui(!state.settings.recent.is_empty(), |ui| {
        ui.menu_button(tr("menu.recent"), |ui| {
            for path in &state.settings.recent {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                    actions.push(Action::OpenFile(path.clone()));
                    ui.close();
                }
            }
        });
    });
}

/// Choices that are no commands: they have more than two states.
fn look_ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let settings = &state.settings;
    ui.menu_button(tr("menu.theme"), |ui| {
        let choices = [
            (ThemeChoice::System, tr("theme.system")),
            (ThemeChoice::Light, tr("theme.light")),
            (ThemeChoice::Dark, tr("theme.dark")),
        ];
        for (choice, title) in choices {
            if ui.radio(settings.theme == choice, title).clicked() {
                actions
                    .push(Action::Settings(Box::new(crate::settings::Settings { theme: choice, ..settings.clone() })));
                ui.close();
            }
        }
    });
    ui.menu_button(tr("menu.language"), |ui| {
        if ui.radio(settings.language.is_none(), tr("language.system")).clicked() {
            actions.push(Action::Settings(Box::new(crate::settings::Settings { language: None, ..settings.clone() })));
            ui.close();
        }
        for language in Language::ALL {
            let tag = Some(language.tag().to_owned());
            if ui.radio(settings.language == tag, language.native_name()).clicked() {
                actions
                    .push(Action::Settings(Box::new(crate::settings::Settings { language: tag, ..settings.clone() })));
                ui.close();
            }
        }
    });
    ui.menu_button(tr("menu.scale"), |ui| {
        for percent in super::settings::SCALES {
            let scale = f32::from(percent) / 100.0;
            let is_chosen = (settings.scale - scale).abs() < 0.005;
            if ui.radio(is_chosen, format!("{percent} %")).clicked() {
                actions.push(Action::Settings(Box::new(crate::settings::Settings { scale, ..settings.clone() })));
                ui.close();
            }
        }
    });
    let mut snap = settings.snap_to_grid;
    if ui.checkbox(&mut snap, tr("menu.snap")).clicked() {
        actions.push(Action::Settings(Box::new(crate::settings::Settings { snap_to_grid: snap, ..settings.clone() })));
        ui.close();
    }
}
