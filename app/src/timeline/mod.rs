//! The window timeline: when rows happened against when they arrived, windows as boxes that open with their first row
//! and close with the watermark, the watermark as a stair, late rows as dots of their own. Drawn from the real run.

mod model;
mod paint;
mod sessions;

use std::sync::Arc;

use eframe::egui::{self, RichText};
use weir_engine::runtime::WindowTrace;
use weir_engine::spec::NodeId;

use crate::action::{Action, Actions};
use crate::command::{Command, info};
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::widgets::empty_state;
use model::Picture;

/// How many of the newest batches are shown.
const SPANS: [usize; 3] = [30, 120, 600];

/// What of the timeline is its own: which window node, and how much of the past.
#[derive(Debug)]
pub struct Timeline {
    node: Option<NodeId>,
    batches: usize,
    area: Option<egui::Rect>,
    /// What is drawn, kept until another batch comes.
    picture: Option<(Key, Picture)>,
}

/// What a picture depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    node: NodeId,
    newest: u64,
    /// The newest batch of which rows are known: sessions are read from them.
    glimpsed: Option<u64>,
    batches: usize,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { node: None, batches: SPANS[1], area: None, picture: None }
    }
}

impl Timeline {
    /// Where it was drawn last, for a picture of it.
    pub fn area(&self) -> Option<egui::Rect> {
        self.area
    }

    /// Draws the timeline.
    pub fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        self.area = None;
        let Some(node) = self.node_of(state) else {
            let hint = if state.live.is_active() { tr("timeline.none_hint") } else { tr("timeline.not_running") };
            empty_state(ui, tr("timeline.none"), hint);
            return;
        };
        let Some(traces) = state.live.traced.get(&node) else { return };
        self.bar_ui(ui, state, node, actions);
        let newest = traces.back().map_or(0, |trace| trace.batch);
        let key = Key { node, newest, glimpsed: state.live.glimpsed.newest_batch(), batches: self.batches };
        if self.picture.as_ref().is_none_or(|(known, _)| *known != key) {
            let shown: Vec<&Arc<WindowTrace>> = traces.iter().rev().take(self.batches).rev().collect();
            let sessions = || sessions::sessions(state.document.pipeline(), &state.live, node, &shown);
            self.picture = Picture::of(&shown, sessions).map(|picture| (key, picture));
        }
        self.area = Some(ui.available_rect_before_wrap());
        if let Some((_, picture)) = &self.picture {
            paint::ui(ui, state, picture, actions);
        } else {
            empty_state(ui, tr("timeline.no_rows"), tr("timeline.no_rows_hint"));
        }
    }

    /// The chosen window node, the selected one, else the first that has told something.
    fn node_of(&self, state: &AppState) -> Option<NodeId> {
        let has_told = |node: &NodeId| state.live.traced.contains_key(node);
        let selected = state.selection.single_node().filter(has_told);
        selected.or(self.node.filter(has_told)).or_else(|| state.live.traced.keys().next().copied())
    }

    fn bar_ui(&mut self, ui: &mut egui::Ui, state: &AppState, node: NodeId, actions: &mut Actions) {
        let name = |node: NodeId| state.name_of(node);
        ui.horizontal(|ui| {
            if state.live.traced.len() > 1 {
                egui::ComboBox::from_id_salt("timeline node").selected_text(name(node)).show_ui(ui, |ui| {
                    for other in state.live.traced.keys() {
                        if ui.selectable_label(*other == node, name(*other)).clicked() {
                            self.node = Some(*other);
                            actions.push(Action::Select(crate::action::Selection::node(*other)));
                        }
                    }
                });
            } else {
                ui.label(RichText::new(name(node)).strong());
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let title = info(Command::ExportTimeline).map_or("", |info| tr(info.title));
                if ui.button(title).clicked() {
                    actions.push(Action::Command(Command::ExportTimeline));
                }
                for span in SPANS.into_iter().rev() {
                    let label = trf("timeline.batches", &[("count", &span.to_string())]);
                    if ui.selectable_label(self.batches == span, label).clicked() {
                        self.batches = span;
                    }
                }
                // What room is left: cut off where it must be, whole on hover.
                let room = egui::Layout::left_to_right(egui::Align::Center);
                ui.with_layout(room, |ui| self.summary_ui(ui, state));
            });
        });
    }

    fn summary_ui(&self, ui: &mut egui::Ui, state: &AppState) {
        if let Some((_, picture)) = &self.picture {
            let text = picture.summary();
            let label = egui::Label::new(RichText::new(&text).color(state.theme.text_weak)).truncate();
            ui.add(label).on_hover_text(text);
        }
    }
}
