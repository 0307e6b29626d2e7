//! A node as a card: category, icon, name, kind, ports, what is wrong with it and, while it runs, its numbers. A subflow
//! is a card with others behind it; a node that rests is pale and dashed, and says so.

use eframe::egui::epaint::{CornerRadiusF32, Shadow};
use eframe::egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2};
use weir_engine::pipeline::NodeMode;

use super::access::Focus;
use super::boxes::{HEAD, LIVE_ROW, ROW, TEXT_LEFT, TEXT_RIGHT, live_height};
use super::gesture::Gesture;
use super::hit::Hit;
use super::live::NodeLive;
use super::measure::{NUMBER_SIZE, SMALL_SIZE, TITLE_SIZE};
use super::problems::Problems;
use super::scene::{BoxId, NodeBox, Side};
use super::text::{fitting, line, lines, monospace, place, proportional, stepped};
use super::widget::Canvas;
use super::wiring::Aim;
use crate::state::AppState;
use crate::theme::Theme;
use crate::widgets::paint_kind;

/// Corner radius, in world units.
pub(super) const ROUNDING: f32 = 8.0;
/// Radius of a pin, in world units.
pub(super) const PIN_RADIUS: f32 = 5.5;
const STRIP: f32 = 5.0;
/// Smallest texts of a card in screen points, however far out: its name, its numbers, and what else it says.
const LEAST_TITLE: f32 = 10.0;
const LEAST_NUMBER: f32 = 8.0;
const LEAST_SMALL: f32 = 8.5;
/// Below this zoom there is no room for the kind under the name.
const SUBTITLE_ZOOM: f32 = 0.62;
/// The smallest card that still has a name.
const LEAST_CARD: f32 = 9.0;

/// The icon of a subflow: a box within a box.
const SUBFLOW_ICON: &str =
    "M 2.5 4 L 13.5 4 L 13.5 12 L 2.5 12 L 2.5 4 M 5.5 6.5 L 10.5 6.5 L 10.5 9.5 L 5.5 9.5 L 5.5 6.5";

/// The colour of how full something is: green to 60 %, amber to 85 %, red above.
pub(super) fn fill_color(fill: f32, theme: &Theme) -> Color32 {
    if fill <= 0.60 {
        theme.good
    } else if fill <= 0.85 {
        theme.warning
    } else {
        theme.error
    }
}

/// How a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Failed,
    Errors(usize),
    Warnings(usize),
    Waiting,
    Running,
    Idle,
}

impl Status {
    fn color(self, theme: &Theme) -> Option<Color32> {
        match self {
            Self::Failed | Self::Errors(_) => Some(theme.error),
            Self::Warnings(_) => Some(theme.warning),
            Self::Waiting => Some(theme.text_weak),
            Self::Running => Some(theme.good),
            Self::Idle => None,
        }
    }
}

/// Everything needed to draw one node.
struct Card<'a> {
    canvas: &'a Canvas,
    state: &'a AppState,
    painter: &'a Painter,
    node: &'a NodeBox,
    rect: Rect,
    zoom: f32,
    status: Status,
    color: Color32,
    /// Of what matters: paler while the node rests.
    text: Color32,
}

impl Canvas {
    /// Draws the visible nodes, selected ones above the others.
    pub(super) fn paint_nodes(&self, painter: &Painter, state: &AppState) {
        let visible = self.view.visible().expand(PIN_RADIUS * 2.0);
        let problems = Problems::count(state);
        for is_selected in [false, true] {
            let shown = self.scene.nodes.iter().filter(|node| visible.intersects(node.rect));
            for node in shown.filter(|node| node.id.is_in(&state.selection) == is_selected) {
                let card = Card {
                    canvas: self,
                    state,
                    painter,
                    node,
                    rect: self.view.rect_to_screen(node.rect),
                    zoom: self.view.zoom(),
                    status: self.status(node, &problems, state),
                    color: node.kind.map_or(state.theme.text_weak, |kind| state.theme.category(kind.category)),
                    text: if node.mode == NodeMode::On { state.theme.text } else { state.theme.text_weak },
                };
                card.paint();
            }
        }
    }

