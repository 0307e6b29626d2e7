//! What the editing commands do, as pure functions from a pipeline and a selection to one [`Edit`]: no views, no state.
//!
//! Each function tries its edit on a copy first, so that what it returns always applies as a whole.
//!
//! [`Edit`]: weir_engine::pipeline::Edit

mod add;
mod clipboard;
mod join;
mod mode;
mod remove;
mod subflow;

#[cfg(test)]
mod tests;

pub use add::{Addition, add_node};
pub use clipboard::{Paste, PasteError, copy, paste};
pub use join::join;
pub use mode::toggle_mode;
pub use remove::{delete, delete_and_heal};
pub use subflow::{group, unpack};

use std::collections::BTreeSet;

use eframe::egui;
use weir_engine::pipeline::{Pipeline, Position, SubflowId};
use weir_engine::spec::WireKey;

use crate::action::Selection;

/// Distance of grid points, in world units.
const GRID: f32 = 8.0;
/// How far a node steps aside that would lie exactly on another.
const STEP_ASIDE: f32 = 32.0;
/// About how large a node is drawn; only to frame and to centre groups of them.
const NODE_SIZE: egui::Vec2 = egui::vec2(192.0, 96.0);

/// Everything right on a level: in a subflow, or in the pipeline itself.
pub fn select_all(pipeline: &Pipeline, level: Option<SubflowId>) -> Selection {
    let nodes: BTreeSet<_> = pipeline.nodes_in(level).map(|node| node.id).collect();
    let is_here = |wire: &WireKey| nodes.contains(&wire.from.node) && nodes.contains(&wire.to.node);
    Selection {
        wires: pipeline.wires().into_iter().filter(is_here).collect(),
        frames: pipeline.frames_in(level).map(|frame| frame.id).collect(),
        subflows: pipeline.subflows_in(level).map(|subflow| subflow.id).collect(),
        nodes,
    }
}

/// The selection with all that lies in its subflows, however deep.
fn with_contents(pipeline: &Pipeline, selection: &Selection) -> Selection {
    let is_inside = |level| selection.subflows.iter().any(|outer| pipeline.lies_within(level, *outer));
    let mut all = selection.clone();
    all.nodes.extend(pipeline.nodes().filter(|node| is_inside(node.subflow)).map(|node| node.id));
    all.frames.extend(pipeline.frames().filter(|frame| is_inside(frame.subflow)).map(|frame| frame.id));
    all.subflows.extend(pipeline.subflows().filter(|inner| is_inside(inner.parent)).map(|inner| inner.id));
    all
}

/// What of a selection still exists.
pub fn surviving(pipeline: &Pipeline, selection: &Selection) -> Selection {
    let wires: BTreeSet<_> = pipeline.wires().into_iter().collect();
    Selection {
        nodes: selection.nodes.iter().copied().filter(|id| pipeline.node(*id).is_some()).collect(),
        wires: selection.wires.intersection(&wires).cloned().collect(),
        frames: selection.frames.iter().copied().filter(|id| pipeline.frame(*id).is_some()).collect(),
        subflows: selection.subflows.iter().copied().filter(|id| pipeline.subflow(*id).is_some()).collect(),
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
fn is_occupied(pipeline: &Pipeline, level: Option<SubflowId>, position: Position) -> bool {
    pipeline
        .nodes_in(level)
        .any(|node| (node.position.x - position.x).abs() < GRID && (node.position.y - position.y).abs() < GRID)
}
