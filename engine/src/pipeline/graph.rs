//! The pipeline itself: one petgraph, owned here and nowhere else.
//!
//! Nodes are addressed by [`NodeId`]; petgraph's own indices never leave this file, because petgraph reuses them.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::toposort;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::{EdgeRef, IntoEdgeReferences};

use super::{Edit, EditError, Frame, FrameId, NodeEntry, NodeMode, Settings, Subflow, SubflowId};
use crate::spec::{NodeId, Params, PortRef, WireKey};

/// What lies on an edge of the graph: which port it leaves and which it enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wire {
    pub(super) from_port: String,
    pub(super) to_port: String,
}

/// The document.
#[derive(Debug, Clone)]
pub struct Pipeline {
    pub(super) graph: StableDiGraph<NodeEntry, Wire>,
    pub(super) index: BTreeMap<NodeId, NodeIndex>,
    pub(super) frames: BTreeMap<FrameId, Frame>,
    pub(super) subflows: BTreeMap<SubflowId, Subflow>,
    pub(super) settings: Settings,
    /// Fields of the file this version does not know; kept.
    pub(super) extra: Params,
    /// Ids below were given away in this session; they never come back, not even by undo.
    pub(super) next_id: u64,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self::new()
    }
}

impl Pipeline {
    /// An empty pipeline.
    pub fn new() -> Self {
        Self {
            graph: StableDiGraph::new(),
            index: BTreeMap::new(),
            frames: BTreeMap::new(),
            subflows: BTreeMap::new(),
            settings: Settings::default(),
            extra: Params::new(),
            next_id: 1,
        }
    }

    /// An empty pipeline that keeps these unknown fields.
    pub fn with_extra(extra: Params) -> Self {
        Self { extra, ..Self::new() }
    }

    /// Unknown fields of the file.
    pub fn extra(&self) -> &Params {
        &self.extra
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All nodes, by id.
    pub fn nodes(&self) -> impl Iterator<Item = &NodeEntry> {
        self.index.values().filter_map(|index| self.graph.node_weight(*index))
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.index.len()
    }

    /// The node of this id.
    pub fn node(&self, id: NodeId) -> Option<&NodeEntry> {
        self.index.get(&id).and_then(|index| self.graph.node_weight(*index))
    }

    /// The node of this name.
    pub fn node_by_name(&self, name: &str) -> Option<&NodeEntry> {
        self.nodes().find(|node| node.name == name)
    }

    /// All wires, sorted.
    pub fn wires(&self) -> Vec<WireKey> {
        let mut wires: Vec<_> = self.graph.edge_references().filter_map(|edge| self.key_of(&edge)).collect();
        wires.sort();
        wires
    }

    /// The wires that enter a node, sorted.
    pub fn wires_into(&self, id: NodeId) -> Vec<WireKey> {
        self.wires_at(id, Direction::Incoming)
    }

    /// The wires that leave a node, sorted.
    pub fn wires_out_of(&self, id: NodeId) -> Vec<WireKey> {
        self.wires_at(id, Direction::Outgoing)
    }

    fn wires_at(&self, id: NodeId, direction: Direction) -> Vec<WireKey> {
        let Some(index) = self.index.get(&id) else { return Vec::new() };
        let mut wires: Vec<_> =
            self.graph.edges_directed(*index, direction).filter_map(|edge| self.key_of(&edge)).collect();
        wires.sort();
        wires
    }

    fn key_of(&self, edge: &petgraph::stable_graph::EdgeReference<'_, Wire>) -> Option<WireKey> {
        let from = self.graph.node_weight(edge.source())?.id;
        let to = self.graph.node_weight(edge.target())?.id;
        let wire = edge.weight();
        Some(WireKey::new(PortRef::new(from, &wire.from_port), PortRef::new(to, &wire.to_port)))
    }

    /// All frames, by id.
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames.values()
    }

