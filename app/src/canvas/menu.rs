//! The menu of a right click: what can be done with the thing under the pointer.

use eframe::egui::{self, Button, Popup, Pos2, Rect, Response};
use weir_engine::pipeline::Edit;
use weir_engine::spec::NodeId;

use super::align::Align;
use super::edits;
use super::hit::{self, Hit, PIN_CLICK};
use super::interact::select;
use super::quick_add::QuickAdd;
use super::widget::Canvas;
use crate::action::{Action, Actions, Selection};
use crate::command::Command;
use crate::i18n::tr;
use crate::state::AppState;

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
                Hit::FrameTitle(_) | Hit::FrameCorner(_) => {
                    if item(ui, "canvas.menu.rename", true) {
                        self.rename_selected(state);
                    }
                    if item(ui, "canvas.menu.delete", true) {
                        actions.push(Action::Command(Command::Delete));
                    }
                }
            }
        });
    }

    /// A right click on something not selected selects it first, so that the menu acts on what one sees.
    fn select_for_menu(hit: &Hit, state: &AppState, actions: &mut Actions) {
        match hit {
            Hit::Head(id) | Hit::Body(id) if !state.selection.nodes.contains(id) => {
                select(state, actions, Selection::node(*id));
            }
            Hit::Pin(_, port) if !state.selection.nodes.contains(&port.node) => {
                select(state, actions, Selection::node(port.node));
            }
            Hit::Wire(key) | Hit::WireEnd(key, _) if !state.selection.wires.contains(key) => {
                select(state, actions, Selection::wire(key.clone()));
            }
            Hit::FrameTitle(id) | Hit::FrameCorner(id) if !state.selection.frames.contains(id) => {
                select(state, actions, Selection { frames: [*id].into(), ..Selection::default() });
            }
            Hit::Empty
            | Hit::Pin(..)
            | Hit::Head(_)
            | Hit::Body(_)
            | Hit::WireEnd(..)
            | Hit::Wire(_)
            | Hit::FrameTitle(_)
            | Hit::FrameCorner(_) => {}
        }
    }

    fn canvas_menu(&mut self, ui: &mut egui::Ui, place: &MenuPlace, state: &AppState, actions: &mut Actions) {
        if item(ui, "canvas.menu.add", true) {
            self.quick_add = Some(QuickAdd::at(place.screen, place.world));
        }
        if item(ui, "canvas.menu.paste", true) {
            actions.push(Action::Command(Command::Paste));
        }
        if item(ui, "canvas.menu.frame", true) {
            let around = Rect::from_min_size(edits::snapped(place.world), egui::vec2(320.0, 200.0));
            let edit = edits::add_frame(state.document.pipeline(), tr("canvas.frame.new"), around);
            actions.edit(tr("canvas.step.frame"), edit);
        }
        ui.separator();
        if item(ui, "canvas.menu.select_all", true) {
            actions.push(Action::Command(Command::SelectAll));
        }
        if item(ui, "canvas.menu.auto_layout", !self.scene.nodes.is_empty()) {
            self.command(Command::AutoLayout, state, actions);
        }
        if item(ui, "canvas.menu.fit", true) {
            self.is_fit_wanted = true;
        }
    }

    fn node_menu(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let nodes = state.selection.nodes.clone();
        if item(ui, "canvas.menu.rename", nodes.len() == 1) {
            self.rename_selected(state);
        }
        for (key, command) in [
            ("canvas.menu.duplicate", Command::Duplicate),
            ("canvas.menu.copy", Command::Copy),
            ("canvas.menu.cut", Command::Cut),
            ("canvas.menu.delete", Command::Delete),
            ("canvas.menu.delete_and_heal", Command::DeleteAndHeal),
        ] {
            if item(ui, key, true) {
                actions.push(Action::Command(command));
            }
            if command == Command::Cut {
                ui.separator();
            }
        }
        ui.separator();
        for (key, is_downstream) in [("canvas.menu.upstream", false), ("canvas.menu.downstream", true)] {
            if item(ui, key, true) {
                let nodes = edits::connected(state.document.pipeline(), &nodes, is_downstream);
                select(state, actions, Selection { nodes, ..Selection::default() });
            }
        }
        if item(ui, "canvas.menu.frame_selection", true) {
            self.command(Command::Frame, state, actions);
        }
        if nodes.len() > 1 {
            ui.menu_button(tr("canvas.menu.align"), |ui| self.align_menu(ui, state, actions));
        }
    }

    fn align_menu(&self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let rects: Vec<(NodeId, Rect)> = state
            .selection
            .nodes
            .iter()
            .filter_map(|id| self.scene.node(*id))
            .map(|node| (node.id, node.rect))
            .collect();
        for align in Align::ALL {
            let edit = align.edit(&rects);
            if item(ui, align.key(), edit.is_some())
                && let Some(edit) = edit
            {
                actions.edit(tr(align.key()), edit);
            }
        }
    }
}

fn item(ui: &mut egui::Ui, key: &'static str, is_enabled: bool) -> bool {
    let is_clicked = ui.add_enabled(is_enabled, Button::new(tr(key))).clicked();
    if is_clicked {
        ui.close();
    }
    is_clicked
}
