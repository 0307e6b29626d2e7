//! The canvas as a widget: its state and the order of a frame: measure, register, interact, paint.

use std::collections::VecDeque;

use eframe::egui::{self, Id, Rect, Sense, UiBuilder};
use weir_engine::spec::{NodeId, PortRef};

use super::access::Focus;
use super::align::Align;
use super::auto_layout::{Item, arrange};
use super::edits;
use super::gesture::Gesture;
use super::hit::Hit;
use super::live::LiveText;
use super::measure::Measure;
use super::menu::MenuPlace;
use super::palette_drop::Ghost;
use super::quick_add::QuickAdd;
use super::rename::Rename;
use super::scene::{BoxId, FRAME_TITLE, FrameBox, NodeBox, Scene};
use super::view::{View, ZOOM_STEP};
use crate::action::Actions;
use crate::command::Command;
use crate::i18n::tr;
use crate::state::AppState;

/// Seconds between two frames while wires move.
const FLOW_FRAME_SECS: f32 = 0.04;

/// The canvas' own state: what is in view and what the pointer is doing. The graph is not here.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own for the next frame")]
pub struct Canvas {
    pub(super) view: View,
    pub(super) scene: Scene,
    pub(super) measure: Measure,
    pub(super) live: LiveText,
    pub(super) gesture: Gesture,
    pub(super) hover: Hit,
    pub(super) pointer: Option<egui::Pos2>,
    pub(super) is_panning: bool,
    /// Whether the last wheel event came from fingers.
    pub(super) is_trackpad: bool,
    /// Whether the last thing done here was a press: then Tab searches instead of walking, and no focus ring is drawn.
    pub(super) is_pressed_last: bool,
    /// Whether Space is held, and if so, whether it was used to pan.
    pub(super) space: Option<bool>,
    pub(super) ghost: Option<Ghost>,
    pub(super) quick_add: Option<QuickAdd>,
    pub(super) rename: Option<Rename>,
    pub(super) menu: Option<MenuPlace>,
    /// Where the pointer was when something was typed here: until it moves on, it points at nothing.
    pub(super) quiet_at: Option<egui::Pos2>,
    /// Whether a wire was in hand when the frame began.
    pub(super) was_wire_in_hand: bool,
    pub(super) recent: VecDeque<String>,
    pub(super) focus: Option<Focus>,
    pub(super) focus_wanted: Option<Focus>,
    pub(super) reveal_wanted: Option<Focus>,
    pub(super) is_fit_wanted: bool,
    /// Whether to fit once the document shows the change just asked for.
    is_fit_after_change: bool,
    pub(super) is_minimap_off: bool,
    pub(super) markdown: egui_commonmark::CommonMarkCache,
}

impl Canvas {
    /// Draws the graph and turns gestures into actions.
    pub fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let rect = ui.available_rect_before_wrap();
        if !rect.is_positive() {
            return;
        }
        ui.advance_cursor_after_rect(rect);
        let builder = UiBuilder::new().id_salt("weir canvas").max_rect(rect);
        let mut ui = ui.new_child(builder);
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        let ui = &mut ui;
        let now = ui.input(|input| input.time);
        self.measure_all(ui, rect, state, now);
        self.place_view();

        let response = ui.interact(rect, Focus::Canvas.id(), Sense::click_and_drag());
        self.was_wire_in_hand = self.gesture.is_wire_in_hand();
        self.register(ui, &response, state, actions);
        if ui.input(|input| input.pointer.any_pressed()) && response.contains_pointer() {
            self.is_pressed_last = true;
            response.request_focus();
        } else if ui.input(|input| input.key_pressed(egui::Key::Tab)) && self.focus != Some(Focus::Canvas) {
            self.is_pressed_last = false;
        }
        self.keyboard(ui, &response, state, actions);
        self.palette_drop(ui, &response, state, actions);
        self.interact(ui, &response, state, actions);
        self.place_view();

