//! The canvas by keyboard: Tab walks nodes and wires, arrows move what is selected, Enter and F2 rename or wire, Space
//! searches. What has a place in the command table is performed by [`Canvas::command`] from here as from the menus.

use eframe::egui::{self, EventFilter, Key, Modifiers, Pos2, Rect, Response, Vec2, vec2};
use weir_engine::spec::PortRef;

use super::access::Focus;
use super::boxes::GRID;
use super::edits;
use super::gesture::Gesture;
use super::grip::Grip;
use super::interact::select;
use super::quick_add::QuickAdd;
use super::rename::Rename;
use super::scene::{BoxId, Side};
use super::widget::Canvas;
use super::wiring::Aim;
use crate::action::{Action, Actions, Selection};
use crate::command::Command;
use crate::i18n::tr;
use crate::state::AppState;

/// Grid steps of an arrow with Shift.
const LONG_STEP: f32 = 5.0;
/// Between a node and the one added behind it.
const GAP: f32 = 72.0;
/// From a new node's corner to where the wire in hand would be: what [`QuickAdd`] takes off again.
const NEW_NODE: Vec2 = vec2(8.0, 24.0);

impl Canvas {
    /// Reads the keys meant for the canvas.
    pub(super) fn keyboard(&mut self, ui: &egui::Ui, response: &Response, state: &AppState, actions: &mut Actions) {
        let is_typing = self.rename.is_some() || self.quick_add.is_some() || ui.ctx().text_edit_focused();
        let focused = ui.memory(egui::Memory::focused);
        let is_ours = self.focus.as_ref().is_some_and(|focus| Some(focus.id()) == focused);
        if is_typing || !(is_ours || (focused.is_none() && response.contains_pointer())) {
            self.space = None;
            return;
        }
        self.space_key(ui, state);
        self.tab(ui, response, state);
        self.move_by_arrows(ui, state, actions);
        self.keys(ui, state, actions);
    }

    /// Space pressed and released opens the search; held, it pans.
    fn space_key(&mut self, ui: &egui::Ui, state: &AppState) {
        let (is_pressed, is_released) =
            ui.input(|input| (input.key_pressed(Key::Space) && !input.modifiers.any(), input.key_released(Key::Space)));
        if is_pressed && self.space.is_none() {
            self.space = Some(false);
        }
        if is_released && self.space.take() == Some(false) && matches!(self.gesture, Gesture::Idle) {
            self.open_quick_add(state);
        }
    }

    /// Opens the search at the pointer, else in the middle. With one node selected whose first output is free, it
    /// offers what that leads to; the new node then stands to the right of it.
    pub(super) fn open_quick_add(&mut self, state: &AppState) {
        let screen = self.view.screen();
        let at = self.pointer.filter(|at| screen.contains(*at)).unwrap_or_else(|| screen.center());
        let pipeline = state.document.pipeline();
        self.quick_add = Some(match self.free_output(state) {
            Some((output, place)) => QuickAdd::after(pipeline, at, place, output),
            None => QuickAdd::at(at, self.view.to_world(at)),
        });
    }

    /// The first output of the one selected node, if nothing is wired to it, and where a node behind it has room.
    fn free_output(&self, state: &AppState) -> Option<(PortRef, Pos2)> {
        let node = self.scene.part(BoxId::Node(state.selection.single_node()?))?;
        let output = &node.side(Side::Output).find(|pin| pin.is_declared)?;
        if output.is_wired {
            return None;
        }
        let mut place = Rect::from_min_size(node.rect.right_top() + vec2(GAP, 0.0), node.rect.size());
        while self.scene.nodes.iter().any(|other| other.rect.intersects(place)) {
            place = place.translate(vec2(0.0, GRID));
        }
        Some((output.port.clone(), place.min + NEW_NODE))
    }

