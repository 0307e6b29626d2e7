//! Icons as shapes: sharp at every scale, in the colour of the text beside them, and the same on every machine.

use eframe::egui::{Atom, Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use weir_engine::spec::{IconPart, icon_parts};

use crate::theme::Theme;

/// A picture for an act or a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Go.
    Run,
    /// Hold.
    Pause,
    /// One batch.
    Step,
    /// End.
    Stop,
    /// Look for.
    Search,
    /// Away with it.
    Close,
    /// Something new.
    Plus,
    /// A document.
    Document,
    /// A folder.
    Folder,
    /// Something is wrong.
    Error,
    /// Look here.
    Warning,
    /// Worth knowing.
    Info,
}

impl Icon {
    /// The icon as part of a button or a label, `size` points high, in the colour of the text there.
    pub fn atom(self, size: f32) -> Atom<'static> {
        Atom::paint(vec2(size, size), move |ui, args| {
            self.paint(ui.painter(), args.rect, args.fallback_text_color);
        })
    }

    /// Paints the icon into the middle of a rectangle.
    pub fn paint(self, painter: &Painter, rect: Rect, color: Color32) {
        let side = rect.width().min(rect.height());
        let square = Rect::from_center_size(rect.center(), vec2(side, side));
        // All shapes are drawn on a field of 16 by 16.
        let at = |x: f32, y: f32| square.min + vec2(x, y) * (side / 16.0);
        let unit = side / 16.0;
        let line = Stroke::new(1.6 * unit, color);
        match self {
            Self::Run => fill(painter, color, [at(4.0, 2.5), at(13.5, 8.0), at(4.0, 13.5)]),
            Self::Pause => {
                bar(painter, color, at(4.0, 3.0), at(6.8, 13.0), unit);
                bar(painter, color, at(9.2, 3.0), at(12.0, 13.0), unit);
            }
            Self::Step => {
                fill(painter, color, [at(3.0, 3.0), at(10.5, 8.0), at(3.0, 13.0)]);
                bar(painter, color, at(11.0, 3.0), at(13.4, 13.0), unit);
            }
            Self::Stop => bar(painter, color, at(3.5, 3.5), at(12.5, 12.5), unit * 1.5),
            Self::Search => {
                painter.circle_stroke(at(7.0, 7.0), 4.4 * unit, line);
                painter.line_segment([at(10.3, 10.3), at(14.0, 14.0)], line);
            }
            Self::Close => {
                painter.line_segment([at(4.0, 4.0), at(12.0, 12.0)], line);
                painter.line_segment([at(12.0, 4.0), at(4.0, 12.0)], line);
            }
            Self::Plus => {
                painter.line_segment([at(8.0, 3.0), at(8.0, 13.0)], line);
                painter.line_segment([at(3.0, 8.0), at(13.0, 8.0)], line);
            }
            Self::Document => {
                let outline = vec![at(4.0, 2.0), at(9.5, 2.0), at(12.5, 5.0), at(12.5, 14.0), at(4.0, 14.0)];
                painter.add(Shape::closed_line(outline, line));
                painter.line_segment([at(6.2, 8.0), at(10.3, 8.0)], line);
                painter.line_segment([at(6.2, 10.8), at(10.3, 10.8)], line);
            }
            Self::Folder => {
                let outline =
                    vec![at(2.0, 4.0), at(6.5, 4.0), at(8.0, 5.8), at(14.0, 5.8), at(14.0, 13.0), at(2.0, 13.0)];
                painter.add(Shape::closed_line(outline, line));
            }
            Self::Error => {
                painter.circle_filled(square.center(), 6.5 * unit, color);
                painter.line_segment([at(5.5, 5.5), at(10.5, 10.5)], hole(unit, color));
                painter.line_segment([at(10.5, 5.5), at(5.5, 10.5)], hole(unit, color));
            }
            Self::Warning => {
                fill(painter, color, [at(8.0, 1.5), at(15.0, 14.0), at(1.0, 14.0)]);
                painter.line_segment([at(8.0, 6.0), at(8.0, 10.0)], hole(unit, color));
                painter.circle_filled(at(8.0, 12.0), 0.9 * unit, hole(unit, color).color);
            }
            Self::Info => {
                painter.circle_stroke(square.center(), 6.0 * unit, line);
                painter.line_segment([at(8.0, 7.4), at(8.0, 11.4)], line);
                painter.circle_filled(at(8.0, 4.9), 1.0 * unit, color);
            }
        }
    }
}

/// Paints the picture of a node kind (see [`icon_parts`]) into the middle of a rectangle.
pub fn paint_kind(painter: &Painter, rect: Rect, icon: &str, color: Color32) {
    let side = rect.width().min(rect.height());
    let square = Rect::from_center_size(rect.center(), vec2(side, side));
    let unit = side / 16.0;
    let at = |(x, y): (f32, f32)| square.min + vec2(x, y) * unit;
    let stroke = Stroke::new((1.5 * unit).max(1.0), color);
    for part in icon_parts(icon).unwrap_or_default() {
        match part {
            IconPart::Line { points, is_closed } => {
                let points = points.into_iter().map(at).collect();
                painter.add(if is_closed { Shape::closed_line(points, stroke) } else { Shape::line(points, stroke) });
            }
            IconPart::Circle { center, radius, is_filled: true } => {
                painter.circle_filled(at(center), radius * unit, color);
            }
            IconPart::Circle { center, radius, is_filled: false } => {
                painter.circle_stroke(at(center), radius * unit, stroke);
            }
        }
    }
}

fn fill(painter: &Painter, color: Color32, corners: [Pos2; 3]) {
    painter.add(Shape::convex_polygon(corners.to_vec(), color, Stroke::NONE));
}

fn bar(painter: &Painter, color: Color32, min: Pos2, max: Pos2, rounding: f32) {
    painter.rect_filled(Rect::from_min_max(pos2(min.x, min.y), max), rounding, color);
}

/// A line that reads as cut out of a filled shape.
fn hole(unit: f32, color: Color32) -> Stroke {
    Stroke::new(1.6 * unit, Theme::upon(color))
}
