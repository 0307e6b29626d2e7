//! What happened, line by line, newest at the bottom.

use eframe::egui::{self, RichText, vec2};

use super::grouped;
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::live::LogLine;
use crate::sentences::spoken;
use crate::state::AppState;
use crate::widgets::{empty_state, search_field};

/// The share of the width that a node's name may take.
const NAME_SHARE: f32 = 0.25;

/// What the log is filtered by.
#[derive(Debug, Default)]
pub(super) struct Log {
    filter: String,
}

impl Log {
    /// Draws the log.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        if state.live.log.is_empty() {
            empty_state(ui, tr("log.nothing"), tr("log.nothing_hint"));
            return;
        }
        search_field(ui, &mut self.filter, tr("log.filter"));
        let wanted = self.filter.trim().to_lowercase();
        let lines: Vec<&LogLine> = state.live.log.iter().filter(|line| line.contains(&wanted)).collect();
        let height = ui.spacing().interact_size.y;
        egui::ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true).show_rows(
            ui,
            height,
            lines.len(),
            |ui, rows| {
                for line in lines.get(rows).unwrap_or_default() {
                    let size = vec2(ui.available_width(), height);
                    let layout = egui::Layout::left_to_right(egui::Align::Center);
                    ui.allocate_ui_with_layout(size, layout, |ui| line_ui(ui, state, line, actions));
                }
            },
        );
    }
}

/// When, who, and what: one line, its whole text where the pointer rests.
fn line_ui(ui: &mut egui::Ui, state: &AppState, line: &LogLine, actions: &mut Actions) {
    let theme = &state.theme;
    let time = line.time.map(|time| time.to_string());
    let clock = time.as_deref().and_then(|time| time.get(11..19)).unwrap_or("        ");
    ui.label(RichText::new(clock).monospace().color(theme.text_weak));
    let node = line.node.and_then(|id| state.document.pipeline().node(id));
    if let Some(name) = node.map(|node| &node.name).or(line.name.as_ref()) {
        let room = (ui.available_width() * NAME_SHARE).max(80.0);
        let name = RichText::new(name);
        ui.scope(|ui| {
            ui.set_max_width(room);
            match node {
                Some(node) => {
                    let link = egui::Label::new(name.color(theme.accent)).truncate().sense(egui::Sense::click());
                    if ui.add(link).on_hover_cursor(egui::CursorIcon::PointingHand).clicked() {
                        actions.push(Action::Reveal(node.id));
                    }
                }
                None => _ = ui.add(egui::Label::new(name.color(theme.text_weak)).truncate()),
            }
        });
    }
    if let Some(batch) = line.batch {
        ui.label(RichText::new(trf("log.batch", &[("batch", &grouped(batch))])).color(theme.text_weak));
    }
    let color = if line.is_error { theme.error } else { theme.text };
    ui.add(egui::Label::new(RichText::new(spoken(&line.message)).color(color)).truncate().selectable(true));
}
