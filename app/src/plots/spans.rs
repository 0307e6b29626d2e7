//! Spans of batches that are dragged over the plots: their averages, and two of them compared, as before and after a
//! change.

use std::ops::RangeInclusive;

use eframe::egui::{self, Align2, FontId, Grid, Pos2, Rect, RichText};
use egui_plot::PlotTransform;
use weir_engine::metrics::{History, Measure};

use super::chart::Measured;
use super::units::{self, Unit};
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::theme::Theme;

/// Batches on either side of a change that are compared.
const AROUND: u64 = 30;
/// The lines of the comparison.
const COMPARED: [(Measure, &str, Unit); 9] = [
    (Measure::InputRate, "plots.input_rate", Unit::RowsPerSecond),
    (Measure::Throughput, "plots.throughput", Unit::RowsPerSecond),
    (Measure::ProcessingTime, "plots.processing_time", Unit::Millis),
    (Measure::SchedulingDelay, "plots.scheduling_delay", Unit::Millis),
    (Measure::TotalDelay, "plots.total_delay", Unit::Millis),
    (Measure::LatencyP50, "plots.latency_p50", Unit::Millis),
    (Measure::LatencyP99, "plots.latency_p99", Unit::Millis),
    (Measure::Queue, "plots.queue", Unit::Batches),
    (Measure::StateBytes, "plots.state_size", Unit::Bytes),
];

/// One or two spans, and whether dragging makes one.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// The spans, called A and B.
    chosen: Vec<(u64, u64)>,
    /// The span being dragged.
    dragged: Option<(f64, f64)>,
    /// Whether dragging makes a span instead of moving the view.
    pub(super) is_measuring: bool,
}

impl Spans {
    /// Whether there is anything to show.
    pub(super) fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// Forgets the spans.
    pub(super) fn clear(&mut self) {
        self.chosen.clear();
        self.dragged = None;
    }

    /// Whether a span is being dragged.
    pub(super) fn is_dragging(&self) -> bool {
        self.dragged.is_some()
    }

    /// Takes in a drag: while it lasts, and when it is over.
    pub(super) fn drag(&mut self, measured: Measured) {
        let Some(from) = self.dragged.map(|dragged| dragged.0).or(measured.from) else { return };
        if !measured.is_over {
            self.dragged = Some((from, measured.to));
            return;
        }
        self.dragged = None;
        let (left, right) = (from.min(measured.to), from.max(measured.to));
        if self.chosen.len() == 2 {
            self.chosen.clear();
        }
        self.chosen.push(batches_of(left, right));
    }

    /// The batches before and after the newest live change.
    pub(super) fn around_last_change(&mut self, state: &AppState) {
        let Some(change) = last_change(state) else { return };
        self.dragged = None;
        self.chosen = vec![(change.saturating_sub(AROUND), change.saturating_sub(1)), (change, change + AROUND - 1)];
    }

    /// Paints them over a plot.
    pub(super) fn paint(&self, ui: &egui::Ui, transform: &PlotTransform, theme: &Theme) {
        let frame = *transform.frame();
        let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
        let chosen = self.chosen.iter().map(|(from, to)| (*from as f64 - 0.5, *to as f64 + 0.5));
        for (index, (from, to)) in chosen.chain(self.dragged).enumerate() {
            let color = color_of(index, theme);
            let (left, right) = (transform.position_from_point_x(from), transform.position_from_point_x(to));
            let (left, right) = (left.min(right), left.max(right));
            let rect = Rect::from_x_y_ranges(left..=right, frame.y_range());
            painter.rect_filled(rect, 0.0, color.gamma_multiply(0.14));
            painter.vline(left, frame.y_range(), egui::Stroke::new(1.0, color));
            painter.vline(right, frame.y_range(), egui::Stroke::new(1.0, color));
            let at = Pos2::new(left + 4.0, frame.bottom() - 3.0);
            painter.text(at, Align2::LEFT_BOTTOM, letter(index), FontId::proportional(11.0), color);
        }
    }

