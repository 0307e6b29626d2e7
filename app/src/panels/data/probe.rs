//! The probe of a port: an expression that pauses the run when it is true of a row.

use eframe::egui::{self, Key, RichText};
use weir_engine::spec::PortRef;

use crate::action::{Action, Actions};
use crate::i18n::{tr, trf};
use crate::panels::grouped;
use crate::state::AppState;

/// What is being typed.
#[derive(Debug, Default)]
pub(super) struct ProbeField {
    port: Option<PortRef>,
    text: String,
}

impl ProbeField {
    /// Draws the field, and what came of the probe.
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, port: &PortRef, actions: &mut Actions) {
        if self.port.as_ref() != Some(port) {
            self.port = Some(port.clone());
            self.text = state.probes.get(port).cloned().unwrap_or_default();
        }
        let theme = &state.theme;
        ui.horizontal(|ui| {
            ui.label(RichText::new(tr("probe.when")).color(theme.text_weak)).on_hover_text(tr("probe.hint"));
            let field = egui::TextEdit::singleline(&mut self.text)
                .hint_text(tr("probe.example"))
                .font(egui::TextStyle::Monospace)
                .desired_width(260.0);
            let response = ui.add(field).accessible_name(tr("probe.when"));
            let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let wanted = self.text.trim();
            let present = state.probes.get(port).map_or("", String::as_str);
            let is_other = wanted != present;
            let set = ui.add_enabled(is_other && !wanted.is_empty(), egui::Button::new(tr("probe.set"))).clicked();
            if (is_entered || set) && is_other {
                let wanted = (!wanted.is_empty()).then(|| wanted.to_owned());
                actions.push(Action::Probe(port.clone(), wanted));
            }
            if !present.is_empty() && ui.button(tr("probe.remove")).clicked() {
                self.text.clear();
                actions.push(Action::Probe(port.clone(), None));
            }
            outcome_ui(ui, state, port);
        });
    }
}

fn outcome_ui(ui: &mut egui::Ui, state: &AppState, port: &PortRef) {
    let theme = &state.theme;
    match state.live.probed.get(port).map(|probed| (probed.batch, &probed.outcome)) {
        Some((batch, Ok(hit))) => {
            let text = trf("probe.hit", &[("rows", &grouped(hit.total_rows)), ("batch", &grouped(batch))]);
            ui.label(RichText::new(text).color(theme.warning).strong());
        }
        Some((_, Err(why))) => {
            let why = crate::sentences::spoken(why);
            ui.add(egui::Label::new(RichText::new(&*why).color(theme.error)).truncate()).on_hover_text(why);
        }
        None if state.probes.contains_key(port) => {
            ui.label(RichText::new(tr("probe.watching")).color(theme.text_weak));
        }
        None => {}
    }
}
