//! The pointer: presses begin gestures, moves carry them on, releases turn them into actions.

use std::collections::BTreeSet;

use eframe::egui::{self, CursorIcon, Key, MouseWheelUnit, PointerButton, Pos2, Rect, Response, Vec2, vec2};
use weir_engine::spec::{NodeId, PortRef, WireKey};

use super::access::Focus;
use super::gesture::{BoxSelect, Gesture, Moving, Resizing};
use super::hit::{self, Hit, PIN_CATCH, PIN_CLICK};
use super::quick_add::QuickAdd;
use super::rename::Rename;
use super::scene::{BoxId, Side};
use super::widget::Canvas;
use super::wiring::{Drop, Wiring};
use super::{edits, scene};
use crate::action::{Action, Actions, Selection};
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// How near the canvas' edge a drag moves the picture, and how fast, in pixels.
const EDGE: f32 = 28.0;
const EDGE_SPEED: f32 = 9.0;
/// Scroll pixels that zoom by a factor of e.
const SCROLL_PER_E: f32 = 240.0;

impl Canvas {
    /// Reads the pointer and carries on what it does.
    pub(super) fn interact(&mut self, ui: &egui::Ui, response: &Response, state: &AppState, actions: &mut Actions) {
        self.pointer = ui.input(|input| input.pointer.interact_pos());
        self.zoom_and_pan(ui, response);
        if !matches!(self.gesture, Gesture::Idle) && self.is_cancelled(ui, response) {
            self.cancel();
        }
        if response.drag_started_by(PointerButton::Primary) {
            self.press(ui, state, actions);
        }
        self.carry_on(ui, response, state, actions);
        if response.drag_stopped_by(PointerButton::Primary) {
            self.release(ui, state, actions);
        } else if self.gesture.needs_button() && !response.dragged_by(PointerButton::Primary) {
            self.cancel();
        }
        self.clicks(ui, response, state, actions);
        self.hover = match self.pointer {
            Some(at) if response.hovered() && matches!(self.gesture, Gesture::Idle) && !self.is_panning => {
                hit::find(&self.scene, self.view, &state.selection, at, PIN_CATCH)
            }
            Some(_) | None => Hit::Empty,
        };
        self.set_cursor(ui, response);
    }

