//! One line per batch, newest first: when, how much, how long, and whether it went well. A click shows that batch
//! everywhere; beside the table its time is shown node by node.

use eframe::egui::{self, Align, Layout, RichText};
use egui_extras::{Column, TableBuilder};
use weir_engine::metrics::{BatchReport, BatchStatus, NodeStatus};
use weir_engine::spec::Span;

use super::toolbar::grouped;
use super::waterfall;
use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::widgets::empty_state;

const ROW_HEIGHT: f32 = 24.0;
/// Lines kept on the table; older batches are in the plots.
const MAX_ROWS: usize = 2_000;
/// The least width of the picture of one batch, which has the room that the table leaves.
const WATERFALL_WIDTH: f32 = 280.0;
/// Less than this for the table, and it stands alone.
const TABLE_FROM: f32 = 420.0;
/// Less than this for everything, and the creation delay is left to the picture: it is next to nothing.
const CREATION_FROM: f32 = 1_000.0;
/// The least widths of how it went and why it failed.
const STATUS_WIDTH: f32 = 96.0;
const ERROR_WIDTH: f32 = 200.0;
/// What a table with all that is usually in it wants.
const TABLE_WIDTH: f32 = 700.0;

/// A column of figures.
struct Figure {
    header: &'static str,
    width: f32,
    text: fn(&BatchReport) -> String,
}

/// The columns of figures, in order.
const FIGURES: [Figure; 7] = [
    Figure { header: "batches.batch", width: 56.0, text: |report| grouped(report.batch) },
    Figure { header: "batches.time", width: 64.0, text: time_of_day },
    Figure { header: "batches.records", width: 64.0, text: |report| grouped(report.input_rows) },
    Figure { header: "batches.creation", width: 70.0, text: |report| millis(report.creation_delay) },
    Figure { header: "batches.scheduling", width: 80.0, text: |report| millis(report.scheduling_delay) },
    Figure { header: "batches.processing", width: 80.0, text: |report| millis(report.processing_time) },
    Figure { header: "batches.total", width: 70.0, text: |report| millis(report.total_delay) },
];

/// Draws the table.
pub(super) fn ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let reports: Vec<&BatchReport> = state.live.history.recent().take(MAX_ROWS).collect();
    if reports.is_empty() {
        empty_state(ui, tr("batches.none"), tr("batches.none_hint"));
        return;
    }
    let room = ui.available_width();
    if room < TABLE_FROM + WATERFALL_WIDTH {
        let all: Vec<&Figure> = FIGURES.iter().collect();
        return table_ui(ui, state, &all, &reports, actions);
    }
    let is_shown = |figure: &&Figure| room >= CREATION_FROM || figure.header != "batches.creation";
    let figures: Vec<&Figure> = FIGURES.iter().filter(is_shown).collect();
    let rest = (room - TABLE_WIDTH).clamp(WATERFALL_WIDTH, (room * 0.5).max(WATERFALL_WIDTH));
    let panel = egui::Panel::right("waterfall").resizable(true).default_size(rest).min_size(WATERFALL_WIDTH);
    panel.max_size(room - TABLE_FROM).show(ui, |ui| waterfall::ui(ui, state, actions));
    table_ui(ui, state, &figures, &reports, actions);
}

/// The table. What does not fit is scrolled to, so that it never lies on what is beside it; the column of errors is
/// there once there is one.
fn table_ui(ui: &mut egui::Ui, state: &AppState, figures: &[&Figure], reports: &[&BatchReport], actions: &mut Actions) {
    let with_error = reports.iter().any(|report| report.status == BatchStatus::Failed);
    egui::ScrollArea::horizontal().id_salt("batches across").auto_shrink(false).show(ui, |ui| {
        let mut table = TableBuilder::new(ui)
            .id_salt(("batches", figures.len(), with_error))
            .striped(true)
            .sense(egui::Sense::click())
            .cell_layout(Layout::right_to_left(Align::Center))
            .auto_shrink(false);
        for figure in figures {
            table = table.column(Column::initial(figure.width).at_least(44.0).resizable(true).clip(true));
        }
        if with_error {
            table = table.column(Column::initial(STATUS_WIDTH).at_least(44.0).resizable(true).clip(true));
        }
        let last = if with_error { ERROR_WIDTH } else { STATUS_WIDTH };
        table = table.column(Column::remainder().at_least(last).clip(true));
        let words = [Some("batches.status"), with_error.then_some("batches.error")];
        table
            .header(ROW_HEIGHT, |mut row| {
                let small = |key| RichText::new(tr(key)).small().color(state.theme.text_weak);
                for figure in figures {
                    row.col(|ui| {
                        ui.label(small(figure.header));
                    });
                }
                for key in words.into_iter().flatten() {
                    row.col(|ui| left_ui(ui, |ui| ui.label(small(key))));
                }
            })
            .body(|body| {
                body.rows(ROW_HEIGHT, reports.len(), |mut row| {
                    let Some(report) = reports.get(row.index()) else { return };
                    row.set_selected(state.live.shown_batch == Some(report.batch));
                    for figure in figures {
                        row.col(|ui| {
                            ui.label((figure.text)(report));
                        });
                    }
                    row.col(|ui| status_ui(ui, state, report));
                    if with_error {
                        row.col(|ui| error_ui(ui, state, report));
                    }
                    if row.response().clicked() {
                        let is_shown = state.live.shown_batch == Some(report.batch);
                        actions.push(Action::ShowBatch((!is_shown).then_some(report.batch)));
                    }
                });
            });
    });
}

/// Words stand at the left of their column.
fn left_ui<R>(ui: &mut egui::Ui, add: impl FnOnce(&mut egui::Ui) -> R) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(6.0);
        add(ui)
    });
}

fn time_of_day(report: &BatchReport) -> String {
    let time = report.tick.to_string();
    time.get(11..19).unwrap_or(&time).trim_end_matches('Z').to_owned()
}

/// Milliseconds with as many digits as mean something.
pub(super) fn millis(span: Span) -> String {
    let millis = span.as_millis_f64();
    if millis < 10.0 { format!("{millis:.2} ms") } else { format!("{millis:.0} ms") }
}

/// The first node that failed, and why.
fn error_ui(ui: &mut egui::Ui, state: &AppState, report: &BatchReport) {
    let failed = report.nodes.iter().find_map(|node| match &node.status {
        NodeStatus::Failed(why) => Some((node.node, why)),
        NodeStatus::Ok | NodeStatus::Blocked | NodeStatus::Waiting(_) => None,
    });
    let Some((node, why)) = failed else { return };
    let text = format!("{}: {}", state.name_of(node), crate::sentences::spoken(why));
    left_ui(ui, |ui| {
        let label = egui::Label::new(RichText::new(&text).color(state.theme.error)).truncate();
        ui.add(label).on_hover_text(&text)
    });
}

fn status_ui(ui: &mut egui::Ui, state: &AppState, report: &BatchReport) {
    let theme = &state.theme;
    let (word, color) = match report.status {
        BatchStatus::Failed => (tr("batches.failed").to_owned(), theme.error),
        BatchStatus::Ok if report.headroom() < 0.0 => (tr("batches.slow").to_owned(), theme.warning),
        BatchStatus::Ok if report.queued_batches > 0 => {
            (trf("batches.queued", &[("count", &report.queued_batches.to_string())]), theme.warning)
        }
        BatchStatus::Ok => (tr("batches.ok").to_owned(), theme.good),
    };
    left_ui(ui, |ui| {
        let label = egui::Label::new(RichText::new(&word).color(color)).truncate();
        ui.add(label).on_hover_text(&word)
    });
}
