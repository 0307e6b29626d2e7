//! Vertical lines over a plot: every live change with its label, and the batch that is shown.

use eframe::egui::{self, Align2, FontId, Pos2, Rect, Shape, Stroke};
use egui_plot::PlotTransform;

use crate::state::AppState;

/// Size of the labels.
const LABEL_POINTS: f32 = 10.5;
/// Letters of a label; the whole of it is in the tooltip.
const LABEL_LETTERS: usize = 24;
/// Gap between two labels, below which the older one stays without.
const LABEL_GAP: f32 = 6.0;

/// Paints the marks of all live changes in view and of the shown batch.
pub(super) fn paint(ui: &egui::Ui, transform: &PlotTransform, state: &AppState) {
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
    let theme = &state.theme;
    let mut free_until = frame.right();
    for change in state.live.changes.iter().rev() {
        let x = transform.position_from_point_x(change.batch as f64 - 0.5);
        if !frame.x_range().contains(x) {
            continue;
        }
        let line = [Pos2::new(x, frame.top()), Pos2::new(x, frame.bottom())];
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, theme.text_weak), 3.0, 3.0));
        let galley =
            painter.layout_no_wrap(shorten(&change.label), FontId::proportional(LABEL_POINTS), theme.text_weak);
        if x + LABEL_GAP / 2.0 + galley.size().x <= free_until {
            let place = Rect::from_min_size(Pos2::new(x + LABEL_GAP / 2.0, frame.top() + 1.0), galley.size());
            painter.rect_filled(place, 2.0, theme.surface.gamma_multiply(0.8));
            painter.galley(place.min, galley, theme.text_weak);
            free_until = x - LABEL_GAP;
        }
    }
    if let Some(batch) = state.live.shown_batch {
        let x = transform.position_from_point_x(batch as f64);
        if frame.x_range().contains(x) {
            painter.vline(x, frame.y_range(), Stroke::new(2.0, theme.accent));
            let font = FontId::proportional(LABEL_POINTS);
            let is_right = x < frame.center().x;
            let (anchor, at) = if is_right { (Align2::LEFT_BOTTOM, x + 4.0) } else { (Align2::RIGHT_BOTTOM, x - 4.0) };
            painter.text(Pos2::new(at, frame.bottom() - 2.0), anchor, batch.to_string(), font, theme.accent);
        }
    }
}

/// The labels of the changes that took effect at this batch.
pub(super) fn labels_at(state: &AppState, batch: u64) -> impl Iterator<Item = &str> {
    state.live.changes.iter().filter(move |change| change.batch == batch).map(|change| change.label.as_str())
}

fn shorten(label: &str) -> String {
    match label.char_indices().nth(LABEL_LETTERS) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label.to_owned(),
    }
}
