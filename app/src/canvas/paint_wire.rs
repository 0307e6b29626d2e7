//! Wires: a curve each, a rate at the middle and dashes that move while rows flow.

use std::sync::Arc;

use eframe::egui::{Align2, Galley, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, vec2};

use super::access::Focus;
use super::curve::Curve;
use super::gesture::Gesture;
use super::live::{Queue, dash_speed};
use super::paint_node::fill_color;
use super::scene::{Side, WireLine};
use super::text::{line, monospace, place, stepped};
use super::widget::Canvas;
use super::wiring::Aim;
use crate::state::AppState;

/// A dash and the gap behind it, in screen pixels.
const DASH: f32 = 5.0;
const GAP: f32 = 13.0;
/// Below this zoom wires have no numbers.
const LABEL_ZOOM: f32 = 0.3;

impl Canvas {
    /// Draws the visible wires. Returns whether any of them moves.
    pub(super) fn paint_wires(&self, painter: &Painter, state: &AppState, now: f64) -> bool {
        let visible = self.view.visible().expand(8.0);
        let can_move = self.live.is_flowing(now) && self.view.is_detailed() && !is_motion_reduced(painter);
        let mut is_moving = false;
        for wire in self.scene.wires.iter().filter(|wire| visible.intersects(wire.curve.bounds())) {
            let curve = wire.curve.map(|point| self.view.to_screen(point));
            let points = curve.flattened();
            painter.add(Shape::line(points.clone(), self.wire_stroke(wire, state)));
            let rate = self.live.port(&wire.key.from).map_or(0.0, |live| live.rate);
            if can_move && rate > 0.0 {
                is_moving = true;
                paint_flow(painter, &points, rate, now, Stroke::new(2.0, state.theme.accent));
            }
        }
        is_moving
    }

    /// Draws the rates, above all wires.
    pub(super) fn paint_rates(&self, painter: &Painter, state: &AppState) {
        if self.view.zoom() < LABEL_ZOOM {
            return;
        }
        let theme = &state.theme;
        let visible = self.view.visible();
        let size = stepped(10.5, self.view.zoom()).clamp(8.0, 16.0);
        for wire in &self.scene.wires {
            let middle = wire.curve.middle();
            let Some(live) = self.live.port(&wire.key.from).filter(|_| visible.contains(middle)) else { continue };
            let (from, to) = (wire.curve.start(), wire.curve.end());
            let galley = line(painter, live.text.trim_start(), monospace(size), theme.text, 200.0);
            if from.distance(to) * self.view.zoom() < galley.size().x + 16.0 {
                continue;
            }
            self.paint_rate(painter, self.view.to_screen(middle), galley, self.live.queue(&wire.key), state);
        }
    }

    /// The rate in a pill, behind it what waits: a bar and how full it is.
    fn paint_rate(&self, painter: &Painter, at: Pos2, rate: Arc<Galley>, queue: Option<&Queue>, state: &AppState) {
        let theme = &state.theme;
        let size = stepped(10.5, self.view.zoom()).clamp(8.0, 16.0);
        let percent = queue.map(|queue| {
            let color = fill_color(queue.fill, theme);
            (queue, color, line(painter, &queue.percent(), monospace(size), color, 80.0))
        });
        let bar = vec2(size * 2.4, size * 0.45);
        let extra = percent.as_ref().map_or(0.0, |(_, _, text)| size * 1.2 + bar.x + text.size().x);
        let rect = Rect::from_center_size(at, rate.size() + vec2(10.0 + extra, 4.0));
        painter.rect_filled(rect, rect.height() / 2.0, theme.surface);
        painter.rect_stroke(rect, rect.height() / 2.0, Stroke::new(1.0, theme.border), StrokeKind::Inside);
        let left = rect.left_center() + vec2(5.0, 0.0);
        let text = place(painter, left, Align2::LEFT_CENTER, rate, theme.text);
        if let Some((queue, color, percent)) = percent {
            let track = Rect::from_min_size(text.right_center() + vec2(size * 0.6, -bar.y / 2.0), bar);
            painter.rect_filled(track, bar.y / 2.0, theme.border);
            let full = vec2((bar.x * queue.fill.clamp(0.0, 1.0)).max(bar.y), bar.y);
            painter.rect_filled(Rect::from_min_size(track.min, full), bar.y / 2.0, color);
            place(painter, track.right_center() + vec2(size * 0.6, 0.0), Align2::LEFT_CENTER, percent, color);
        }
    }

