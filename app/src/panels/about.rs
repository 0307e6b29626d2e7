//! What this program is.

use eframe::egui::{self, RichText};

use super::overlay::modal;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// Draws it; `true` once it is done with.
pub(super) fn ui(context: &egui::Context, state: &AppState) -> bool {
    let mut is_done = false;
    let was_closed = modal(context, "about", 400.0, |ui| {
        ui.label(RichText::new("Weir").size(28.0).strong());
        ui.label(
            RichText::new(trf("about.version", &[("version", env!("CARGO_PKG_VERSION"))])).color(state.theme.text_weak),
        );
        ui.add_space(8.0);
        ui.label(tr("about.what"));
        ui.label(tr("about.licence"));
        ui.add_space(8.0);
        is_done = ui.button(tr("dialog.close")).clicked();
    });
    is_done || was_closed
}
