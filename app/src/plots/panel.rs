//! The panel: verdict, choice of the span, and the grid of plots.

use eframe::egui::{self, RichText, ScrollArea, Sense, vec2};

use super::catalogue::{Cell, cells_of};
use super::chart::{self, Scene};
use super::interval::Drag;
use super::scale::ScaleChoice;
use super::spans::{self, Spans};
use super::view::{View, Window};
use super::{stack, verdict};
use crate::action::{Action, Actions};
use crate::command::{Command, info};
use crate::i18n::tr;
use crate::state::AppState;

/// Width from which a further column fits.
const COLUMN_WIDTH: f32 = 280.0;
/// Most columns.
const MAX_COLUMNS: usize = 4;
/// Height of title and plot together, at least: two rows of plots are in sight in a small window.
const MIN_CELL_HEIGHT: f32 = 132.0;
/// The same at most: taller plots say no more.
const MAX_CELL_HEIGHT: f32 = 320.0;
/// Between plots.
const GAP: f32 = 8.0;
/// Width of the averages of spans.
const SPANS_WIDTH: f32 = 380.0;
/// Width below which verdict and choices stand under each other.
const NARROW: f32 = 1_000.0;

/// The plots' own state: what span is in view.
#[derive(Debug, Default)]
pub struct Plots {
    view: View,
    drag: Option<Drag>,
    spans: Spans,
    scale: ScaleChoice,
    /// Where they were drawn last.
    area: Option<egui::Rect>,
}

impl Plots {
    /// Where the plots were drawn last, for a picture of them.
    pub fn area(&self) -> Option<egui::Rect> {
        self.area
    }

