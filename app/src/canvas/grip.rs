//! Where a frame is taken hold of to resize it: any edge, and any corner, which is two edges.

use eframe::egui::{CursorIcon, Pos2, Rect, Vec2, vec2};

use super::boxes::GRID;
use super::edits::snapped;
use super::scene::FRAME_TITLE;

/// How near an edge counts as on it, in screen pixels, inside and outside.
const EDGE: f32 = 5.0;
/// Size of the corners.
const CORNER: f32 = 16.0;
/// The smallest frame: its title can be read and grabbed.
const LEAST: Vec2 = vec2(96.0, FRAME_TITLE + GRID);

/// Which edges are taken: -1 is the left or the upper one, 1 the right or the lower one, 0 neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grip {
    x: i8,
    y: i8,
}

impl Grip {
    /// The lower right corner, which keys move.
    pub(crate) const CORNER: Self = Self { x: 1, y: 1 };

    /// What of a frame lies under a point; both on the screen.
    pub(crate) fn find(frame: Rect, at: Pos2) -> Option<Self> {
        if !frame.expand(EDGE).contains(at) {
            return None;
        }
        let corner = |size: f32| CORNER.min(size / 4.0);
        let (x, y) = (
            side(at.x, frame.left(), frame.right(), corner(frame.width())),
            side(at.y, frame.top(), frame.bottom(), corner(frame.height())),
        );
        if x != 0 && y != 0 {
            return Some(Self { x, y });
        }
        // A small frame is not all edge: most of it moves it.
        let edge = |size: f32| EDGE.min(size / 8.0);
        let x = side(at.x, frame.left(), frame.right(), edge(frame.width()));
        let y = side(at.y, frame.top(), frame.bottom(), edge(frame.height()));
        (x != 0 || y != 0).then_some(Self { x, y })
    }

    /// What a frame becomes when it is pulled so far, in the world.
    pub(crate) fn pulled(self, home: Rect, by: Vec2, is_free: bool) -> Rect {
        let grid = |at: Pos2| if is_free { at } else { snapped(at) };
        let (min, max) = (grid(home.min + by), grid(home.max + by));
        let mut rect = home;
        match self.x {
            ..=-1 => rect.min.x = min.x.min(home.max.x - LEAST.x),
            0 => {}
            1.. => rect.max.x = max.x.max(home.min.x + LEAST.x),
        }
        match self.y {
            ..=-1 => rect.min.y = min.y.min(home.max.y - LEAST.y),
            0 => {}
            1.. => rect.max.y = max.y.max(home.min.y + LEAST.y),
        }
        rect
    }

    /// How the pointer shows it.
    pub(crate) fn cursor(self) -> CursorIcon {
        match self.x * self.y {
            1.. => CursorIcon::ResizeNwSe,
            ..=-1 => CursorIcon::ResizeNeSw,
            0 if self.x == 0 => CursorIcon::ResizeVertical,
            0 => CursorIcon::ResizeHorizontal,
        }
    }
}

/// Which end of a span a coordinate is at.
fn side(at: f32, low: f32, high: f32, reach: f32) -> i8 {
    let is_low = at <= low + reach;
    i8::from(!is_low && at >= high - reach) - i8::from(is_low)
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    const FRAME: Rect = Rect::from_min_max(pos2(100.0, 100.0), pos2(500.0, 300.0));

    #[test]
    fn every_edge_and_corner_can_be_taken_and_the_middle_cannot() {
        for (at, grip) in [
            (pos2(102.0, 104.0), Some((-1, -1))),
            (pos2(300.0, 98.0), Some((0, -1))),
            (pos2(498.0, 96.0), Some((1, -1))),
            (pos2(503.0, 200.0), Some((1, 0))),
            (pos2(490.0, 290.0), Some((1, 1))),
            (pos2(300.0, 298.0), Some((0, 1))),
            (pos2(104.0, 295.0), Some((-1, 1))),
            (pos2(97.0, 200.0), Some((-1, 0))),
            (pos2(300.0, 200.0), None),
            (pos2(300.0, 112.0), None),
            (pos2(510.0, 200.0), None),
        ] {
            assert_eq!(Grip::find(FRAME, at), grip.map(|(x, y)| Grip { x, y }), "{at:?}");
        }
    }

    #[test]
    fn the_other_edges_stay_and_a_frame_never_turns_inside_out() {
        let corner = Grip { x: -1, y: -1 };
        let pulled = corner.pulled(FRAME, vec2(-37.0, 21.0), false);
        assert_eq!(pulled.max, FRAME.max);
        assert_eq!(pulled.min, snapped(pos2(63.0, 121.0)));
        let squeezed = corner.pulled(FRAME, vec2(900.0, 900.0), true);
        assert_eq!((squeezed.max, squeezed.size()), (FRAME.max, LEAST));
        let edge = Grip { x: 1, y: 0 }.pulled(FRAME, vec2(11.0, 70.0), true);
        assert_eq!((edge.min, edge.max), (FRAME.min, pos2(511.0, 300.0)));
    }
}
