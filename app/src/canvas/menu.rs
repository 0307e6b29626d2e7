//! The menu of a right click: what can be done with the thing under the pointer.

use eframe::egui::{self, Button, Popup, Pos2, Rect, Response};
use weir_engine::pipeline::{Edit, Frame, FrameId, Tint};

use super::align::Align;
use super::edits;
use super::hit::{self, Hit, PIN_CLICK};
use super::interact::select;
use super::quick_add::QuickAdd;
use super::scene::BoxId;
use super::widget::Canvas;
use crate::action::{Action, Actions, Selection};
use crate::command::{self, Command};
use crate::i18n::tr;
use crate::state::AppState;
use crate::widgets::keys_text;

/// Where the menu was opened.
#[derive(Debug, Clone)]
pub(crate) struct MenuPlace {
    hit: Hit,
    screen: Pos2,
    world: Pos2,
}

impl Canvas {
    /// Opens the menu and performs what is chosen.
    pub(super) fn menu_ui(&mut self, response: &Response, state: &AppState, actions: &mut Actions) {
        if let Some(at) = response.interact_pointer_pos().filter(|_| response.secondary_clicked()) {
            if self.was_wire_in_hand {
                // The same click has just let go of a wire.
                return;
            }
            let hit = hit::find(&self.scene, self.view, &state.selection, at, PIN_CLICK);
            Self::select_for_menu(&hit, state, actions);
            self.menu = Some(MenuPlace { hit, screen: at, world: self.view.to_world(at) });
        }
        let Some(place) = self.menu.clone() else { return };
        Popup::context_menu(response).show(|ui| {
            ui.set_min_width(200.0);
            match &place.hit {
                Hit::Empty => self.canvas_menu(ui, &place, state, actions),
                Hit::Wire(key) | Hit::WireEnd(key, _) => {
                    if item(ui, "canvas.menu.insert", true) {
                        self.quick_add = Some(QuickAdd::onto(place.screen, place.world, key.clone()));
                    }
                    if item(ui, "canvas.menu.watch", true) {
                        actions.push(Action::Watch(Some(key.from.clone())));
                    }
                    if item(ui, "canvas.menu.disconnect", true) {
                        actions.edit(tr("canvas.step.disconnect"), Edit::Disconnect(key.clone()));
                    }
                }
                Hit::Head(_) | Hit::Body(_) | Hit::Pin(..) => self.node_menu(ui, state, actions),
                Hit::FrameTitle(id) | Hit::FrameEdge(id, _) => {
                    if item(ui, "canvas.menu.rename", true) {
                        self.rename_selected(state);
                    }
                    ui.menu_button(tr("canvas.menu.tint"), |ui| tint_menu(ui, *id, state, actions));
                    command_item(ui, Command::Delete, state, actions);
                }
            }
        });
    }

    /// A right click on something not selected selects it first, so that the menu acts on what one sees.
    fn select_for_menu(hit: &Hit, state: &AppState, actions: &mut Actions) {
        match hit {
            Hit::Head(id) | Hit::Body(id) if !id.is_in(&state.selection) => select(state, actions, id.alone()),
            Hit::Pin(_, port) if !state.selection.nodes.contains(&port.node) => {
                select(state, actions, Selection::node(port.node));
            }
            Hit::Wire(key) | Hit::WireEnd(key, _) if !state.selection.wires.contains(key) => {
                select(state, actions, Selection::wire(key.clone()));
            }
            Hit::FrameTitle(id) | Hit::FrameEdge(id, _) if !state.selection.frames.contains(id) => {
                select(state, actions, Selection::frame(*id));
            }
            Hit::Empty
            | Hit::Pin(..)
            | Hit::Head(_)
            | Hit::Body(_)
            | Hit::WireEnd(..)
            | Hit::Wire(_)
            | Hit::FrameTitle(_)
            | Hit::FrameEdge(..) => {}
        }
    }

