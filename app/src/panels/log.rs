//! What happened, line by line, newest at the bottom.

use eframe::egui::{self, RichText};

use crate::action::{Action, Actions};
use crate::i18n::tr;
use crate::live::LogLine;
use crate::state::AppState;
use crate::widgets::{empty_state, search_field};

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
        let lines: Vec<&LogLine> =
            state.live.log.iter().filter(|line| line.text().to_lowercase().contains(&wanted)).collect();
        let height = ui.text_style_height(&egui::TextStyle::Body);
        egui::ScrollArea::both().auto_shrink(false).stick_to_bottom(true).show_rows(
            ui,
            height,
            lines.len(),
            |ui, rows| {
                for line in lines.get(rows).unwrap_or_default() {
                    line_ui(ui, state, line, actions);
                }
            },
        );
    }
}

fn line_ui(ui: &mut egui::Ui, state: &AppState, line: &LogLine, actions: &mut Actions) {
    let theme = &state.theme;
    ui.horizontal(|ui| {
        let time = line.time.map(|time| time.to_string());
        let clock = time.as_deref().and_then(|time| time.get(11..19)).unwrap_or("        ");
        ui.label(RichText::new(clock).monospace().color(theme.text_weak));
        if let Some(node) = line.node.and_then(|id| state.document.pipeline().node(id))
            && ui.link(&node.name).clicked()
        {
            actions.push(Action::Reveal(node.id));
        }
        let color = if line.is_error { theme.error } else { theme.text };
        ui.add(egui::Label::new(RichText::new(line.text()).color(color)).extend().selectable(true));
    });
}
