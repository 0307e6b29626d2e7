//! Which part of the world is on the screen: our own mapping, one offset and one scale.
//!
//! No layer transform is used: those scale finished text, which blurs it, and copy every galley each frame.

use eframe::egui::{Pos2, Rect, Vec2, vec2};

/// Smallest zoom.
pub(crate) const MIN_ZOOM: f32 = 0.1;
/// Largest zoom.
pub(crate) const MAX_ZOOM: f32 = 4.0;
/// Below this zoom a node shows only what is still legible: title, status and rate.
pub(crate) const DETAIL_ZOOM: f32 = 0.5;
/// One notch of the zoom commands.
pub(crate) const ZOOM_STEP: f32 = 1.25;
/// Screen pixels kept free around what is brought into view.
const MARGIN: f32 = 32.0;
/// Further pixels kept free below it, where the controls lie.
const FOOT: f32 = 32.0;

/// The mapping between the world and the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct View {
    /// The world point shown at the screen area's upper left corner.
    origin: Pos2,
    zoom: f32,
    screen: Rect,
}

impl Default for View {
    fn default() -> Self {
        Self { origin: Pos2::ZERO, zoom: 1.0, screen: Rect::from_min_size(Pos2::ZERO, vec2(800.0, 600.0)) }
    }
}

impl View {
    /// Pixels per world unit.
    pub(crate) fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Where on the screen the canvas lies.
    pub(crate) fn screen(&self) -> Rect {
        self.screen
    }

    /// Tells where the canvas lies. What was in the upper left corner stays there.
    pub(crate) fn set_screen(&mut self, screen: Rect) {
        self.screen = screen;
    }

    /// Whether nodes show all they have.
    pub(crate) fn is_detailed(&self) -> bool {
        self.zoom >= DETAIL_ZOOM
    }

    /// The part of the world that is visible.
    pub(crate) fn visible(&self) -> Rect {
        Rect::from_min_size(self.origin, self.screen.size() / self.zoom)
    }

    /// A world point on the screen.
    pub(crate) fn to_screen(self, world: Pos2) -> Pos2 {
        self.screen.min + (world - self.origin) * self.zoom
    }

    /// A screen point in the world.
    pub(crate) fn to_world(self, screen: Pos2) -> Pos2 {
        self.origin + (screen - self.screen.min) / self.zoom
    }

    /// A world rectangle on the screen.
    pub(crate) fn rect_to_screen(self, world: Rect) -> Rect {
        Rect::from_min_max(self.to_screen(world.min), self.to_screen(world.max))
    }

    /// Moves the picture by screen pixels.
    pub(crate) fn pan(&mut self, delta: Vec2) {
        self.origin -= delta / self.zoom;
    }

    /// Zooms by a factor; the world point under `anchor` stays under it.
    pub(crate) fn zoom_about(&mut self, anchor: Pos2, factor: f32) {
        let world = self.to_world(anchor);
        self.zoom = (self.zoom * factor).clamp(MIN_ZOOM, MAX_ZOOM);
        self.origin = world - (anchor - self.screen.min) / self.zoom;
    }

    /// Brings a part of the world wholly into view, no larger than 100 %.
    pub(crate) fn fit(&mut self, bounds: Rect) {
        if !bounds.is_finite() || bounds.is_negative() {
            return;
        }
        let room = (self.screen.size() - Vec2::splat(2.0 * MARGIN) - vec2(0.0, FOOT)).max(Vec2::splat(1.0));
        let scale = room / bounds.size().max(Vec2::splat(1.0));
        self.zoom = scale.min_elem().clamp(MIN_ZOOM, 1.0);
        self.center_on(bounds.center() + vec2(0.0, FOOT / 2.0 / self.zoom));
    }

    /// Puts a world point into the middle.
    pub(crate) fn center_on(&mut self, world: Pos2) {
        self.origin = world - self.screen.size() / (2.0 * self.zoom);
    }

    /// Shows the world from `origin` on at this zoom, whatever the limits of zooming by hand are.
    pub(crate) fn show_exactly(&mut self, origin: Pos2, zoom: f32, screen: Rect) {
        *self = Self { origin, zoom, screen };
    }

    /// Moves the picture as little as needed for a part of the world to be visible.
    pub(crate) fn reveal(&mut self, part: Rect) {
        let wanted = self.rect_to_screen(part);
        let room = self.screen.shrink(MARGIN.min(self.screen.size().min_elem() / 4.0));
        let along = |min: f32, max: f32, low: f32, high: f32| {
            if min < low {
                low - min
            } else if max > high {
                (high - max).max(low - min)
            } else {
                0.0
            }
        };
        self.pan(vec2(
            along(wanted.min.x, wanted.max.x, room.min.x, room.max.x),
            along(wanted.min.y, wanted.max.y, room.min.y, room.max.y),
        ));
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    fn view() -> View {
        View {
            origin: pos2(-37.0, 12.5),
            zoom: 0.8,
            screen: Rect::from_min_size(pos2(200.0, 40.0), vec2(900.0, 700.0)),
        }
    }

    #[test]
    fn a_point_maps_to_the_screen_and_back_at_every_zoom() {
        for zoom in [MIN_ZOOM, 0.33, 1.0, 2.5, MAX_ZOOM] {
            let view = View { zoom, ..view() };
            for world in [pos2(0.0, 0.0), pos2(-812.0, 3_000.25), pos2(5_000.0, -77.0)] {
                assert!((view.to_world(view.to_screen(world)) - world).length() < 0.01, "{world:?} at {zoom}");
            }
        }
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer_even_at_the_limits() {
        let anchor = pos2(777.0, 111.0);
        for factor in [0.001, 0.5, 1.1, 1_000.0] {
            let mut view = view();
            let before = view.to_world(anchor);
            view.zoom_about(anchor, factor);
            assert!((view.to_world(anchor) - before).length() < 0.05, "factor {factor}");
            assert!((MIN_ZOOM..=MAX_ZOOM).contains(&view.zoom()));
        }
    }

    #[test]
    fn fit_shows_everything_and_never_enlarges() {
        let mut view = view();
        for bounds in [
            Rect::from_min_size(pos2(-500.0, 900.0), vec2(4_000.0, 200.0)),
            Rect::from_min_size(pos2(10.0, 10.0), vec2(50.0, 20.0)),
        ] {
            view.fit(bounds);
            assert!(view.visible().contains_rect(bounds), "{bounds:?}");
            assert!(view.zoom() <= 1.0);
        }
    }

    #[test]
    fn reveal_moves_only_what_is_outside() {
        let mut view = view();
        let inside = Rect::from_center_size(view.visible().center(), vec2(20.0, 20.0));
        let before = view;
        view.reveal(inside);
        assert_eq!(view, before);
        let outside = Rect::from_min_size(pos2(9_000.0, -4_000.0), vec2(160.0, 60.0));
        view.reveal(outside);
        assert!(view.visible().contains_rect(outside));
        assert!((view.zoom() - before.zoom()).abs() < f32::EPSILON);
    }
}
