//! Vertical lines over a plot: every live change and every move of the automatic interval with its label, and the batch
//! that is shown.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use eframe::egui::{self, Align2, FontId, Pos2, Rect, Shape, Stroke};
use egui_plot::PlotTransform;

use crate::state::AppState;

/// Size of the labels.
const LABEL_POINTS: f32 = 10.5;
/// Letters of a label; the whole of it is in the tooltip.
const LABEL_LETTERS: usize = 34;
/// Gap between two labels, below which the older one stays without.
const LABEL_GAP: f32 = 6.0;

/// Paints the marks of all live changes in view and of the shown batch.
pub(super) fn paint(ui: &egui::Ui, transform: &PlotTransform, state: &AppState) {
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
    let theme = &state.theme;
    let mut free_until = frame.right();
    let (from, to) = (transform.bounds().min()[0], transform.bounds().max()[0]);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "batch numbers, cut off at 0")]
    let shown = from.max(0.0) as u64..=to.max(0.0).ceil() as u64;
    for (batch, label) in within(state, &shown).into_iter().rev() {
        let x = transform.position_from_point_x(batch as f64 - 0.5);
        if !frame.x_range().contains(x) {
            continue;
        }
        let line = [Pos2::new(x, frame.top()), Pos2::new(x, frame.bottom())];
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, theme.text_weak), 3.0, 3.0));
        let galley = painter.layout_no_wrap(shorten(&label), FontId::proportional(LABEL_POINTS), theme.text_weak);
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

/// What took effect at these batches, by a person's hand or by itself: each with its label, in order.
pub(super) fn within<'a>(state: &'a AppState, batches: &RangeInclusive<u64>) -> Vec<(u64, Cow<'a, str>)> {
    let changes = state.live.changes.iter().filter(|change| batches.contains(&change.batch));
    let moves = state.live.moves.iter().filter(|(batch, _)| batches.contains(batch));
    let by_hand = changes.map(|change| (change.batch, crate::sentences::spoken(&change.label)));
    let by_itself = moves.map(|(batch, moved)| (*batch, Cow::Owned(crate::panels::move_label(moved))));
    let mut marks: Vec<_> = by_hand.chain(by_itself).collect();
    marks.sort_by_key(|(batch, _)| *batch);
    marks
}

fn shorten(label: &str) -> String {
    match label.char_indices().nth(LABEL_LETTERS) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label.to_owned(),
    }
}