    fn status(&self, node: &NodeBox, problems: &Problems, state: &AppState) -> Status {
        let live = self.live.part(node.id);
        let has_failed = node.nodes().iter().any(|id| state.live.failures.contains_key(id));
        match problems.of(node.nodes()) {
            _ if has_failed => Status::Failed,
            (errors, _) if errors > 0 => Status::Errors(errors),
            (_, warnings) if warnings > 0 => Status::Warnings(warnings),
            _ if live.is_some_and(|live| live.waiting.is_some()) => Status::Waiting,
            _ if live.is_some() && node.mode == NodeMode::On => Status::Running,
            _ => Status::Idle,
        }
    }
}

impl Card<'_> {
    fn paint(&self) {
        self.paint_body();
        if self.canvas.view.is_detailed() {
            self.paint_head();
            self.paint_labels();
            self.paint_live();
            self.paint_badge();
        } else {
            self.paint_small();
        }
        self.paint_pins();
    }

    /// From world units within the node to the screen.
    fn at(&self, x: f32, y: f32) -> Pos2 {
        self.rect.min + vec2(x, y) * self.zoom
    }

    fn paint_body(&self) {
        let theme = &self.state.theme;
        let rounding = ROUNDING * self.zoom;
        super::halo::paint(self.painter, self.state, self.node.nodes(), self.rect, rounding);
        if self.canvas.view.is_detailed() {
            let color =
                if theme.is_dark { theme.background.gamma_multiply(0.7) } else { theme.text.gamma_multiply(0.12) };
            let shadow = Shadow { offset: [0, 2], blur: 8, spread: 0, color };
            self.painter.add(shadow.as_shape(self.rect, rounding));
        }
        if matches!(self.node.id, BoxId::Subflow(_)) {
            self.paint_stack(rounding);
        }
        let fill = match self.node.mode {
            NodeMode::On => theme.surface,
            NodeMode::Muted | NodeMode::Bypassed => Theme::mix(theme.canvas, theme.surface, 0.35),
        };
        self.painter.rect_filled(self.rect, rounding, fill);
        if self.node.mode == NodeMode::Bypassed {
            self.paint_passage();
        }
        if self.is_known() {
            self.paint_strip(rounding, fill);
        }
        self.paint_outline(rounding);
    }

    /// The category's colour along the left edge. The strip is narrower than the corners are round, so it is a wider
    /// piece of the card's own shape of which the card covers the right part.
    fn paint_strip(&self, rounding: f32, fill: Color32) {
        let strength = if self.node.mode == NodeMode::On { 1.0 } else { 0.45 };
        let color = Theme::mix(fill, self.color, strength);
        let left = CornerRadiusF32 { nw: rounding, sw: rounding, ne: 0.0, se: 0.0 };
        let wide = self.rect.with_max_x(self.rect.left() + (2.0 * rounding).min(self.rect.width()));
        self.painter.rect_filled(wide, left, color);
        let cover = wide.with_min_x(self.rect.left() + STRIP * self.zoom);
        self.painter.rect_filled(cover, CornerRadiusF32::ZERO, fill);
    }

    /// Whether it is something this version can draw with confidence.
    fn is_known(&self) -> bool {
        self.node.kind.is_some() || matches!(self.node.id, BoxId::Subflow(_))
    }

    /// Two more cards behind: there is more inside.
    fn paint_stack(&self, rounding: f32) {
        let theme = &self.state.theme;
        for step in [2.0, 1.0] {
            let rect = self.rect.translate(vec2(3.5, 3.5) * step * self.zoom);
            let edge = Stroke::new(1.0, theme.border);
            self.painter.rect(rect, rounding, theme.surface_raised, edge, StrokeKind::Inside);
        }
    }

    /// A line along the foot from side to side: rows pass by.
    fn paint_passage(&self) {
        let y = self.node.rect.height() - 4.0;
        let stroke = Stroke::new((2.0 * self.zoom).clamp(1.0, 3.0), self.state.theme.accent);
        let path = [self.at(0.0, y), self.at(self.node.rect.width(), y)];
        self.painter.extend(Shape::dashed_line(&path, stroke, 7.0, 4.0));
    }

    fn paint_outline(&self, rounding: f32) {
        let theme = &self.state.theme;
        let is_selected = self.node.id.is_in(&self.state.selection);
        let is_hovered = self.canvas.hover.part(&self.canvas.scene) == Some(self.node.id);
        let stroke = match self.status {
            _ if is_selected => Stroke::new(2.0, theme.accent),
            Status::Failed | Status::Errors(_) => Stroke::new(1.5, theme.error),
            Status::Warnings(_) if !self.canvas.view.is_detailed() => Stroke::new(1.5, theme.warning),
            Status::Warnings(_) | Status::Waiting | Status::Running | Status::Idle if is_hovered => {
                Stroke::new(1.0, theme.text_weak)
            }
            Status::Warnings(_) | Status::Waiting | Status::Running | Status::Idle => Stroke::new(1.0, theme.border),
        };
        if (self.is_known() && self.node.mode == NodeMode::On) || is_selected {
            self.painter.rect_stroke(self.rect, rounding, stroke, StrokeKind::Inside);
        } else {
            let rect = self.rect.shrink(0.5);
            let path = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
            self.painter.extend(Shape::dashed_line(&path, Stroke::new(1.5, theme.text_weak), 6.0, 4.0));
        }
        if self.canvas.focus == Some(Focus::Box(self.node.id)) && !self.canvas.is_pressed_last {
            let ring = Stroke::new(2.0, theme.accent);
            self.painter.rect_stroke(self.rect.expand(3.0), rounding + 3.0, ring, StrokeKind::Outside);
        }
    }

    fn paint_head(&self) {
        let theme = &self.state.theme;
        let tile = Rect::from_center_size(self.at(24.5, HEAD * 0.5), Vec2::splat(25.0 * self.zoom));
        self.painter.rect_filled(tile, 6.0 * self.zoom, self.color.gamma_multiply(0.16));
        let icon = match (self.node.id, self.node.kind) {
            (BoxId::Subflow(_), _) => Some(SUBFLOW_ICON),
            (BoxId::Node(_), kind) => kind.map(|kind| kind.icon),
        };
        if let Some(icon) = icon {
            let color = if self.node.mode == NodeMode::On { self.color } else { theme.text_weak };
            paint_kind(self.painter, tile.shrink(tile.width() * 0.16), icon, color);
        } else {
            let galley = line(self.painter, "?", proportional(stepped(16.0, self.zoom)), self.color, tile.width());
            place(self.painter, tile.center(), Align2::CENTER_CENTER, galley, self.color);
        }

        let badge = if self.badge().is_some() { TEXT_RIGHT } else { 10.0 };
        let width = (self.node.rect.width() - TEXT_LEFT - badge) * self.zoom;
        // So far out, two lines would run into each other: the name stands alone.
        let is_alone = self.zoom < SUBTITLE_ZOOM;
        let font = proportional(stepped(TITLE_SIZE, self.zoom).max(LEAST_TITLE));
        let title = line(self.painter, &self.node.name, font, self.text, width);
        // The light face has no bold cut: a second impression a third of a pixel aside gives the title its weight.
        let at = self.at(TEXT_LEFT, if is_alone { HEAD * 0.5 } else { 16.5 });
        place(self.painter, at + vec2(0.35, 0.0), Align2::LEFT_CENTER, std::sync::Arc::clone(&title), self.text);
        self.painter.galley(Align2::LEFT_CENTER.anchor_size(at, title.size()).min + vec2(0.35, 0.0), title, self.text);
        if is_alone {
            return;
        }
        let font = proportional(stepped(SMALL_SIZE, self.zoom).max(LEAST_SMALL));
        let width = (self.node.rect.width() - TEXT_LEFT - 10.0) * self.zoom;
        let subtitle = line(self.painter, &self.node.subtitle, font, theme.text_weak, width);
        place(self.painter, self.at(TEXT_LEFT, 33.0), Align2::LEFT_CENTER, subtitle, theme.text_weak);
    }

    fn paint_labels(&self) {
        let theme = &self.state.theme;
        let font = proportional(stepped(SMALL_SIZE, self.zoom).max(LEAST_SMALL));
        let half = self.rect.width() / 2.0;
        for pin in self.node.pins.iter().filter(|pin| pin.is_labelled) {
            let label = line(self.painter, &pin.label, font.clone(), theme.text_weak, half);
            let (inset, align) = match pin.side {
                Side::Input => (13.0, Align2::LEFT_CENTER),
                Side::Output => (-12.0, Align2::RIGHT_CENTER),
            };
            place(self.painter, self.at(pin.offset.x + inset, pin.offset.y), align, label, theme.text_weak);
        }
        if let Some(notice) = &self.node.notice {
            let top = self.node.rect.height() - live_height(self.node.live_rows) - 2.0 * ROW;
            let width = (self.node.rect.width() - 24.0) * self.zoom;
            let font = proportional(stepped(SMALL_SIZE, self.zoom));
            let galley = lines(self.painter, notice, font, theme.text_weak, width, 2);
            place(self.painter, self.at(12.0, top), Align2::LEFT_TOP, galley, theme.text_weak);
        }
    }

    fn paint_live(&self) {
        if self.node.live_rows == 0 {
            return;
        }
        let theme = &self.state.theme;
        let top = self.node.rect.height() - live_height(self.node.live_rows);
        let line_at = [self.at(STRIP, top), self.at(self.node.rect.width() - 1.0, top)];
        self.painter.line_segment(line_at, Stroke::new(1.0, theme.border.gamma_multiply(0.7)));
        let Some(live) = self.canvas.live.part(self.node.id) else { return };
        let width = (self.node.rect.width() - 18.0) * self.zoom;
        let row = |index: f32| top + 5.0 + (index + 0.5) * LIVE_ROW;
        let number = monospace(stepped(NUMBER_SIZE, self.zoom).max(LEAST_NUMBER));
        let figures = [(0.0, [&live.rows, &live.rate], theme.text), (1.0, [&live.time, &live.busy], theme.text_weak)];
        for (index, texts, color) in figures {
            if let Some(galley) = fitting(self.painter, texts.map(String::as_str), &number, color, width) {
                place(self.painter, self.at(12.0, row(index)), Align2::LEFT_CENTER, galley, color);
            }
        }
        let color = if live.has_losses { theme.warning } else { theme.text_weak };
        let font = proportional(stepped(SMALL_SIZE, self.zoom).max(LEAST_SMALL));
        for (index, text) in live.extra.iter().enumerate() {
            let texts = [text.as_str(), text.split(" · ").next().unwrap_or_default()];
            if let Some(galley) = fitting(self.painter, texts, &font, color, width) {
                place(self.painter, self.at(12.0, row(2.0 + index as f32)), Align2::LEFT_CENTER, galley, color);
            }
        }
        self.paint_bars(live, top);
    }

    /// The share of the batch along the foot, and for a source how full its buffer is at the right.
    fn paint_bars(&self, live: &NodeLive, top: f32) {
        let theme = &self.state.theme;
        let full = self.node.rect.width() - STRIP - ROUNDING;
        let bottom = self.node.rect.height() - 3.5;
        let bar = Rect::from_min_max(self.at(STRIP, bottom), self.at(STRIP + full * live.share, bottom + 2.5));
        self.painter.rect_filled(bar, 0.0, self.color.gamma_multiply(0.8));
        if let Some(fill) = live.fill {
            let color = fill_color(fill, theme);
            let x = self.node.rect.width() - 9.0;
            let (high, low) = (top + 5.0, bottom - 3.0);
            let track = Rect::from_min_max(self.at(x, high), self.at(x + 4.0, low));
            self.painter.rect_filled(track, 2.0 * self.zoom, theme.border);
            let level = low - (low - high) * fill.clamp(0.04, 1.0);
            self.painter.rect_filled(Rect::from_min_max(self.at(x, level), track.max), 2.0 * self.zoom, color);
        }
    }

    fn badge(&self) -> Option<String> {
        match self.status {
            Status::Failed => Some("!".to_owned()),
            Status::Errors(count) | Status::Warnings(count) => Some(count.min(99).to_string()),
            Status::Waiting => Some("…".to_owned()),
            Status::Running | Status::Idle => None,
        }
    }

    fn paint_badge(&self) {
        let Some(color) = self.status.color(&self.state.theme) else { return };
        let center = self.at(self.node.rect.width() - 17.0, 16.5);
        let Some(text) = self.badge() else {
            self.painter.circle_filled(self.at(self.node.rect.width() - 12.0, 12.0), 3.0 * self.zoom, color);
            return;
        };
        let surface = self.state.theme.surface;
        self.painter.circle_filled(center, 8.5 * self.zoom, color);
        let font = proportional(stepped(11.0, self.zoom));
        let galley = line(self.painter, &text, font, surface, 20.0 * self.zoom);
        place(self.painter, center, Align2::CENTER_CENTER, galley, surface);
    }

    /// Zoomed out: the name, the status and the rate, at a size that can still be read.
    fn paint_small(&self) {
        if self.rect.height() < LEAST_CARD {
            return;
        }
        let theme = &self.state.theme;
        let inset = (STRIP + 4.0) * self.zoom + 2.0;
        let width = self.rect.width() - inset - 4.0;
        let size = stepped(TITLE_SIZE * 1.3, self.zoom).max(LEAST_TITLE.min(self.rect.height() * 0.7));
        let title = line(self.painter, &self.node.name, proportional(size), self.text, width);
        let rate = self.canvas.live.part(self.node.id).map(|live| {
            let rate = live.rate.trim();
            [live.rows.trim(), rate, rate.split(' ').next().unwrap_or_default()]
        });
        let has_room = self.rect.height() > size * 2.6;
        let middle = self.rect.center().y;
        let y = if rate.is_some() && has_room { middle - size * 0.6 } else { middle };
        place(self.painter, pos2(self.rect.left() + inset, y), Align2::LEFT_CENTER, title, self.text);
        if let Some(rate) = rate.filter(|_| has_room) {
            let size = (size * 0.85).max(8.0);
            if let Some(galley) = fitting(self.painter, rate, &monospace(size), theme.text_weak, width) {
                let at = pos2(self.rect.left() + inset, middle + size * 0.75);
                place(self.painter, at, Align2::LEFT_CENTER, galley, theme.text_weak);
            }
        }
        if let Some(color) = self.status.color(theme) {
            self.painter.circle_filled(self.rect.right_top() + vec2(-8.0, 5.0), 3.0, color);
        }
    }

    fn paint_pins(&self) {
        let theme = &self.state.theme;
        let radius = (PIN_RADIUS * self.zoom).clamp(2.0, 14.0);
        for pin in &self.node.pins {
            let at = self.canvas.view.to_screen(self.node.pin_at(pin));
            let is_hovered =
                matches!(&self.canvas.hover, Hit::Pin(side, port) if *side == pin.side && *port == pin.port);
            let mut color = if pin.is_declared { self.color } else { theme.error };
            let mut size = if is_hovered { radius * 1.3 } else { radius };
            if let Gesture::Wiring(wiring) = &self.canvas.gesture {
                let is_fixed = wiring.fixed == pin.port && wiring.side == pin.side;
                let is_target = matches!(&wiring.aim, Aim::Port(port) if *port == pin.port) && wiring.side != pin.side;
                let is_taker = pin.side != wiring.side && wiring.takes(&pin.port) == Some(true);
                if is_fixed || is_target {
                    color = theme.accent;
                    size = radius * 1.35;
                } else if is_taker {
                    color = theme.accent;
                } else {
                    color = theme.text_weak.gamma_multiply(0.25);
                }
            }
            let fill = if pin.is_wired { color } else { theme.surface };
            self.painter.circle(at, size, fill, Stroke::new((1.75 * self.zoom).clamp(1.0, 3.0), color));
            if matches!(&self.canvas.focus, Some(Focus::Pin(side, port)) if *side == pin.side && *port == pin.port) {
                self.painter.circle_stroke(at, size + 4.0, Stroke::new(2.0, theme.accent));
            }
        }
    }
}