    fn is_cancelled(&self, ui: &egui::Ui, response: &Response) -> bool {
        let has_escape = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Escape));
        has_escape || (self.gesture.is_wire_in_hand() && response.secondary_clicked())
    }

    /// Lets go of everything without a trace.
    pub(super) fn cancel(&mut self) {
        self.gesture = Gesture::Idle;
        self.scene.displace(&[].into(), &[].into(), Vec2::ZERO);
    }

    fn zoom_and_pan(&mut self, ui: &egui::Ui, response: &Response) {
        if self.is_panning && !response.dragged() {
            self.is_panning = false;
        }
        let is_held = |button| response.dragged_by(button);
        if is_held(PointerButton::Middle) || is_held(PointerButton::Secondary) || self.is_panning {
            self.view.pan(response.drag_delta());
            self.is_panning = true;
        }
        let Some(at) = self.pointer.filter(|_| response.contains_pointer() && self.quick_add.is_none()) else { return };
        let (scroll, zoom, is_shifted) = ui.input(|input| {
            for event in &input.events {
                if let egui::Event::MouseWheel { unit, .. } = event {
                    self.is_trackpad = *unit == MouseWheelUnit::Point;
                }
            }
            (input.smooth_scroll_delta(), input.zoom_delta(), input.modifiers.shift)
        });
        if (zoom - 1.0).abs() > 1e-4 {
            self.view.zoom_about(at, zoom);
        } else if self.is_trackpad || is_shifted {
            // Two fingers scroll, and Shift turns a wheel sideways.
            self.view.pan(scroll);
        } else if scroll.y.abs() > 0.0 {
            self.view.zoom_about(at, (scroll.y / SCROLL_PER_E).exp());
        }
    }

    fn press(&mut self, ui: &egui::Ui, state: &AppState, actions: &mut Actions) {
        let (origin, modifiers) = ui.input(|input| (input.pointer.press_origin(), input.modifiers));
        let Some(origin) = origin.or(self.pointer) else { return };
        if let Some(was_used) = &mut self.space {
            *was_used = true;
            self.is_panning = true;
            return;
        }
        if self.gesture.is_wire_in_hand() {
            return;
        }
        let world = self.view.to_world(origin);
        let is_additive = modifiers.shift || modifiers.command;
        let pipeline = state.document.pipeline();
        self.gesture = match hit::find(&self.scene, self.view, &state.selection, origin, PIN_CATCH) {
            Hit::Pin(side, port) => Gesture::Wiring(Box::new(Wiring::new(pipeline, side, port))),
            Hit::WireEnd(key, side) => Gesture::Wiring(Box::new(Wiring::moving_end(pipeline, &key, side))),
            Hit::Head(id) | Hit::Body(id) => self.take_node(id, world, is_additive, state, actions),
            Hit::FrameTitle(id) => {
                let mut selection = state.selection.clone();
                if !selection.frames.contains(&id) {
                    selection = Selection::frame(id);
                    select(state, actions, selection.clone());
                }
                let corner = self.scene.frame(id).map_or(world, |frame| frame.rect.min);
                self.moving(selection, world, corner)
            }
            Hit::FrameEdge(id, grip) => match self.scene.frame(id).map(|frame| frame.rect) {
                Some(home) => Gesture::Resizing(Resizing { frame: id, grip, grabbed_at: world, home, rect: home }),
                None => Gesture::Idle,
            },
            Hit::Wire(_) | Hit::Empty => {
                let base = if is_additive { state.selection.clone() } else { Selection::default() };
                Gesture::Selecting(BoxSelect { from: world, to: world, base })
            }
        };
    }

    fn take_node(
        &mut self,
        id: BoxId,
        world: Pos2,
        is_additive: bool,
        state: &AppState,
        actions: &mut Actions,
    ) -> Gesture {
        let mut selection = state.selection.clone();
        if !id.is_in(&selection) {
            if !is_additive {
                selection = Selection::default();
            }
            id.add_to(&mut selection);
            select(state, actions, selection.clone());
            self.focus_wanted = Some(Focus::Canvas);
        }
        let corner = self.scene.part(id).map_or(world, |node| node.rect.min);
        self.moving(selection, world, corner)
    }

    fn moving(&self, selection: Selection, grabbed_at: Pos2, corner: Pos2) -> Gesture {
        let mut boxes = BoxId::of(&selection);
        for frame in selection.frames.iter().filter_map(|id| self.scene.frame(*id)) {
            boxes.extend(self.scene.boxes_within(frame.rect));
        }
        Gesture::Moving(Moving { boxes, frames: selection.frames, grabbed_at, corner, by: Vec2::ZERO, onto: None })
    }

    fn carry_on(&mut self, ui: &egui::Ui, response: &Response, state: &AppState, actions: &mut Actions) {
        // Also for those who wire without a pointer.
        if let Gesture::Wiring(wiring) = &mut self.gesture
            && wiring.ask_visible(&self.scene, self.view)
        {
            ui.ctx().request_repaint();
        }
        let Some(at) = self.pointer else { return };
        if self.gesture.needs_button() && response.dragged() {
            self.pan_at_edge(ui, at);
        }
        let world = self.view.to_world(at);
        let is_free = ui.input(|input| input.modifiers.alt) || !state.settings.snap_to_grid;
        match &mut self.gesture {
            Gesture::Idle => {}
            Gesture::Moving(moving) => {
                let wished = world - moving.grabbed_at;
                moving.by = if is_free { wished } else { edits::snapped(moving.corner + wished) - moving.corner };
                self.scene.displace(&moving.boxes, &moving.frames, moving.by);
                let single = single_node(moving);
                moving.onto = single.and_then(|id| insertion(&self.scene, state, id)).map(|(wire, ..)| wire);
            }
            Gesture::Selecting(selecting) => {
                selecting.to = world;
                let area = Rect::from_two_pos(selecting.from, selecting.to);
                let mut selection = selecting.base.clone();
                let touched = self.scene.nodes.iter().filter(|node| area.intersects(node.rect));
                touched.for_each(|node| node.id.add_to(&mut selection));
                let inside = self.scene.frames.iter().filter(|frame| area.contains_rect(frame.rect));
                selection.frames.extend(inside.map(|frame| frame.id));
                select(state, actions, selection);
            }
            Gesture::Wiring(wiring) => {
                // What is offered stays as it is until the next click.
                if wiring.offer.is_none() {
                    wiring.aim_at(&self.scene, self.view, &state.selection, at);
                }
            }
            Gesture::Resizing(resizing) => {
                resizing.rect = resizing.grip.pulled(resizing.home, world - resizing.grabbed_at, is_free);
                self.scene.resize_frame(resizing.frame, resizing.rect);
            }
        }
    }

    /// A drag that reaches the edge moves the picture on.
    fn pan_at_edge(&mut self, ui: &egui::Ui, at: Pos2) {
        let screen = self.view.screen();
        let push = |position: f32, low: f32, high: f32| {
            if position < low + EDGE {
                EDGE_SPEED
            } else if position > high - EDGE {
                -EDGE_SPEED
            } else {
                0.0
            }
        };
        let by = vec2(push(at.x, screen.left(), screen.right()), push(at.y, screen.top(), screen.bottom()));
        if by != Vec2::ZERO {
            self.view.pan(by);
            ui.ctx().request_repaint_after_secs(1.0 / 60.0);
        }
    }

    fn release(&mut self, ui: &egui::Ui, state: &AppState, actions: &mut Actions) {
        match std::mem::take(&mut self.gesture) {
            Gesture::Idle | Gesture::Selecting(_) => {}
            Gesture::Moving(moving) => self.finish_move(&moving, state, actions),
            Gesture::Wiring(wiring) => self.drop_wire(ui, *wiring, state, actions),
            Gesture::Resizing(resizing) => {
                let edit = edits::place_frame(state.document.pipeline(), resizing.frame, resizing.rect);
                if let Some(edit) = edit.filter(|_| resizing.rect != resizing.home) {
                    actions.edit(tr("canvas.step.resize_frame"), edit);
                }
            }
        }
    }

    fn finish_move(&mut self, moving: &Moving, state: &AppState, actions: &mut Actions) {
        if moving.by == Vec2::ZERO {
            return;
        }
        let pipeline = state.document.pipeline();
        let Some(edit) = edits::shift(pipeline, &moving.boxes, &moving.frames, moving.by) else { return };
        let single = single_node(moving).filter(|_| moving.onto.is_some());
        if let Some((wire, input, output)) = single.and_then(|id| insertion(&self.scene, state, id))
            && let Some(id) = single
            && let Some(insert) = edits::insert(pipeline, id, &input, &output, &wire)
        {
            actions.edit(tr("canvas.step.insert"), weir_engine::pipeline::Edit::Many(vec![edit, insert]));
            return;
        }
        let label = if moving.frames.is_empty() {
            self.moved_label(&moving.boxes)
        } else {
            tr("canvas.step.move_frame").to_owned()
        };
        actions.edit(label, edit);
    }

    pub(super) fn drop_wire(&mut self, ui: &egui::Ui, mut wiring: Wiring, state: &AppState, actions: &mut Actions) {
        let Some(at) = self.pointer else { return };
        let world = self.view.to_world(at);
        match wiring.drop_at(world) {
            Drop::Edit(label, edit) => actions.edit(tr(label), edit),
            Drop::Refused => self.gesture = Gesture::Wiring(Box::new(wiring)),
            Drop::Void if self.view.screen().contains(at) => {
                self.quick_add =
                    Some(QuickAdd::for_wire(state.document.pipeline(), at, world, wiring.side, wiring.fixed));
                ui.ctx().request_repaint();
            }
            Drop::Nothing | Drop::Void => {}
        }
    }

    fn clicks(&mut self, ui: &egui::Ui, response: &Response, state: &AppState, actions: &mut Actions) {
        if !response.clicked_by(PointerButton::Primary) {
            return;
        }
        let Some(at) = response.interact_pointer_pos().or(self.pointer) else { return };
        if self.gesture.is_wire_in_hand() {
            if let Gesture::Wiring(mut wiring) = std::mem::take(&mut self.gesture) {
                wiring.aim_at(&self.scene, self.view, &state.selection, at);
                self.drop_wire(ui, *wiring, state, actions);
            }
            return;
        }
        let modifiers = ui.input(|input| input.modifiers);
        let is_additive = modifiers.shift || modifiers.command;
        let hit = hit::find(&self.scene, self.view, &state.selection, at, PIN_CLICK);
        if response.double_clicked_by(PointerButton::Primary) && !is_additive {
            self.double_click(&hit, at, state, actions);
            return;
        }
        self.focus_wanted = Some(Focus::Canvas);
        match hit {
            Hit::Pin(side, port) => self.take_wire(side, port, state),
            Hit::Head(id) | Hit::Body(id) => {
                if !is_additive {
                    self.focus_wanted = Some(Focus::Box(id));
                }
                pick(state, actions, id.alone(), is_additive);
            }
            Hit::Wire(key) | Hit::WireEnd(key, _) => pick(state, actions, Selection::wire(key), is_additive),
            Hit::FrameTitle(id) | Hit::FrameEdge(id, _) => {
                pick(state, actions, Selection::frame(id), is_additive);
            }
            Hit::Empty if is_additive => {}
            Hit::Empty => select(state, actions, Selection::default()),
        }
    }

    /// Takes a wire in hand without a drag: the next click, or Enter on a pin, connects it.
    pub(super) fn take_wire(&mut self, side: Side, port: PortRef, state: &AppState) {
        let mut wiring = Wiring::new(state.document.pipeline(), side, port);
        wiring.is_in_hand = true;
        self.gesture = Gesture::Wiring(Box::new(wiring));
    }

    fn double_click(&mut self, hit: &Hit, at: Pos2, state: &AppState, actions: &mut Actions) {
        match hit {
            Hit::Head(BoxId::Node(id)) => self.rename = Rename::node(state.document.pipeline(), *id),
            Hit::Head(BoxId::Subflow(id)) | Hit::Body(BoxId::Subflow(id)) => {
                actions.push(Action::OpenLevel(Some(*id), Selection::default()));
            }
            Hit::FrameTitle(id) => self.rename = Rename::frame(state.document.pipeline(), *id),
            Hit::Empty => self.quick_add = Some(QuickAdd::at(at, self.view.to_world(at))),
            Hit::Pin(..) | Hit::Body(BoxId::Node(_)) | Hit::WireEnd(..) | Hit::Wire(_) | Hit::FrameEdge(..) => {}
        }
    }

    fn set_cursor(&self, ui: &egui::Ui, response: &Response) {
        if !response.hovered() {
            return;
        }
        let icon = match (&self.gesture, &self.hover) {
            _ if self.is_panning => CursorIcon::Grabbing,
            _ if self.space.is_some() => CursorIcon::Grab,
            (Gesture::Moving(_), _) => CursorIcon::Grabbing,
            (Gesture::Wiring(wiring), _)
                if matches!(wiring.aim, super::wiring::Aim::Refused(_) | super::wiring::Aim::Taken(..)) =>
            {
                CursorIcon::NotAllowed
            }
            (Gesture::Wiring(_) | Gesture::Selecting(_), _) | (Gesture::Idle, Hit::Pin(..)) => CursorIcon::Crosshair,
            (Gesture::Resizing(Resizing { grip, .. }), _) | (Gesture::Idle, Hit::FrameEdge(_, grip)) => grip.cursor(),
            (Gesture::Idle, Hit::WireEnd(..)) => CursorIcon::Grab,
            (Gesture::Idle, Hit::Wire(_)) => CursorIcon::PointingHand,
            (Gesture::Idle, Hit::Empty | Hit::Head(_) | Hit::Body(_) | Hit::FrameTitle(_)) => return,
        };
        ui.ctx().set_cursor_icon(icon);
    }
}

