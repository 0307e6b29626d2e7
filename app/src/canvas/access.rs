//! Every visible node, wire, pin and frame as a widget with a name and a state, for screen readers, keyboards and tests.
//!
//! The widgets only take focus; the pointer is read by the one canvas widget below them, so that hit areas can be larger
//! than what is drawn.

use eframe::egui::accesskit::{Action as AccessAction, Role};
use eframe::egui::{self, Id, Rect, Response, Sense, Vec2, WidgetInfo};
use weir_engine::pipeline::FrameId;
use weir_engine::spec::{PortRef, WireKey};

use super::gesture::Gesture;
use super::hit::WIRE_CATCH;
use super::interact::select;
use super::problems::Problems;
use super::scene::{BoxId, NodeBox, Side};
use super::widget::Canvas;
use crate::action::{Actions, Selection};
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// Something on the canvas that can have the keyboard focus.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Focus {
    /// The canvas as a whole.
    Canvas,
    /// A node or a subflow.
    Box(BoxId),
    /// A wire.
    Wire(WireKey),
    /// A pin.
    Pin(Side, PortRef),
    /// A frame.
    Frame(FrameId),
}

impl Focus {
    /// The id of its widget: the same in every frame and session.
    pub(crate) fn id(&self) -> Id {
        Id::unique(("weir canvas", self))
    }
}

impl Canvas {
    /// Registers the visible widgets in the order Tab walks them: nodes, wires, pins, frames.
    pub(super) fn register(&mut self, ui: &egui::Ui, background: &Response, state: &AppState, actions: &mut Actions) {
        background.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, tr("canvas.access.canvas")));
        let mut seen = Seen { focus: background.has_focus().then_some(Focus::Canvas), ..Seen::default() };
        self.register_nodes(ui, state, &mut seen);
        self.register_wires(ui, state, &mut seen);
        self.register_pins(ui, &mut seen);
        self.register_frames(ui, state, &mut seen);
        let Seen { focus, gained, clicked } = seen;
        self.focus = focus;
        for focus in gained.into_iter().chain(clicked.iter().cloned()) {
            Self::select_focused(&focus, state, actions);
        }
        for focus in clicked {
            if let Focus::Pin(side, port) = focus {
                self.activate_pin(ui, side, port, state, actions);
            }
        }
    }

    /// Selects the node, wire or frame that got the focus, unless it is part of the selection already.
    pub(super) fn select_focused(focus: &Focus, state: &AppState, actions: &mut Actions) {
        match focus {
            Focus::Box(id) if !id.is_in(&state.selection) => select(state, actions, id.alone()),
            Focus::Wire(key) if !state.selection.wires.contains(key) => {
                select(state, actions, Selection::wire(key.clone()));
            }
            Focus::Frame(id) if !state.selection.frames.contains(id) => select(state, actions, Selection::frame(*id)),
            Focus::Canvas | Focus::Box(_) | Focus::Wire(_) | Focus::Pin(..) | Focus::Frame(_) => {}
        }
    }

    fn register_nodes(&self, ui: &egui::Ui, state: &AppState, seen: &mut Seen) {
        let visible = self.view.visible();
        let problems = Problems::count(state);
        for node in self.scene.reading_order.iter().filter_map(|id| self.scene.part(*id)) {
            if !visible.intersects(node.rect) {
                continue;
            }
            let is_selected = node.id.is_in(&state.selection);
            let rect = self.view.rect_to_screen(node.rect);
            let told = Seen::widget(ui, rect, node.widget, || {
                let mut label = box_in_words(node, &problems, state);
                if let Some(live) = self.live.part(node.id) {
                    let texts = std::iter::once(&live.rows).chain(&live.extra).map(|text| text.trim());
                    for text in texts.filter(|text| !text.is_empty()) {
                        label.push_str(", ");
                        label.push_str(text);
                    }
                }
                WidgetInfo::selected(Role::Button, true, is_selected, label)
            });
            seen.note(told, || Focus::Box(node.id));
        }
    }

    fn register_wires(&self, ui: &egui::Ui, state: &AppState, seen: &mut Seen) {
        let visible = self.view.visible();
        for wire in self.scene.wires.iter().filter(|wire| visible.intersects(wire.curve.bounds())) {
            let is_selected = state.selection.wires.contains(&wire.key);
            let rect = self.view.rect_to_screen(wire.curve.bounds()).expand(WIRE_CATCH);
            let told = Seen::widget(ui, rect, wire.widget, || {
                let pipeline = state.document.pipeline();
                let name = |id| pipeline.node(id).map_or("", |node| node.name.as_str());
                let mut label = trf(
                    "canvas.access.wire",
                    &[
                        ("from", name(wire.key.from.node)),
                        ("output", &wire.key.from.port),
                        ("to", name(wire.key.to.node)),
                        ("input", &wire.key.to.port),
                    ],
                );
                if let Some(live) = self.live.port(&wire.key.from) {
                    label.push_str(", ");
                    label.push_str(live.text.trim());
                    if let Some(queue) = self.live.queue(&wire.key) {
                        label.push_str(", ");
                        label.push_str(&queue.in_words());
                    }
                }
                WidgetInfo::selected(Role::Button, true, is_selected, label)
            });
            seen.note(told, || Focus::Wire(wire.key.clone()));
        }
    }

    fn register_pins(&self, ui: &egui::Ui, seen: &mut Seen) {
        let visible = self.view.visible();
        for node in self.scene.nodes.iter().filter(|node| visible.intersects(node.rect)) {
            for pin in &node.pins {
                let at = self.view.to_screen(node.pin_at(pin));
                let size = Vec2::splat((11.0 * self.view.zoom()).clamp(4.0, 22.0));
                let told = Seen::widget(ui, Rect::from_center_size(at, size), pin.widget, || {
                    let key = match pin.side {
                        Side::Input => "canvas.access.input",
                        Side::Output => "canvas.access.output",
                    };
                    let joined = if pin.is_wired { tr("canvas.access.wired") } else { tr("canvas.access.free") };
                    let mut label = trf(key, &[("name", &node.name), ("port", &pin.label), ("state", joined)]);
                    let mut stubs = self.scene.stubs.iter();
                    if let Some(stub) = stubs.find(|stub| stub.side == pin.side && stub.port == pin.port) {
                        label.push_str(", ");
                        label.push_str(&trf("canvas.access.outside", &[("names", &stub.names.join(", "))]));
                    }
                    if self.refuses(&pin.port, pin.side) {
                        label.push_str(", ");
                        label.push_str(tr("canvas.access.refuses"));
                    }
                    let is_in_hand = matches!(&self.gesture, Gesture::Wiring(wiring) if wiring.fixed == pin.port);
                    WidgetInfo::selected(Role::Button, true, is_in_hand, label)
                });
                seen.note(told, || Focus::Pin(pin.side, pin.port.clone()));
            }
        }
    }

    /// Whether a pin is known not to take the wire in hand.
    fn refuses(&self, port: &PortRef, side: Side) -> bool {
        let Gesture::Wiring(wiring) = &self.gesture else { return false };
        side != wiring.side && wiring.takes(port) == Some(false)
    }

    fn register_frames(&self, ui: &egui::Ui, state: &AppState, seen: &mut Seen) {
        let visible = self.view.visible();
        for frame in self.scene.frames.iter().filter(|frame| visible.intersects(frame.title_rect())) {
            let is_selected = state.selection.frames.contains(&frame.id);
            let rect = self.view.rect_to_screen(frame.title_rect());
            let told = Seen::widget(ui, rect, Focus::Frame(frame.id).id(), || {
                let count = self.scene.boxes_within(frame.rect).len().to_string();
                let label = trf("canvas.access.frame", &[("title", &frame.title), ("count", &count)]);
                WidgetInfo::selected(Role::Button, true, is_selected, label)
            });
            seen.note(told, || Focus::Frame(frame.id));
        }
    }
}

