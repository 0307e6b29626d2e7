//! Says what an edit would do to a running pipeline, before it is applied.
//!
//! Nothing of the running engine is needed: both versions are planned, the present one is put where the last report
//! says it stands, and the change is rehearsed over nodes that hold nothing. It costs two plans, and may be called on
//! any thread.

use std::path::Path;

use super::NodeFate;
use super::apply::{describe, refusal_of};
use super::graveyard::Graveyard;
use super::node::RunningNode;
use super::succession::Succession;
use crate::analysis::plan_pipeline;
use crate::metrics::BatchReport;
use crate::pipeline::{Edit, EditError, Pipeline};
use crate::spec::{Diagnostic, NodeId};

/// What an edit would do.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChangePreview {
    /// Why it would be refused, the present plan going on; empty if it would not.
    pub refused: Vec<Diagnostic>,
    /// What it changes, as a phrase: `window: length 10s to 1m`.
    pub label: String,
    /// The first batch it would hold for, as far as can be known.
    pub batch: u64,
    /// What would become of the state of every node that it concerns: exactly what [`super::AppliedChange`] says then.
    pub fates: Vec<NodeFate>,
}

impl ChangePreview {
    /// What would become of this node's state; `None` if the edit does not concern it.
    pub fn of(&self, node: NodeId) -> Option<&NodeFate> {
        self.fates.iter().find(|fate| fate.node == node)
    }
}

/// What this edit of the running pipeline would do. `report` is the last batch's; without one nothing is known of the
/// history that is held, nor of what is set aside.
pub fn preview_of(
    edit: &Edit,
    running: &Pipeline,
    folder: &Path,
    report: Option<&BatchReport>,
) -> Result<ChangePreview, EditError> {
    let mut edited = running.clone();
    edited.apply(edit)?;
    Ok(preview_change(running, &edited, folder, report))
}

/// What it would do to replace the running pipeline by this one.
pub fn preview_change(
    running: &Pipeline,
    edited: &Pipeline,
    folder: &Path,
    report: Option<&BatchReport>,
) -> ChangePreview {
    let label = describe(running, edited);
    let batch = report.map_or(0, |report| report.batch + 1);
    let (before, after) = (plan_pipeline(running, folder), plan_pipeline(edited, folder));
    let runs = |id: NodeId| before.nodes.iter().any(|node| node.id == id);
    if let Some(refused) = refusal_of(&after, before.nodes.is_empty(), runs) {
        return ChangePreview { refused, label, batch, fates: Vec::new() };
    }
    let former = before.nodes.into_iter().map(RunningNode::from).map(|mut node| {
        if let Some(report) = report {
            node.imagine(report);
        }
        node
    });
    let mut graveyard = Graveyard::rehearsed(report.map_or(&[], |report| &report.parked));
    let time = report.map(|report| report.tick).unwrap_or_default();
    let max_bytes = edited.settings().max_state_bytes;
    let mut succession = Succession::new(former, &mut graveyard, &[], (batch, time), max_bytes);
    succession.is_rehearsal = true;
    for node in after.nodes {
        succession.enter(&mut RunningNode::from(node));
    }
    let fates = succession.finish();
    ChangePreview { refused: Vec::new(), label, batch, fates }
}
