//! The inspector as a view: which form the selection calls for.

use eframe::egui;
use egui_commonmark::CommonMarkCache;
use weir_engine::spec::NodeId;

use crate::action::{Actions, Selection};
use crate::state::AppState;

use super::{frame, gesture, multi, node, settings, subflow, wire};

/// The inspector's own state. What is being typed lives in egui's memory, beside the widgets.
#[derive(Debug, Default)]
pub struct Inspector {
    /// The node whose documentation is open.
    documented: Option<NodeId>,
    markdown: CommonMarkCache,
}

impl Inspector {
    /// Draws the inspector for the selection.
    pub fn ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        // One place per thing shown, so that another node's form does not start half scrolled.
        let place = format!("{:?}", state.selection);
        egui::ScrollArea::vertical().id_salt(("inspector", place)).auto_shrink(false).show(ui, |ui| {
            ui.set_width(ui.available_width());
            self.form_ui(ui, state, actions);
            ui.add_space(12.0);
        });
        gesture::settle(ui.ctx(), actions);
    }

    fn form_ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let selection = &state.selection;
        match shown(selection) {
            Shown::Settings => settings::settings_ui(ui, state, actions),
            Shown::Node(id) => {
                let Some(entry) = state.document.pipeline().node(id) else { return };
                let mut is_open = self.documented == Some(id);
                node::node_ui(ui, entry, state, &mut is_open, &mut self.markdown, actions);
                self.documented = is_open.then_some(id);
            }
            Shown::Wire(wire) => wire::wire_ui(ui, wire, state, actions),
            Shown::Frame(id) => frame::frame_ui(ui, id, state, actions),
            Shown::Subflow(id) => subflow::subflow_ui(ui, id, state, actions),
            Shown::Several => multi::multi_ui(ui, state, actions),
        }
    }
}

/// What a selection amounts to.
enum Shown<'a> {
    Settings,
    Node(NodeId),
    Wire(&'a weir_engine::spec::WireKey),
    Frame(weir_engine::pipeline::FrameId),
    Subflow(weir_engine::pipeline::SubflowId),
    Several,
}

fn shown(selection: &Selection) -> Shown<'_> {
    let Selection { nodes, wires, frames, subflows } = selection;
    if let Some(only) = subflows.first() {
        let is_alone = subflows.len() == 1 && nodes.is_empty() && wires.is_empty() && frames.is_empty();
        return if is_alone { Shown::Subflow(*only) } else { Shown::Several };
    }
    match (nodes.first(), wires.first(), frames.first()) {
        (None, None, None) => Shown::Settings,
        (Some(node), None, None) if nodes.len() == 1 => Shown::Node(*node),
        (None, Some(wire), None) if wires.len() == 1 => Shown::Wire(wire),
        (None, None, Some(frame)) if frames.len() == 1 => Shown::Frame(*frame),
        (_, _, _) => Shown::Several,
    }
}
