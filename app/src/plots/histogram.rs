//! How often which values occurred in the span in view, as thin bars beside a plot, on the plot's own scale.

use std::ops::RangeInclusive;

use eframe::egui::{self, Color32, Rect, Sense, accesskit::Role};
use egui_plot::PlotTransform;
use weir_engine::metrics::{History, Measure};

use super::scale::Scale;
use super::units::Unit;
use crate::i18n::{tr, trf};

/// Height of a bar, roughly.
const BAR_HEIGHT: f32 = 5.0;

/// Draws the histogram of one measure into `rect`.
#[expect(clippy::too_many_arguments, reason = "a leaf that draws; a struct for one caller would only rename them")]
pub(super) fn ui(
    ui: &mut egui::Ui,
    rect: Rect,
    transform: &PlotTransform,
    scale: Scale,
    history: &History,
    measure: Measure,
    range: RangeInclusive<u64>,
    unit: Unit,
    color: Color32,
) {
    let spread = history.buckets(measure, range.clone(), 1);
    let Some(all) = spread.first() else { return };
    let y = |value: f64| transform.position_from_point_y(scale.height(value));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a handful")]
    let bins = ((y(all.min) - y(all.max)) / BAR_HEIGHT).clamp(1.0, 48.0) as usize;
    let counts = history.histogram(measure, range, bins);
    let most = counts.iter().map(|bin| bin.1).max().unwrap_or(0).max(1) as f32;
    let width = if counts.len() > 1 { counts[1].0 - counts[0].0 } else { 0.0 };
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for (edge, count) in counts.into_iter().filter(|bin| bin.1 > 0) {
        let (low, high) = (y(edge), y(edge + width));
        let middle = f32::midpoint(low, high);
        let half = ((low - high) / 2.0 - 0.5).max(1.0);
        let right = rect.left() + (rect.width() * count as f32 / most).max(1.0);
        painter.rect_filled(
            Rect::from_x_y_ranges(rect.left()..=right, middle - half..=middle + half),
            0.0,
            color.gamma_multiply(0.8),
        );
    }
    let response = ui.interact(rect, ui.scope_id().with("histogram"), Sense::hover());
    let words = trf(
        "plots.spread",
        &[("min", &unit.full(all.min)), ("mean", &unit.full(all.mean)), ("max", &unit.full(all.max))],
    );
    response
        .widget_info(|| egui::WidgetInfo::labeled(Role::Image, true, format!("{}: {words}", tr("plots.histogram"))));
    response.on_hover_text(words);
}