        self.paint_all(ui, state, now);
        self.controls_ui(ui, state);
        self.path_bar_ui(ui, state, actions);
        self.minimap_ui(ui, state);
        self.note_quiet();
        self.tooltip(&response, state);
        self.menu_ui(&response, state, actions);
        self.rename_ui(ui, state, actions);
        self.quick_add_ui(ui, state, actions);
        self.refusal_ui(ui, state, actions);
        if let Some(focus) = self.focus_wanted.take() {
            ui.memory_mut(|memory| memory.request_focus(focus.id()));
            Self::select_focused(&focus, state, actions);
            // The focus shows with the next frame.
            ui.ctx().request_repaint();
        }
    }

    fn measure_all(&mut self, ui: &egui::Ui, rect: Rect, state: &AppState, now: f64) {
        self.view.set_screen(rect);
        if let Some(wait) = self.live.update(state, now) {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(wait.clamp(0.01, 1.0)));
        }
        let is_first = self.scene.is_new();
        let is_other = self.scene.update(ui, state, &self.live, &mut self.measure);
        if is_first || is_other {
            self.gesture = Gesture::Idle;
            self.is_fit_wanted = true;
        }
        if self.scene.take_changed() {
            self.is_fit_wanted |= std::mem::take(&mut self.is_fit_after_change);
        }
    }

    /// Fits or reveals, if that was asked for.
    fn place_view(&mut self) {
        if std::mem::take(&mut self.is_fit_wanted) {
            self.reveal_wanted = None;
            if let Some(bounds) = self.scene.bounds() {
                self.view.fit(bounds);
            }
        }
        let part = match self.reveal_wanted.take() {
            Some(Focus::Box(id)) => self.scene.part(id).map(|node| node.rect),
            Some(Focus::Pin(_, PortRef { node, .. })) => self.scene.node(node).map(|node| node.rect),
            Some(Focus::Wire(key)) => self.scene.wire(&key).map(|wire| wire.curve.bounds()),
            Some(Focus::Frame(id)) => self.scene.frame(id).map(FrameBox::title_rect),
            Some(Focus::Canvas) | None => None,
        };
        if let Some(part) = part {
            self.view.reveal(part);
        }
    }

    fn paint_all(&mut self, ui: &mut egui::Ui, state: &AppState, now: f64) {
        let painter = &ui.painter().clone();
        self.paint_grid(painter, state);
        self.paint_frames(painter, state);
        self.notes_ui(ui, state);
        let is_moving = self.paint_wires(painter, state, now);
        self.paint_stubs(painter, state);
        self.paint_rates(painter, state);
        self.paint_nodes(painter, state);
        self.paint_wire_in_hand(painter, state);
        self.paint_ghost(painter, state);
        self.paint_selecting(painter, state);
        self.empty_ui(ui, painter, state);
        if is_moving {
            ui.ctx().request_repaint_after_secs(FLOW_FRAME_SECS);
        }
    }

    /// Performs a command that needs to know what is in view or how large the nodes are; `false` if it is not the canvas' to perform.
    pub fn command(&mut self, command: Command, state: &AppState, actions: &mut Actions) -> bool {
        let center = self.view.screen().center();
        match command {
            Command::Fit => self.is_fit_wanted = true,
            Command::ZoomIn => self.view.zoom_about(center, ZOOM_STEP),
            Command::ZoomOut => self.view.zoom_about(center, 1.0 / ZOOM_STEP),
            Command::ZoomReset => self.view.zoom_about(center, 1.0 / self.view.zoom()),
            Command::QuickAdd => self.open_quick_add(state),
            Command::AutoLayout => self.auto_layout(state, actions),
            Command::Frame => self.frame_selection(state, actions),
            Command::Note => self.add_note(state, actions),
            Command::Rename => self.rename_selected(state),
            Command::SelectUpstream => self.select_connected(false, state, actions),
            Command::SelectDownstream => self.select_connected(true, state, actions),
            Command::OpenSubflow => Self::open_subflow(state, actions),
            Command::LeaveSubflow => Self::leave_subflow(state, actions),
            Command::AlignLeft => self.align(Align::Left, state, actions),
            Command::AlignCenter => self.align(Align::Center, state, actions),
            Command::AlignRight => self.align(Align::Right, state, actions),
            Command::AlignTop => self.align(Align::Top, state, actions),
            Command::AlignMiddle => self.align(Align::Middle, state, actions),
            Command::AlignBottom => self.align(Align::Bottom, state, actions),
            Command::DistributeAcross => self.align(Align::DistributeAcross, state, actions),
            Command::DistributeDown => self.align(Align::DistributeDown, state, actions),
            Command::New
            | Command::Open
            | Command::Save
            | Command::SaveAs
            | Command::Welcome
            | Command::Quit
            | Command::Undo
            | Command::Redo
            | Command::Copy
            | Command::Cut
            | Command::Paste
            | Command::Duplicate
            | Command::Delete
            | Command::DeleteAndHeal
            | Command::SelectAll
            | Command::Mute
            | Command::Bypass
            | Command::Group
            | Command::Unpack
            | Command::ExportSvg
            | Command::ExportPng
            | Command::ToggleWires
            | Command::Outline
            | Command::Run
            | Command::Pause
            | Command::Step
            | Command::Stop
            | Command::Live
            | Command::ShowCulprit
            | Command::ToggleClock
            | Command::Record
            | Command::ReplayRecording
            | Command::ClearProbes
            | Command::ExportCsv
            | Command::ExportPlots
            | Command::ExportTimeline
            | Command::CommandPalette
            | Command::Shortcuts
            | Command::ToggleTheme
            | Command::ToggleLanguage
            | Command::Settings
            | Command::About => return false,
        }
        true
    }

    fn auto_layout(&mut self, state: &AppState, actions: &mut Actions) {
        let item = |node: &NodeBox| Item { id: node.id, size: egui::vec2(node.rect.width(), node.running_height) };
        let items: Vec<_> = self.scene.nodes.iter().map(item).collect();
        let end = |id| self.scene.node(id).map(|node| node.id);
        let edges: Vec<_> =
            self.scene.wires.iter().filter_map(|wire| end(wire.key.from.node).zip(end(wire.key.to.node))).collect();
        let places: Vec<_> = arrange(&items, &edges).into_iter().collect();
        if let Some(edit) = edits::place(state.document.pipeline(), &places) {
            actions.edit(tr("canvas.step.auto_layout"), edit);
            self.is_fit_after_change = true;
        }
    }

    fn align(&self, align: Align, state: &AppState, actions: &mut Actions) {
        let boxes = BoxId::of(&state.selection).into_iter().filter_map(|id| self.scene.part(id));
        let rects: Vec<_> = boxes.map(|node| (node.id, node.rect)).collect();
        let places = align.places(&rects);
        if let Some(edit) = places.and_then(|places| edits::place(state.document.pipeline(), &places)) {
            actions.edit(tr(align.key()), edit);
        }
    }

    fn frame_selection(&mut self, state: &AppState, actions: &mut Actions) {
        let rects = BoxId::of(&state.selection).into_iter().filter_map(|id| self.scene.part(id)).map(|node| node.rect);
        let around = rects.reduce(Rect::union).map_or_else(
            || Rect::from_center_size(edits::snapped(self.center()), egui::vec2(320.0, 200.0)),
            |all| {
                let room = all.expand(24.0);
                Rect::from_min_max(edits::snapped(room.min - egui::vec2(0.0, FRAME_TITLE)), edits::snapped(room.max))
            },
        );
        Self::add_frame(around, "canvas.frame.new", "", state, actions);
    }

    fn add_note(&mut self, state: &AppState, actions: &mut Actions) {
        let around = Rect::from_min_size(edits::snapped(self.center()), egui::vec2(320.0, 120.0));
        Self::add_frame(around, "canvas.note.new", tr("canvas.note.text"), state, actions);
    }

    /// Adds a frame on the level that is open.
    pub(super) fn add_frame(around: Rect, title: &'static str, note: &str, state: &AppState, actions: &mut Actions) {
        let edit = edits::add_frame(state.document.pipeline(), state.level, tr(title), note, around);
        let step = if note.is_empty() { "canvas.step.frame" } else { "canvas.step.note" };
        actions.edit(tr(step), edit);
    }

    /// Brings a node into view.
    pub fn reveal(&mut self, node: NodeId) {
        self.reveal_wanted = Some(Focus::Box(BoxId::Node(node)));
    }

    /// The world position in the middle of the view, where nodes added without a pointer go.
    pub fn center(&self) -> egui::Pos2 {
        self.view.visible().center()
    }

    /// How large the graph is shown: 1 is 100 %.
    pub fn zoom(&self) -> f32 {
        self.view.zoom()
    }

    /// The world position shown at a point of the screen.
    pub fn world_at(&self, screen: egui::Pos2) -> egui::Pos2 {
        self.view.to_world(screen)
    }

    /// The id of a node's widget, by which the focus can be given to it.
    pub fn node_widget(node: NodeId) -> Id {
        Focus::Box(BoxId::Node(node)).id()
    }
}
