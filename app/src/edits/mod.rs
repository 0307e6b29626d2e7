//! What the editing commands do, as pure functions from a pipeline and a selection to one [`Edit`]: no views, no state.
//!
//! Each function tries its edit on a copy first, so that what it returns always applies as a whole.
//!
//! [`Edit`]: weir_engine::pipeline::Edit

mod add;
mod clipboard;
mod remove;

#[cfg(test)]
mod tests;

pub use add::{Addition, add_node};
pub use clipboard::{Paste, PasteError, copy, paste};
pub use remove::{delete, delete_and_heal};

use eframe::egui;
use weir_engine::pipeline::{Pipeline, Position};

use crate::action::Selection;

/// Distance of grid points, in world units.
const GRID: f32 = 8.0;
/// How far a node steps aside that would lie exactly on another.
const STEP_ASIDE: f32 = 32.0;
/// About how large a node is drawn; only to frame and to centre groups of them.
const NODE_SIZE: egui::Vec2 = egui::vec2(192.0, 96.0);

/// Everything there is.
pub fn select_all(pipeline: &Pipeline) -> Selection {
    Selection {
        nodes: pipeline.nodes().map(|node| node.id).collect(),
        wires: pipeline.wires().into_iter().collect(),
        frames: pipeline.frames().map(|frame| frame.id).collect(),
    }
}

/// What of a selection still exists.
pub fn surviving(pipeline: &Pipeline, selection: &Selection) -> Selection {
    let wires: std::collections::BTreeSet<_> = pipeline.wires().into_iter().collect();
    Selection {
        nodes: selection.nodes.iter().copied().filter(|id| pipeline.node(*id).is_some()).collect(),
        wires: selection.wires.intersection(&wires).cloned().collect(),
        frames: selection.frames.iter().copied().filter(|id| pipeline.frame(*id).is_some()).collect(),
    }
}

/// The nearest grid point, if snapping is on.
fn snapped(at: egui::Pos2, snap: bool) -> Position {
    if snap {
        Position::new((at.x / GRID).round() * GRID, (at.y / GRID).round() * GRID)
    } else {
        Position::new(at.x, at.y)
    }
}

/// Whether a node lies (almost) exactly here, so that another one would hide it.
fn is_occupied(pipeline: &Pipeline, position: Position) -> bool {
    pipeline
        .nodes()
        .any(|node| (node.position.x - position.x).abs() < GRID && (node.position.y - position.y).abs() < GRID)
}
