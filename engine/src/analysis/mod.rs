//! Live checking while a pipeline is edited: per node its schemas or what is wrong, never a stop at the first error.
//!
//! The same walk that checks also plans, so what analysis says and what runs cannot drift apart.

mod planner;
mod reach;
mod stand_in;
mod wiring;

use std::collections::BTreeMap;
use std::path::Path;

use crate::pipeline::Pipeline;
use crate::plan::LinkType;
use crate::spec::{Diagnostic, NodeId};

pub use planner::{Outcome, PlannedNode, PlannedPipeline, WireFrom, plan_pipeline};
pub use reach::{NodeReach, reaches};
pub use stand_in::can_bypass;
pub use wiring::check_wire;

/// What is known of a pipeline without running it.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// Per node, what could be found out.
    pub nodes: BTreeMap<NodeId, NodeAnalysis>,
    /// All problems, sorted by node and severity.
    pub diagnostics: Vec<Diagnostic>,
}

/// What is known of one node.
#[derive(Debug, Clone, Default)]
pub struct NodeAnalysis {
    /// Per declared input port, the types of the links that enter it (only those known).
    pub inputs: Vec<Vec<LinkType>>,
    /// Per declared output port, the type of what flows out; empty while the node has errors.
    pub outputs: Vec<LinkType>,
}

impl Analysis {
    /// Whether it can run.
    pub fn is_runnable(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The problems of one node.
    pub fn problems_of(&self, node: NodeId) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(move |problem| problem.node == Some(node))
    }
}

/// Analyses a pipeline. `folder` is where relative paths count from; no file is opened.
pub fn analyse(pipeline: &Pipeline, folder: &Path) -> Analysis {
    plan_pipeline(pipeline, folder).analysis
}

#[cfg(test)]
mod tests;
