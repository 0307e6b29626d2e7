//! A second wire to an input for one: both streams are led through a node that puts them together.

use weir_engine::nodes;
use weir_engine::pipeline::{Document, Edit, NodeEntry, Position};
use weir_engine::spec::{NodeId, PortRef, WireKey};

use super::{is_occupied, snapped};

/// How far before the input the new node stands, and about how wide it is.
const BEFORE: f32 = 232.0;

/// The edit that leads the wire an input has, and another from `from`, through a new union into it; `moved` is the wire
/// whose end was taken off for it. `None` if that cannot be.
pub fn join(
    document: &mut Document,
    from: &PortRef,
    to: &PortRef,
    moved: Option<&WireKey>,
    snap: bool,
) -> Option<(NodeId, Edit)> {
    let kind = nodes::JOINING;
    let (input, output) = (kind.inputs.first()?.name, kind.outputs.first()?.name);
    let id = document.fresh_id();
    let pipeline = document.pipeline();
    let target = pipeline.node(to.node)?;
    let held: Vec<_> = pipeline.wires_into(to.node).into_iter().filter(|wire| wire.to == *to).collect();
    let mut entry = NodeEntry::new(id, kind.id, pipeline.fresh_name(kind.base_name));
    entry.subflow = target.subflow;
    entry.position = snapped(eframe::egui::pos2(target.position.x - BEFORE, target.position.y), snap);
    while is_occupied(pipeline, entry.subflow, entry.position) {
        entry.position = Position::new(entry.position.x, entry.position.y + 32.0);
    }
    let enters = |from: PortRef| Edit::Connect(WireKey::new(from, PortRef::new(id, input)));
    let mut edits = vec![Edit::AddNode(Box::new(entry))];
    edits.extend(moved.cloned().map(Edit::Disconnect));
    edits.extend(held.iter().cloned().map(Edit::Disconnect));
    edits.extend(held.into_iter().map(|wire| enters(wire.from)));
    edits.push(enters(from.clone()));
    edits.push(Edit::Connect(WireKey::new(PortRef::new(id, output), to.clone())));
    let edit = Edit::Many(edits);
    let mut trial = pipeline.clone();
    trial.apply(&edit).ok().map(|_| (id, edit))
}