    /// The frame of this id.
    pub fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(&id)
    }

    /// An id no node, frame or subflow of this document ever had in this session.
    pub fn fresh_id(&mut self) -> NodeId {
        let id = NodeId(self.next_id);
        self.next_id = self.next_id.saturating_add(1);
        id
    }

    /// An id for a new frame.
    pub fn fresh_frame_id(&mut self) -> FrameId {
        FrameId(self.fresh_id().0)
    }

    /// A name no other node has: `base`, else `base_2`, `base_3` and so on.
    pub fn fresh_name(&self, base: &str) -> String {
        let taken = |name: &str| self.nodes().any(|node| node.name == name);
        if !taken(base) {
            return base.to_owned();
        }
        (2..=self.node_count() as u64 + 2)
            .map(|number| format!("{base}_{number}"))
            .find(|name| !taken(name))
            .unwrap_or_default()
    }

    /// Node ids so that every wire points forward; among equals the smaller id first. The error names a node on a
    /// cycle (documents made through edits have none).
    pub fn topological(&self) -> Result<Vec<NodeId>, NodeId> {
        toposort(&self.graph, None)
            .map_err(|cycle| self.graph.node_weight(cycle.node_id()).map_or(NodeId(0), |node| node.id))?;
        // petgraph's order depends on the order of insertion; ours must depend on the document alone.
        let mut waiting: BTreeMap<NodeId, usize> =
            self.index.keys().map(|id| (*id, self.wires_into(*id).len())).collect();
        let mut ready: std::collections::BTreeSet<NodeId> =
            waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
        let mut order = Vec::with_capacity(waiting.len());
        while let Some(id) = ready.pop_first() {
            order.push(id);
            for wire in self.wires_out_of(id) {
                if let Some(count) = waiting.get_mut(&wire.to.node) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(wire.to.node);
                    }
                }
            }
        }
        Ok(order)
    }

    /// Whether rows leaving `from` can reach `to` (also when they are the same node).
    pub fn reaches(&self, from: NodeId, to: NodeId) -> bool {
        match (self.index.get(&from), self.index.get(&to)) {
            (Some(from), Some(to)) => petgraph::algo::has_path_connecting(&self.graph, *from, *to, None),
            (None, _) | (_, None) => false,
        }
    }

    /// Changes the document and returns the edit that takes the change back. An edit that fails changes nothing.
    pub fn apply(&mut self, edit: &Edit) -> Result<Edit, EditError> {
        match edit {
            Edit::AddNode(entry) => self.add_node(entry),
            Edit::RemoveNode(id) => self.remove_node(*id),
            Edit::Connect(wire) => self.connect(wire),
            Edit::Disconnect(wire) => self.disconnect(wire),
            Edit::Rename { node, name } => self.rename(*node, name),
            Edit::SetParam { node, param, value } => self.set_param(*node, param, value.as_ref()),
            Edit::Move { nodes } => self.move_nodes(nodes),
            Edit::Set(setting) => Ok(Edit::Set(self.settings.set(setting))),
            Edit::SetMode { node, mode } => self.set_mode(*node, *mode),
            Edit::PutFrame { id, frame } => self.put_frame(*id, frame.as_deref()),
            Edit::PutSubflow { id, subflow } => self.put_subflow(*id, subflow.as_deref()),
            Edit::Enclose { nodes } => self.enclose(nodes),
            Edit::Many(edits) => self.apply_many(edits),
        }
    }

    fn apply_many(&mut self, edits: &[Edit]) -> Result<Edit, EditError> {
        let mut inverses = Vec::with_capacity(edits.len());
        for edit in edits {
            match self.apply(edit) {
                Ok(inverse) => inverses.push(inverse),
                Err(error) => {
                    for inverse in inverses.iter().rev() {
                        // Taking back what was just done cannot fail; if it did, the first error is still the one to tell.
                        let _ = self.apply(inverse);
                    }
                    return Err(error);
                }
            }
        }
        inverses.reverse();
        Ok(Edit::Many(inverses))
    }

    pub(super) fn index_of(&self, id: NodeId) -> Result<NodeIndex, EditError> {
        self.index.get(&id).copied().ok_or(EditError::NoSuchNode(id))
    }

    pub(super) fn entry_mut(&mut self, id: NodeId) -> Result<&mut NodeEntry, EditError> {
        let index = self.index_of(id)?;
        self.graph.node_weight_mut(index).ok_or(EditError::NoSuchNode(id))
    }

    fn check_name(&self, id: NodeId, name: &str) -> Result<(), EditError> {
        if name.trim().is_empty() {
            return Err(EditError::EmptyName);
        }
        match self.node_by_name(name) {
            Some(other) if other.id != id => Err(EditError::NameTaken(name.to_owned())),
            Some(_) | None => Ok(()),
        }
    }

    fn add_node(&mut self, entry: &NodeEntry) -> Result<Edit, EditError> {
        if self.index.contains_key(&entry.id) {
            return Err(EditError::IdTaken(entry.id));
        }
        self.check_name(entry.id, &entry.name)?;
        self.check_subflow(entry.subflow)?;
        let index = self.graph.add_node(entry.clone());
        self.index.insert(entry.id, index);
        self.next_id = self.next_id.max(entry.id.0.saturating_add(1));
        Ok(Edit::RemoveNode(entry.id))
    }

    fn remove_node(&mut self, id: NodeId) -> Result<Edit, EditError> {
        let index = self.index_of(id)?;
        let mut wires = self.wires_into(id);
        wires.extend(self.wires_out_of(id));
        let entry = self.graph.remove_node(index).ok_or(EditError::NoSuchNode(id))?;
        self.index.remove(&id);
        let add = Edit::AddNode(Box::new(entry));
        if wires.is_empty() {
            return Ok(add);
        }
        Ok(Edit::Many(std::iter::once(add).chain(wires.into_iter().map(Edit::Connect)).collect()))
    }

    fn connect(&mut self, wire: &WireKey) -> Result<Edit, EditError> {
        let from = self.index_of(wire.from.node)?;
        let to = self.index_of(wire.to.node)?;
        if self.wires_into(wire.to.node).contains(wire) {
            return Err(EditError::AlreadyWired(wire.clone()));
        }
        if self.reaches(wire.to.node, wire.from.node) {
            return Err(EditError::Cycle(wire.clone()));
        }
        self.graph.add_edge(from, to, Wire { from_port: wire.from.port.clone(), to_port: wire.to.port.clone() });
        Ok(Edit::Disconnect(wire.clone()))
    }

    fn disconnect(&mut self, wire: &WireKey) -> Result<Edit, EditError> {
        let edge = self
            .graph
            .edge_references()
            .find(|edge| self.key_of(edge).as_ref() == Some(wire))
            .map(|edge| edge.id())
            .ok_or_else(|| EditError::NoSuchWire(wire.clone()))?;
        self.graph.remove_edge(edge);
        Ok(Edit::Connect(wire.clone()))
    }

    fn rename(&mut self, id: NodeId, name: &str) -> Result<Edit, EditError> {
        self.check_name(id, name)?;
        let former = std::mem::replace(&mut self.entry_mut(id)?.name, name.to_owned());
        Ok(Edit::Rename { node: id, name: former })
    }

    fn set_param(&mut self, id: NodeId, param: &str, value: Option<&serde_json::Value>) -> Result<Edit, EditError> {
        let params = &mut self.entry_mut(id)?.params;
        let former = match value {
            Some(value) => params.insert(param.to_owned(), value.clone()),
            None => params.remove(param),
        };
        Ok(Edit::SetParam { node: id, param: param.to_owned(), value: former })
    }

    fn move_nodes(&mut self, nodes: &[(NodeId, super::Position)]) -> Result<Edit, EditError> {
        for (id, _) in nodes {
            self.index_of(*id)?;
        }
        let mut former = Vec::with_capacity(nodes.len());
        for (id, position) in nodes {
            let entry = self.entry_mut(*id)?;
            former.push((*id, std::mem::replace(&mut entry.position, *position)));
        }
        former.reverse();
        Ok(Edit::Move { nodes: former })
    }

    fn set_mode(&mut self, id: NodeId, mode: NodeMode) -> Result<Edit, EditError> {
        let former = std::mem::replace(&mut self.entry_mut(id)?.mode, mode);
        Ok(Edit::SetMode { node: id, mode: former })
    }

    fn put_frame(&mut self, id: FrameId, frame: Option<&Frame>) -> Result<Edit, EditError> {
        self.check_subflow(frame.and_then(|frame| frame.subflow))?;
        self.next_id = self.next_id.max(id.0.saturating_add(1));
        let former = match frame {
            Some(frame) => self.frames.insert(id, Frame { id, ..frame.clone() }),
            None => self.frames.remove(&id),
        };
        Ok(Edit::PutFrame { id, frame: former.map(Box::new) })
    }
}
