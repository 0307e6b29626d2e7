//! How many problems each node has: counted once per frame, shown as badges and read out by name.

use std::collections::HashMap;

use weir_engine::spec::{NodeId, Severity};

use crate::i18n::{tr, trf};
use crate::state::AppState;

/// Errors and warnings per node.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    counts: HashMap<NodeId, (usize, usize)>,
}

impl Problems {
    /// Counts them.
    pub(crate) fn count(state: &AppState) -> Self {
        let mut counts: HashMap<NodeId, (usize, usize)> = HashMap::new();
        for problem in &state.analysis.diagnostics {
            let Some(node) = problem.node else { continue };
            match problem.severity {
                Severity::Error => counts.entry(node).or_default().0 += 1,
                Severity::Warning => counts.entry(node).or_default().1 += 1,
                Severity::Info => {}
            }
        }
        Self { counts }
    }

    /// Errors and warnings of a node, or of all nodes in a subflow.
    pub(crate) fn of(&self, nodes: &[NodeId]) -> (usize, usize) {
        let counts = nodes.iter().filter_map(|node| self.counts.get(node));
        counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
    }

    /// What is to be said of the state of a node, or of a subflow's nodes.
    pub(crate) fn in_words(&self, nodes: &[NodeId], state: &AppState) -> Vec<String> {
        let mut parts = Vec::new();
        if nodes.iter().any(|node| state.live.failures.contains_key(node)) {
            parts.push(tr("canvas.access.failed").to_owned());
        }
        let (errors, warnings) = self.of(nodes);
        if errors > 0 {
            parts.push(trf("canvas.access.errors", &[("count", &errors.to_string())]));
        }
        if warnings > 0 {
            parts.push(trf("canvas.access.warnings", &[("count", &warnings.to_string())]));
        }
        parts
    }
}
