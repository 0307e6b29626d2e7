//! Putting a frame around the selected nodes.

use eframe::egui;
use weir_engine::pipeline::{Document, Edit, Frame, FrameId, Position};

use super::NODE_SIZE;
use crate::action::Selection;
use crate::i18n::tr;

/// Room between the nodes and the frame, and for its title above.
const MARGIN: f32 = 32.0;
const TITLE: f32 = 32.0;

/// The edit that frames the selection, or puts an empty frame (a note) at `at` if no node is selected.
pub fn frame_selection(document: &mut Document, selection: &Selection, at: egui::Pos2) -> (FrameId, Edit) {
    let corners: Vec<egui::Pos2> = selection
        .nodes
        .iter()
        .filter_map(|id| document.pipeline().node(*id))
        .map(|node| egui::pos2(node.position.x, node.position.y))
        .collect();
    let bounds = corners
        .into_iter()
        .map(|corner| egui::Rect::from_min_size(corner, NODE_SIZE))
        .reduce(egui::Rect::union)
        .map_or(egui::Rect::from_center_size(at, egui::vec2(320.0, 200.0)), |bounds| bounds.expand(MARGIN));
    let id = document.fresh_frame_id();
    let frame = Frame {
        id,
        title: tr("edit.frame_title").to_owned(),
        note: String::new(),
        position: Position::new(bounds.min.x, bounds.min.y - TITLE),
        size: Position::new(bounds.width(), bounds.height() + TITLE),
    };
    (id, Edit::PutFrame { id, frame: Some(Box::new(frame)) })
}
