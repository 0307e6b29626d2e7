//! Whether the run keeps up, in words, and which node limits it.

use eframe::egui::{self, RichText};
use weir_engine::metrics::{Verdict, culprit, judge};

use super::units;
use crate::i18n::trf;
use crate::state::AppState;

/// Says how the run fares.
pub(super) fn ui(ui: &mut egui::Ui, state: &AppState) {
    let Some(verdict) = judge(state.live.history.recent()) else { return };
    let color = if verdict.stable { state.theme.good } else { state.theme.error };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(sentence(&verdict)).color(color).strong());
        if let Some(culprit) = culprit(state.live.history.recent()) {
            ui.label(RichText::new(crate::panels::culprit_sentence(state, &culprit)).color(state.theme.text));
        }
    });
}

/// The verdict as a sentence.
pub(super) fn sentence(verdict: &Verdict) -> String {
    let time = units::span(verdict.processing_time);
    let interval = units::span(verdict.interval);
    let headroom = units::percent(verdict.headroom);
    let facts = [("time", time.as_str()), ("interval", &interval), ("headroom", &headroom)];
    match verdict.forecast {
        None => trf("plots.stable", &facts),
        Some(forecast) => {
            let (behind, within) = (units::span(forecast.behind), units::span(forecast.within));
            let [time, interval, headroom] = facts;
            trf("plots.unstable", &[time, interval, headroom, ("behind", &behind), ("within", &within)])
        }
    }
}
