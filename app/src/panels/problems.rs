//! All problems of the pipeline, the worst first; a click shows the node.

use eframe::egui::{self, RichText, Sense, pos2, vec2};
use weir_engine::spec::{Diagnostic, NodeId, Severity};

use crate::action::{Action, Actions};
use crate::i18n::tr;
use crate::sentences::spoken;
use crate::state::AppState;
use crate::theme::Theme;
use crate::widgets::{Icon, empty_state};

/// Draws the list.
pub(super) fn ui(ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
    let problems = collected(state);
    if problems.is_empty() {
        empty_state(ui, tr("problems.none"), tr("problems.none_hint"));
        return;
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for problem in &problems {
            problem_ui(ui, state, problem, actions);
        }
    });
}

struct Problem<'a> {
    node: Option<NodeId>,
    severity: Severity,
    place: Option<&'a str>,
    /// As the engine says it.
    message: &'a str,
}

impl<'a> From<&'a Diagnostic> for Problem<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        Self {
            node: diagnostic.node,
            severity: diagnostic.severity,
            place: diagnostic.param.as_deref().or(diagnostic.port.as_deref()),
            message: &diagnostic.message,
        }
    }
}

/// How many there are.
pub(super) fn count(state: &AppState) -> usize {
    all(state).count()
}

/// Whether one of them keeps something from running.
pub(super) fn has_errors(state: &AppState) -> bool {
    all(state).any(|problem| problem.severity == Severity::Error)
}

/// What the analysis says, what the engine refused, and the nodes that stand still.
fn all(state: &AppState) -> impl Iterator<Item = Problem<'_>> {
    let analysed = state.analysis.diagnostics.iter();
    let refused = state.live.refused.iter().filter(|refused| !state.analysis.diagnostics.contains(refused));
    let failed = state.live.failures.iter().map(|(node, message)| Problem {
        node: Some(*node),
        severity: Severity::Error,
        place: None,
        message,
    });
    analysed.chain(refused).map(Problem::from).chain(failed)
}

/// All of them, the worst first.
fn collected(state: &AppState) -> Vec<Problem<'_>> {
    let mut problems: Vec<Problem<'_>> = all(state).collect();
    problems.sort_by_key(|problem| (problem.severity, problem.node));
    problems
}

fn problem_ui(ui: &mut egui::Ui, state: &AppState, problem: &Problem<'_>, actions: &mut Actions) {
    let theme = &state.theme;
    let name = problem.node.and_then(|id| state.document.pipeline().node(id)).map(|node| node.name.as_str());
    let place = match (name, problem.place) {
        (Some(name), Some(place)) => format!("{name} · {place}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => tr("problems.pipeline").to_owned(),
    };
    let message = spoken(problem.message);
    let (icon, color) = look(problem.severity, theme);
    let row = egui::Frame::NONE.inner_margin(egui::Margin::symmetric(8, 4)).corner_radius(6).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            let (spot, _) = ui.allocate_exact_size(vec2(16.0, 18.0), Sense::hover());
            icon.paint(ui.painter(), spot, color);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(RichText::new(&place).small().color(theme.text_weak));
                ui.add(egui::Label::new(&*message).wrap());
            });
        });
        ui.set_min_width(ui.available_width());
    });
    let response = ui.interact(row.response.rect, row.response.id.with("row"), Sense::click());
    response.widget_info(|| {
        let text = format!("{place}: {message}");
        egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, text)
    });
    if response.hovered() || response.has_focus() {
        let edge = egui::Stroke::new(1.0, theme.border);
        ui.painter().rect_stroke(row.response.rect, 6.0, edge, egui::StrokeKind::Inside);
        let bar = egui::Rect::from_min_max(
            row.response.rect.min,
            pos2(row.response.rect.left() + 2.0, row.response.rect.bottom()),
        );
        ui.painter().rect_filled(bar, 1.0, color);
    }
    if response.clicked()
        && let Some(node) = problem.node
    {
        actions.push(Action::Reveal(node));
    }
}

fn look(severity: Severity, theme: &Theme) -> (Icon, egui::Color32) {
    match severity {
        Severity::Error => (Icon::Error, theme.error),
        Severity::Warning => (Icon::Warning, theme.warning),
        Severity::Info => (Icon::Info, theme.text_weak),
    }
}
