//! The Data panel: the rows of the watched port, of the selected wire, or of what a sink shows.
//!
//! Which rows those are is decided in [`source`], how they become text in [`grid`]; here they are drawn.

mod chart;
mod grid;
mod probe;
mod source;

use eframe::egui::{self, Align, Layout, RichText, Sense};
use egui_extras::{Column, TableBuilder};
use weir_engine::pipeline::Pipeline;
use weir_engine::spec::NodeId;

use super::{grouped, why};
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::widgets::{empty_state, search_field};
use chart::Chart;
use grid::{Direction, Grid};
use probe::ProbeField;
pub(crate) use source::ports_of_interest;
use source::{Rows, Shown};

const ROW_HEIGHT: f32 = 22.0;
/// Rows of a growing table that are listed.
const GROWN_ROWS: usize = 2_000;

/// The rows on screen, laid out once and kept until others come.
#[derive(Debug, Default)]
pub(super) struct Data {
    grid: Grid,
    chart: Chart,
    probe: ProbeField,
    filter: String,
    /// Whether a table sink shows all that is kept instead of its newest batch.
    is_growing: bool,
    /// Whether a chart sink shows its rows instead of the chart.
    is_listed: bool,
}

impl Data {
    /// Draws the rows, or says what would show some.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let shown = source::find(state);
        if matches!(shown, Shown::Nothing) {
            empty_state(ui, tr("data.nothing"), tr("data.nothing_hint"));
            return;
        }
        let rows = self.rows_of(state, &shown);
        self.bar_ui(ui, state, &shown, rows.as_ref(), actions);
        if let Shown::Port(port, _) = &shown {
            self.probe.ui(ui, state, port, actions);
        }
        if let (Shown::Sink(node, _), true) = (&shown, self.is_drawn(state, &shown)) {
            self.chart_ui(ui, state, *node);
            return;
        }
        let Some(rows) = rows else {
            let hint = match (state.live.is_active(), state.live.shown_batch) {
                (_, Some(_)) => tr("data.not_kept"),
                (true, None) => tr("data.waiting"),
                (false, None) => tr("data.not_running"),
            };
            empty_ui(ui, state, &shown, hint, actions);
            return;
        };
        self.grid.set(&rows.batches(), &self.filter);
        if self.grid.columns().is_empty() || rows.batches().iter().all(|batch| batch.num_rows() == 0) {
            empty_ui(ui, state, &shown, tr("data.empty_batch"), actions);
        } else {
            self.table_ui(ui, state);
        }
    }

    /// The rows to list: those that met a probe, those of several batches, or those of one.
    fn rows_of(&self, state: &AppState, shown: &Shown) -> Option<Rows> {
        let special = match shown {
            Shown::Port(port, _) => source::met_probe(state, port),
            Shown::Sink(node, _) if self.is_growing && state.live.shown_batch.is_none() => {
                source::grown(state, *node, GROWN_ROWS)
            }
            Shown::Nothing | Shown::Sink(..) => None,
        };
        special.or_else(|| shown.rows())
    }

    /// Whether the rows are drawn as a chart.
    fn is_drawn(&self, state: &AppState, shown: &Shown) -> bool {
        matches!(shown, Shown::Sink(node, _) if !self.is_listed && source::is_chart(state, *node))
    }

    fn chart_ui(&mut self, ui: &mut egui::Ui, state: &AppState, node: NodeId) {
        let queue = state.live.presented.get(&node);
        let until = state.live.shown_batch.unwrap_or(u64::MAX);
        let shown: Vec<_> = queue.into_iter().flatten().filter(|presented| presented.batch <= until).collect();
        let Some(entry) = state.document.pipeline().node(node).filter(|_| !shown.is_empty()) else {
            let hint = if state.live.is_active() { tr("data.waiting") } else { tr("data.not_running") };
            empty_state(ui, tr("data.no_rows"), hint);
            return;
        };
        self.chart.set(&entry.params, &shown);
        self.chart.ui(ui, &state.theme);
    }

    /// Whose rows these are, how many, and what can be done with them.
    fn bar_ui(
        &mut self,
        ui: &mut egui::Ui,
        state: &AppState,
        shown: &Shown,
        rows: Option<&Rows>,
        actions: &mut Actions,
    ) {
        let theme = &state.theme;
        ui.horizontal(|ui| {
            ui.label(RichText::new(shown.title(state.document.pipeline())).strong());
            if let Some(rows) = rows {
                ui.label(RichText::new(count_text(rows)).color(theme.text_weak)).on_hover_text(tr("data.budget"));
            }
            if state.watched.is_some() && ui.button(tr("data.unwatch")).on_hover_text(tr("data.unwatch_hint")).clicked()
            {
                actions.push(Action::Watch(None));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add_enabled(rows.is_some(), egui::Button::new(tr("data.copy"))).clicked() {
                    ui.ctx().copy_text(self.grid.to_csv());
                    actions.push(Action::Toast(tr("data.copied").to_owned()));
                }
                self.choice_ui(ui, state, shown);
                let size = egui::vec2(220.0_f32.min(ui.available_width()), ui.spacing().interact_size.y);
                ui.allocate_ui(size, |ui| {
                    search_field(ui, &mut self.filter, tr("data.filter"));
                });
            });
        });
    }

    /// How a sink shows itself: drawn or listed, one batch or all that is kept.
    fn choice_ui(&mut self, ui: &mut egui::Ui, state: &AppState, shown: &Shown) {
        let Shown::Sink(node, _) = shown else { return };
        if source::is_chart(state, *node) {
            for (is_listed, word) in [(true, tr("data.rows")), (false, tr("data.chart"))] {
                if ui.selectable_label(self.is_listed == is_listed, word).clicked() {
                    self.is_listed = is_listed;
                }
            }
        } else {
            for (is_growing, word, hint) in [
                (true, tr("data.all_kept"), tr("data.all_kept_hint")),
                (false, tr("data.newest_batch"), tr("data.newest_batch_hint")),
            ] {
                if ui.selectable_label(self.is_growing == is_growing, word).on_hover_text(hint).clicked() {
                    self.is_growing = is_growing;
                }
            }
        }
    }

    fn table_ui(&mut self, ui: &mut egui::Ui, state: &AppState) {
        let count = self.grid.columns().len();
        let mut sort_by = None;
        egui::ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
            let mut table = TableBuilder::new(ui)
                .id_salt(("data", self.grid.shape()))
                .striped(true)
                .cell_layout(Layout::left_to_right(Align::Center))
                .auto_shrink(false);
            for column in self.grid.columns() {
                // A moment is shown whole.
                let width = if column.kind == "timestamp" { 216.0 } else { 150.0 };
                table = table.column(Column::initial(width).at_least(48.0).at_most(900.0).resizable(true).clip(true));
            }
            table
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

/// Why there are no rows: a sentence, and while it runs the chain of reasons.
fn empty_ui(ui: &mut egui::Ui, state: &AppState, shown: &Shown, hint: &str, actions: &mut Actions) {
    let reasons = if state.live.is_active() { shown.node() } else { None };
    match reasons.filter(|node| !why::chain(state, *node).is_empty()) {
        Some(node) => {
            ui.add_space(6.0);
            ui.label(RichText::new(tr("data.no_rows")).strong());
            ui.label(RichText::new(hint).color(state.theme.text_weak));
            ui.add_space(4.0);
            egui::ScrollArea::vertical()
                .id_salt("why")
                .auto_shrink(false)
                .show(ui, |ui| why::ui(ui, state, node, actions));
        }
        None => empty_state(ui, tr("data.no_rows"), hint),
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
