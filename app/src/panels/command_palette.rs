//! All commands and all kinds of nodes by typing a few letters of them.

use eframe::egui::{self, Align, Key, Layout, Modifiers, RichText, Sense, vec2};

use super::overlay::modal;
use crate::action::{Action, Actions};
use crate::command::{COMMANDS, Command, CommandInfo};
use crate::i18n::tr;
use crate::state::AppState;
use crate::widgets::{empty_state, keys_text, ranked, search_field};

const ROW_HEIGHT: f32 = 30.0;

/// What is typed, and which hit Enter takes.
#[derive(Debug, Default)]
pub(crate) struct CommandPalette {
    query: String,
    marked: usize,
    had_focus: bool,
}

impl CommandPalette {
    /// Draws it; `true` once it is done with.
    pub(super) fn ui(&mut self, context: &egui::Context, state: &AppState, actions: &mut Actions) -> bool {
        let mut chosen = None;
        // The keys are taken before the text field sees them.
        let (down, up) = context.input_mut(|input| {
            (input.consume_key(Modifiers::NONE, Key::ArrowDown), input.consume_key(Modifiers::NONE, Key::ArrowUp))
        });
        let was_closed = modal(context, "command_palette", 520.0, |ui| {
            let search = search_field(ui, &mut self.query, tr("command_palette.search"));
            if !self.had_focus {
                search.request_focus();
                self.had_focus = true;
            }
            if search.changed() {
                self.marked = 0;
            }
            let enabled: Vec<&CommandInfo> = COMMANDS
                .iter()
                .filter(|info| info.command != Command::CommandPalette && (info.is_enabled)(state))
                .collect();
            let labels: Vec<String> = enabled.iter().map(|info| info.label(state)).collect();
            let texts = enabled.iter().zip(&labels).map(|(info, label)| [label.as_str(), info.id]);
            let hits = ranked(texts, &self.query);
            self.marked = (self.marked + usize::from(down)).min(hits.len().saturating_sub(1));
            self.marked = self.marked.saturating_sub(usize::from(up));
            if search.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
                chosen = hits.get(self.marked).and_then(|hit| enabled.get(*hit)).map(|info| info.command);
            }
            ui.set_min_height(320.0);
            if hits.is_empty() {
                empty_state(ui, tr("command_palette.nothing"), tr("command_palette.nothing_hint"));
            }
            egui::ScrollArea::vertical().max_height(320.0).auto_shrink([false, true]).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (place, hit) in hits.iter().enumerate() {
                    let (Some(info), Some(label)) = (enabled.get(*hit), labels.get(*hit)) else { continue };
                    let response = row_ui(ui, state, info, label, place == self.marked);
                    if place == self.marked && (down || up) {
                        response.scroll_to_me(None);
                    }
                    if response.clicked() {
                        chosen = Some(info.command);
                    }
                }
            });
        });
        if let Some(command) = chosen {
            actions.push(Action::Command(command));
        }
        was_closed || chosen.is_some()
    }
}

fn row_ui(ui: &mut egui::Ui, state: &AppState, info: &CommandInfo, label: &str, is_marked: bool) -> egui::Response {
    let theme = &state.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, label));
    if is_marked {
        ui.painter().rect_filled(rect, 6.0, theme.accent_quiet());
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 6.0, theme.surface_raised);
    }
    let inside = rect.shrink2(vec2(10.0, 0.0));
    let mut row = ui.new_child(egui::UiBuilder::new().max_rect(inside).layout(Layout::left_to_right(Align::Center)));
    row.add(egui::Label::new(label).truncate());
    row.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if let Some(keys) = info.shortcuts.first() {
            ui.label(RichText::new(keys_text(ui.ctx(), keys)).color(theme.text_weak));
        }
        ui.label(RichText::new(info.menu.title()).small().color(theme.text_weak));
    });
    response
}