    fn tab(&mut self, ui: &egui::Ui, response: &Response, state: &AppState) {
        let Some(focus) = self.focus.clone() else { return };
        let nodes = self.scene.reading_order.iter().copied().map(Focus::Box);
        let wires = self.scene.wires.iter().map(|wire| Focus::Wire(wire.key.clone()));
        let frames = self.scene.frames.iter().map(|frame| Focus::Frame(frame.id));
        let walk: Vec<_> = nodes.chain(wires).chain(frames).collect();
        let at = walk.iter().position(|step| *step == focus);
        let opens_search = focus == Focus::Canvas && self.is_pressed_last && response.contains_pointer();
        // At both ends Tab goes its usual way, so that the keyboard can leave the canvas.
        let is_inside = at.is_some_and(|at| at > 0 && at + 1 < walk.len());
        let filter = EventFilter {
            tab: opens_search || is_inside,
            horizontal_arrows: true,
            vertical_arrows: true,
            escape: !matches!(self.gesture, Gesture::Idle),
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(focus.id(), filter));
        if opens_search && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab)) {
            self.open_quick_add(state);
            return;
        }
        if let Some(at) = at.filter(|_| is_inside) {
            let (is_back, is_on) = ui.input_mut(|input| {
                let is_back = input.consume_key(Modifiers::SHIFT, Key::Tab);
                (is_back, !is_back && input.consume_key(Modifiers::NONE, Key::Tab))
            });
            if is_back || is_on {
                self.focus_wanted = walk.get(if is_back { at - 1 } else { at + 1 }).cloned();
                self.reveal_wanted.clone_from(&self.focus_wanted);
            }
        }
    }

    fn move_by_arrows(&self, ui: &egui::Ui, state: &AppState, actions: &mut Actions) {
        let boxes = BoxId::of(&state.selection);
        if boxes.is_empty() && state.selection.frames.is_empty() {
            return;
        }
        let by = arrows(ui, Modifiers::NONE);
        if by == Vec2::ZERO {
            self.resize_by_arrows(ui, state, actions);
            return;
        }
        if let Some(edit) = edits::shift(state.document.pipeline(), &boxes, &state.selection.frames, by) {
            actions.edit(self.moved_label(&boxes), edit);
        }
    }

    /// Alt and the arrows move the lower right corner of the one selected frame.
    fn resize_by_arrows(&self, ui: &egui::Ui, state: &AppState, actions: &mut Actions) {
        let mut frames = state.selection.frames.iter().filter_map(|id| self.scene.frame(*id));
        let (Some(frame), None) = (frames.next(), frames.next()) else { return };
        let by = arrows(ui, Modifiers::ALT);
        let rect = Grip::CORNER.pulled(frame.rect, by, false);
        if by != Vec2::ZERO
            && rect != frame.rect
            && let Some(edit) = edits::place_frame(state.document.pipeline(), frame.id, rect)
        {
            actions.edit(tr("canvas.step.resize_frame"), edit);
        }
    }

    fn keys(&mut self, ui: &egui::Ui, state: &AppState, actions: &mut Actions) {
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::COMMAND, Key::Delete) || pressed(Modifiers::COMMAND, Key::Backspace) {
            actions.push(Action::Command(Command::DeleteAndHeal));
        }
        if pressed(Modifiers::NONE, Key::Delete) || pressed(Modifiers::NONE, Key::Backspace) {
            actions.push(Action::Command(Command::Delete));
        }
        if pressed(Modifiers::NONE, Key::F2) {
            self.rename_selected(state);
        }
        if pressed(Modifiers::NONE, Key::Enter) {
            match self.focus.clone() {
                Some(Focus::Pin(side, port)) => self.activate_pin(ui, side, port, state, actions),
                Some(Focus::Box(BoxId::Node(_)) | Focus::Frame(_)) => self.rename_selected(state),
                Some(Focus::Box(BoxId::Subflow(id))) => {
                    actions.push(Action::OpenLevel(Some(id), Selection::default()));
                }
                Some(Focus::Canvas | Focus::Wire(_)) | None => {}
            }
        }
        if matches!(self.gesture, Gesture::Idle) && !state.selection.is_empty() && pressed(Modifiers::NONE, Key::Escape)
        {
            select(state, actions, Selection::default());
        }
    }

    /// Renames the one selected node or frame.
    pub(super) fn rename_selected(&mut self, state: &AppState) {
        let pipeline = state.document.pipeline();
        let selection = &state.selection;
        let mut boxes = BoxId::of(selection).into_iter();
        self.rename = match (boxes.next(), boxes.next(), selection.frames.first()) {
            (Some(BoxId::Node(id)), None, None) => Rename::node(pipeline, id),
            (Some(BoxId::Subflow(id)), None, None) => Rename::subflow(pipeline, id),
            (None, None, Some(id)) if selection.frames.len() == 1 => Rename::frame(pipeline, *id),
            (_, _, _) => None,
        };
    }

    /// Enter on a pin: takes a wire in hand there, or connects the one in hand.
    pub(super) fn activate_pin(
        &mut self,
        ui: &egui::Ui,
        side: Side,
        port: PortRef,
        state: &AppState,
        actions: &mut Actions,
    ) {
        self.pointer = self.scene.port_at(side, &port).map(|at| self.view.to_screen(at));
        match std::mem::take(&mut self.gesture) {
            Gesture::Wiring(mut wiring) => {
                wiring.aim = if side == wiring.side { Aim::Home } else { wiring.aim_at_port(port) };
                self.drop_wire(ui, *wiring, state, actions);
            }
            Gesture::Idle | Gesture::Moving(_) | Gesture::Selecting(_) | Gesture::Resizing(_) => {
                self.take_wire(side, port, state);
            }
        }
    }
}

/// How far the arrows pressed in this frame move things.
fn arrows(ui: &egui::Ui, held: Modifiers) -> Vec2 {
    let (by, is_long) = ui.input_mut(|input| {
        let mut by = Vec2::ZERO;
        let is_long = input.modifiers.shift;
        // A key without Alt would match one with it.
        if input.modifiers.alt != held.alt {
            return (by, is_long);
        }
        let modifiers = if is_long { held | Modifiers::SHIFT } else { held };
        let keys = [
            (Key::ArrowLeft, vec2(-1.0, 0.0)),
            (Key::ArrowRight, vec2(1.0, 0.0)),
            (Key::ArrowUp, vec2(0.0, -1.0)),
            (Key::ArrowDown, vec2(0.0, 1.0)),
        ];
        for (key, step) in keys {
            if input.consume_key(modifiers, key) {
                by += step;
            }
        }
        (by, is_long)
    });
    by * GRID * if is_long { LONG_STEP } else { 1.0 }
}
