//! What the node did in the batch shown, while a run exists.

use eframe::egui;
use weir_engine::metrics::{BatchReport, NodeReport, NodeStatus};
use weir_engine::plan::NodeKind;
use weir_engine::spec::{NodeId, Severity};

use crate::action::{Action, Actions};
use crate::counters;
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::theme::Theme;

use super::section::{fact_ui, note_ui, section_ui};
use super::{figures, problems};

/// Draws the node's figures, and why it gives nothing if it does not; nothing where there is no run.
pub(super) fn facts_ui(ui: &mut egui::Ui, node: NodeId, kind: &NodeKind, state: &AppState, actions: &mut Actions) {
    if !state.live.is_active() && state.live.failures.is_empty() {
        return;
    }
    section_ui(ui, "live", tr("inspector.live"), &state.theme, |ui| {
        let shown = state.live.shown().and_then(|batch| batch.node(node).map(|report| (batch, report)));
        let has_failed = shown.is_some_and(|(_, report)| matches!(report.status, NodeStatus::Failed(_)));
        if let Some(failure) = state.live.failures.get(&node).filter(|_| !has_failed) {
            problems::sentence_ui(ui, Severity::Error, failure, &state.theme);
        }
        match shown {
            Some((batch, report)) => report_ui(ui, batch, report, kind, &state.theme),
            None => note_ui(ui, tr("inspector.live.none"), &state.theme),
        }
        limit_ui(ui, node, state);
        memory_ui(ui, node, state, actions);
        if !has_failed {
            crate::panels::why_silent_ui(ui, state, node, actions);
        }
    });
}

/// What can be done about a node's memory: one that failed tries again, one that remembers begins anew.
fn memory_ui(ui: &mut egui::Ui, node: NodeId, state: &AppState, actions: &mut Actions) {
    let report = state.live.history.latest().and_then(|batch| batch.node(node)).filter(|_| state.live.is_active());
    let Some(report) = report else { return };
    if let Some(since) = report.memory.mixed_since {
        note_ui(ui, &trf("inspector.live.mixed", &[("batch", &figures::count(since))]), &state.theme);
    }
    let is_failed = state.live.failures.contains_key(&node);
    ui.horizontal_wrapped(|ui| {
        if is_failed && ui.button(tr("inspector.live.retry")).on_hover_text(tr("inspector.live.retry.hint")).clicked() {
            actions.push(Action::Retry(node));
        }
        let can_reset = report.state_rows > 0;
        if can_reset && ui.button(tr("inspector.live.reset")).on_hover_text(tr("inspector.live.reset.hint")).clicked() {
            actions.push(Action::ResetState(node));
        }
    });
}

/// The limit that backpressure sets this source, with the terms it comes from.
fn limit_ui(ui: &mut egui::Ui, node: NodeId, state: &AppState) {
    let control = state.live.shown().and_then(|batch| batch.control.as_ref());
    let limit = control.and_then(|control| control.sources.iter().find(|source| source.node == node));
    for (name, value) in limit.into_iter().flat_map(crate::panels::limit_facts) {
        fact_ui(ui, name, &value, &state.theme);
    }
}

fn report_ui(ui: &mut egui::Ui, batch: &BatchReport, report: &NodeReport, kind: &NodeKind, theme: &Theme) {
    note_ui(ui, &trf("inspector.live.batch", &[("batch", &figures::count(batch.batch))]), theme);
    if !kind.inputs.is_empty() {
        fact_ui(ui, tr("inspector.live.rows_in"), &with_rate(report.rows_in, batch), theme);
    }
    for (port, rows) in kind.outputs.iter().zip(&report.rows_out) {
        let name = trf("inspector.live.rows_out", &[("port", port.name)]);
        fact_ui(ui, &name, &with_rate(*rows, batch), theme);
    }
    let share = share_percent(report, batch);
    fact_ui(ui, tr("inspector.live.busy"), &format!("{} · {share} %", figures::millis(report.busy)), theme);
    if report.state_rows > 0 {
        let state = format!("{} · {}", figures::count(report.state_rows), figures::bytes(report.state_bytes));
        fact_ui(ui, tr("inspector.live.state"), &state, theme);
    }
    if report.backlog_rows > 0 {
        fact_ui(ui, tr("inspector.live.backlog"), &figures::count(report.backlog_rows), theme);
    }
    for (name, count) in counters::noteworthy(&report.counters) {
        fact_ui(ui, counters::word(name), &figures::count(*count), theme);
    }
    status_ui(ui, &report.status, theme);
}

fn with_rate(rows: u64, batch: &BatchReport) -> String {
    trf("inspector.live.rows", &[("rows", &figures::count(rows)), ("rate", &figures::rate(rows, batch.span))])
}

/// The node's share of the batch's processing time.
fn share_percent(report: &NodeReport, batch: &BatchReport) -> i64 {
    if batch.processing_time.0 <= 0 { 0 } else { report.busy.0.saturating_mul(100) / batch.processing_time.0 }
}

fn status_ui(ui: &mut egui::Ui, status: &NodeStatus, theme: &Theme) {
    match status {
        NodeStatus::Ok => {}
        NodeStatus::Blocked => problems::sentence_ui(ui, Severity::Warning, tr("inspector.live.blocked"), theme),
        NodeStatus::Failed(why) => problems::sentence_ui(ui, Severity::Error, why, theme),
        NodeStatus::Waiting(why) => problems::sentence_ui(ui, Severity::Warning, why, theme),
    }
}
