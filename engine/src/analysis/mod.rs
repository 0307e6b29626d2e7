//! Live checking while a pipeline is edited: per node its schemas or what is wrong, never a stop at the first error.

use std::collections::BTreeMap;
use std::path::Path;

use crate::pipeline::Pipeline;
use crate::plan::LinkType;
use crate::spec::{Diagnostic, NodeId, PortRef};

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
    let _ = (pipeline, folder);
    Analysis::default()
}

/// Whether a wire may be drawn, else the sentence that says why not.
pub fn check_wire(pipeline: &Pipeline, from: &PortRef, to: &PortRef) -> Result<(), String> {
    let _ = (pipeline, from, to);
    Ok(())
}