impl Canvas {
    /// What a move of these boxes is called in the menu.
    pub(super) fn moved_label(&self, boxes: &BTreeSet<BoxId>) -> String {
        let first = boxes.first().and_then(|id| self.scene.part(*id));
        match (boxes.len(), first) {
            (0, _) => tr("canvas.step.move_frame").to_owned(),
            (1, Some(only)) => trf("canvas.step.move_one", &[("name", &only.name)]),
            (count, _) => trf("canvas.step.move", &[("count", &count.to_string())]),
        }
    }
}

fn single_node(moving: &Moving) -> Option<NodeId> {
    let mut boxes = moving.boxes.iter().copied();
    let only = boxes.next().filter(|_| moving.boxes.len() == 1 && moving.frames.is_empty());
    only.and_then(BoxId::node)
}

/// The wire a free node lies on, and the ports it would be led through.
fn insertion(scene: &scene::Scene, state: &AppState, id: NodeId) -> Option<(WireKey, String, String)> {
    if scene.wires.iter().any(|wire| wire.key.from.node == id || wire.key.to.node == id) {
        return None;
    }
    let node = scene.node(id)?;
    let input = node.side(Side::Input).next()?.port.port.clone();
    let output = node.side(Side::Output).next()?.port.port.clone();
    let core = node.rect.shrink2(node.rect.size() * 0.2);
    let near = scene.wires.iter().filter(|wire| wire.curve.bounds().intersects(core));
    let mut near = near.filter(|wire| wire.curve.sampled(24).iter().any(|point| core.contains(*point)));
    let wire = near.next()?;
    edits::insert(state.document.pipeline(), id, &input, &output, &wire.key)?;
    Some((wire.key.clone(), input, output))
}

/// Replaces the selection, if it differs.
pub(super) fn select(state: &AppState, actions: &mut Actions, selection: Selection) {
    if selection != state.selection {
        actions.push(Action::Select(selection));
    }
}

/// Selects what was clicked; an additive click toggles it.
fn pick(state: &AppState, actions: &mut Actions, picked: Selection, is_additive: bool) {
    if !is_additive {
        select(state, actions, picked);
        return;
    }
    let mut selection = state.selection.clone();
    for node in picked.nodes {
        if !selection.nodes.remove(&node) {
            selection.nodes.insert(node);
        }
    }
    for wire in picked.wires {
        if !selection.wires.remove(&wire) {
            selection.wires.insert(wire);
        }
    }
    for frame in picked.frames {
        if !selection.frames.remove(&frame) {
            selection.frames.insert(frame);
        }
    }
    for subflow in picked.subflows {
        if !selection.subflows.remove(&subflow) {
            selection.subflows.insert(subflow);
        }
    }
    select(state, actions, selection);
}
