//! A kind's documentation in place: its text, then what each parameter does.

use eframe::egui::{self, Frame, RichText};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};
use weir_engine::plan::NodeKind;

use crate::i18n::node_word;
use crate::theme::Theme;

/// Draws the documentation.
pub(super) fn docs_ui(ui: &mut egui::Ui, kind: &NodeKind, cache: &mut CommonMarkCache, theme: &Theme) {
    let frame = Frame::new().fill(theme.surface_raised).corner_radius(4).inner_margin(8);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.push_id(("inspector docs", kind.id), |ui| {
            CommonMarkViewer::new().show(ui, cache, node_word(&format!("{}.doc", kind.id), kind.doc));
        });
        for spec in kind.params {
            let words = format!("{}.param.{}", kind.id, spec.name);
            ui.add_space(4.0);
            ui.label(RichText::new(node_word(&format!("{words}.title"), spec.title)).strong().color(theme.text));
            let doc = RichText::new(node_word(&format!("{words}.doc"), spec.doc)).color(theme.text_weak);
            ui.add(egui::Label::new(doc).wrap());
        }
    });
}
