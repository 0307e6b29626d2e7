//! The Data panel: the rows of the watched port, of the selected wire, or of what a sink shows.
//!
//! Which rows those are is decided in [`source`], how they become text in [`grid`]; here they are drawn.

mod grid;
mod source;

use eframe::egui::{self, Align, Layout, RichText, Sense};
use egui_extras::{Column, TableBuilder};
use weir_engine::pipeline::Pipeline;

use super::toolbar::grouped;
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::widgets::{empty_state, search_field};
use grid::{Direction, Grid};
pub(crate) use source::ports_of_interest;
use source::{Rows, Shown};

const ROW_HEIGHT: f32 = 22.0;

/// The rows on screen, laid out once and kept until others come.
#[derive(Debug, Default)]
pub(super) struct Data {
    grid: Grid,
    filter: String,
}

impl Data {
    /// Draws the rows, or says what would show some.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let shown = source::find(state);
        if matches!(shown, Shown::Nothing) {
            empty_state(ui, tr("data.nothing"), tr("data.nothing_hint"));
            return;
        }
        self.bar_ui(ui, state, &shown, actions);
        let Some(rows) = shown.rows() else {
            let hint = if state.live.is_active() { tr("data.waiting") } else { tr("data.not_running") };
            empty_state(ui, tr("data.no_rows"), hint);
            return;
        };
        self.grid.set(&rows.batches(), &self.filter);
        if self.grid.columns().is_empty() || rows.batches().iter().all(|batch| batch.num_rows() == 0) {
            empty_state(ui, tr("data.no_rows"), tr("data.empty_batch"));
        } else {
            self.table_ui(ui, state);
        }
    }

    /// Whose rows these are, how many, and what can be done with them.
    fn bar_ui(&mut self, ui: &mut egui::Ui, state: &AppState, shown: &Shown, actions: &mut Actions) {
        let theme = &state.theme;
        ui.horizontal(|ui| {
            ui.label(RichText::new(shown.title(state.document.pipeline())).strong());
            if let Some(rows) = shown.rows() {
                ui.label(RichText::new(count_text(&rows)).color(theme.text_weak));
            }
            if state.watched.is_some() && ui.button(tr("data.unwatch")).on_hover_text(tr("data.unwatch_hint")).clicked()
            {
                actions.push(Action::Watch(None));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let has_rows = shown.rows().is_some();
                if ui.add_enabled(has_rows, egui::Button::new(tr("data.copy"))).clicked() {
                    ui.ctx().copy_text(self.grid.to_csv());
                    actions.push(Action::Toast(tr("data.copied").to_owned()));
                }
                ui.allocate_ui(egui::vec2(220.0_f32.min(ui.available_width()), ROW_HEIGHT), |ui| {
                    search_field(ui, &mut self.filter, tr("data.filter"));
                });
            });
        });
    }

    fn table_ui(&mut self, ui: &mut egui::Ui, state: &AppState) {
        let count = self.grid.columns().len();
        let mut sort_by = None;
        egui::ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
            TableBuilder::new(ui)
                .id_salt(("data", self.grid.shape()))
                .striped(true)
                .cell_layout(Layout::left_to_right(Align::Center))
                .columns(Column::initial(160.0).at_least(48.0).at_most(900.0).resizable(true).clip(true), count)
                .auto_shrink(false)
                .header(38.0, |mut row| {
                    for (index, column) in self.grid.columns().iter().enumerate() {
                        row.col(|ui| {
                            if header_ui(ui, state, &column.name, &column.kind, self.grid.sorted_by(index)).clicked() {
                                sort_by = Some(index);
                            }
                        });
                    }
                })
                .body(|body| {
                    body.rows(ROW_HEIGHT, self.grid.row_count(), |mut row| {
                        let index = row.index();
                        for column in 0..count {
                            row.col(|ui| {
                                cell_ui(ui, state, self.grid.cell(index, column), self.grid.is_number(column));
                            });
                        }
                    });
                });
        });
        if let Some(index) = sort_by {
            self.grid.toggle_sort(index);
        }
    }
}

fn header_ui(ui: &mut egui::Ui, state: &AppState, name: &str, kind: &str, sorted: Option<Direction>) -> egui::Response {
    let arrow = match sorted {
        None => "",
        Some(Direction::Up) => " ⏶",
        Some(Direction::Down) => " ⏷",
    };
    let inner = ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add(egui::Label::new(RichText::new(format!("{name}{arrow}")).strong()).truncate());
        ui.add(egui::Label::new(RichText::new(kind).small().color(state.theme.text_weak)).truncate());
    });
    let response = ui.interact(inner.response.rect, ui.scope_id().with(("header", name)), Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::ColumnHeader, true, trf("data.sort_by", &[("column", name)]))
    });
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

fn cell_ui(ui: &mut egui::Ui, state: &AppState, cell: Option<&str>, is_number: bool) {
    let text = match cell {
        Some(text) => RichText::new(text).monospace(),
        None => RichText::new("null").monospace().italics().color(state.theme.text_weak),
    };
    let label = egui::Label::new(text).truncate().selectable(true);
    if is_number {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(label));
    } else {
        ui.add(label);
    }
}

fn count_text(rows: &Rows) -> String {
    let here: usize = rows.batches().iter().map(weir_engine::arrow::array::RecordBatch::num_rows).sum();
    let here = u64::try_from(here).unwrap_or(u64::MAX);
    trf(
        "data.count",
        &[("shown", &grouped(here)), ("total", &grouped(rows.total())), ("batch", &grouped(rows.batch()))],
    )
}

/// What people call a port: `counts`, or `parse · rejected` where a node has more than one output.
fn port_title(pipeline: &Pipeline, port: &weir_engine::spec::PortRef) -> String {
    let Some(node) = pipeline.node(port.node) else { return port.to_string() };
    let has_one = weir_engine::nodes::kind(&node.kind).is_some_and(|kind| kind.outputs.len() == 1);
    if has_one { node.name.clone() } else { format!("{} · {}", node.name, port.port) }
}