    fn canvas_menu(&mut self, ui: &mut egui::Ui, place: &MenuPlace, state: &AppState, actions: &mut Actions) {
        if item(ui, "canvas.menu.add", true) {
            self.quick_add = Some(QuickAdd::at(place.screen, place.world));
        }
        command_item(ui, Command::Paste, state, actions);
        let mut around = Rect::from_min_size(edits::snapped(place.world), egui::vec2(320.0, 200.0));
        if item(ui, "canvas.menu.frame", true) {
            Self::add_frame(around, "canvas.frame.new", "", state, actions);
        }
        if item(ui, "canvas.menu.note", true) {
            around.set_height(120.0);
            Self::add_frame(around, "canvas.note.new", tr("canvas.note.text"), state, actions);
        }
        ui.separator();
        for command in [Command::SelectAll, Command::AutoLayout, Command::Fit] {
            command_item(ui, command, state, actions);
        }
        if state.level.is_some() {
            command_item(ui, Command::LeaveSubflow, state, actions);
        }
    }

    fn node_menu(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let selection = &state.selection;
        let has_subflow = !selection.subflows.is_empty();
        if has_subflow {
            command_item(ui, Command::OpenSubflow, state, actions);
            command_item(ui, Command::Unpack, state, actions);
            ui.separator();
        }
        if item(ui, "canvas.menu.rename", BoxId::of(selection).len() == 1) {
            self.rename_selected(state);
        }
        for command in [Command::Duplicate, Command::Copy, Command::Cut] {
            command_item(ui, command, state, actions);
        }
        ui.separator();
        for command in [Command::Delete, Command::DeleteAndHeal, Command::Mute, Command::Bypass] {
            command_item(ui, command, state, actions);
        }
        ui.separator();
        for command in [Command::SelectUpstream, Command::SelectDownstream, Command::Frame, Command::Group] {
            command_item(ui, command, state, actions);
        }
        if BoxId::of(selection).len() > 1 {
            ui.menu_button(tr("canvas.menu.align"), |ui| {
                for align in Align::ALL {
                    command_item(ui, align.command(), state, actions);
                }
            });
        }
    }
}

/// A command of the table as an item of the menu.
fn command_item(ui: &mut egui::Ui, command: Command, state: &AppState, actions: &mut Actions) {
    let Some(info) = command::info(command) else { return };
    let mut button = Button::new(info.label(state));
    if let Some(shortcut) = info.shortcuts.first() {
        button = button.shortcut_text(keys_text(ui.ctx(), shortcut));
    }
    if ui.add_enabled((info.is_enabled)(state), button).clicked() {
        actions.push(Action::Command(command));
        ui.close();
    }
}

fn tint_menu(ui: &mut egui::Ui, id: FrameId, state: &AppState, actions: &mut Actions) {
    let Some(frame) = state.document.pipeline().frame(id) else { return };
    for tint in Tint::ALL {
        if ui.radio(frame.tint == tint, tr(tint_key(tint))).clicked() {
            let frame = Frame { tint, ..frame.clone() };
            actions.edit(tr("canvas.step.tint"), Edit::PutFrame { id, frame: Some(Box::new(frame)) });
            ui.close();
        }
    }
}

/// What a colour is called.
pub(crate) fn tint_key(tint: Tint) -> &'static str {
    match tint {
        Tint::Plain => "canvas.tint.plain",
        Tint::Red => "canvas.tint.red",
        Tint::Amber => "canvas.tint.amber",
        Tint::Green => "canvas.tint.green",
        Tint::Blue => "canvas.tint.blue",
        Tint::Violet => "canvas.tint.violet",
    }
}

fn item(ui: &mut egui::Ui, key: &'static str, is_enabled: bool) -> bool {
    let is_clicked = ui.add_enabled(is_enabled, Button::new(tr(key))).clicked();
    if is_clicked {
        ui.close();
    }
    is_clicked
}
