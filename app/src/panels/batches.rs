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
/// Widths of the columns, and the room of one that says why a batch failed.
const WIDTHS: [f32; 8] = [56.0, 64.0, 64.0, 70.0, 80.0, 80.0, 70.0, 60.0];
const ERROR_WIDTH: f32 = 220.0;

/// Draws the table.
pub(super) fn ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let reports: Vec<&BatchReport> = state.live.history.recent().take(MAX_ROWS).collect();
    if reports.is_empty() {
        empty_state(ui, tr("batches.none"), tr("batches.none_hint"));
        return;
    }
    let room = ui.available_width();
    if room < TABLE_FROM + WATERFALL_WIDTH {
        return table_ui(ui, state, &reports, actions);
    }
    let gaps = ui.spacing().item_spacing.x * WIDTHS.len() as f32;
    let wanted = WIDTHS.iter().sum::<f32>() + gaps + if has_failed(&reports) { ERROR_WIDTH } else { 0.0 };
    let rest = (room - wanted).clamp(WATERFALL_WIDTH, (room * 0.5).max(WATERFALL_WIDTH));
    let panel = egui::Panel::right("waterfall").resizable(true).default_size(rest).min_size(WATERFALL_WIDTH);
    panel.max_size(room - TABLE_FROM).show(ui, |ui| waterfall::ui(ui, state, actions));
    table_ui(ui, state, &reports, actions);
}

fn has_failed(reports: &[&BatchReport]) -> bool {
    reports.iter().any(|report| report.status == BatchStatus::Failed)
}

/// The table; what does not fit is scrolled to, so that it never lies under what is beside it. The column of errors is
/// there once there is one.
fn table_ui(ui: &mut egui::Ui, state: &AppState, reports: &[&BatchReport], actions: &mut Actions) {
    let headers = [
        tr("batches.batch"),
        tr("batches.time"),
        tr("batches.records"),
        tr("batches.creation"),
        tr("batches.scheduling"),
        tr("batches.processing"),
        tr("batches.total"),
        tr("batches.status"),
    ];
    let with_error = has_failed(reports);
    egui::ScrollArea::horizontal().id_salt("batches across").auto_shrink(false).show(ui, |ui| {
        let mut table = TableBuilder::new(ui)
            .id_salt(("batches", with_error))
            .striped(true)
            .sense(egui::Sense::click())
            .cell_layout(Layout::right_to_left(Align::Center))
            .auto_shrink(false);
        for width in WIDTHS {
            table = table.column(Column::initial(width).at_least(44.0).resizable(true).clip(true));
        }
        // What is left over goes to the error; without one, to nobody: figures stand together.
        table = table.column(Column::remainder().at_least(if with_error { ERROR_WIDTH } else { 0.0 }).clip(true));
        table
            .header(ROW_HEIGHT, |mut row| {
                for header in headers.into_iter().chain([if with_error { tr("batches.error") } else { "" }]) {
                    row.col(|ui| {
                        ui.label(RichText::new(header).small().color(state.theme.text_weak));
                    });
                }
            })
            .body(|body| {
                body.rows(ROW_HEIGHT, reports.len(), |mut row| {
                    if let Some(report) = reports.get(row.index()) {
                        row_ui(&mut row, state, report, actions);
                    }
                });
            });
    });
}

fn row_ui(row: &mut egui_extras::TableRow<'_, '_>, state: &AppState, report: &BatchReport, actions: &mut Actions) {
    row.set_selected(state.live.shown_batch == Some(report.batch));
    for cell in cells(report) {
        row.col(|ui| {
            ui.label(cell);
        });
    }
    row.col(|ui| status_ui(ui, state, report));
    row.col(|ui| error_ui(ui, state, report));
    if row.response().clicked() {
        let is_shown = state.live.shown_batch == Some(report.batch);
        actions.push(Action::ShowBatch((!is_shown).then_some(report.batch)));
    }
}

fn cells(report: &BatchReport) -> [String; 7] {
    let time = report.tick.to_string();
    [
        grouped(report.batch),
        time.get(11..).unwrap_or(&time).trim_end_matches('Z').to_owned(),
        grouped(report.input_rows),
        millis(report.creation_delay),
        millis(report.scheduling_delay),
        millis(report.processing_time),
        millis(report.total_delay),
    ]
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
    let name = state.document.pipeline().node(node).map_or_else(|| node.to_string(), |node| node.name.clone());
    let text = format!("{name}: {why}");
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let label = egui::Label::new(RichText::new(&text).color(state.theme.error)).truncate();
        ui.add(label).on_hover_text(&text);
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
    ui.label(RichText::new(word).color(color));
}
