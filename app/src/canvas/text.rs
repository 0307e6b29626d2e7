//! Text at the size it is shown at, in steps of half a point, cut with an ellipsis where it does not fit.
//!
//! Steps keep the glyph atlas small while a person zooms; galleys themselves are cached by egui per (text, size, width).

use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{Align2, Color32, FontFamily, FontId, Galley, Painter, Pos2, Rect};

/// The size a text of `size` world units is laid out at.
pub(crate) fn stepped(size: f32, zoom: f32) -> f32 {
    ((size * zoom * 2.0).round() / 2.0).max(1.0)
}

/// One line, cut at `max_width` screen pixels.
pub(crate) fn line(painter: &Painter, text: &str, font: FontId, color: Color32, max_width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font, color));
    job.wrap =
        TextWrapping { max_width: max_width.max(0.0), max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
    painter.layout_job(job)
}

/// The first of these texts that fits whole, most telling first; where none does, the last one, cut.
pub(crate) fn fitting<const N: usize>(
    painter: &Painter,
    texts: [&str; N],
    font: &FontId,
    color: Color32,
    max_width: f32,
) -> Option<Arc<Galley>> {
    let mut galley = None;
    for text in texts {
        let laid_out = line(painter, text, font.clone(), color, max_width);
        let is_whole = !laid_out.elided;
        galley = Some(laid_out);
        if is_whole {
            break;
        }
    }
    galley
}

/// Several lines, wrapped at `max_width` screen pixels and cut after `max_rows`.
pub(crate) fn lines(
    painter: &Painter,
    text: &str,
    font: FontId,
    color: Color32,
    max_width: f32,
    max_rows: usize,
) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font, color));
    job.wrap = TextWrapping { max_width: max_width.max(0.0), max_rows, ..TextWrapping::default() };
    painter.layout_job(job)
}

/// The proportional font at a size.
pub(crate) fn proportional(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// The font of numbers that change: every digit is as wide as any other.
pub(crate) fn monospace(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// Paints a galley aligned to a point, on whole pixels, and returns what it covers.
pub(crate) fn place(painter: &Painter, at: Pos2, align: Align2, galley: Arc<Galley>, color: Color32) -> Rect {
    use eframe::egui::emath::GuiRounding as _;
    let rect = align.anchor_size(at, galley.size());
    let corner = rect.min.round_to_pixels(painter.pixels_per_point());
    painter.galley(corner, galley, color);
    rect
}

#[cfg(test)]
mod tests {
    use super::stepped;

    #[test]
    fn sizes_move_in_half_points_and_never_vanish() {
        for step in 1u8..=80 {
            let zoom = f32::from(step) / 20.0;
            let size = stepped(14.0, zoom);
            assert!((size * 2.0).fract().abs() < f32::EPSILON, "{size}");
            assert!((size - 14.0 * zoom).abs() <= 0.3 || size <= 1.0);
        }
    }
}
