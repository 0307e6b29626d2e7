//! What lies under the pointer. All distances are screen pixels, so that things are as easy to hit at 10 % as at 400 %.

use eframe::egui::Pos2;
use weir_engine::pipeline::FrameId;
use weir_engine::spec::{PortRef, WireKey};

use super::grip::Grip;
use super::scene::{BoxId, NodeBox, Scene, Side};
use super::view::View;
use crate::action::Selection;

/// How near a wire being drawn catches a pin, and how near a pin is grabbed from outside its node.
pub(crate) const PIN_CATCH: f32 = 20.0;
/// How near a click counts as a click on a pin.
pub(crate) const PIN_CLICK: f32 = 9.0;
/// Half the width a wire is grabbed at.
pub(crate) const WIRE_CATCH: f32 = 10.0;
/// How much of a wire's end, at most, moves the end instead of selecting the wire.
const WIRE_END: f32 = 56.0;

/// What lies under the pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Hit {
    /// Nothing.
    #[default]
    Empty,
    /// A pin.
    Pin(Side, PortRef),
    /// The head of a node: its name.
    Head(BoxId),
    /// The rest of a node.
    Body(BoxId),
    /// A wire, near the end at this side of it (`Output` is where it begins).
    WireEnd(WireKey, Side),
    /// A wire, away from its ends.
    Wire(WireKey),
    /// A frame's title.
    FrameTitle(FrameId),
    /// An edge or corner of a frame.
    FrameEdge(FrameId, Grip),
}

impl Hit {
    /// The box, if it is one or a pin of one.
    pub(crate) fn part(&self, scene: &Scene) -> Option<BoxId> {
        match self {
            Self::Head(id) | Self::Body(id) => Some(*id),
            Self::Pin(_, port) => scene.node(port.node).map(|node| node.id),
            Self::Empty | Self::WireEnd(..) | Self::Wire(_) | Self::FrameTitle(_) | Self::FrameEdge(..) => None,
        }
    }

    /// The wire, if it is one.
    pub(crate) fn wire(&self) -> Option<&WireKey> {
        match self {
            Self::Wire(key) | Self::WireEnd(key, _) => Some(key),
            Self::Empty | Self::Pin(..) | Self::Head(_) | Self::Body(_) | Self::FrameTitle(_) | Self::FrameEdge(..) => {
                None
            }
        }
    }
}

/// What a press at `at` takes hold of.
pub(crate) fn find(scene: &Scene, view: View, selection: &Selection, at: Pos2, pin_catch: f32) -> Hit {
    let body = node_under(scene, view, selection, at);
    if let Some((side, port, _)) = nearest_pin(scene, view, at, None, |node| grab_radius(node, body, view, pin_catch)) {
        return Hit::Pin(side, port);
    }
    if let Some(node) = body {
        let is_head = view.rect_to_screen(node.head()).contains(at);
        return if is_head { Hit::Head(node.id) } else { Hit::Body(node.id) };
    }
    wire_under(scene, view, at).or_else(|| frame_under(scene, view, at)).unwrap_or_default()
}

/// Inside a node's body its pins must leave room to grab the node itself.
fn grab_radius(node: &NodeBox, body: Option<&NodeBox>, view: View, pin_catch: f32) -> f32 {
    match body {
        Some(body) if body.id == node.id => pin_catch.min(node.rect.width() * view.zoom() * 0.1),
        Some(_) => 0.0,
        None => pin_catch,
    }
}

/// The nearest pin within reach, of one side or of both, and how far it is.
pub(crate) fn nearest_pin(
    scene: &Scene,
    view: View,
    at: Pos2,
    side: Option<Side>,
    reach: impl Fn(&NodeBox) -> f32,
) -> Option<(Side, PortRef, f32)> {
    let mut nearest: Option<(Side, &PortRef, f32)> = None;
    for node in &scene.nodes {
        if !view.rect_to_screen(node.rect).expand(PIN_CATCH).contains(at) {
            continue;
        }
        let reach = reach(node);
        for pin in node.pins.iter().filter(|pin| side.is_none_or(|side| pin.side == side)) {
            let distance = view.to_screen(node.pin_at(pin)).distance(at);
            if distance <= reach && nearest.is_none_or(|(_, _, best)| distance < best) {
                nearest = Some((pin.side, &pin.port, distance));
            }
        }
    }
    nearest.map(|(side, port, distance)| (side, port.clone(), distance))
}

/// The topmost node under a screen point: selected nodes are drawn above the others.
pub(crate) fn node_under<'a>(scene: &'a Scene, view: View, selection: &Selection, at: Pos2) -> Option<&'a NodeBox> {
    let world = view.to_world(at);
    let under = || scene.nodes.iter().rev().filter(|node| node.rect.contains(world));
    under().find(|node| node.id.is_in(selection)).or_else(|| under().next())
}

/// The nearest wire within reach.
pub(crate) fn wire_under(scene: &Scene, view: View, at: Pos2) -> Option<Hit> {
    let world = view.to_world(at);
    let reach = WIRE_CATCH / view.zoom();
    let near = scene.wires.iter().filter(|wire| wire.curve.bounds().expand(reach).contains(world));
    let (wire, _) = near
        .map(|wire| (wire, wire.curve.distance_to(world)))
        .filter(|(_, distance)| *distance <= reach)
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    let (start, end) = (wire.curve.start(), wire.curve.end());
    // Of a short wire each end gets a quarter, so that its middle can still be clicked.
    let end_reach = (WIRE_END / view.zoom()).min(start.distance(end) * 0.25);
    Some(if world.distance(start) <= end_reach {
        Hit::WireEnd(wire.key.clone(), Side::Output)
    } else if world.distance(end) <= end_reach {
        Hit::WireEnd(wire.key.clone(), Side::Input)
    } else {
        Hit::Wire(wire.key.clone())
    })
}

fn frame_under(scene: &Scene, view: View, at: Pos2) -> Option<Hit> {
    for frame in scene.frames.iter().rev() {
        let rect = view.rect_to_screen(frame.rect);
        if let Some(grip) = Grip::find(rect, at) {
            return Some(Hit::FrameEdge(frame.id, grip));
        }
        if view.rect_to_screen(frame.title_rect()).contains(at) {
            return Some(Hit::FrameTitle(frame.id));
        }
    }
    None
}
