//! Subflows of a pipeline: which there are, what lies in which, and the edits that fold and unfold.
//!
//! A subflow is a word on its nodes, not a graph of its own: the one petgraph stays flat, so wires, cycles, analysis and
//! the engine are the same whether a person folded something or not. Subflows may lie in each other, never in a circle,
//! and everything says only subflows that exist: each edit below holds that.

use super::{Edit, EditError, Frame, NodeEntry, Pipeline, Subflow, SubflowId};
use crate::spec::NodeId;

impl Pipeline {
    /// All subflows, by id.
    pub fn subflows(&self) -> impl Iterator<Item = &Subflow> {
        self.subflows.values()
    }

    /// The subflow of this id.
    pub fn subflow(&self, id: SubflowId) -> Option<&Subflow> {
        self.subflows.get(&id)
    }

    /// An id for a new subflow.
    pub fn fresh_subflow_id(&mut self) -> SubflowId {
        SubflowId(self.fresh_id().0)
    }

    /// The nodes that lie right in a subflow, or right in the pipeline.
    pub fn nodes_in(&self, level: Option<SubflowId>) -> impl Iterator<Item = &NodeEntry> {
        self.nodes().filter(move |node| node.subflow == level)
    }

    /// The subflows that lie right in a subflow, or right in the pipeline.
    pub fn subflows_in(&self, level: Option<SubflowId>) -> impl Iterator<Item = &Subflow> {
        self.subflows().filter(move |subflow| subflow.parent == level)
    }

    /// The frames that lie right in a subflow, or right in the pipeline.
    pub fn frames_in(&self, level: Option<SubflowId>) -> impl Iterator<Item = &Frame> {
        self.frames().filter(move |frame| frame.subflow == level)
    }

    /// The subflow and those around it, from the inside out; none for the pipeline itself.
    pub fn subflow_path(&self, level: Option<SubflowId>) -> Vec<SubflowId> {
        let step = |id: &SubflowId| self.subflow(*id)?.parent;
        std::iter::successors(level, step).take(self.subflows.len()).collect()
    }

    /// Whether a subflow lies in another, however deep, or is that one.
    pub fn lies_within(&self, level: Option<SubflowId>, outer: SubflowId) -> bool {
        self.subflow_path(level).contains(&outer)
    }

    pub(super) fn check_subflow(&self, level: Option<SubflowId>) -> Result<(), EditError> {
        match level {
            Some(id) if !self.subflows.contains_key(&id) => Err(EditError::NoSuchSubflow(id)),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn put_subflow(&mut self, id: SubflowId, subflow: Option<&Subflow>) -> Result<Edit, EditError> {
        let former = match subflow {
            Some(subflow) => {
                self.check_subflow(subflow.parent)?;
                if subflow.parent == Some(id) || self.lies_within(subflow.parent, id) {
                    return Err(EditError::SubflowCycle(id));
                }
                self.subflows.insert(id, Subflow { id, ..subflow.clone() })
            }
            None if self.holds_anything(id) => return Err(EditError::SubflowInUse(id)),
            None => self.subflows.remove(&id),
        };
        self.next_id = self.next_id.max(id.0.saturating_add(1));
        Ok(Edit::PutSubflow { id, subflow: former.map(Box::new) })
    }

    fn holds_anything(&self, id: SubflowId) -> bool {
        let level = Some(id);
        self.nodes_in(level).next().is_some()
            || self.subflows_in(level).next().is_some()
            || self.frames_in(level).next().is_some()
    }

    pub(super) fn enclose(&mut self, nodes: &[(NodeId, Option<SubflowId>)]) -> Result<Edit, EditError> {
        for (id, level) in nodes {
            self.index_of(*id)?;
            self.check_subflow(*level)?;
        }
        let mut former = Vec::with_capacity(nodes.len());
        for (id, level) in nodes {
            let entry = self.entry_mut(*id)?;
            former.push((*id, std::mem::replace(&mut entry.subflow, *level)));
        }
        former.reverse();
        Ok(Edit::Enclose { nodes: former })
    }

    /// Makes what came from outside fit: whatever names a subflow that is not there, or lies in a circle, lies in the
    /// pipeline itself.
    pub(super) fn settle_subflows(&mut self) {
        let ids: Vec<_> = self.subflows.keys().copied().collect();
        for id in &ids {
            let parent = self.subflows.get(id).and_then(|subflow| subflow.parent);
            let is_lost = parent.is_some_and(|parent| !self.subflows.contains_key(&parent));
            let circles = std::iter::successors(parent, |at| self.subflows.get(at)?.parent)
                .take(ids.len())
                .any(|outer| outer == *id);
            if let Some(subflow) = self.subflows.get_mut(id).filter(|_| is_lost || circles) {
                subflow.parent = None;
            }
        }
        let is_known = |level: &Option<SubflowId>| level.is_none_or(|id| ids.contains(&id));
        for node in self.graph.node_weights_mut().filter(|node| !is_known(&node.subflow)) {
            node.subflow = None;
        }
        for frame in self.frames.values_mut().filter(|frame| !is_known(&frame.subflow)) {
            frame.subflow = None;
        }
    }
}