    /// Draws the plots.
    pub fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        self.view.sync(&state.live);
        self.end_lost_drag(ui, actions);
        self.area = Some(ui.available_rect_before_wrap());
        if state.live.history.is_empty() {
            self.spans.clear();
            empty_ui(ui, state);
            return;
        }
        self.header_ui(ui, state, actions);
        ui.add_space(GAP / 2.0);
        if !self.spans.is_empty() && ui.available_width() > SPANS_WIDTH + COLUMN_WIDTH {
            egui::Panel::right("spans")
                .resizable(false)
                .exact_size(SPANS_WIDTH)
                .show(ui, |ui| self.spans.table_ui(ui, state));
        }
        ScrollArea::vertical().id_salt("plots").auto_shrink(false).show(ui, |ui| self.grid_ui(ui, state, actions));
    }

    /// A drag whose line went out of sight (the run ended, the plot was scrolled away) ends with the button.
    fn end_lost_drag(&mut self, ui: &egui::Ui, actions: &mut Actions) {
        let is_over = ui.input(|input| !input.pointer.any_down() && !input.pointer.any_released());
        if is_over && self.drag.take().is_some() {
            actions.push(Action::EndGesture);
        }
    }

    fn header_ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        if ui.available_width() < NARROW {
            verdict::ui(ui, state);
            ui.horizontal_wrapped(|ui| self.choices_ui(ui, state, actions));
            return;
        }
        ui.horizontal_top(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::TOP), |ui| {
                self.choices_ui(ui, state, actions);
                ui.with_layout(egui::Layout::top_down(egui::Align::LEFT), |ui| verdict::ui(ui, state));
            });
        });
    }

    /// How much is shown, and the way back to the newest batch.
    fn choices_ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let is_reversed = ui.layout().prefer_right_to_left();
        if is_reversed {
            self.tools_ui(ui, state, actions);
            self.live_ui(ui, state, actions);
        }
        for index in 0..Window::ALL.len() {
            let window = Window::ALL[if is_reversed { Window::ALL.len() - 1 - index } else { index }];
            let is_chosen = self.view.is_following() && self.view.window == window;
            if ui.selectable_label(is_chosen, tr(window.label())).on_hover_text(tr("plots.window_help")).clicked() {
                self.view.window = window;
                self.view.follow();
            }
        }
        if !is_reversed {
            self.live_ui(ui, state, actions);
            self.tools_ui(ui, state, actions);
        }
    }

    /// Averages of spans, before and after, and what can be taken elsewhere.
    fn tools_ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let measure = egui::Button::selectable(self.spans.is_measuring, tr("plots.measure"));
        if ui.add(measure).on_hover_text(tr("plots.measure_help")).clicked() {
            self.spans.is_measuring = !self.spans.is_measuring;
        }
        let has_change = spans::last_change(state).is_some();
        let before_after = egui::Button::new(tr("plots.before_after"));
        if ui.add_enabled(has_change, before_after).on_hover_text(tr("plots.before_after_help")).clicked() {
            self.spans.around_last_change(state);
        }
        ui.menu_button(tr("plots.scale"), |ui| {
            for (choice, name) in ScaleChoice::ALL {
                ui.radio_value(&mut self.scale, choice, tr(name));
            }
        })
        .response
        .on_hover_text(tr("plots.scale_help"));
        ui.menu_button(tr("plots.export"), |ui| {
            for command in [Command::ExportCsv, Command::ExportPlots] {
                let title = info(command).map_or("", |info| tr(info.title));
                if ui.button(title).clicked() {
                    actions.push(Action::Command(command));
                }
            }
        });
    }

    fn live_ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let is_live = self.view.is_following() && state.live.shown_batch.is_none();
        let color = if is_live { state.theme.text_weak } else { state.theme.accent };
        let button = egui::Button::new(RichText::new(tr("plots.live")).color(color));
        if ui.add_enabled(!is_live, button).on_hover_text(tr("plots.live_help")).clicked() {
            self.view.follow();
            actions.push(Action::ShowBatch(None));
        }
    }

    fn grid_ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let Some((first, last)) = state.live.history.range() else { return };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of columns")]
        let columns = ((ui.available_width() / COLUMN_WIDTH) as usize).clamp(1, MAX_COLUMNS);
        let cells = cells_of(&state.live.history);
        let rows = cells.len().div_ceil(columns);
        let height = ((ui.available_height() + GAP) / rows as f32 - GAP).clamp(MIN_CELL_HEIGHT, MAX_CELL_HEIGHT);
        let size = vec2(ui.available_width(), (height + GAP) * rows as f32 - GAP);
        let (area, _) = ui.allocate_exact_size(size, Sense::hover());
        let span = self.view.span(&state.live.history);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "batch numbers, cut off at 0")]
        let batches = span.0.floor().max(0.0) as u64..=span.1.ceil().max(0.0) as u64;
        let shown = state.live.shown_batch.unwrap_or(last);
        let shift = ui.input(|input| input.modifiers.shift);
        let is_measuring = self.spans.is_measuring || self.spans.is_dragging() || shift;
        let scene = Scene { state, span, batches, shown, spans: &self.spans, is_measuring, scale: self.scale };
        let mut answers = Vec::new();
        for (what, cell) in cells.into_iter().zip(chart::cells(area, columns, rows, GAP)) {
            if ui.is_rect_visible(cell) {
                answers.push(match what {
                    Cell::Chart(chart) => chart::ui(ui, cell, chart, &scene, &mut self.drag, actions),
                    Cell::Stack => stack::ui(ui, cell, &scene),
                });
            }
        }
        for asked in answers {
            if let Some(measured) = asked.measured {
                self.spans.drag(measured);
            }
            if let Some(moved) = asked.span {
                self.view.hold(moved, &state.live.history);
            }
            if asked.follow {
                self.view.follow();
                actions.push(Action::ShowBatch(None));
            } else if let Some(batch) = asked.batch {
                if asked.measured.is_none() {
                    self.view.hold(span, &state.live.history);
                }
                actions.push(Action::ShowBatch(Some(batch.clamp(first, last))));
            }
        }
    }
}

fn empty_ui(ui: &mut egui::Ui, state: &AppState) {
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.4 - 12.0).max(8.0));
        ui.label(RichText::new(tr("plots.empty")).color(state.theme.text_weak));
    });
}