    fn wire_stroke(&self, wire: &WireLine, state: &AppState) -> Stroke {
        let theme = &state.theme;
        let width = (2.0 * self.view.zoom()).clamp(1.2, 4.0);
        let is_selected = state.selection.wires.contains(&wire.key);
        let is_hovered = self.hover.wire() == Some(&wire.key);
        let is_moved = matches!(&self.gesture, Gesture::Wiring(wiring) if wiring.moved.as_ref() == Some(&wire.key));
        let takes_node = match (&self.gesture, &self.ghost) {
            (Gesture::Moving(moving), _) => moving.onto.as_ref() == Some(&wire.key),
            (_, Some(ghost)) => ghost.onto.as_ref() == Some(&wire.key),
            (Gesture::Idle | Gesture::Selecting(_) | Gesture::Wiring(_) | Gesture::Resizing(_), None) => false,
        };
        let is_focused = matches!(&self.focus, Some(Focus::Wire(key)) if *key == wire.key);
        if is_moved {
            Stroke::new(width, theme.wire.gamma_multiply(0.3))
        } else if takes_node {
            Stroke::new(width + 2.5, theme.accent)
        } else if is_selected || is_focused {
            Stroke::new(width + 1.0, theme.accent)
        } else if state.live.failures.contains_key(&wire.key.from.node) {
            Stroke::new(width, theme.error)
        } else if is_hovered {
            Stroke::new(width + 1.0, theme.text_weak)
        } else {
            Stroke::new(width, theme.wire)
        }
    }

    /// Draws the wire in hand, to its target or to the pointer.
    pub(super) fn paint_wire_in_hand(&self, painter: &Painter, state: &AppState) {
        let Gesture::Wiring(wiring) = &self.gesture else { return };
        let theme = &state.theme;
        let (Some(fixed), Some(pointer)) = (self.scene.port_at(wiring.side, &wiring.fixed), self.pointer) else {
            return;
        };
        let fixed = self.view.to_screen(fixed);
        let target = match &wiring.aim {
            Aim::Port(port) | Aim::Taken(port, _) => {
                self.scene.port_at(wiring.side.other(), port).map(|at| self.view.to_screen(at))
            }
            Aim::Void | Aim::Home | Aim::Refused(_) => None,
        };
        let color = match &wiring.aim {
            Aim::Refused(_) => theme.error,
            Aim::Taken(..) => theme.warning,
            Aim::Port(_) | Aim::Void | Aim::Home => theme.accent,
        };
        let free: Pos2 = target.unwrap_or(pointer);
        let curve = match wiring.side {
            Side::Output => Curve::between(fixed, free, state.settings.wires),
            Side::Input => Curve::between(free, fixed, state.settings.wires),
        };
        let stroke = Stroke::new((2.0 * self.view.zoom()).clamp(1.5, 4.0), color);
        let points = curve.flattened();
        if target.is_some() {
            painter.add(Shape::line(points, stroke));
        } else {
            painter.extend(Shape::dashed_line(&points, stroke, 6.0, 4.0));
        }
        painter.circle_filled(free, 4.0, color);
    }
}

fn paint_flow(painter: &Painter, points: &[Pos2], rate: f64, now: f64, stroke: Stroke) {
    let period = f64::from(DASH + GAP);
    #[expect(clippy::cast_possible_truncation, reason = "the remainder lies between zero and one period")]
    let offset = (now * dash_speed(rate)).rem_euclid(period) as f32;
    painter.extend(Shape::dashed_line_with_offset(points, stroke, &[DASH], &[GAP], offset));
}

/// Whoever switched animations off in the style sees no moving dashes either.
fn is_motion_reduced(painter: &Painter) -> bool {
    painter.ctx().global_style().animation_time <= 0.0
}