/// A box's name, kind, mode and what is wrong with it.
fn box_in_words(node: &NodeBox, problems: &Problems, state: &AppState) -> String {
    let mut label = trf("canvas.access.node", &[("name", &node.name), ("kind", &node.subtitle)]);
    for part in problems.in_words(node.nodes(), state) {
        label.push_str(", ");
        label.push_str(&part);
    }
    label
}

/// What the widgets of one frame told.
#[derive(Debug, Default)]
struct Seen {
    focus: Option<Focus>,
    gained: Option<Focus>,
    clicked: Vec<Focus>,
}

impl Seen {
    fn widget(ui: &egui::Ui, rect: Rect, id: Id, info: impl Fn() -> WidgetInfo) -> Told {
        let response = ui.interact(rect.intersect(ui.clip_rect()), id, Sense::focusable_noninteractive());
        response.widget_info(info);
        ui.ctx().accesskit_node_builder(id, |node| node.add_action(AccessAction::Click));
        Told {
            has_focus: response.has_focus(),
            gained_focus: response.gained_focus(),
            is_clicked: ui.input(|input| input.has_accesskit_action_request(id, AccessAction::Click)),
        }
    }

    /// Keeps what a widget told; most have nothing to tell.
    fn note(&mut self, told: Told, focus: impl FnOnce() -> Focus) {
        if !(told.has_focus || told.is_clicked) {
            return;
        }
        let focus = focus();
        if told.has_focus {
            self.focus = Some(focus.clone());
            if told.gained_focus {
                self.gained = Some(focus.clone());
            }
        }
        if told.is_clicked {
            self.clicked.push(focus);
        }
    }
}

/// What one widget told.
#[derive(Debug, Clone, Copy)]
struct Told {
    has_focus: bool,
    gained_focus: bool,
    is_clicked: bool,
}