    /// The averages, and how they differ.
    pub(super) fn table_ui(&mut self, ui: &mut egui::Ui, state: &AppState) {
        let theme = &state.theme;
        ui.horizontal(|ui| {
            let title = if self.chosen.len() == 2 { tr("plots.compared") } else { tr("plots.averages") };
            ui.label(RichText::new(title).strong());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button(tr("plots.clear_spans")).clicked() {
                    self.clear();
                }
            });
        });
        for (index, (from, to)) in self.chosen.iter().enumerate() {
            let facts = [("letter", letter(index).to_owned()), ("from", from.to_string()), ("to", to.to_string())];
            let text = trf("plots.span", &facts.each_ref().map(|(key, value)| (*key, value.as_str())));
            ui.label(RichText::new(text).small().color(color_of(index, theme)));
        }
        ui.add_space(4.0);
        // Both ways: a column that grows must not push the panel over the plots.
        egui::ScrollArea::both().id_salt("spans").auto_shrink([false, true]).show(ui, |ui| {
            Grid::new("spans").num_columns(4).spacing([14.0, 5.0]).show(ui, |ui| self.lines_ui(ui, state));
        });
        if self.chosen.len() < 2 {
            ui.add_space(4.0);
            ui.label(RichText::new(tr("plots.second_span")).small().color(theme.text_weak));
        }
    }

    fn lines_ui(&self, ui: &mut egui::Ui, state: &AppState) {
        let history = &state.live.history;
        let small = |text: String| RichText::new(text).small();
        let is_pair = self.chosen.len() == 2;
        for (measure, name, unit) in COMPARED {
            ui.label(small(tr(name).to_owned()).color(state.theme.text_weak));
            let means: Vec<_> = self.chosen.iter().map(|span| mean(history, measure, *span)).collect();
            for mean in &means {
                let text = mean.map_or_else(|| "—".to_owned(), |mean| unit.full(mean));
                ui.label(small(text).color(state.theme.text));
            }
            if is_pair {
                let change = match means[..] {
                    [Some(before), Some(after)] => change_word(before, after),
                    _ => String::new(),
                };
                ui.label(small(change).strong().color(state.theme.text));
            }
            ui.end_row();
        }
    }
}

/// The batch of the newest live change; the start of the run is none.
pub(super) fn last_change(state: &AppState) -> Option<u64> {
    state.live.changes.iter().rev().find(|change| change.plan_version > 1).map(|change| change.batch)
}

fn mean(history: &History, measure: Measure, span: (u64, u64)) -> Option<f64> {
    history.mean(measure, RangeInclusive::new(span.0, span.1))
}

/// `-38 %`, `×4.2`, `=`.
fn change_word(before: f64, after: f64) -> String {
    if (after - before).abs() <= 1e-9 * before.abs().max(after.abs()) {
        return "=".to_owned();
    }
    if before.abs() < 1e-12 {
        return String::new();
    }
    let part = after / before - 1.0;
    if part.abs() < 2.0 {
        format!("{}{}", if part > 0.0 { "+" } else { "" }, units::percent(part))
    } else {
        format!("×{:.1}", after / before)
    }
}

fn letter(index: usize) -> &'static str {
    if index == 0 { "A" } else { "B" }
}

fn color_of(index: usize, theme: &Theme) -> egui::Color32 {
    theme.series[if index == 0 { 0 } else { 2 }]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "batch numbers, cut off at 0")]
fn batches_of(left: f64, right: f64) -> (u64, u64) {
    let first = left.round().max(0.0) as u64;
    (first, (right.round().max(0.0) as u64).max(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_span_begins_a_new_comparison() {
        let mut spans = Spans::default();
        let drag = |from, to, is_over| Measured { from, to, is_over };
        spans.drag(drag(Some(10.2), 3.9, false));
        assert!(spans.is_empty(), "nothing is chosen while it is dragged");
        spans.drag(drag(None, 3.9, true));
        spans.drag(drag(Some(20.0), 29.0, true));
        assert_eq!(spans.chosen, [(4, 10), (20, 29)]);
        spans.drag(drag(Some(1.0), 2.0, true));
        assert_eq!(spans.chosen, [(1, 2)]);
    }

    #[test]
    fn a_change_reads_as_people_say_it() {
        for (before, after, word) in
            [(100.0, 62.0, "-38 %"), (100.0, 150.0, "+50 %"), (10.0, 42.0, "×4.2"), (7.0, 7.0, "="), (0.0, 3.0, "")]
        {
            assert_eq!(change_word(before, after), word);
        }
    }
}
