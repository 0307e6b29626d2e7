//! The list of shortcuts, made from the table of commands, and the gestures of the canvas beside it.

use eframe::egui::{self, Align, Layout, RichText};

use super::overlay::modal;
use crate::command::{COMMANDS, Menu};
use crate::i18n::tr;
use crate::state::AppState;
use crate::widgets::keys_text;

/// What can be done on the canvas by hand, and how.
const GESTURES: [(&str, &str); 10] = [
    ("gestures.add", "gestures.add.how"),
    ("gestures.wire", "gestures.wire.how"),
    ("gestures.select", "gestures.select.how"),
    ("gestures.walk", "gestures.walk.how"),
    ("gestures.act", "gestures.act.how"),
    ("gestures.move", "gestures.move.how"),
    ("gestures.resize", "gestures.resize.how"),
    ("gestures.pan", "gestures.pan.how"),
    ("gestures.zoom", "gestures.zoom.how"),
    ("gestures.let_go", "gestures.let_go.how"),
];

/// Draws it; `true` once it is done with.
pub(super) fn ui(context: &egui::Context, state: &AppState) -> bool {
    let mut is_done = false;
    let was_closed = modal(context, "shortcuts", 720.0, |ui| {
        ui.horizontal(|ui| {
            ui.heading(tr("shortcuts.title"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                is_done = ui.button(tr("dialog.close")).clicked();
            });
        });
        let height = (ui.ctx().content_rect().height() - 180.0).clamp(160.0, 560.0);
        egui::ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            ui.columns_const(|[left, right]| {
                for menu in [Menu::File, Menu::Edit] {
                    menu_ui(left, state, menu);
                }
                for menu in [Menu::Run, Menu::View, Menu::Help] {
                    menu_ui(right, state, menu);
                }
                gestures_ui(right, state);
            });
        });
    });
    is_done || was_closed
}

fn gestures_ui(ui: &mut egui::Ui, state: &AppState) {
    ui.add_space(8.0);
    ui.label(RichText::new(tr("gestures.title")).small().color(state.theme.accent));
    for (what, how) in GESTURES {
        ui.add(egui::Label::new(tr(what)).wrap());
        ui.add(egui::Label::new(RichText::new(tr(how)).small().color(state.theme.text_weak)).wrap());
    }
}

fn menu_ui(ui: &mut egui::Ui, state: &AppState, menu: Menu) {
    ui.add_space(8.0);
    ui.label(RichText::new(menu.title()).small().color(state.theme.accent));
    ui.spacing_mut().item_spacing.y = 4.0;
    for info in COMMANDS.iter().filter(|info| info.menu == menu && !info.shortcuts.is_empty()) {
        ui.horizontal(|ui| {
            ui.label(tr(info.title));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                let keys: Vec<String> = info.shortcuts.iter().map(|shortcut| keys_text(ui.ctx(), shortcut)).collect();
                ui.label(RichText::new(keys.join(tr("shortcuts.or"))).color(state.theme.text_weak));
            });
        });
    }
}
