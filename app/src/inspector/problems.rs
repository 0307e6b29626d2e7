//! Diagnostics as sentences with a sign and a colour, right under what they are about.

use eframe::egui::{self, Color32, RichText};
use weir_engine::spec::{Diagnostic, Severity};

use crate::i18n::tr;
use crate::sentences::spoken;
use crate::theme::Theme;

use super::signs;

/// The colour of a severity.
pub(super) fn color(severity: Severity, theme: &Theme) -> Color32 {
    match severity {
        Severity::Error => theme.error,
        Severity::Warning => theme.warning,
        Severity::Info => theme.text_weak,
    }
}

/// The sign of a severity, and its word for those who cannot see it.
fn sign(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => (signs::ERROR, tr("inspector.severity.error")),
        Severity::Warning => (signs::WARNING, tr("inspector.severity.warning")),
        Severity::Info => (signs::INFO, tr("inspector.severity.info")),
    }
}

/// Shows the problems, one sentence each.
pub(super) fn problems_ui<'a>(ui: &mut egui::Ui, problems: impl Iterator<Item = &'a Diagnostic>, theme: &Theme) {
    for problem in problems {
        sentence_ui(ui, problem.severity, &problem.message, theme);
    }
}

/// One sentence with its sign; long ones wrap beside the sign.
pub(super) fn sentence_ui(ui: &mut egui::Ui, severity: Severity, message: &str, theme: &Theme) {
    let color = color(severity, theme);
    let (sign, word) = sign(severity);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(signs::sign(sign).size(signs::SMALL).color(color)).on_hover_text(word);
        ui.add(egui::Label::new(RichText::new(spoken(message)).small().color(color)).wrap());
    });
}
